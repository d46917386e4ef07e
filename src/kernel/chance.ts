import {assert} from './assert.ts';

/**
 * Seeded chance (sfc32): the same seed gives the same run on every machine, which is what makes a
 * failing simulation a bug report of one number. Not for secrets.
 */
export class Chance {
  #a: number;
  #b: number;
  #c = 0x9e3779b9;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.imul(seed, 0x85ebca6b) ^ 0xdeadbeef;
    for (let round = 0; round < 12; round += 1) this.nextUint32();
  }

  nextUint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** A whole number from low to high, both included. */
  between(low: number, high: number): number {
    assert(low <= high, `chance: ${low} is above ${high}`);
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** True in `percent` of 100 calls; 0 never, 100 always. */
  percent(percent: number): boolean {
    return this.fraction() * 100 < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length - 1)];
    assert(item !== undefined, 'chance: nothing to pick from');
    return item;
  }

  /** An independent stream, so that one more draw here does not change what happens there. */
  fork(): Chance {
    return new Chance(this.nextUint32());
  }
}
