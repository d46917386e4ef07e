/** The right to run that a lease in the arbiter gives. */

import type {Engine} from './state.ts';

/** This node holds its lease, by its own clock. */
export function isHeld({arbiter, nowMs}: Engine): boolean {
  return arbiter.leaseId !== null && nowMs < arbiter.heldUntilMs;
}

/**
 * Engine time until which the arbiter gives us the right to run. A daemon that has just come back
 * gets one lease to ask for its own, as with a disk; not where it was marked out meanwhile.
 */
export function arbiterRightMs({arbiter, config}: Engine): number {
  if (arbiter.leaseId !== null || arbiter.everHeld || config.arbiter === null) {
    return arbiter.heldUntilMs;
  }
  const isRefused = arbiter.markedUs !== null || arbiter.fault?.kind === 'foreign';
  return isRefused ? -Infinity : arbiter.bornMs + config.arbiter.ttlMs;
}
