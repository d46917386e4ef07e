/**
 * Watchdogs of which the host itself says that they are worth less than they are configured for,
 * by the rule that the daemon applies when it arms them. Only the own host can be asked; what it
 * does not say is left to that moment.
 */

import {gradeWatchdog} from '../arbitration/watchdog.ts';
import type {ClusterConfig, HostFacts} from '../config/types.ts';
import type {NodeName} from '../kernel/ids.ts';

export interface WeakWatchdog {
  readonly node: NodeName;
  /** A sentence: why its lease counts as P2. */
  readonly why: string;
}

/** Stands for the name that only the open device tells; it passes for hardware. */
const nameNotAsked = 'its watchdog';

export function weakWatchdogs(config: ClusterConfig, facts: HostFacts): readonly WeakWatchdog[] {
  const node = config.nodes.find((name) => name === facts.nodeName);
  const watchdog = node === undefined ? undefined : config.watchdogs.get(node);
  if (node === undefined || watchdog === undefined || facts.watchdog === undefined) return [];
  const {kind, isVirtual, identity} = facts.watchdog;
  if (kind === 'missing') return [{node, why: `there is none at ${watchdog.device}`}];
  const {proof, detail} = gradeWatchdog({
    identity: identity ?? nameNotAsked,
    isDriver: kind === 'device',
    isVirtual,
    assume: watchdog.assume,
  });
  return proof === 'P3' ? [] : [{node, why: detail}];
}
