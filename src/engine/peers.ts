/**
 * What the others say: frames that passed every check of the heartbeat room become claims, flags
 * and node states here. A peer's new life starts without claims: what it said before its restart
 * counts no more.
 */

import type {Frame} from '../heartbeat/types.ts';
import type {DiskId, LinkId, NodeName} from '../kernel/ids.ts';
import type {ReasonCode} from '../kernel/reasons.ts';
import type {ServiceState} from '../kernel/words.ts';
import {noteArbiterLife} from './arbiter.ts';
import {cause, notice, persistChanged, record} from './emit.ts';
import {doubtFence, forgetFence} from './fencing.ts';
import {digestOf} from './frames.ts';
import {keepingMsMax, keptUntilMs, rememberPeer} from './peer-memory.ts';
import {noteWitness} from './quorum.ts';
import {claimOf, markAllDirty, markDirty} from './state.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';
import type {NodeState} from './view.ts';

export function onPacket(
  engine: Engine,
  packet: {readonly link: LinkId; readonly bytes: Uint8Array; readonly from: string},
): void {
  const options = {draining: engine.draining};
  const got = engine.peerView.receive(packet.link, packet.bytes, engine.nowMs, options);
  engine.duplicateNode = engine.peerView.isDuplicate(engine.nowMs);
  if (got.kind !== 'accepted') return;
  const peer = engine.peers.get(got.node);
  if (peer === undefined) return;
  peer.address = packet.from;
  if (got.firstOfLife) beginLife(engine, peer, got.frame.incarnation);
  const {delayMs, stallMs} = engine.config.timing;
  if (got.fresh) noteLife(engine, peer, {frame: got.frame, pathMs: delayMs + stallMs});
  applyFrame(engine, peer, got.frame);
  refreshPeer(engine, peer);
}

export function onSlot(
  engine: Engine,
  slot: {readonly disk: DiskId; readonly node: NodeName; readonly bytes: Uint8Array},
): void {
  const options = {draining: engine.draining};
  const got = engine.peerView.receiveSlot(slot, slot.bytes, engine.nowMs, options);
  engine.duplicateNode = engine.peerView.isDuplicate(engine.nowMs);
  const peer = engine.peers.get(slot.node);
  if (got.kind !== 'accepted' || peer === undefined) return;
  const liveness = got.frames[0];
  if (liveness === undefined) return;
  if (got.firstOfLife) beginLife(engine, peer, liveness.incarnation);
  if (got.fresh) noteLife(engine, peer, {frame: liveness, pathMs: slotPathMs(engine, slot.disk)});
  for (const frame of got.frames) applyFrame(engine, peer, frame);
  refreshPeer(engine, peer);
}

/** A sign of life: what it acknowledges counts, and an operator's word that it is dead does not. */
function noteLife(
  engine: Engine,
  peer: PeerRuntime,
  sign: {readonly frame: Frame; readonly pathMs: number},
): void {
  peer.confirmedDead = null;
  noteArbiterLife(engine, peer.name);
  doubtFence(engine, peer, sign.pathMs);
  noteHeard(engine, peer, sign.frame);
  noteWitness(engine, peer, sign.frame.heard);
}

/** From the moment a slot was written until a change of it may be seen here, at worst. */
function slotPathMs(engine: Engine, disk: DiskId): number {
  const found = engine.config.disks.find((one) => one.id === disk);
  const {delayMs, stallMs} = engine.config.timing;
  return delayMs + stallMs + (found === undefined ? 0 : found.renewMs + 2 * found.ioMs);
}

/** An older copy from a slower medium changes nothing. */
function applyFrame(engine: Engine, peer: PeerRuntime, frame: Frame): void {
  if (frame.incarnation !== peer.incarnation || frame.sequence < peer.appliedSequence) return;
  peer.appliedSequence = frame.sequence;
  rememberPeer(engine, peer, {frame, isCurrent: hasHeardUs(engine, frame)});
  applyFlags(engine, peer, frame);
  applyClaims(engine, peer, frame);
}

