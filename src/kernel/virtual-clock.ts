import {assert} from './assert.ts';

interface Timer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Time that moves only when told to: a heap ordered by (due, order of setting). `runUntil` stops at
 * every due time on the way, so a chain of short timers fires in order, unlike a clock that jumps.
 */
export class VirtualClock {
  readonly #heap: Timer[] = [];
  #nowMs: number;
  #sequence = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  get pendingCount(): number {
    return this.#heap.length;
  }

  /** Runs `run` once at `dueMs` (never before now); returns the function that cancels it. */
  at(dueMs: number, run: () => void): () => void {
    const timer: Timer = {
      dueMs: Math.max(dueMs, this.#nowMs),
      sequence: this.#sequence++,
      run,
      cancelled: false,
    };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /**
   * Runs everything due up to and including endMs; now is endMs afterwards. `onTimer` is called
   * for each timer with its time and the number of those that wait, and may throw to end it.
   */
  runUntil(endMs: number, onTimer?: (dueMs: number, waiting: number) => void): void {
    assert(endMs >= this.#nowMs, `clock: ${endMs} is before now ${this.#nowMs}`);
    while (this.#heap.length > 0 && this.#heap[0]!.dueMs <= endMs) {
      onTimer?.(this.#heap[0]!.dueMs, this.#heap.length);
      this.runNext();
    }
    this.#nowMs = endMs;
  }

  /** Runs the next timer; false where there is none. */
  runNext(): boolean {
    const timer = this.#pop();
    if (timer === undefined) return false;
    if (timer.cancelled) return true;
    this.#nowMs = timer.dueMs;
    timer.run();
    return true;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent]!, timer)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (before(last, heap[child]!)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

function before(left: Timer, right: Timer): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
}
