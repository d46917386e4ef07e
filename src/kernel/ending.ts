/**
 * How long it takes, at worst, to end a child that does not want to end. Plans count it into their
 * budgets and the code that spawns keeps it: one formula, so that `--wait` never lies.
 */

/** Shortest and longest time between TERM and KILL, ms. */
const graceMsMin = 200;
const graceMsMax = 5_000;

/** After KILL: a child still there by then hangs in the kernel and is reported, not waited for. */
export const unkillableMs = 1_000;

/** Time between TERM and KILL for an action of this deadline: a quarter of it, 200 ms to 5 s. */
export function killGraceMs(deadlineMs: number): number {
  return Math.round(Math.min(graceMsMax, Math.max(graceMsMin, deadlineMs / 4)));
}

/**
 * Longest time from the begin of an action to its result, ms: deadline, grace, and the last wait.
 */
export function actionMsMax(deadlineMs: number): number {
  return deadlineMs + killGraceMs(deadlineMs) + unkillableMs;
}
