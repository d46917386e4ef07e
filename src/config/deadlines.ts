/** Defaults of services: deadlines of actions, monitor, restarts. Each is a key of its own too. */

/**
 * Long enough for a database to recover: a deadline that is too short ends a good start, and a
 * hung script is shown with its budget all the while.
 */
export const actionMsDefault = 300_000;
/** A check that takes longer than the monitor's beat answers too late to be of use. */
export const probeMsDefault = 10_000;
export const monitorMsDefault = 10_000;
/** One try in place before the service moves. */
export const restartsDefault = 1;
/** A failed start is remembered until an operator clears it. */
export const failureMemoryMsDefault = 0;

/** Budgets of one resource, before its own keys. */
export interface Deadlines {
  readonly startMs: number;
  readonly stopMs: number;
  readonly probeMs: number;
}
