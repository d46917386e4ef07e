/**
 * Fencing as a way to a proof (D10): asked for only where nothing else is enough, and only by a
 * node that is in order itself. A cut node that fenced the healthy one would do so for nothing.
 */

import type {Part} from './part.ts';
import {proofNeeded, proofRank} from './types.ts';
import type {JudgeQuestion} from './types.ts';

/** Null where fencing is not to be asked for: then what else there is decides. */
export function judgeFence(question: JudgeQuestion, disk: Part | null): Part | null {
  const {peer, own, serviceClass, takeover} = question;
  const rest = disk?.decision === 'wait' && disk.waitMs !== undefined ? {waitMs: disk.waitMs} : {};
  const base = {decision: 'fence', reason: 'fencing', clauses: ['D10'], ...rest} as const;
  // Whoever ordered it: what comes of it decides.
  if (peer.fence === 'pending') return {...base, detail: `${peer.node} is being fenced`};
  if (peer.fence !== 'none' || !peer.heardThisLife || takeover === 'manual') return null;
  if (proofRank(proofNeeded[serviceClass]) < proofRank('P2')) return null;
  const isCut = own.isolated || own.pingReachable === false;
  if (peer.keepingMs !== null || isCut || disk?.reason === 'disk-unreadable') return null;
  // Who renews its lease in the arbiter lives; who cannot ask it may be cut off itself.
  if (peer.arbiter?.present === true || disk?.reason === 'arbiter-unreachable') return null;
  return {...base, detail: `${peer.node} is silent and will be fenced`};
}

/** Where everything else withholds too, the failure is what a person must know of. */
export function sayFenceFailed({peer, own}: JudgeQuestion, part: Part): Part {
  const {fence, node} = peer;
  const isTold = fence === 'failed' || fence === 'damped';
  if (!isTold || own.isolated || part.decision !== 'refuse') return part;
  const clauses = [...part.clauses, 'D10'];
  if (fence === 'damped') {
    const text = `${node} was fenced only a moment ago: by itself it is not fenced again yet`;
    return {...part, reason: 'damping', detail: `${text}; ${part.detail}`, clauses};
  }
  const detail = `${node} is silent and could not be fenced; ${part.detail}`;
  return {...part, reason: 'fence-failed', detail, clauses};
}
