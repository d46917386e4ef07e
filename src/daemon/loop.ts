/**
 * The one loop that beats and decides. Whoever has news gives an input and returns; the loop
 * drains the inputs in their order and asks for one timer, at the engine's next due time.
 *
 * A tick that is due goes BEFORE inputs that wait: after a stall the kernel hands over packets
 * that are seconds old, and only a tick tells the engine how long it was away. What came meanwhile
 * is then read within the engine's stall barrier, which ends with `drained`.
 */

import type {Effect, Input} from '../engine/types.ts';
import {BoundedQueue} from '../kernel/bounded-queue.ts';
import {LagMeter} from './lag.ts';
import type {LoopLag} from './lag.ts';

/** Inputs that may wait. Results and commands are bounded where they come from and all fit. */
const inputsMax = 8_192;
/** Packets and slots beyond this are dropped, as the network would: the next beat says it again. */
const packetsMax = 2_048;
/** Longest work in one turn before timers and sockets are looked at again. */
const turnMsMax = 10;
/** Turns after which sockets count as empty though more comes: 8,000 packets of each. */
const drainTurnsMax = 256;
/** Longest sleep; a timer that Node would cut to 24 days is never wanted. */
const sleepMsMax = 60_000;

export interface LoopPorts {
  /** Monotonic ms. */
  nowMs(): number;
  step(input: Input, nowMs: number): readonly Effect[];
  /** Absolute monotonic ms of the next tick wanted. */
  nextDueMs(): number;
  submit(effects: readonly Effect[], done?: () => void): void;
}

interface Waiting {
  readonly input: Input;
  readonly done: (() => void) | undefined;
}

export class Loop {
  readonly #ports: LoopPorts;
  readonly #lag = new LagMeter();
  readonly #queue = new BoundedQueue<Waiting>(inputsMax);
  #timer: NodeJS.Timeout | null = null;
  #armedMs = Number.POSITIVE_INFINITY;
  #scheduled = false;
  #running = false;
  #givenCount = 0;
  #droppedCount = 0;

  constructor(ports: LoopPorts) {
    this.#ports = ports;
  }

  get lag(): LoopLag {
    return this.#lag.read();
  }

  /** Inputs refused because too many waited. */
  get refusedCount(): number {
    return this.#queue.refusedCount + this.#droppedCount;
  }

  start(): void {
    this.#running = true;
    this.#arm();
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /**
   * False where too many inputs wait: it is not taken. `done` is called when the effects of this
   * input were carried out or dropped.
   */
  give(input: Input, done?: () => void): boolean {
    this.#givenCount += 1;
    const beat = input.type === 'packet' || input.type === 'slot';
    if (beat && this.#queue.size >= packetsMax) {
      this.#droppedCount += 1;
      return false;
    }
    const taken = this.#queue.push({input, done});
    this.#schedule();
    return taken;
  }

  /**
   * The engine wants its sockets empty: gives `drained` after two turns in a row in which nothing
   * came. One turn is not enough, because libuv reads 32 packets of a socket and goes on. `done` is
   * called when what the engine then decided was carried out.
   */
  drain(done?: () => void): void {
    this.#drainTurn({turns: 0, quiet: 0}, done);
  }

  #drainTurn(count: {readonly turns: number; readonly quiet: number}, done?: () => void): void {
    const before = this.#givenCount;
    setImmediate(() => {
      const quiet = this.#givenCount === before ? count.quiet + 1 : 0;
      const isOver = quiet >= 2 || count.turns >= drainTurnsMax;
      // Where even that finds no room the queue is worked off first.
      if (isOver && this.give({type: 'drained'}, done)) return;
      this.#drainTurn({turns: count.turns + 1, quiet: isOver ? 0 : quiet}, done);
    });
  }

  #schedule(): void {
    if (this.#scheduled || !this.#running) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#work();
    });
  }

  #work(): void {
    if (!this.#running) return;
    const startMs = this.#ports.nowMs();
    this.#tickIfDue();
    while (this.#queue.size > 0 && this.#running) {
      const {input, done} = this.#queue.shift()!;
      this.#step(input, done);
      if (this.#ports.nowMs() - startMs > turnMsMax) break;
      this.#tickIfDue();
    }
    if (this.#queue.size > 0) this.#schedule();
    this.#arm();
  }

  #tickIfDue(): void {
    const nowMs = this.#ports.nowMs();
    const dueMs = this.#ports.nextDueMs();
    if (nowMs < dueMs) return;
    this.#lag.add(nowMs - dueMs);
    this.#step({type: 'tick'}, undefined);
  }

  #step(input: Input, done: (() => void) | undefined): void {
    this.#ports.submit(this.#ports.step(input, this.#ports.nowMs()), done);
  }

  /** A timer that fires too early costs one wake-up; only one that is too late must be set anew. */
  #arm(): void {
    if (!this.#running) return;
    const dueMs = this.#ports.nextDueMs();
    const sleepMs = Math.ceil(dueMs - this.#ports.nowMs());
    if (sleepMs <= 0) {
      this.#schedule();
      return;
    }
    if (this.#timer !== null && this.#armedMs <= dueMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#armedMs = dueMs;
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(sleepMs, sleepMsMax));
  }

  #onTimer(): void {
    this.#timer = null;
    this.#work();
  }
}
