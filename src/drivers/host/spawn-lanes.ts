/**
 * Processes are made on libuv's threads, where the wait for a child's exec(2) holds up nobody: a
 * few at once, because an exec on a hung mount never comes back and keeps its thread.
 */

import {Places} from '../../kernel/places.ts';

/** Of the sixteen threads that the daemon has; two more are for looks at programs. */
const lanes = new Places(4);
const underWay = new Set<Promise<unknown>>();
/** Longest wait for processes that are being made, ms. */
const settleMsMax = 250;

/** Runs `make` in a free lane. It must end by itself where it had to wait for too long. */
export function inSpawnLane<Value>(make: () => Promise<Value>): Promise<Value> {
  return lanes.within(() => {
    const making = make();
    underWay.add(making);
    // Who made it hears of a failure; here only its end counts.
    const settle = (): unknown => underWay.delete(making);
    making.then(settle, settle);
    return making;
  });
}

/**
 * Until it has called exec(2) a new process holds all files of ours, the outputs of other children
 * among them. Resolves once those that are being made now have let go of them.
 */
export async function spawnsSettled(): Promise<void> {
  if (underWay.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, settleMsMax);
  });
  await Promise.race([Promise.allSettled(underWay), late]);
  clearTimeout(timer);
}
