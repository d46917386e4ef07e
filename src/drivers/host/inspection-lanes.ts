/**
 * File system calls run on libuv's four threads, and one on a hung mount never comes back. Looks at
 * programs therefore share two lanes, and a path that is being looked at is not looked at twice:
 * however many scripts lie on a dead NFS server, the journal keeps its threads.
 */

import {Places} from '../../kernel/places.ts';

/** Half of the thread pool. */
const lanes = new Places(2);
const underWay = new Map<string, Promise<unknown>>();

/** Runs `look` in a free lane; a look at the same key that is under way is shared instead. */
export async function oneAtATime<Value>(key: string, look: () => Promise<Value>): Promise<Value> {
  const shared = underWay.get(key) as Promise<Value> | undefined;
  if (shared !== undefined) return shared;
  const own = lanes.within(look).finally(() => underWay.delete(key));
  underWay.set(key, own);
  return own;
}
