/**
 * One peer on one medium: what was last heard, when, and what that is worth. Ages decide alone; no
 * timer runs here, so a state is the same whoever asks and however seldom. All instants are on our
 * own monotonic clock; `never` stands for an event that has not happened.
 *
 * Three instants carry the health. `lastMs`: an authentic frame came. `provenMs`: we sent something
 * that a frame from this medium echoes, so the frame is no recording. `ackMs`: we sent something
 * here that the peer says it heard here. Each is good for the dead time of the medium.
 */

import type {DiskId, LinkId} from '../kernel/ids.ts';
import {never} from './sent-ring.ts';

/** What the view must know of a link or disk. */
export interface MediumSpec {
  readonly id: LinkId | DiskId;
  readonly kind: 'link' | 'disk';
  /** Silence that makes it down, ms. */
  readonly deadMs: number;
  /** Beat of a link, renewal of a disk, ms. */
  readonly beatMs: number;
}

export type Direction = 'up' | 'down' | 'unknown';
export type LinkState = 'up' | 'degraded' | 'down' | 'unknown' | 'auth' | 'held-down';

/** Health of one peer on one medium at one instant. */
export interface LinkHealth {
  /** The last authentic frame (link) or change of the slot (disk); null: never. */
  readonly lastMs: number | null;
  readonly ageMs: number | null;
  readonly deadMs: number;
  readonly rx: Direction;
  readonly tx: Direction;
  /** The peer echoed our life and a sequence of ours younger than deadMs on this medium. */
  readonly proven: boolean;
  /** `held-down` is evidence of life all the same; only redundancy must not count on it. */
  readonly state: LinkState;
  /** Three frames of this member could not be verified or understood within deadMs. */
  readonly authFailing: boolean;
  /**
   * Since when it is neither up nor about to be, on our clock; null: it is. A peer that is heard
   * after that, on any medium, has lost this one alone; a peer that died has lost all of them.
   */
  readonly lostMs: number | null;
  /** What is wrong with the medium as seen from here, for a person; null: nothing. */
  readonly fault: string | null;
  /** Disk: how long its slot has been read, from the first valid record on; 0: not yet. */
  readonly watchedMs: number;
}

/** Beats in a row, and beats of time, that a link which was down must show before it is up. */
const beatsToRise = 3;
/** A disk beat is seen by polling, so one may fall between two looks. */
const gapBeatsMax = {link: 2, disk: 3} as const;
/** Frames that could not be verified within deadMs before silence is no longer silence. */
const unreadableMax = 3;
/** Enough doublings to reach any hold-down limit. */
const flapsMax = 32;

/** The earlier of two instants; one that is not after now does not count. */
export function sooner(nowMs: number, dueMs: number, instantMs: number): number {
  return instantMs > nowMs && instantMs < dueMs ? instantMs : dueMs;
}

export class LinkTrack {
  readonly medium: MediumSpec;
  readonly #holdMsMax: number;
  /** Highest sequence accepted in this life of the peer; 0: none. */
  sequence = 0;
  #window = 0;
  /** Since when an absence counts: our start, the peer's new life, a return after silence. */
  #baseMs: number;
  #lastMs = never;
  #provenMs = never;
  #ackMs = never;
  #readMs = never;
  #watchedSinceMs = never;
  /** When the peer's present life was first heard, on any medium. */
  #lifeMs = never;
  #runStartMs = never;
  #runLastMs = never;
  #runCount = 0;
  #flapCount = 0;
  #holdMs = 0;
  readonly #unreadableMs: number[] = Array.from({length: unreadableMax}, () => never);
  #unreadableNext = 0;
  #fault: string | null = null;
  #faultUntilMs = never;

  constructor(medium: MediumSpec, options: {holdDownMsMax: number; nowMs: number}) {
    this.medium = medium;
    this.#holdMsMax = Math.max(options.holdDownMsMax, beatsToRise * medium.beatMs);
    this.#baseMs = options.nowMs;
  }

