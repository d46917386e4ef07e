/**
 * Work that takes virtual time, written as a generator: it reads like the asynchronous original
 * (failover/io) and stays synchronous and deterministic. `yield* wait(arm)` arms a callback and
 * goes on when it is called; nothing here knows a clock.
 */

/** Arms whatever will call `resume`, once. */
export type Arm = (resume: (value: unknown) => void) => void;

export type Work<Value> = Generator<Arm, Value, unknown>;

/** Waits until `resume` is called; gives its value. */
export function* wait<Value>(arm: (resume: (value: Value) => void) => void): Work<Value> {
  return (yield arm) as Value;
}

/** Runs work to its end, in as many turns as it waits; `done` is called with what it returned. */
export function drive<Value>(work: Work<Value>, done: (value: Value) => void): void {
  const advance = (value: unknown): void => {
    const next = work.next(value);
    if (next.done === true) done(next.value);
    else next.value(advance);
  };
  advance(undefined);
}
