/**
 * A spawn costs the loop some tenths of a millisecond, and one by way of fork(2) milliseconds (the
 * parent waits until the child has called exec). One per turn of the loop, so that timers and
 * sockets come in between: a thousand services that start at once must not cost a single beat.
 */

let last: Promise<void> = Promise.resolve();

/** Resolves in a turn of the loop in which nobody else spawns; first come, first served. */
export function spawnTurn(): Promise<void> {
  last = last.then(nextTurn);
  return last;
}

/** Resolves after the loop has looked at its sockets and its ended children once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
