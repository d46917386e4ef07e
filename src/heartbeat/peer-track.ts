/** One peer over all media: its life, what of ours it echoed, and what we will echo to it. */

import {hashName} from '../kernel/hash.ts';
import type {NodeName} from '../kernel/ids.ts';
import {recordBytes} from './layout.ts';
import {LinkTrack} from './link-track.ts';
import type {MediumSpec} from './link-track.ts';
import {never} from './sent-ring.ts';
import type {Heard} from './types.ts';

/** An entry of our own heard list: the same object for ever, its numbers grow. */
interface OwnHeard extends Heard {
  incarnation: number;
  sequence: number;
}

/** A life of a peer, and a frame of it that was heard. */
export interface KnownLife {
  readonly incarnation: number;
  readonly sequence: number;
}

export const noLife: KnownLife = {incarnation: 0, sequence: 0};

export class PeerTrack {
  readonly node: NodeName;
  readonly hash: number;
  /** In the order of the media. */
  readonly tracks: readonly LinkTrack[];
  readonly heard: readonly OwnHeard[];
  /** Disk: the liveness record as last accepted, to see at once that nothing changed. */
  readonly images: (Uint8Array | null)[];
  /** Disk: sequence of the last record that could not be verified: a still one does not speak. */
  readonly garbled: number[];
  /** Heard of before we started: what lies on a disk and is older proves nothing. */
  floor: KnownLife;
  /** Life that is known; 0: none yet. It only grows. */
  incarnation = 0;
  nonce = 0;
  /** When that life was first heard. */
  lifeSinceMs = never;
  /** Lives seen since we started. */
  lifeCount = 0;
  /** Newest instant at which we sent something that it acknowledged. Outlives its restarts. */
  echoSentMs = never;
  /** It echoed us at least once since we started. */
  heardProven = false;
  /** First sequence of its life that is known to have been made within our own life; 0: none. */
  provenSequence = 0;
  /** Last sign of a second machine, or of a life that should be over, under its name. */
  strangerMs = never;

  constructor(
    node: NodeName,
    media: readonly MediumSpec[],
    options: {
      holdDownMsMax: number;
      nowMs: number;
      known?: ReadonlyMap<NodeName, KnownLife>;
    },
  ) {
    this.node = node;
    this.hash = hashName(node);
    this.floor = options.known?.get(node) ?? noLife;
    this.tracks = media.map((medium) => new LinkTrack(medium, options));
    this.heard = media.map((medium) => ({
      peer: this.hash,
      medium: hashName(medium.id),
      incarnation: 0,
      sequence: 0,
    }));
    this.images = media.map(() => null);
    this.garbled = media.map(() => 0);
  }

  /** A higher incarnation was verified: everything that rested on the old life is void. */
  beginLife(life: {incarnation: number; nonce: number}, nowMs: number): void {
    this.incarnation = life.incarnation;
    this.nonce = life.nonce;
    this.lifeSinceMs = nowMs;
    this.lifeCount += 1;
    this.provenSequence = 0;
    for (const track of this.tracks) track.forgetLife(nowMs);
    for (const entry of this.heard) {
      entry.incarnation = life.incarnation;
      entry.sequence = 0;
    }
  }

  /**
   * Not the known life and not a newer one: an older incarnation, or a second machine in the same.
   */
  isStranger(life: {readonly incarnation: number; readonly nonce: number}): boolean {
    if (life.incarnation < this.incarnation) return true;
    return life.incarnation === this.incarnation && life.nonce !== this.nonce;
  }

  /** Takes the sequence of an accepted frame; our next frames echo it. */
  commit(mediumIndex: number, sequence: number): void {
    this.tracks[mediumIndex]!.commitSequence(sequence);
    this.heard[mediumIndex]!.sequence = sequence;
  }

  keepImage(mediumIndex: number, record: Uint8Array): void {
    const image = (this.images[mediumIndex] ??= new Uint8Array(recordBytes));
    image.set(record);
  }

  /** Heard on any medium within that medium's dead time. */
  isFresh(nowMs: number): boolean {
    return this.tracks.some((track) => track.isFresh(nowMs));
  }
}
