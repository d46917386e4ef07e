/** The wall clock is for people: when it steps by years, nothing else may notice. */

import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
/** Longer than the dead time and the lease of these tests. */
const quietMs = 6_000;

describe('a wall clock that steps', () => {
  pairTest('by years, forward and back, moves nothing', {}, async (pair) => {
    const clock = join(pair.cluster.shared, 'clock');
    writeFileSync(clock, '+0');
    const faked = [
      'env',
      `LD_PRELOAD=${library}`,
      `FAKETIME_TIMESTAMP_FILE=${clock}`,
      'FAKETIME_NO_CACHE=1',
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
    ];
    await pair.start('node2');
    await pair.startAs('node1', [...faked, 'ha', 'daemon']);
    await pair.untilRuns('node1', 'node2');
    for (const step of ['+3y', '-20y', '+0']) {
      writeFileSync(clock, step);
      await delay(quietMs / 3); // the time in which the step would be noticed
    }
    writeFileSync(clock, '+5y');
    await waitFor('node1 dates its view in the future', async () => {
      const {at} = await pair.status('node1');
      return Date.parse(at) > Date.now() + 4 * 365 * 86_400_000;
    });
    await pair.must('node1', 'switch', 'web', '--to', 'node2');
    await pair.untilRuns('node2', 'node1');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
  });
});
