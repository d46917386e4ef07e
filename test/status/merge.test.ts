import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {mergeStates, overallState, treeStates} from '../../src/status/merge.ts';
import type {TreeState} from '../../src/status/merge.ts';

const anyState = fc.constantFrom(...treeStates);

describe('adding up resource states', () => {
  test.each<readonly [TreeState, TreeState, TreeState]>([
    ['up', 'up', 'up'],
    ['up', 'down', 'warn'],
    ['down', 'down', 'down'],
    ['warn', 'down', 'warn'],
    ['n/a', 'down', 'down'],
    ['up', 'n/a', 'up'],
    ['up', 'stdby up', 'up'],
    ['down', 'stdby up', 'stdby up'],
    ['down', 'stdby down', 'stdby down'],
    ['up', 'stdby down', 'warn'],
    ['stdby up', 'stdby down', 'warn'],
    ['stdby up', 'stdby up', 'stdby up'],
  ])('%s and %s is %s', (left, right, sum) => {
    expect(mergeStates([left, right])).toBe(sum);
    expect(mergeStates([right, left])).toBe(sum);
  });

  test.each<readonly [TreeState, TreeState, TreeState, TreeState]>([
    ['stdby up', 'down', 'down', 'stdby up'],
    ['stdby up', 'down', 'stdby up', 'stdby up'],
    ['stdby up', 'down', 'up', 'warn'],
    ['stdby up', 'down', 'stdby down', 'warn'],
    ['stdby up', 'up', 'up', 'up'],
    ['stdby up', 'up', 'stdby up', 'up'],
    ['stdby up', 'up', 'down', 'warn'],
    ['stdby up', 'up', 'stdby down', 'warn'],
  ])('%s, %s and %s is %s', (first, second, third, sum) => {
    expect(mergeStates([first, second, third])).toBe(sum);
    expect(mergeStates([third, first, second])).toBe(sum);
  });

  test('nothing is n/a', () => {
    expect(mergeStates([])).toBe('n/a');
  });

  test('the order never matters', () => {
    fc.assert(
      fc.property(fc.array(anyState, {maxLength: 8}), (states) => {
        const sum = mergeStates(states);
        expect(mergeStates(states.toReversed())).toBe(sum);
        expect(mergeStates([...states, 'n/a'])).toBe(sum);
        expect(mergeStates([...states, 'warn'])).toBe('warn');
      }),
    );
  });
});

describe('the overall state', () => {
  test.each<readonly [TreeState, TreeState, TreeState, TreeState]>([
    ['warn', 'warn', 'n/a', 'warn'],
    ['up', 'down', 'n/a', 'warn'],
    ['down', 'down', 'n/a', 'down'],
    ['up', 'up', 'n/a', 'up'],
    ['up', 'up', 'warn', 'warn'],
    ['down', 'up', 'warn', 'down'],
    ['up', 'up', 'up', 'up'],
    ['down', 'up', 'n/a', 'down'],
    ['n/a', 'n/a', 'up', 'n/a'],
  ])('of avail %s, sync %s and hb %s is %s', (avail, sync, hb, overall) => {
    expect(overallState({avail, sync, hb})).toBe(overall);
  });
});
