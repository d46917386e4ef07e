import {expect, test} from 'vitest';
import {Places} from '../../src/kernel/places.ts';

/** Work that waits to be ended; `running` has who is at work. */
function workers(places: Places): {
  readonly running: Set<string>;
  readonly begin: (name: string) => Promise<void>;
  readonly end: (name: string) => Promise<void>;
} {
  const running = new Set<string>();
  const ends = new Map<string, () => void>();
  const done = new Map<string, Promise<void>>();
  const begin = (name: string): Promise<void> => {
    const over = Promise.withResolvers<void>();
    ends.set(name, over.resolve);
    const work = places.within(async () => {
      running.add(name);
      await over.promise;
      running.delete(name);
    });
    done.set(name, work);
    return Promise.resolve();
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await done.get(name);
    await Promise.resolve();
  };
  return {running, begin, end};
}

test('who finds no place waits, first come, first served', async () => {
  const {running, begin, end} = workers(new Places(2));
  for (const name of ['a', 'b', 'c', 'd']) await begin(name);
  expect([...running]).toEqual(['a', 'b']);
  await end('b');
  expect([...running]).toEqual(['a', 'c']);
  await end('a');
  expect([...running]).toEqual(['c', 'd']);
});

test('fewer places take none away, and nobody gets one before there is one', async () => {
  const places = new Places(3);
  const {running, begin, end} = workers(places);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await begin(name);
  places.resize(1);
  expect([...running]).toEqual(['a', 'b', 'c']);
  await end('a');
  await end('b');
  expect([...running]).toEqual(['c']);
  await end('c');
  expect([...running]).toEqual(['d']);
});

test('more places let in at once who waits', async () => {
  const places = new Places(1);
  const {running, begin} = workers(places);
  for (const name of ['a', 'b', 'c', 'd']) await begin(name);
  places.resize(3);
  await Promise.resolve();
  expect([...running]).toEqual(['a', 'b', 'c']);
});

test('work that fails gives its place back', async () => {
  const places = new Places(1);
  await expect(places.within(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await places.within(() => Promise.resolve('yes'))).toBe('yes');
});
