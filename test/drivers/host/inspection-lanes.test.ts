import {expect, test} from 'vitest';
import {oneAtATime} from '../../../src/drivers/host/inspection-lanes.ts';

/** A look that ends when it is told to. */
function look(): {
  readonly run: () => Promise<string>;
  readonly end: (text: string) => void;
  count: number;
} {
  let settle = (_text: string): void => {};
  const made = {
    count: 0,
    end: (text: string) => settle(text),
    run: () => {
      made.count += 1;
      return new Promise<string>((resolve) => {
        settle = resolve;
      });
    },
  };
  return made;
}

test('looks at hung files take two threads at most, and one file takes one', async () => {
  const [first, second, third] = [look(), look(), look()];
  const one = oneAtATime('/a', first.run);
  const same = oneAtATime('/a', first.run);
  const two = oneAtATime('/b', second.run);
  const three = oneAtATime('/c', third.run);
  await Promise.resolve();
  expect([first.count, second.count, third.count]).toEqual([1, 1, 0]);
  first.end('a');
  expect(await Promise.all([one, same])).toEqual(['a', 'a']);
  await Promise.resolve();
  expect(third.count).toBe(1);
  second.end('b');
  third.end('c');
  expect(await Promise.all([two, three])).toEqual(['b', 'c']);
});

test('a look that fails frees its lane and its file', async () => {
  const fail = (): Promise<never> => Promise.reject(new Error('no'));
  for (let round = 0; round < 5; round += 1) {
    await expect(oneAtATime('/x', fail)).rejects.toThrow('no');
  }
  expect(await oneAtATime('/x', () => Promise.resolve('yes'))).toBe('yes');
});
