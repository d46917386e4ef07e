/**
 * Operating errors are values: they cross rooms as a Result, never as an exception. A thrown error
 * means a defect of ours and ends the process (see assert.ts).
 */

export type Result<Value, Failure = HaError> =
  {readonly ok: true; readonly value: Value} | {readonly ok: false; readonly error: Failure};

/** An operating error with a stable code (docs/errors.md) and, where there is one, the remedy. */
export interface HaError {
  readonly code: string;
  /** What was expected, what was found and where, in one sentence. */
  readonly message: string;
  /** What to type or change. */
  readonly hint?: string;
}

export const ok = <Value>(value: Value): {readonly ok: true; readonly value: Value} => ({
  ok: true,
  value,
});

export const err = <Failure>(error: Failure): {readonly ok: false; readonly error: Failure} => ({
  ok: false,
  error,
});
