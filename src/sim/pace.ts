/**
 * A simulated cluster must get ahead: so many steps in one instant, in a whole run, and so many
 * timers that wait. Beyond that somebody gives himself work for ever, and without this limit the
 * run would end with the memory of the machine, and say nothing.
 */

import type {Input} from '../engine/types.ts';
import type {NodeName} from '../kernel/ids.ts';

export interface PaceLimits {
  /** Steps within one virtual millisecond ... */
  readonly stepsPerInstant: number;
  /** ... and within one virtual second. */
  readonly stepsPerSecond: number;
  /** Steps since the world began. */
  readonly stepsPerRun: number;
  /** Timers that wait, cancelled ones that are not over yet among them. */
  readonly timers: number;
}

/** Some twenty times what the busiest seeds of eight nodes need. */
export const paceLimits: PaceLimits = {
  stepsPerInstant: 20_000,
  stepsPerSecond: 100_000,
  stepsPerRun: 20_000_000,
  timers: 500_000,
};

/** Turns looked at to say what goes round in circles, and kinds of them that are named. */
const recentMax = 64;
const namedMax = 4;

/** Thrown through the world, which is of no use afterwards. */
export class Runaway extends Error {
  override readonly name = 'Runaway';
  /** Which limit was passed. */
  readonly kind: keyof PaceLimits;
  /** Virtual time, ms. */
  readonly atMs: number;

  constructor(kind: keyof PaceLimits, atMs: number, text: string) {
    super(`no way is made at ${Math.round(atMs)} ms: ${text}`);
    this.kind = kind;
    this.atMs = atMs;
  }
}

export class Pace {
  readonly #limits: PaceLimits;
  /** The last turns, as a ring. */
  readonly #recent: {readonly node: NodeName; readonly input: Input}[] = [];
  #recentAt = 0;
  #instantMs = -1;
  #second = -1;
  #stepsNow = 0;
  #stepsThisSecond = 0;
  #steps = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  /** A timer fires. `waiting`: how many are set. */
  timer(atMs: number, waiting: number): void {
    if (waiting > this.#limits.timers) this.#end('timers', atMs, `${waiting} timers wait`);
    this.#step(atMs);
  }

  /** An engine has a turn. */
  turn(turn: {readonly node: NodeName; readonly input: Input; readonly atMs: number}): void {
    this.#recent[this.#recentAt] = turn;
    this.#recentAt = (this.#recentAt + 1) % recentMax;
    this.#step(turn.atMs);
  }

  #step(atMs: number): void {
    const instantMs = Math.floor(atMs);
    if (instantMs !== this.#instantMs) {
      this.#instantMs = instantMs;
      this.#stepsNow = 0;
      const second = Math.floor(atMs / 1_000);
      if (second !== this.#second) this.#stepsThisSecond = 0;
      this.#second = second;
    }
    this.#stepsNow += 1;
    this.#stepsThisSecond += 1;
    this.#steps += 1;
    const {stepsPerInstant, stepsPerSecond, stepsPerRun} = this.#limits;
    if (this.#stepsNow > stepsPerInstant) {
      this.#end('stepsPerInstant', atMs, `${this.#stepsNow} steps in one millisecond`);
    }
    if (this.#stepsThisSecond > stepsPerSecond) {
      this.#end('stepsPerSecond', atMs, `${this.#stepsThisSecond} steps in one second`);
    }
    if (this.#steps > stepsPerRun) this.#end('stepsPerRun', atMs, `${this.#steps} steps in a run`);
  }

  #end(kind: keyof PaceLimits, atMs: number, what: string): never {
    const counts = new Map<string, number>();
    for (const {node, input} of this.#recent) {
      const text = `${node} ${describe(input)}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    const most = [...counts].toSorted(([, left], [, right]) => right - left).slice(0, namedMax);
    const inputs = most.map(([text, count]) => `${count} x ${text}`).join(', ');
    const again = inputs === '' ? 'no engine had a turn' : `the last turns: ${inputs}`;
    throw new Runaway(kind, atMs, `${what}; ${again}`);
  }
}

/** What tells one input from another of its type. */
function describe(input: Input): string {
  switch (input.type) {
    case 'packet':
      return `packet ${input.link}`;
    case 'slot':
      return `slot ${input.disk}`;
    case 'disk-state':
      return `disk-state ${input.disk} ${input.action}`;
    case 'plan-result':
      return `plan-result ${input.plan} ${input.outcome.kind}`;
    case 'plan-progress':
      return `plan-progress ${input.progress.plan} ${input.progress.phase}`;
    case 'probe-result':
      return `probe-result ${input.service}`;
    case 'command':
      return `command ${input.command.verb}`;
    default:
      return input.type;
  }
}
