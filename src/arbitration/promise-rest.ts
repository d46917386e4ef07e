import type {PeerEvidence} from './types.ts';

/**
 * A holder may also run by promise, for as long as we answered it, whatever became of its lease.
 * That ends with the silence of the links, and only then does it begin to stop (I13).
 */
export function restOfPromise(peer: PeerEvidence, stopMs: number): number {
  const silent = (link: PeerEvidence['links'][number]): number =>
    Math.min(link.ageMs ?? Infinity, link.watchedMs);
  return Math.max(0, ...peer.links.map((link) => link.deadMs + stopMs - silent(link)));
}
