/**
 * A broken assertion is a defect of ours, never of the input: the process ends and is restarted.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Always on, in production too: a wrong decision costs more than a restart. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the default branch of an exhaustive switch: the compiler refuses a forgotten case. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
