/**
 * The lease in the arbiter, seen by a contender. Its absence proves nothing by itself: the peer may
 * never have obeyed this arbiter, or may take it again. So a takeover rests on a mark, which the
 * arbiter gives only where the peer is a member and holds nothing, and which keeps it from holding
 * anything again while something runs there. What cannot be reached proves nothing.
 */

import {formatAge} from '../kernel/duration.ts';
import type {Part} from './part.ts';
import {restOfPromise} from './promise-rest.ts';
import type {PeerEvidence} from './types.ts';

/** Null where no arbiter is configured; else a `take` with P2 or P3, a wait, or a refusal. */
export function judgeArbiter(peer: PeerEvidence): Part | null {
  const {arbiter} = peer;
  if (arbiter === null) return null;
  const {medium, fault, member} = arbiter;
  if (fault !== null) {
    const detail = `${medium} proves nothing about ${peer.node}: ${fault}`;
    return {decision: 'refuse', reason: 'arbiter-unreachable', detail, clauses: ['D13']};
  }
  if (member === null) {
    const detail = `${medium} has never had a lease of ${peer.node}: its lack says nothing`;
    return {decision: 'refuse', reason: 'arbiter-no-member', detail, clauses: ['D14']};
  }
  if (member.keeping) {
    const detail = `${peer.node} wrote into ${medium} that it left its services running`;
    return {decision: 'refuse', reason: 'peer-maintenance', detail, clauses: ['D16']};
  }
  const wait = {decision: 'wait', reason: 'arbiter-wait', clauses: ['D12']} as const;
  const restMs = restOfPromise(peer, arbiter.stopMs);
  if (restMs > 0) {
    const detail = `${peer.node} may still stop what it ran by promise, for ${formatAge(restMs)}`;
    return {...wait, detail, waitMs: restMs};
  }
  if (arbiter.markedMs === null) {
    const detail = arbiter.present
      ? `${peer.node} holds its lease in ${medium}`
      : `${medium} has not marked ${peer.node} out yet`;
    return {...wait, detail};
  }
  return attested(peer, arbiter.markedMs);
}

/** P3 only once its watchdog must have reset it, from when the lease was seen to be gone. */
function attested(peer: PeerEvidence, markedMs: number): Part {
  const {medium, resetMs} = peer.arbiter!;
  const ago = formatAge(markedMs);
  const detail = `${medium} gave the lease of ${peer.node} up and marked it out ${ago} ago`;
  const take = {decision: 'take', reason: 'arbiter-granted', detail} as const;
  if (resetMs === 0) return {...take, proof: 'P2', clauses: ['D12', 'D7']};
  // Where it would be enough, P2 need not wait for the watchdog: that is said by the rest.
  if (markedMs < resetMs) {
    return {...take, proof: 'P2', clauses: ['D12', 'D7'], waitMs: resetMs - markedMs};
  }
  return {...take, proof: 'P3', clauses: ['D12', 'D6']};
}

/** Either lease lets its holder run, so both must have ended: refuse, wait, the weaker proof. */
export function judgeLeases(parts: readonly (Part | null)[]): Part | null {
  const leases = parts.filter((part) => part !== null);
  const refused = leases.find((part) => part.decision === 'refuse');
  if (refused !== undefined) return refused;
  const waits = leases.filter((part) => part.decision === 'wait');
  const longest = waits.find((part) => part.waitMs === undefined) ?? waits[0];
  if (longest !== undefined) {
    const waitMs = Math.max(0, ...waits.map((part) => part.waitMs ?? 0));
    return longest.waitMs === undefined ? longest : {...longest, waitMs};
  }
  const [first, ...others] = leases;
  if (first === undefined) return null;
  return others.reduce((weaker, part): Part => {
    const isWeaker = (part.proof ?? 'P0') < (weaker.proof ?? 'P0');
    const base = isWeaker ? part : weaker;
    const clauses = [...new Set([...weaker.clauses, ...part.clauses])];
    return {...base, detail: `${weaker.detail}; ${part.detail}`, clauses};
  }, first);
}
