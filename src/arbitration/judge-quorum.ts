/**
 * Node majority as a proof (D22): enough nodes, this one among them, have not heard the peer for so
 * long that no majority can have answered it since, and that it has stopped by its own clock. What
 * the others have heard is what their frames say.
 */

import {formatAge} from '../kernel/duration.ts';
import type {Part} from './part.ts';
import {restOfPromise} from './promise-rest.ts';
import type {PeerEvidence} from './types.ts';

/** Null where a majority proves nothing; else a `take` with P2, or a wait. */
export function judgeQuorum(peer: PeerEvidence): Part | null {
  const {quorum} = peer;
  if (quorum === null) return null;
  const {needed, waitMs, stopMs, stepMs} = quorum;
  const longestFirst = quorum.quietMs.toSorted((left, right) => right - left);
  const quietMs = longestFirst[needed - 1];
  const wait = {decision: 'wait', reason: 'quorum-wait', clauses: ['D22']} as const;
  if (quietMs === undefined) {
    const count = longestFirst.length;
    const detail = `${count} of the ${needed} nodes that it takes do not hear ${peer.node}`;
    return {...wait, detail};
  }
  const restMs = Math.max(waitMs - quietMs, restOfPromise(peer, stopMs));
  if (restMs > 0) {
    const detail = `${peer.node} may still run what a majority answered, for ${formatAge(restMs)}`;
    // Only what the others say next makes it longer.
    return {...wait, detail, waitMs: Math.max(restMs, stepMs)};
  }
  const detail = `${needed} nodes have not heard ${peer.node} for ${formatAge(quietMs)}`;
  return {
    decision: 'take',
    proof: 'P2',
    reason: 'quorum-granted',
    detail,
    clauses: ['D22', 'D7'],
  };
}
