/**
 * When did we send sequence N? A peer that echoes N proves that it was alive after that instant,
 * and a promise lease counts from it. So a date may only ever be too early: entries closer together
 * than the spacing share the first one's date, and what has left the ring has no date at all.
 */

import {assert} from '../kernel/assert.ts';

/** No such instant: older than any other in every comparison. */
export const never = -Infinity;

/** Entries kept. With the spacing of a half of them per span, the ring covers twice the span. */
const entriesMax = 1_024;

export class SentRing {
  readonly #sequences = new Float64Array(entriesMax);
  readonly #datesMs = new Float64Array(entriesMax);
  readonly #spacingMs: number;
  #count = 0;
  #lastSequence = 0;

  /** `spanMs`: the longest age that anybody asks for, the longest dead time of all media. */
  constructor(spanMs: number) {
    this.#spacingMs = spanMs / (entriesMax / 2);
  }

  /** Frames must be noted in the order of their sequence. */
  note(sequence: number, nowMs: number): void {
    assert(sequence > this.#lastSequence, 'a sequence was used twice');
    this.#lastSequence = sequence;
    const newest = (this.#count + entriesMax - 1) % entriesMax;
    if (this.#count > 0 && nowMs - this.#datesMs[newest]! < this.#spacingMs) return;
    const slot = this.#count % entriesMax;
    this.#sequences[slot] = sequence;
    this.#datesMs[slot] = nowMs;
    this.#count += 1;
  }

  /** At or before the instant it was sent; `never` where it is too old or was never sent. */
  dateOf(sequence: number): number {
    if (sequence > this.#lastSequence) return never;
    const oldest = Math.max(0, this.#count - entriesMax);
    if (this.#count === 0 || this.#sequences[oldest % entriesMax]! > sequence) return never;
    let low = oldest;
    let high = this.#count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#sequences[middle % entriesMax]! <= sequence) low = middle;
      else high = middle - 1;
    }
    return this.#datesMs[low % entriesMax]!;
  }
}
