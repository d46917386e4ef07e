/**
 * What this node knows of the others from their frames: who lives, on which media, in which life,
 * and whether they hear us. Every frame passes the same checks in the order of their cost; what
 * fails one is counted by reason and changes nothing else. Memory is bounded by members times
 * media, whatever comes in.
 *
 * A frame proves life only if it echoes our own incarnation and a recent sequence of ours: that
 * settles recordings, one-way links and frames held back on the way without any other node's clock.
 */

import {assert} from '../kernel/assert.ts';
import {hashName} from '../kernel/hash.ts';
import type {DiskId, LinkId, NodeName} from '../kernel/ids.ts';
import {mediaMax, nodesMax} from '../kernel/limits.ts';
import {isOurCluster, isZero, parseFrame, peekHeader, verifyTag} from './decode-frame.ts';
import type {FrameHeader} from './decode-frame.ts';
import {recordBytes} from './layout.ts';
import {sooner} from './link-track.ts';
import type {LinkHealth, MediumSpec} from './link-track.ts';
import {PeerTrack, noLife} from './peer-track.ts';
import type {KnownLife} from './peer-track.ts';
import {peekLiveness, readPages} from './read-slot.ts';
import type {Dropped, ReceiveOptions, Received, ReceivedSlot} from './received.ts';
import {SentRing, never} from './sent-ring.ts';
import {slotFault} from './slot.ts';
import {dropReasons} from './types.ts';
import type {Authenticator, DropReason, Frame, Heard} from './types.ts';

export interface PeerViewOptions {
  readonly self: NodeName;
  /** Of this daemon's life: durable before the first frame is sent. */
  readonly incarnation: number;
  readonly nonce: number;
  /** All nodes of the cluster, this one included. */
  readonly nodes: readonly NodeName[];
  readonly media: readonly MediumSpec[];
  /** Longest hold-down of a flapping link; also how long a second machine is remembered. */
  readonly holdDownMsMax: number;
  readonly auth: Authenticator;
  /** Heard in former lives of ours: a slot that is older than that is an old image. */
  readonly known?: ReadonlyMap<NodeName, KnownLife>;
  readonly nowMs: number;
}

/** A peer and one medium of it, as every check needs them. */
interface Seat {
  readonly peer: PeerTrack;
  readonly mediumIndex: number;
  readonly nowMs: number;
}

export class PeerView {
  /** Frames and records dropped since the start, by reason. */
  readonly drops: Readonly<Record<DropReason, number>>;
  readonly #drops: Record<DropReason, number>;
  readonly #options: PeerViewOptions;
  readonly #selfHash: number;
  readonly #peers: readonly PeerTrack[];
  readonly #peerByName = new Map<NodeName, PeerTrack>();
  readonly #peerByHash = new Map<number, PeerTrack>();
  readonly #mediumIndex = new Map<LinkId | DiskId, number>();
  readonly #mediumIndexByHash = new Map<number, number>();
  readonly #mediumHashes: readonly number[];
  readonly #heard: readonly Heard[];
  readonly #sent: SentRing;
  #duplicateMs = never;

  constructor(options: PeerViewOptions) {
    const {self, nodes, media} = options;
    assert(nodes.length <= nodesMax && media.length <= mediaMax, 'too many nodes or media');
    this.#options = options;
    this.#drops = Object.fromEntries(dropReasons.map((reason) => [reason, 0])) as Record<
      DropReason,
      number
    >;
    this.drops = this.#drops;
    this.#selfHash = hashName(self);
    this.#peers = nodes
      .filter((node) => node !== self)
      .map((node) => new PeerTrack(node, media, options));
    for (const peer of this.#peers) {
      this.#peerByName.set(peer.node, peer);
      this.#peerByHash.set(peer.hash, peer);
    }
    this.#mediumHashes = media.map((medium) => hashName(medium.id));
    media.forEach((medium, index) => {
      this.#mediumIndex.set(medium.id, index);
      this.#mediumIndexByHash.set(this.#mediumHashes[index]!, index);
    });
    assert(
      this.#peerByHash.size === this.#peers.length &&
        !this.#peerByHash.has(this.#selfHash) &&
        this.#mediumIndexByHash.size === media.length,
      'two names share a hash: rename one',
    );
    this.#heard = this.#peers.flatMap((peer) => peer.heard);
    this.#sent = new SentRing(Math.max(1, ...media.map((medium) => medium.deadMs)));
  }

