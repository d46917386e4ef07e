/** A number of places; who finds none waits, first come, first served. */
export class Places {
  readonly #waiting: (() => void)[] = [];
  #placesMax: number;
  #takenCount = 0;

  constructor(placesMax: number) {
    this.#placesMax = placesMax;
  }

  /** More places, or fewer: who has one keeps it. */
  resize(placesMax: number): void {
    this.#placesMax = placesMax;
    this.#letIn();
  }

  /** Runs `work` in a place of its own; the place is free again however it ends. */
  async within<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#takenCount >= this.#placesMax) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    } else this.#takenCount += 1;
    try {
      return await work();
    } finally {
      this.#takenCount -= 1;
      this.#letIn();
    }
  }

  /** A place is taken for whoever is let in, so that nobody slips in between. */
  #letIn(): void {
    while (this.#takenCount < this.#placesMax && this.#waiting.length > 0) {
      this.#takenCount += 1;
      this.#waiting.shift()?.();
    }
  }
}
