/**
 * model/takeover.pml: no state within the bounds has two owners (S1) or nobody who takes over in
 * time (L1), and each planted change of a rule is found. The bounds are small enough for every
 * run; docs/model.md says how to search further.
 */

import {beforeEach, describe, expect, test} from 'vitest';
import {plantedNames, search, spinObstacle} from './spin.ts';

const sound: readonly (readonly [string, readonly string[]])[] = [
  ['class exclusive, anything breaks three times', ['FAULTS=3']],
  ['class data, nodes hang, stops hang, two mishaps', ['FAULTS=2', 'WATCHDOG', 'HANGS']],
];

const bothRun = /st\[0\]==3.*st\[1\]==3/;
const nobodyRuns = /alone\[1\]|together/;

/** What each planted change breaks, and the bounds within which it does. */
const planted: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['NO_WATCHDOG_TIME', ['FAULTS=1', 'WATCHDOG', 'HANGS'], bothRun],
  ['SKIP_WAIT', ['FAULTS=2'], bothRun],
  ['NO_STOP_TIME', ['FAULTS=2'], bothRun],
  ['ANY_FRAME', ['FAULTS=2'], bothRun],
  ['OWN_WRITES', ['FAULTS=1'], nobodyRuns],
  ['NEVER_STOPS', ['FAULTS=2'], bothRun],
  ['BLIND', ['FAULTS=2'], bothRun],
  ['TRUST_SILENCE', ['FAULTS=1'], bothRun],
  ['IGNORE_PROMISE', ['FAULTS=1'], bothRun],
  ['ASK_NOBODY', ['FAULTS=1'], bothRun],
];

const timeout = 240_000;

describe('the model of a takeover', () => {
  beforeEach(({skip}) => {
    const obstacle = spinObstacle();
    if (obstacle !== null) skip(obstacle);
  });

  test.each(sound)('%s: never two, and one in time', {timeout}, (_title, defines) => {
    const found = search(defines, '-O1');
    expect(found).toMatchObject({violated: null, complete: true});
    expect(found.states).toBeGreaterThan(100_000);
  });

  test.each(planted)('notices %s', {timeout}, (name, defines, violated) => {
    expect(search([...defines, name], '-O0').violated).toMatch(violated);
  });

  test('nodes that hang need a watchdog', {timeout}, () => {
    expect(search(['FAULTS=2', 'HANGS'], '-O0').violated).toMatch(bothRun);
  });

  test('every planted change of the model is tried', () => {
    expect(plantedNames().toSorted()).toEqual(planted.map(([name]) => name).toSorted());
  });
});
