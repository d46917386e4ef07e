/** When fencing decides in a forecast: whose shot, from when to when. */

import {fenceMsMax, turnSpan} from '../config/fence-time.ts';
import {proofNeeded, proofRank} from '../kernel/proof.ts';
import type {Phase} from './evidence.ts';
import type {FaultSpec} from './faults.ts';
import type {Ground} from './types.ts';

export interface Shot {
  /** From the wish to the call of the agent: how long the other one may fire first. */
  readonly turnMs: number;
  /** From the call until `status` says "off", after every try at worst. */
  readonly agentMs: number;
}

/** The contender's shot at the owner; null: it has no way to switch it off. */
export function shotOf({config, owner, contender}: Ground, phase: Phase): Shot | null {
  if (!config.fences.some(({node}) => node === owner)) return null;
  const {fromMs, untilMs} = turnSpan(config, owner, contender);
  if (phase === 'early') return {turnMs: fromMs, agentMs: 0};
  return {turnMs: untilMs, agentMs: fenceMsMax(config, owner)};
}

/**
 * The owner runs more, so it fires at the contender before that one's turn. Not where it can see on
 * the disk or in the arbiter that the contender lives, or has lost what would tell it.
 */
export function ownerFires({config, contender, service}: Ground, spec: FaultSpec): boolean {
  const {fences, disks, arbiter, takeover} = config;
  const isFenced = fences.some(({node}) => node === contender) && takeover !== 'manual';
  const isAlone = disks.length === 0 && arbiter === null;
  const needsProof = proofRank(proofNeeded[service.serviceClass]) >= proofRank('P2');
  return isFenced && isAlone && needsProof && spec.owner === 'alive' && !spec.signs.links;
}
