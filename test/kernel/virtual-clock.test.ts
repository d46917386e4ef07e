import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {VirtualClock} from '../../src/kernel/virtual-clock.ts';

describe('VirtualClock', () => {
  it('fires in order of due time, then of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), {maxLength: 60}), (dues) => {
        const clock = new VirtualClock();
        const fired: number[] = [];
        dues.forEach((dueMs, index) => clock.at(dueMs, () => fired.push(index)));
        clock.runUntil(50);
        const expected = dues.map((dueMs, index) => ({dueMs, index}));
        expected.sort((left, right) => left.dueMs - right.dueMs || left.index - right.index);
        expect(fired).toEqual(expected.map(({index}) => index));
      }),
    );
  });

  it('fires a chain of short timers within one long run', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.at(10, () => clock.at(clock.nowMs() + 5, () => seen.push(clock.nowMs())));
    clock.runUntil(20);
    expect(seen).toEqual([15]);
    expect(clock.nowMs()).toBe(20);
  });

  it('does not fire what was cancelled', () => {
    const clock = new VirtualClock();
    let fired = false;
    const cancel = clock.at(5, () => {
      fired = true;
    });
    cancel();
    clock.runUntil(10);
    expect(fired).toBe(false);
  });

  it('never runs backwards', () => {
    const clock = new VirtualClock(100);
    expect(() => clock.runUntil(99)).toThrow('99 is before now 100');
  });
});
