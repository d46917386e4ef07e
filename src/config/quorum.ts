/**
 * Node majority (`no_quorum` of `[cluster]`), for three nodes and more without a third party. With
 * `stop` and `self-fence` a node runs leased services only while a majority answers it, so that a
 * majority that has not heard it for long enough knows that it had to stop (P2). With `freeze`
 * nothing is taken over without a majority, and what runs goes on, which proves nothing.
 */

import type {Report} from './findings.ts';
import {leaseWaitMs} from './inequalities.ts';
import type {ClusterConfig, Place, QuorumConfig} from './types.ts';

export const quorumPolicies = ['ignore', 'freeze', 'stop', 'self-fence'] as const;

/** Dead times that a node runs on after a majority last answered it. */
const deadTimesPerLease = 2;

export interface QuorumSource {
  readonly policy: (typeof quorumPolicies)[number] | null;
  readonly config: Pick<ClusterConfig, 'nodes' | 'links' | 'disks' | 'arbiter' | 'timing'>;
  readonly place: Place;
}

/** null: being more means nothing. */
export function readQuorum(
  {policy, config, place}: QuorumSource,
  report: Report,
): QuorumConfig | null {
  if (policy === null || policy === 'ignore') return null;
  const {nodes, disks, arbiter} = config;
  if (nodes.length < 3) {
    const message = `no_quorum = ${policy} expected three nodes or more, found ${nodes.length}`;
    report('HA_CONF_QUORUM', place, message);
    return null;
  }
  if (policy !== 'freeze' && (disks.length > 0 || arbiter !== null)) {
    const found = arbiter === null ? 'a disk heartbeat' : `[${arbiter.id}]`;
    const message = `no_quorum = ${policy} expected no other lease beside it, found ${found}`;
    report('HA_CONF_QUORUM', place, message, 'Write no_quorum = freeze, or nothing.');
    return null;
  }
  return quorumOf(policy, config);
}

export function quorumOf(
  policy: QuorumConfig['policy'],
  {nodes, links, timing}: Pick<ClusterConfig, 'nodes' | 'links' | 'timing'>,
): QuorumConfig {
  const deadMs = Math.max(timing.deadMs, ...links.map((link) => link.deadMs));
  const leaseMs = deadTimesPerLease * deadMs;
  return {
    policy,
    needed: Math.floor(nodes.length / 2) + 1,
    leaseMs: policy === 'freeze' ? null : leaseMs,
    // The answers that a majority gave last lie a dead time apart at most.
    waitMs: leaseWaitMs(leaseMs + deadMs, timing.clockErrorRatio),
  };
}
