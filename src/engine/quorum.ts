/**
 * Node majority in the engine: who answers us, what the others have heard, and the right to run
 * that a majority gives. All instants are on our own clock: that another node has not heard a peer
 * counts from when its frames last showed news of it, until we sent the newest thing that it has
 * acknowledged. So no delay on the way makes a silence look longer than it was.
 */

import type {PeerEvidence} from '../arbitration/types.ts';
import type {Heard} from '../heartbeat/types.ts';
import type {Engine, PeerRuntime} from './state.ts';

/** What one node has heard of another one, as its frames say. */
export interface Witness {
  incarnation: number;
  sequence: number;
  /** When that last grew. */
  advancedMs: number;
}

/** The list of an accepted frame, for all but ourselves. */
export function noteWitness(engine: Engine, peer: PeerRuntime, heard: readonly Heard[]): void {
  if (engine.config.quorum === null) return;
  for (const {peer: hash, incarnation, sequence} of heard) {
    const of = engine.peersByHash.get(hash);
    if (of === undefined) continue;
    const known = peer.witness.get(of.name);
    if (known === undefined) {
      peer.witness.set(of.name, {incarnation, sequence, advancedMs: engine.nowMs});
      continue;
    }
    const isNews =
      incarnation > known.incarnation ||
      (incarnation === known.incarnation && sequence > known.sequence);
    if (isNews) Object.assign(known, {incarnation, sequence, advancedMs: engine.nowMs});
  }
}

/** Enough nodes answer us, this one counted; null: nobody asks. */
export function hasQuorum({config, peers}: Engine): boolean | null {
  if (config.quorum === null) return null;
  const answering = [...peers.values()].filter((peer) => isAnswering(peer));
  return answering.length + 1 >= config.quorum.needed;
}

/** Engine time until which a majority gives the right to run; -Infinity: it gives none. */
export function quorumRightMs({config, peers, peerView, startedMs}: Engine): number {
  const {quorum} = config;
  if (quorum?.leaseMs == null) return -Infinity;
  const answeredMs = [...peers.keys()].map((peer) => peerView.echoSentMs(peer) ?? -Infinity);
  answeredMs.sort((left, right) => right - left);
  const last = answeredMs[quorum.needed - 2] ?? -Infinity;
  // A daemon that has just come back gets one lease to be answered, as with a disk.
  return Math.max(last, startedMs) + quorum.leaseMs;
}

export function quorumEvidence(
  engine: Engine,
  peer: PeerRuntime,
  links: PeerEvidence['links'],
): PeerEvidence['quorum'] {
  const {config, peers, peerView} = engine;
  const {quorum} = config;
  if (quorum?.leaseMs == null) return null;
  const ownMs = Math.min(
    ...links.map(({ageMs, watchedMs}) => Math.min(ageMs ?? Infinity, watchedMs)),
  );
  const quietMs = [ownMs];
  for (const other of peers.values()) {
    if (other === peer || !isAnswering(other)) continue;
    const sentMs = peerView.echoSentMs(other.name) ?? -Infinity;
    const newsMs = other.witness.get(peer.name)?.advancedMs ?? other.lifeSinceMs;
    quietMs.push(sentMs - newsMs);
  }
  const {needed, waitMs, leaseMs} = quorum;
  return {needed, quietMs, waitMs, stopMs: leaseMs / 2, stepMs: config.timing.beatMs};
}

function isAnswering({state, proven}: PeerRuntime): boolean {
  return proven && (state === 'alive' || state === 'degraded');
}
