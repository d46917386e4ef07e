/**
 * Waiting in tests, with one patience for all: what takes a millisecond on a quiet machine takes
 * seconds where others work, and a wait that is over early tells nothing about our code.
 */

import {vi} from 'vitest';

/** Below the time-out of a test, ms, so that the check itself says what is missing. */
const patienceMs = 15_000;
const interval = 25;

/** Until the check no longer throws. */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  timeout = patienceMs,
): Promise<Value> {
  return vi.waitFor(check, {timeout, interval});
}

/** Until the condition is true. */
export async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, {timeout: patienceMs, interval});
}
