/** Waiting for a named condition: no test sleeps for a time and hopes. */

import {setTimeout as delay} from 'node:timers/promises';

/** Generous: a slow machine must not fail a test; only something that never comes does. */
export const patienceMs = 20_000;
const pollMs = 20;

/**
 * Resolves to the first value of `look` that is neither false, null nor undefined. A throwing
 * `look` counts as "not yet"; its message is part of the failure when the deadline passes.
 */
export async function waitFor<Value>(
  description: string,
  look: () => Promise<Value | false | null | undefined> | Value | false | null | undefined,
  deadlineMs: number = patienceMs,
): Promise<Value> {
  const endMs = performance.now() + deadlineMs;
  let last: unknown = 'nothing';
  for (;;) {
    try {
      const value = await look();
      if (value !== false && value !== null && value !== undefined) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) {
      const seen = last instanceof Error ? last.message : String(last);
      throw new Error(`waited ${deadlineMs} ms for: ${description}; last seen: ${seen}`);
    }
    await delay(pollMs);
  }
}