  /** A datagram from a link. */
  receive(medium: LinkId, bytes: Uint8Array, nowMs: number, options: ReceiveOptions): Received {
    const mediumIndex = this.#indexOf(medium);
    const header = peekHeader(bytes);
    if (typeof header === 'string') return this.#drop(header, null);
    const {auth} = this.#options;
    if (!isOurCluster(header, auth)) return this.#drop('other-cluster', null);
    if (header.sender === this.#selfHash) return this.#receiveOwnName(header, bytes, nowMs);
    const peer = this.#peerByHash.get(header.sender);
    if (peer === undefined) return this.#drop('unknown-sender', null);
    if (header.medium !== this.#mediumHashes[mediumIndex]) {
      return this.#drop('wrong-medium', peer.node);
    }
    const seat: Seat = {peer, mediumIndex, nowMs};
    if (peer.isStranger(header)) return this.#receiveStranger(seat, header, bytes);
    const track = peer.tracks[mediumIndex]!;
    if (header.incarnation === peer.incarnation) {
      const order = track.judgeSequence(header.sequence);
      if (order === 'again') return {kind: 'unchanged', node: peer.node};
      if (order === 'old') return this.#drop('replayed', peer.node);
    }
    const verified = verifyTag(bytes, header, auth);
    const frame = verified === 'ok' ? parseFrame(bytes, header) : verified;
    if (typeof frame === 'string') {
      // A member that cannot be understood is not silent.
      track.noteUnreadable(nowMs);
      return this.#drop(frame, peer.node);
    }
    const firstOfLife = this.#commit(seat, frame);
    if (!options.draining) track.hear(nowMs);
    return {kind: 'accepted', node: peer.node, frame, firstOfLife, fresh: !options.draining};
  }

  /** The slot of `node` as just read from `disk`: its liveness record, then pages. */
  receiveSlot(
    slot: {readonly disk: DiskId; readonly node: NodeName},
    bytes: Uint8Array,
    nowMs: number,
    options: ReceiveOptions,
  ): ReceivedSlot {
    const peer = this.#peerOf(slot.node);
    const mediumIndex = this.#indexOf(slot.disk);
    const seat: Seat = {peer, mediumIndex, nowMs};
    const track = peer.tracks[mediumIndex]!;
    if (bytes.length < recordBytes) return this.#dropSlot(seat, 'truncated');
    const record = bytes.subarray(0, recordBytes);
    const image = peer.images[mediumIndex] ?? null;
    if (image === null ? isZero(record, 0) : equals(image, record)) {
      track.noteRead(nowMs, {valid: image !== null});
      track.clearFault(nowMs);
      return {kind: 'unchanged', node: peer.node};
    }
    const header = this.#checkRecord(seat, record);
    const frame = typeof header === 'string' ? header : parseFrame(record, header);
    if (typeof header === 'string' || typeof frame === 'string') {
      return this.#dropSlot(seat, frame as DropReason);
    }
    const firstOfLife = this.#commit(seat, frame);
    peer.keepImage(mediumIndex, record);
    // What lies there at first sight may be years old: only a change, or an echo, is life.
    const fresh = !options.draining && (track.isWatched || track.isProven(nowMs));
    track.noteRead(nowMs, {valid: true});
    track.clearFault(nowMs);
    if (fresh) track.hear(nowMs);
    const pages = readPages(header, bytes, this.#options.auth);
    for (const reason of pages.dropped) this.#drops[reason] += 1;
    const frames = [frame, ...pages.frames];
    return {kind: 'accepted', node: peer.node, frames, firstOfLife, fresh};
  }

  /** A frame of ours leaves now. Sequences must come in their order; every medium shares them. */
  noteSent(sequence: number, nowMs: number): void {
    this.#sent.note(sequence, nowMs);
  }

  /** For our own frames. The same array and entries every time: encode it, do not keep it. */
  heardList(): readonly Heard[] {
    return this.#heard;
  }

  health(node: NodeName, medium: LinkId | DiskId, nowMs: number): LinkHealth {
    const peer = this.#peerOf(node);
    const track = peer.tracks[this.#indexOf(medium)]!;
    const health = track.health(nowMs, peer.isFresh(nowMs));
    if (health.fault !== null || !this.hasStranger(node, nowMs)) return health;
    return {...health, fault: `another machine, or an older life, speaks as ${node}`};
  }

  /**
   * The newest time, on our clock, at which we sent something that this peer has acknowledged;
   * null: never. The peer may have restarted since: a promise outlives that.
   */
  echoSentMs(node: NodeName): number | null {
    const {echoSentMs} = this.#peerOf(node);
    return echoSentMs === never ? null : echoSentMs;
  }

  /** Heard since we started, in a frame that was made since we started. */
  heardProvenThisLife(node: NodeName): boolean {
    return this.#peerOf(node).heardProven;
  }

  /**
   * The life of the peer that is known; incarnation 0: none. `count`: lives seen since we started.
   */
  life(node: NodeName): {readonly incarnation: number; readonly count: number} {
    const peer = this.#peerOf(node);
    return {incarnation: peer.incarnation, count: peer.lifeCount};
  }

  /** Another machine signs with our own name: nothing may be done automatically here. */
  isDuplicate(nowMs: number): boolean {
    return nowMs - this.#duplicateMs < this.#options.holdDownMsMax;
  }

  /** Two machines, or a life that should be over, speak under the name of this peer. */
  hasStranger(node: NodeName, nowMs: number): boolean {
    return nowMs - this.#peerOf(node).strangerMs < this.#options.holdDownMsMax;
  }

  /** After a stall: who was alive when it began is given a whole dead time again from now. */
  restartTimers(stall: {readonly sinceMs: number; readonly nowMs: number}): void {
    for (const peer of this.#peers) {
      for (const track of peer.tracks) track.restart(stall.sinceMs, stall.nowMs);
    }
  }

  /** The earliest instant after now at which an answer of this view changes by time alone. */
  nextDueMs(nowMs: number): number | null {
    const memoryMs = this.#options.holdDownMsMax;
    let dueMs = sooner(nowMs, Infinity, this.#duplicateMs + memoryMs);
    for (const peer of this.#peers) {
      dueMs = sooner(nowMs, dueMs, peer.strangerMs + memoryMs);
      for (const track of peer.tracks) dueMs = Math.min(dueMs, track.nextDueMs(nowMs));
    }
    return dueMs === Infinity ? null : dueMs;
  }

  /** True where the frame begins a life of the peer. */
  #commit(seat: Seat, frame: Frame): boolean {
    const {peer, mediumIndex, nowMs} = seat;
    const firstOfLife = frame.incarnation > peer.incarnation;
    if (firstOfLife) peer.beginLife(frame, nowMs);
    peer.commit(mediumIndex, frame.sequence);
    const echoedMs = this.#readEchoes(frame, peer);
    if (echoedMs === never) return firstOfLife;
    const track = peer.tracks[mediumIndex]!;
    track.prove(echoedMs);
    // It answers us: whatever was known of a higher life, its node has lost its memory since.
    if (frame.incarnation < peer.floor.incarnation) peer.floor = noLife;
    peer.echoSentMs = Math.max(peer.echoSentMs, echoedMs);
    peer.heardProven = true;
    if (peer.provenSequence === 0) peer.provenSequence = frame.sequence;
    return firstOfLife;
  }

  /**
   * The newest instant at which we sent something that the frame echoes, or `never`. With `peer`,
   * each echo is also credited to the medium on which our frame was heard.
   */
  #readEchoes(frame: Frame, peer: PeerTrack | null): number {
    let newestMs = never;
    for (const entry of frame.heard) {
      if (entry.peer !== this.#selfHash) continue;
      if (entry.incarnation !== this.#options.incarnation) continue;
      const sentMs = this.#sent.dateOf(entry.sequence);
      if (sentMs === never) continue;
      newestMs = Math.max(newestMs, sentMs);
      const mediumIndex = this.#mediumIndexByHash.get(entry.medium);
      if (mediumIndex !== undefined) peer?.tracks[mediumIndex]!.acknowledge(sentMs);
    }
    return newestMs;
  }

  /** Our own multicast looped back is nothing; anything else under our name may be a second us. */
  #receiveOwnName(header: FrameHeader, bytes: Uint8Array, nowMs: number): Received {
    const {incarnation, nonce, self, auth} = this.#options;
    if (header.incarnation === incarnation && header.nonce === nonce) {
      return {kind: 'unchanged', node: self};
    }
    const verified = verifyTag(bytes, header, auth);
    const frame = verified === 'ok' ? parseFrame(bytes, header) : verified;
    if (typeof frame === 'string') return this.#drop(frame, self);
    // Frames of our own earlier lives may be replayed to us; those know nothing of this life.
    if (header.incarnation >= incarnation || this.#isOfOurTime(frame)) this.#duplicateMs = nowMs;
    return this.#drop('own-name', self);
  }

  /** It echoes what a peer said after our life began, so it was made by somebody who lives now. */
  #isOfOurTime(frame: Frame): boolean {
    return frame.heard.some((entry) => {
      const peer = this.#peerByHash.get(entry.peer);
      if (peer === undefined || peer.provenSequence === 0) return false;
      return entry.incarnation === peer.incarnation && entry.sequence >= peer.provenSequence;
    });
  }

  /** Never accepted. If it is alive all the same, its peer's silence here is no silence. */
  #receiveStranger(seat: Seat, header: FrameHeader, bytes: Uint8Array): Dropped {
    const {peer, mediumIndex, nowMs} = seat;
    const track = peer.tracks[mediumIndex]!;
    const verified = verifyTag(bytes, header, this.#options.auth);
    const frame = verified === 'ok' ? parseFrame(bytes, header) : verified;
    const sameLife = header.incarnation === peer.incarnation;
    if (typeof frame === 'string') {
      if (sameLife) track.noteUnreadable(nowMs);
      return this.#drop(sameLife ? frame : 'older-life', peer.node);
    }
    // The last frames of a life that ended may be late; they know nothing that we said since.
    const echoedMs = this.#readEchoes(frame, null);
    const alive = echoedMs > peer.lifeSinceMs && nowMs - echoedMs < track.medium.deadMs;
    if (alive || sameLife) {
      peer.strangerMs = nowMs;
      track.noteUnreadable(nowMs);
    }
    return this.#drop('older-life', peer.node);
  }

  /**
   * Everything about a liveness record but its body. The tag first: a torn record has no fields.
   */
  #checkRecord(seat: Seat, record: Uint8Array): FrameHeader | DropReason {
    const {peer, mediumIndex, nowMs} = seat;
    const {auth} = this.#options;
    const disk = this.#mediumHashes[mediumIndex]!;
    const header = peekLiveness(record, {self: this.#selfHash, owner: peer.hash, disk}, auth);
    if (typeof header === 'string') return header;
    const track = peer.tracks[mediumIndex]!;
    const verified = verifyTag(record, header, auth);
    if (verified !== 'ok') {
      if (peer.garbled[mediumIndex] !== header.sequence) track.noteUnreadable(nowMs);
      peer.garbled[mediumIndex] = header.sequence;
      return verified;
    }
    if (peer.isStranger(header)) return 'older-life';
    const {floor} = peer;
    if (header.incarnation < floor.incarnation) return 'older-life';
    if (header.incarnation === floor.incarnation && header.sequence < floor.sequence) {
      return 'replayed';
    }
    if (header.incarnation > peer.incarnation) return header;
    return track.judgeSequence(header.sequence) === 'new' ? header : 'replayed';
  }

  #dropSlot(seat: Seat, reason: DropReason): Dropped {
    const {peer, mediumIndex, nowMs} = seat;
    const track = peer.tracks[mediumIndex]!;
    const goneBack = reason === 'older-life' || reason === 'replayed';
    // An older life at first sight is only a slot that its owner has not written yet.
    if (reason !== 'older-life' || peer.images[mediumIndex] !== null) {
      const untilMs = goneBack ? nowMs + track.medium.deadMs : nowMs;
      track.setFault(slotFault(peer.node, reason), untilMs);
    }
    return this.#drop(reason, peer.node);
  }

  #drop(reason: DropReason, node: NodeName | null): Dropped {
    this.#drops[reason] += 1;
    return {kind: 'dropped', reason, node};
  }

  #indexOf(medium: LinkId | DiskId): number {
    const index = this.#mediumIndex.get(medium);
    assert(index !== undefined, 'a medium that is not configured');
    return index;
  }

  #peerOf(node: NodeName): PeerTrack {
    const peer = this.#peerByName.get(node);
    assert(peer !== undefined, 'a node that is not a peer');
    return peer;
  }
}

function equals(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}
