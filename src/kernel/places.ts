/** A fixed number of places; who finds none waits, first come, first served. */
export class Places {
  readonly #placesMax: number;
  readonly #waiting: (() => void)[] = [];
  #takenCount = 0;

  constructor(placesMax: number) {
    this.#placesMax = placesMax;
  }

  /** Runs `work` in a place of its own; the place is free again however it ends. */
  async within<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#takenCount === this.#placesMax) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#takenCount += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so that nobody slips in between.
      if (next === undefined) this.#takenCount -= 1;
      else next();
    }
  }
}
