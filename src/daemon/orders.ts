/** Who waits for which command: the engine knows numbers, this knows connections. */

import type {Answer} from '../engine/types.ts';
import {ordersMax} from '../kernel/limits.ts';

/** Somebody who waits for the end of a command. */
export interface Waiter {
  progress(text: string): void;
  end(answer: Answer): void;
}

/** The engine follows `ordersMax`; as many again may be refused or answered at once. */
const waitersMax = 2 * ordersMax;

export class Orders {
  readonly #waiters = new Map<number, Waiter>();
  #nextId = 1;

  /** The number for the engine, or null where too many wait. */
  open(waiter: Waiter): number | null {
    if (this.#waiters.size >= waitersMax) return null;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#waiters.set(id, waiter);
    return id;
  }

  /** Nobody waits any more; the order goes on. */
  detach(id: number): void {
    this.#waiters.delete(id);
  }

  isOpen(id: number): boolean {
    return this.#waiters.has(id);
  }

  progress(id: number, text: string): void {
    this.#waiters.get(id)?.progress(text);
  }

  end(id: number, answer: Answer): void {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    waiter?.end(answer);
  }
}
