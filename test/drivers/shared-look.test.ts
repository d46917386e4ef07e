import {describe, expect, it} from 'vitest';
import {sharedLook} from '../../src/drivers/shared-look.ts';

/** A look whose answers are given by hand, numbered by the order in which they began. */
function looks() {
  const begun: {answer: () => void; fail: () => void}[] = [];
  const ask = sharedLook(() => {
    const {promise, resolve, reject} = Promise.withResolvers<number>();
    const number = begun.length + 1;
    begun.push({answer: () => resolve(number), fail: () => reject(new Error('no'))});
    return promise;
  });
  return {ask, begun};
}

describe('a shared look', () => {
  it('that is under way is no answer for who asks later; the next is one for all', async () => {
    const {ask, begun} = looks();
    const first = ask();
    const later = [ask(), ask(), ask()];
    expect(begun).toHaveLength(1);
    begun[0]!.answer();
    expect(await first).toBe(1);
    await Promise.resolve();
    expect(begun).toHaveLength(2);
    begun[1]!.answer();
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
  });

  it('that is over is looked at again', async () => {
    const {ask, begun} = looks();
    const first = ask();
    begun[0]!.answer();
    expect(await first).toBe(1);
    const second = ask();
    begun[1]!.answer();
    expect(await second).toBe(2);
  });

  it('that failed does not take the next one with it', async () => {
    const {ask, begun} = looks();
    const first = ask();
    const later = ask();
    begun[0]!.fail();
    await expect(first).rejects.toThrow('no');
    begun[1]!.answer();
    expect(await later).toBe(2);
  });
});
