/**
 * What is known of the others over our own restart. Their slots on a shared disk are all that is
 * left to read then, and a disk may have been set back to an image from before they said that they
 * leave their services running, or that no watchdog guards them any more. So the life of each and
 * the frame that said such a thing are durable: a slot that is older proves nothing.
 */

import type {Frame} from '../heartbeat/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import {dateOf} from './state.ts';
import type {Engine, PeerRuntime} from './state.ts';
import type {NodeFacts, PeerFacts} from './types.ts';

/** Longest maintenance that is believed, ms: a day. */
export const keepingMsMax = 86_400_000;

export function peerFactsOf(facts: NodeFacts, node: NodeName): PeerFacts | null {
  return facts.peers.find((one) => one.node === node) ?? null;
}

/** Until when it is known to have left its services running; a later life says nothing of it. */
export function keptUntilMs(engine: Engine, node: NodeName, incarnation: number): number | null {
  const known = peerFactsOf(engine.facts, node);
  if (known === null || known.keepingUntil === null) return null;
  return incarnation > known.incarnation
    ? null
    : Date.parse(known.keepingUntil) - engine.wallOffsetMs;
}

/** Called for each frame that counts, before the peer is changed by it. */
export function rememberPeer(
  engine: Engine,
  peer: PeerRuntime,
  heard: {readonly frame: Frame; readonly isCurrent: boolean},
): void {
  const {frame, isCurrent} = heard;
  const known = peerFactsOf(engine.facts, peer.name);
  const {incarnation, sequence, flags} = frame;
  const sameLife = known?.incarnation === incarnation;
  // An older life speaks again only where its node lost its memory, and it answers us then.
  if (known !== null && incarnation < known.incarnation && !isCurrent) return;
  if (sameLife && (sequence <= known.sequence || !isNews(peer, known, frame))) return;
  const kept = sameLife ? known.keepingUntil : null;
  const keepingUntil = flags.keeping
    ? (kept ?? dateOf(engine, engine.nowMs + Math.min(frame.leaseMs, keepingMsMax)))
    : kept;
  const next: PeerFacts = {node: peer.name, incarnation, sequence, keepingUntil};
  const others = engine.facts.peers.filter(
    ({node}) => node !== peer.name && engine.peers.has(node),
  );
  engine.facts = {...engine.facts, peers: [...others, next]};
  engine.out.push({type: 'persist-node', facts: engine.facts});
  if (!sameLife) peer.keepingUntilMs = null;
}

/** What an older slot would say otherwise, to our harm. */
function isNews(peer: PeerRuntime, known: PeerFacts, frame: Frame): boolean {
  if (frame.flags.keeping) return known.keepingUntil === null;
  return peer.watchdogMs !== frame.watchdogMs || peer.leaseMs !== frame.leaseMs;
}

/** For the view of the peers: which records of a slot are older than what is known. */
export function knownLives(facts: NodeFacts): ReadonlyMap<NodeName, PeerFacts> {
  return new Map(facts.peers.map((one) => [one.node, one]));
}