  /**
   * `again`: one of the last 32 accepted, as a copy on its way twice; `old`: anything else not new.
   */
  judgeSequence(sequence: number): 'new' | 'again' | 'old' {
    const behind = this.sequence - sequence;
    if (behind < 0) return 'new';
    return behind < 32 && ((this.#window >>> behind) & 1) === 1 ? 'again' : 'old';
  }

  /** Takes the sequence of a verified frame that was judged `new`. */
  commitSequence(sequence: number): void {
    const ahead = sequence - this.sequence;
    this.#window = (ahead < 32 ? this.#window << ahead : 0) | 1;
    this.sequence = sequence;
  }

  /**
   * The peer has a new life: whatever the old one said is void; how often the link flapped stays.
   */
  forgetLife(nowMs: number): void {
    this.sequence = 0;
    this.#window = 0;
    this.#lifeMs = nowMs;
    this.#baseMs = nowMs;
    this.#lastMs = never;
    this.#provenMs = never;
    this.#ackMs = never;
  }

  /** An authentic frame, fresh: not one that waited while we stood still. */
  hear(nowMs: number): void {
    const gapMs = nowMs - this.#runLastMs;
    const gapMsMax = gapBeatsMax[this.medium.kind] * this.medium.beatMs;
    if (this.#runLastMs === never) {
      this.#baseMs = nowMs;
      this.#startRun(nowMs);
    } else if (gapMs >= this.medium.deadMs) this.#return(nowMs);
    else if (this.#isHeld(nowMs) && gapMs >= gapMsMax) this.#startRun(nowMs);
    else this.#runCount += 1;
    this.#runLastMs = nowMs;
    this.#lastMs = nowMs;
  }

  /** A frame from this medium echoed something that we sent at `sentMs`. */
  prove(sentMs: number): void {
    this.#provenMs = Math.max(this.#provenMs, sentMs);
  }

  /** The peer heard on this medium something that we sent at `sentMs`. */
  acknowledge(sentMs: number): void {
    this.#ackMs = Math.max(this.#ackMs, sentMs);
  }

  /** A frame of this member that could not be verified or understood. */
  noteUnreadable(nowMs: number): void {
    this.#unreadableMs[this.#unreadableNext] = nowMs;
    this.#unreadableNext = (this.#unreadableNext + 1) % unreadableMax;
  }

  /** Disk: the slot was read. Only from the first valid record on is "unchanged" worth anything. */
  noteRead(nowMs: number, options: {valid: boolean}): void {
    this.#readMs = nowMs;
    if (options.valid && this.#watchedSinceMs === never) this.#watchedSinceMs = nowMs;
  }

  get isWatched(): boolean {
    return this.#watchedSinceMs !== never;
  }

  /**
   * Disk: the slot must not be believed; at least until `untilMs`, then until it is valid again.
   */
  setFault(text: string, untilMs: number): void {
    this.#fault = text;
    this.#faultUntilMs = Math.max(this.#faultUntilMs, untilMs);
  }

  /** The slot is as it should be; a fault that must be held longer stays. */
  clearFault(nowMs: number): void {
    if (nowMs >= this.#faultUntilMs) this.#fault = null;
  }

  isFresh(nowMs: number): boolean {
    return nowMs - this.#lastMs < this.medium.deadMs;
  }

  isProven(nowMs: number): boolean {
    return nowMs - this.#provenMs < this.medium.deadMs;
  }

  /**
   * We stood still from `sinceMs` to `nowMs`: what was good then is good again from now, because
   * the silence was ours. What was down stays down.
   */
  restart(sinceMs: number, nowMs: number): void {
    const deadMs = this.medium.deadMs;
    const revive = (dateMs: number): number => (sinceMs - dateMs < deadMs ? nowMs : dateMs);
    this.#runLastMs = revive(this.#runLastMs);
    this.#lastMs = revive(this.#lastMs);
    this.#provenMs = revive(this.#provenMs);
    this.#ackMs = revive(this.#ackMs);
    this.#readMs = revive(this.#readMs);
    this.#baseMs = revive(this.#baseMs);
  }

  /**
   * `peerFresh`: the peer is heard on any medium, so its silence about this one means something.
   */
  health(nowMs: number, peerFresh: boolean): LinkHealth {
    const heard = this.#lastMs !== never;
    const fresh = this.isFresh(nowMs);
    const rx = this.#receiving(nowMs);
    const tx = this.#sending(nowMs, peerFresh);
    const authFailing = this.#isUnreadable(nowMs);
    const state = this.#state({nowMs, fresh, rx, tx, authFailing});
    return {
      lastMs: heard ? this.#lastMs : null,
      ageMs: heard ? Math.max(0, nowMs - this.#lastMs) : null,
      deadMs: this.medium.deadMs,
      rx,
      tx,
      proven: this.isProven(nowMs),
      state,
      authFailing,
      lostMs: this.#lostMs(state),
      fault: this.#fault,
      watchedMs: this.isWatched ? Math.max(0, nowMs - this.#watchedSinceMs) : 0,
    };
  }

  /**
   * The earliest instant after now at which `health` may differ without any input; Infinity: none.
   */
  nextDueMs(nowMs: number): number {
    const deadMs = this.medium.deadMs;
    let dueMs = Infinity;
    dueMs = sooner(nowMs, dueMs, this.#lastMs + deadMs);
    dueMs = sooner(nowMs, dueMs, this.#provenMs + deadMs);
    dueMs = sooner(nowMs, dueMs, this.#ackMs + deadMs);
    dueMs = sooner(nowMs, dueMs, this.#baseMs + deadMs);
    dueMs = sooner(nowMs, dueMs, this.#readMs + deadMs);
    dueMs = sooner(nowMs, dueMs, this.#unreadableMs[this.#unreadableNext]! + deadMs);
    if (this.#holdMs > 0) dueMs = sooner(nowMs, dueMs, this.#runStartMs + this.#holdMs);
    return dueMs;
  }

  #receiving(nowMs: number): Direction {
    if (this.#fault !== null) return 'down';
    if (this.isFresh(nowMs)) return 'up';
    const deadMs = this.medium.deadMs;
    const silentSinceMs = Math.max(this.#lastMs, this.#baseMs);
    if (this.medium.kind === 'link') return nowMs - silentSinceMs < deadMs ? 'unknown' : 'down';
    // A slot is silent only if somebody looked: a disk that cannot be read says nothing.
    const looked = nowMs - this.#readMs < deadMs && this.#readMs - silentSinceMs >= deadMs;
    return looked ? 'down' : 'unknown';
  }

  #sending(nowMs: number, peerFresh: boolean): Direction {
    const deadMs = this.medium.deadMs;
    if (nowMs - this.#ackMs < deadMs) return 'up';
    if (!peerFresh) return 'unknown';
    return nowMs - this.#baseMs < deadMs ? 'unknown' : 'down';
  }

  #state(seen: {
    nowMs: number;
    fresh: boolean;
    rx: Direction;
    tx: Direction;
    authFailing: boolean;
  }): LinkState {
    const {nowMs, fresh, rx, tx, authFailing} = seen;
    if (this.#fault !== null) return 'down';
    if (!fresh && authFailing) return 'auth';
    if (!fresh) return rx;
    if (this.#isHeld(nowMs)) return 'held-down';
    if (tx === 'up' && this.isProven(nowMs)) return 'up';
    if (tx === 'down' || nowMs - this.#baseMs >= this.medium.deadMs) return 'degraded';
    return 'unknown';
  }

  #isHeld(nowMs: number): boolean {
    if (this.#holdMs === 0) return false;
    return this.#runCount < beatsToRise || nowMs - this.#runStartMs < this.#holdMs;
  }

  #isUnreadable(nowMs: number): boolean {
    return nowMs - this.#unreadableMs[this.#unreadableNext]! < this.medium.deadMs;
  }

  #startRun(nowMs: number): void {
    this.#runStartMs = nowMs;
    this.#runCount = 1;
  }

  /** See `LinkHealth.lostMs`; what has a fault or speaks in riddles is lost whoever is heard. */
  #lostMs(state: LinkState): number | null {
    const {deadMs} = this.medium;
    switch (state) {
      case 'up':
      case 'held-down':
      case 'unknown':
        return null;
      case 'auth':
        return never;
      case 'down':
        return this.#fault === null ? Math.max(this.#lastMs, this.#baseMs) + deadMs : never;
      case 'degraded':
        return Math.max(Math.min(this.#ackMs, this.#provenMs), this.#baseMs) + deadMs;
    }
  }

  /**
   * It was silent for its dead time and is back: each flap doubles the hold, calm takes it back. A
   * peer that was away itself and comes back in a new life is no flap of the link; what hold there
   * is begins anew all the same, so that restarting often does not shorten it.
   */
  #return(nowMs: number): void {
    const isRestart = nowMs - this.#lifeMs < this.medium.deadMs && this.#runLastMs < this.#lifeMs;
    const calmMs = this.#runLastMs - this.#runStartMs;
    const forgiven = Math.floor(calmMs / this.#holdMsMax);
    const flaps = Math.max(0, this.#flapCount - forgiven) + (isRestart ? 0 : 1);
    this.#flapCount = Math.min(flapsMax, flaps);
    const holdMs = beatsToRise * this.medium.beatMs * 2 ** (this.#flapCount - 1);
    this.#holdMs = this.#flapCount === 0 ? 0 : Math.min(this.#holdMsMax, holdMs);
    this.#baseMs = nowMs;
    this.#startRun(nowMs);
  }
}
