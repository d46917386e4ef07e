import {assert} from './assert.ts';

/**
 * First in, first out, with a limit. A full queue refuses the newcomer and counts it: the oldest
 * entry is never lost, because the order of what happened is what decisions rest on.
 */
export class BoundedQueue<Item> {
  readonly #items: (Item | undefined)[];
  readonly #sizeMax: number;
  #head = 0;
  #size = 0;
  #refusedCount = 0;

  constructor(sizeMax: number) {
    assert(Number.isInteger(sizeMax) && sizeMax > 0, `queue limit ${sizeMax} is not positive`);
    this.#sizeMax = sizeMax;
    this.#items = Array.from({length: Math.min(sizeMax, 16)});
  }

  get size(): number {
    return this.#size;
  }

  /** How many items were refused since the start. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** False where the queue is full; the item is not taken. */
  push(item: Item): boolean {
    if (this.#size === this.#sizeMax) {
      this.#refusedCount += 1;
      return false;
    }
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) % this.#items.length] = item;
    this.#size += 1;
    return true;
  }

  shift(): Item | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#items.length;
    this.#size -= 1;
    return item;
  }

  #grow(): void {
    const length = this.#items.length;
    const ordered = [...this.#items.slice(this.#head), ...this.#items.slice(0, this.#head)];
    this.#head = 0;
    this.#items.splice(0, length, ...ordered);
    this.#items.length = Math.min(this.#sizeMax, length * 2);
  }
}
