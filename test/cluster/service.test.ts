/** A service that fails, by itself or by its scripts, while nodes and links are in order. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest, serviceName, type Pair} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

/** Long enough for several beats, probes and graces: what could happen has happened. */
const quietMs = 4_000;

async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

async function killProcess(pair: Pair, name: string): Promise<void> {
  pair.service.noteOff(name);
  await pair.node(name).must(['sh', '-c', `kill -9 $(cat /run/${serviceName}.pid)`]);
}

describe('a process that dies', () => {
  pairTest('is started again in its place, then given to the other node', {}, async (pair) => {
    await running(pair);
    await killProcess(pair, 'node1');
    await waitFor('a second start on node1', () => pair.starts().length === 2);
    await pair.untilState('node1', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node1']);

    pair.service.refuse('node1', 'start');
    await killProcess(pair, 'node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
  });
});

describe('a start that fails', () => {
  pairTest('lets the other node start it, and is remembered until cleared', {}, async (pair) => {
    pair.service.refuse('node1', 'start');
    await pair.start();
    await pair.untilState('node2', 'STARTED');
    await pair.untilState('node1', 'START_FAILED');
    expect(pair.starts()).toEqual(['node2']);

    pair.service.allow('node1', 'start');
    const refused = await pair.ha('node2', 'switch', serviceName, '--to', 'node1');
    expect(refused.code).not.toBe(0);
    await pair.must('node1', 'clear', serviceName);
    await pair.untilState('node1', 'STOPPED');
    await pair.must('node2', 'switch', serviceName, '--to', 'node1');
    await pair.untilRuns('node1', 'node2');
    expect(pair.doubleOwners()).toEqual([]);
  });
});

describe('a stop that fails', () => {
  pairTest('is never followed by a start elsewhere', {}, async (pair) => {
    await running(pair);
    pair.service.refuse('node1', 'stop');
    const failed = await pair.ha('node1', 'switch', serviceName, '--to', 'node2');
    expect(failed.code).toBe(1);
    await pair.untilState('node1', 'STOP_FAILED');
    await delay(quietMs); // a start that must not happen can only be waited for
    expect(pair.starts()).toEqual(['node1']);
    expect((await pair.status('node1')).codes).toContain('STOP_FAILED');
    const takeover = await pair.ha('node2', 'takeover', serviceName, '--yes');
    expect(takeover.code).toBe(106);
    expect(pair.starts()).toEqual(['node1']);
  });
});
