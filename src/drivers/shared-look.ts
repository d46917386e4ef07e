/**
 * One look for all who want one: a thousand probes of one beat read the same table of mounts once.
 * Whoever asks while a look is under way gets the next one, because that look may have begun before
 * what the caller wants to know of.
 */
export function sharedLook<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | null = null;
  let next: Promise<Value> | null = null;
  const begin = (): Promise<Value> => {
    next = null;
    const own = look().finally(() => {
      if (running === own) running = null;
    });
    running = own;
    return own;
  };
  return () => {
    if (running === null) return begin();
    next ??= running.then(begin, begin);
    return next;
  };
}
