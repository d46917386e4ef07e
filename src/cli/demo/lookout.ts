/** Looks at the world all the time: the picture moves also while a command is under way. */

import type {Sight} from './sight.ts';

const pauseMs = 100;

export class Lookout {
  readonly #look: () => Promise<Sight>;
  readonly #onSight: (sight: Sight) => void;
  #waiting: ((sight: Sight) => void)[] = [];
  #closed = false;
  readonly #loop: Promise<void>;

  constructor(look: () => Promise<Sight>, onSight: (sight: Sight) => void) {
    this.#look = look;
    this.#onSight = onSight;
    this.#loop = this.#run();
  }

  /** The next look that begins after this call. */
  next(): Promise<Sight> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const sight = await this.#look();
      this.#onSight(sight);
      for (const resolve of waiting) resolve(sight);
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs);
      });
    }
  }
}