function beginLife(engine: Engine, peer: PeerRuntime, incarnation: number): void {
  peer.incarnation = incarnation;
  peer.appliedSequence = 0;
  peer.ackSequence = 0;
  peer.left = false;
  // Read from a disk it may be the life that is over, or one before it.
  peer.keepingUntilMs = keptUntilMs(engine, peer.name, incarnation);
  peer.confirmedDead = null;
  forgetFence(peer);
  peer.complete = false;
  peer.claims.clear();
  peer.witness.clear();
  peer.lifeSinceMs = engine.nowMs;
  for (const service of engine.services) service.verdicts.delete(peer.name);
  markAllDirty(engine);
  // Who comes anew knows nothing of us: tell it at once.
  engine.announce = true;
  record(engine, {
    kind: 'peer',
    service: null,
    cause: cause('peer-alive', `${peer.name} speaks in a new life`),
    data: {peer: peer.name, incarnation},
  });
}

/** Which of our sequences it has acknowledged: what it had heard when it said this. */
function noteHeard(engine: Engine, peer: PeerRuntime, frame: Frame): void {
  for (const heard of frame.heard) {
    if (heard.peer !== engine.hash || heard.incarnation !== engine.incarnation) continue;
    if (heard.sequence <= peer.ackSequence) continue;
    peer.ackSequence = heard.sequence;
    for (const service of engine.services) {
      const waits = service.state === 'START_READY' && service.readySequence > 0;
      if (waits && heard.sequence >= service.readySequence) markDirty(engine, service);
    }
  }
}

function applyFlags(engine: Engine, peer: PeerRuntime, frame: Frame): void {
  const {flags} = frame;
  const leaving = flags.leaving || flags.keeping;
  const same =
    peer.frozen === flags.frozen &&
    peer.drained === flags.drained &&
    peer.unfit === flags.unfit &&
    peer.leaving === leaving &&
    peer.configDigest === frame.configDigest;
  if (!same) markAllDirty(engine);
  peer.frozen = flags.frozen;
  peer.drained = flags.drained;
  peer.unfit = flags.unfit;
  peer.leaving = leaving;
  engine.wanted ||= flags.wantAll;
  peer.decisionAgeMs = frame.decisionAgeMs;
  peer.configDigest = frame.configDigest;
  if (!flags.keeping) peer.leaseMs = frame.leaseMs;
  peer.watchdogMs = frame.watchdogMs;
  peer.peerPort = frame.peerPort;
  if (flags.leaving && !peer.left && hasHeardUs(engine, frame)) {
    peer.left = true;
    markAllDirty(engine);
  }
  if (flags.keeping && peer.keepingUntilMs === null) {
    peer.keepingUntilMs = engine.nowMs + Math.min(frame.leaseMs, keepingMsMax);
    markAllDirty(engine);
  }
}

/**
 * Its sender heard this life of ours before it spoke. A goodbye that did not is worth nothing: it
 * may lie on the disk, or be played again, since before a later life that we have not heard of.
 */
function hasHeardUs(engine: Engine, frame: Frame): boolean {
  return frame.heard.some(
    ({peer, incarnation, sequence}) =>
      peer === engine.hash && incarnation === engine.incarnation && sequence > 0,
  );
}

function applyClaims(engine: Engine, peer: PeerRuntime, frame: Frame): void {
  const isCurrent = hasHeardUs(engine, frame);
  for (const claim of frame.claims) {
    const service = engine.byHash.get(claim.service);
    if (service === undefined) continue;
    noteLatch(engine, service, {node: peer.name, state: claim.state, isCurrent});
    const known = peer.claims.get(service.config.name);
    const same =
      known !== undefined &&
      known.state === claim.state &&
      known.epoch === claim.epoch &&
      known.owner === claim.owner &&
      known.handTo === claim.handTo;
    if (same) continue;
    const {state, epoch, owner, handTo} = claim;
    const sinceMs = known?.state === state ? known.sinceMs : engine.nowMs;
    peer.claims.set(service.config.name, {state, epoch, owner, handTo, sinceMs});
    if (epoch > service.epoch) {
      service.epoch = epoch;
      service.owner = false;
      engine.claimsDigest = null;
      persistChanged(engine, service);
    }
    // Who is about to start waits for our acknowledgement: give it at once.
    if (state === 'START_READY') engine.announce = true;
    markDirty(engine, service);
  }
  peer.claimsTotal = frame.claimsTotal;
  if (peer.complete && peer.claimsDigest === frame.claimsDigest) return;
  peer.claimsDigest = frame.claimsDigest;
  const known = digestOf(engine.services, (service) => claimOf(service, peer));
  peer.complete = known === frame.claimsDigest;
}

