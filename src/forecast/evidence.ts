/**
 * What the contender would have in hand at an instant after a fault, as the engine would gather it.
 * Two phases bound what chance decides: `early`, when the last signs of life were as old as they
 * can be in a healthy cluster and each look is fresh; `late`, when they came at the last moment and
 * each look at the disk took its longest time.
 */

import type {
  ArbiterEvidence,
  DiskEvidence,
  JudgeQuestion,
  LinkEvidence,
  QuorumEvidence,
} from '../arbitration/types.ts';
import {contenderWaitMs, markEveryMs, ownerEndsMs, watchedWaitMs} from '../config/inequalities.ts';
import type {OwnersNumbers} from '../config/inequalities.ts';
import type {ArbiterConfig, ClusterConfig, DiskConfig} from '../config/types.ts';
import {expiryMs} from '../config/takeover.ts';
import type {Ground, Signs} from './types.ts';

export type Phase = 'early' | 'late';

/** The cluster was healthy for longer than any time-out. */
const healthyMs = 86_400_000;

/** When the last frame of the owner was heard, from the fault. */
export function heardMs({timing}: ClusterConfig, phase: Phase): number {
  return phase === 'late' ? timing.delayMs : -(timing.beatMs + timing.delayMs);
}

/** When the last change of the owner's slot was seen, from the fault. */
export function seenMs(disk: DiskConfig, phase: Phase): number {
  return phase === 'late' ? staleMs(disk, phase) : -(disk.renewMs + disk.ioMs);
}

/** How old the newest look at the disk is at worst. */
export function staleMs({renewMs, ioMs}: DiskConfig, phase: Phase): number {
  return phase === 'late' ? renewMs + ioMs : 0;
}

/** What the owner publishes: a watchdog counts once it is armed, which class data asks for. */
export function ownersNumbers({config, service, owner, weak}: Ground, phase: Phase): OwnersNumbers {
  const timeoutMs = weak.has(owner) ? 0 : (config.watchdogs.get(owner)?.timeoutMs ?? 0);
  // Another service may have armed it, or not.
  const isArmed = service.serviceClass === 'data' || phase === 'late';
  return {
    leaseMs: config.disks.reduce((most, disk) => Math.max(most, disk.leaseMs), 0),
    watchdogMs: isArmed ? timeoutMs : 0,
    clockErrorRatio: config.timing.clockErrorRatio,
  };
}

/** When the owner is marked out, from the fault: by the oldest, or newest, last renewal. */
export function markedMs({ttlMs, renewMs, timeoutMs}: ArbiterConfig, phase: Phase): number {
  if (phase === 'early') return ttlMs - renewMs - timeoutMs;
  return ttlMs + expiryMs + markEveryMs(ttlMs) + 2 * timeoutMs;
}

function arbiterAt(
  ground: Ground,
  signs: Signs,
  {phase, ms}: {readonly phase: Phase; readonly ms: number},
): ArbiterEvidence | null {
  const {arbiter} = ground.config;
  if (arbiter === null) return null;
  const {watchdogMs, clockErrorRatio} = ownersNumbers(ground, phase);
  const owner = {leaseMs: arbiter.ttlMs, watchdogMs, clockErrorRatio};
  const agoMs = ms - markedMs(arbiter, phase);
  const isMarked = !signs.arbiter && agoMs >= 0;
  return {
    medium: arbiter.id,
    fault: null,
    member: {keeping: false},
    present: !isMarked,
    markedMs: isMarked ? agoMs : null,
    stopMs: ownerEndsMs(owner, arbiter.ttlMs),
    resetMs: watchdogMs === 0 ? 0 : watchedWaitMs(0, watchdogMs, clockErrorRatio),
  };
}

/** The others lose the owner when the contender does, and answer it beat for beat. */
function quorumAt(
  {config}: Ground,
  signs: Signs,
  {phase, ms}: {readonly phase: Phase; readonly ms: number},
): QuorumEvidence | null {
  const {quorum, timing, nodes} = config;
  if (quorum?.leaseMs == null) return null;
  const lateMs = phase === 'late' ? 2 * timing.beatMs + 3 * timing.delayMs : 0;
  const ownMs = signs.links ? 0 : Math.max(0, ms - heardMs(config, phase));
  const theirsMs = Math.max(0, ownMs - lateMs);
  return {
    needed: quorum.needed,
    quietMs: [ownMs, ...nodes.slice(2).map(() => theirsMs)],
    waitMs: quorum.waitMs,
    stopMs: quorum.leaseMs / 2,
    stepMs: timing.beatMs,
  };
}

export function questionAt(
  ground: Ground,
  signs: Signs,
  at: {
    readonly phase: Phase;
    readonly ms: number;
    readonly fence: JudgeQuestion['peer']['fence'];
  },
): JudgeQuestion {
  const {config, service, owner} = ground;
  const numbers = ownersNumbers(ground, at.phase);
  const links = config.links.map(({id, deadMs}): LinkEvidence => {
    const ageMs = signs.links ? 0 : at.ms - heardMs(config, at.phase);
    return {
      medium: id,
      ageMs: Math.max(0, ageMs),
      watchedMs: healthyMs,
      deadMs,
      proven: true,
      localFault: null,
      authFailing: false,
    };
  });
  const disks = config.disks.map((disk): DiskEvidence => {
    const lookMs = staleMs(disk, at.phase);
    return {
      medium: disk.id,
      readAgeMs: lookMs,
      writeAgeMs: lookMs,
      changeAgeMs: signs.disk ? lookMs : Math.max(0, at.ms - seenMs(disk, at.phase)),
      watchedMs: healthyMs,
      waitMs: contenderWaitMs(numbers, disk.waitMs),
      deadMs: disk.deadMs,
      stopMs: ownerEndsMs(numbers, disk.leaseMs),
      fault: null,
      watchdogMs: numbers.watchdogMs,
    };
  });
  return {
    service: service.name,
    serviceClass: service.serviceClass,
    takeover: config.takeover,
    peer: {
      node: owner,
      links,
      disks,
      left: false,
      keepingMs: null,
      confirmedDead: null,
      fence: at.fence,
      arbiter: arbiterAt(ground, signs, at),
      quorum: quorumAt(ground, signs, at),
      reservation: null,
      heardThisLife: true,
    },
    own: {
      stalled: false,
      isolated: false,
      overloaded: false,
      pingReachable: null,
      quorum: config.quorum === null ? null : signs.links || signs.others === true,
      carrier: config.links.length > 0,
      configSkew: false,
      duplicateNode: false,
    },
  };
}