/**
 * Frozen while running, or stuck in its stop: known over our own restart, until it says otherwise
 * now. What lies on a disk may have been written before that.
 */
function noteLatch(
  engine: Engine,
  service: ServiceRuntime,
  claim: {readonly node: NodeName; readonly state: ServiceState; readonly isCurrent: boolean},
): void {
  const {node, state, isCurrent} = claim;
  const known = service.peerLatch;
  if (state === 'FROZEN_START' || state === 'STOP_FAILED') {
    if (known?.node === node && known.state === state) return;
    service.peerLatch = {node, state};
  } else if (known?.node === node && state !== 'UNKNOWN' && isCurrent) service.peerLatch = null;
  else return;
  persistChanged(engine, service);
}

/** Works out a peer's node state from its media; on a change the services look again. */
export function refreshPeer(engine: Engine, peer: PeerRuntime): void {
  // After a stall nobody is judged before the queue was read and the timers have started anew.
  if (engine.draining) return;
  const wasProven = peer.proven;
  const next = nodeStateOf(engine, peer);
  if (peer.proven && !peer.heardThisLife) peer.heardThisLife = true;
  if (wasProven !== peer.proven) markAllDirty(engine);
  if (next === peer.state) return;
  const from = peer.state;
  peer.state = next;
  peer.stateSinceMs = engine.nowMs;
  markAllDirty(engine);
  const why = cause(stateReason(next, peer), `${peer.name} ${from} -> ${next}`);
  record(engine, {
    kind: 'peer',
    service: null,
    cause: why,
    data: {peer: peer.name, from, to: next},
  });
  // While two nodes get to know each other, one direction is heard before the other.
  const bad = next === 'silent' || (next === 'degraded' && from === 'alive');
  notice(engine, bad ? 'warning' : 'info', null, why);
}

function nodeStateOf(engine: Engine, peer: PeerRuntime): NodeState {
  let anyFresh = false;
  let allUp = true;
  let allSilent = true;
  peer.proven = false;
  for (const medium of engine.media) {
    const health = engine.peerView.health(peer.name, medium.id, engine.nowMs);
    const fresh = health.ageMs !== null && health.ageMs < health.deadMs;
    anyFresh ||= fresh;
    if (fresh && health.proven) peer.proven = true;
    if (health.state !== 'up') allUp = false;
    if (engine.nowMs - medium.watchedSinceMs < health.deadMs) allSilent = false;
  }
  if (peer.left) return 'left';
  if (anyFresh) return peer.proven && allUp ? 'alive' : 'degraded';
  if (peer.confirmedDead !== null || peer.fence.state === 'confirmed') return 'dead';
  if (peer.incarnation === 0 && !allSilent) return 'joining';
  // Within a stall's second look the last known state stands.
  return allSilent || peer.state === 'silent' ? 'silent' : peer.state;
}

function stateReason(state: NodeState, {proven, confirmedDead}: PeerRuntime): ReasonCode {
  switch (state) {
    case 'alive':
    case 'joining':
      return 'peer-alive';
    case 'degraded':
      return proven ? 'links-degraded' : 'one-way';
    case 'silent':
      return 'peer-not-proven-dead';
    case 'left':
      return 'clean-leave';
    case 'dead':
      return confirmedDead === null ? 'fenced' : 'operator-confirmed-dead';
  }
}
