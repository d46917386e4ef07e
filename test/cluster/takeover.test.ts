/** Who takes over, on what proof, when a node dies or leaves. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest, serviceName, type Pair} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

/**
 * Longer than dead time, lease and grace of these tests together: what could happen has happened.
 */
const quietMs = 8_000;

/** Both daemons up, the service on the first node of its list. */
async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
  expect(pair.holders()).toEqual(['node1']);
}

/** The other node is known to be silent, and the service waits here for that reason. */
async function untilWaiting(pair: Pair, name: string, reason: string): Promise<void> {
  await waitFor(`${name} waits because of ${reason}`, async () => {
    const seen = (await pair.status(name)).reasonOf(serviceName, name);
    if (seen !== reason) throw new Error(`it says ${seen}`);
    return true;
  });
}

describe('a node that loses power', () => {
  pairTest('is taken over from when its disk lease has run out', {}, async (pair) => {
    await running(pair);
    await pair.powerOff('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.doubleOwners()).toEqual([]);
    expect(pair.starts()).toEqual(['node1', 'node2']);
    const seen = await pair.status('node2');
    expect(seen.services[serviceName]?.owner).toBe('node2');

    await pair.node('node1').powerOn();
    await pair.start('node1');
    await pair.untilState('node1', 'STOPPED');
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
  });

  pairTest('is not taken over from on silence alone', {disk: 'none'}, async (pair) => {
    await running(pair);
    await pair.powerOff('node1');
    await untilWaiting(pair, 'node2', 'peer-not-proven-dead');
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expect(pair.holders()).toEqual([]);
    expect(pair.starts()).toEqual(['node1']);

    const unchecked = await pair.ha('node2', 'confirm-dead', 'node1');
    expect(unchecked.code).toBe(107);
    expect(pair.starts()).toEqual(['node1']);

    await pair.must('node2', 'confirm-dead', 'node1', '--i-have-checked');
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
  });

  for (const serviceClass of ['none', 'address'] as const) {
    const title = `is taken over from on silence where the class is ${serviceClass}`;
    pairTest(title, {disk: 'none', serviceClass}, async (pair) => {
      await running(pair);
      await pair.powerOff('node1');
      await pair.untilState('node2', 'STARTED');
      expect(pair.doubleOwners()).toEqual([]);
    });
  }

  pairTest('keeps a frozen service: nobody takes it over', {}, async (pair) => {
    await running(pair);
    await pair.must('node1', 'freeze', serviceName, '--why', 'test');
    await pair.untilState('node1', 'FROZEN_START');
    await pair.powerOff('node1');
    await waitFor('node2 knows that node1 is gone', async () =>
      ['silent', 'dead'].includes((await pair.status('node2')).nodes['node1']?.state ?? ''),
    );
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expect(pair.starts()).toEqual(['node1']);
  });
});

describe('a daemon that ends', () => {
  pairTest('after SIGTERM has stopped its services, and the peer starts them', {}, async (pair) => {
    await running(pair);
    pair.daemon('node1').signal('SIGTERM');
    expect(await pair.daemon('node1').ended).toBe(0);
    expect(pair.service.entries().map(({node, what}) => `${node} ${what}`)).toContain(
      'node1 stopped',
    );
    await pair.untilState('node2', 'STARTED');
    expect(pair.doubleOwners()).toEqual([]);
    expect((await pair.status('node2')).nodes['node1']?.state).toBe('left');
  });

  pairTest('by kill -9 leaves its service, and adopts it when it is back', {}, async (pair) => {
    await running(pair);
    pair.daemon('node1').signal('SIGKILL');
    await pair.daemon('node1').ended;
    await pair.start('node1');
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
    expect(pair.holders()).toEqual(['node1']);
  });

  pairTest('with --keep leaves its services running, and nobody else starts', {}, async (pair) => {
    await running(pair);
    await pair.must('node1', 'daemon', 'stop', '--keep', '--yes');
    expect(await pair.daemon('node1').ended).toBe(0);
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expect(pair.holders()).toEqual(['node1']);
    expect(pair.starts()).toEqual(['node1']);
    await pair.start('node1');
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });
});

describe('both nodes', () => {
  pairTest(
    'started together start the service once, on the first of its list',
    {},
    async (pair) => {
      await running(pair);
      expect(pair.starts()).toEqual(['node1']);
      expect(pair.doubleOwners()).toEqual([]);
    },
  );

  pairTest(
    'dead at once: the one that returns waits for the lease of the other',
    {},
    async (pair) => {
      await running(pair);
      await pair.powerOff('node1');
      await pair.powerOff('node2');
      await pair.node('node2').powerOn();
      await pair.start('node2');
      await pair.untilState('node2', 'STARTED');
      expect(pair.starts()).toEqual(['node1', 'node2']);
      expect(pair.doubleOwners()).toEqual([]);
    },
  );

  pairTest(
    'dead at once, without a disk: only an operator lets it',
    {disk: 'none'},
    async (pair) => {
      await running(pair);
      await pair.powerOff('node1');
      await pair.powerOff('node2');
      await pair.node('node2').powerOn();
      await pair.start('node2');
      await untilWaiting(pair, 'node2', 'peer-not-proven-dead');
      await delay(quietMs); // a takeover that must not happen can only be waited for
      expect(pair.starts()).toEqual(['node1']);
      await pair.must('node2', 'confirm-dead', 'node1', '--i-have-checked');
      await pair.untilState('node2', 'STARTED');
      expect(pair.doubleOwners()).toEqual([]);
    },
  );
});

describe('a planned switch', () => {
  pairTest('stops first, confirms, then starts, there and back', {}, async (pair) => {
    await running(pair);
    await pair.must('node1', 'switch', serviceName, '--to', 'node2');
    await pair.untilRuns('node2', 'node1');
    await pair.must('node1', 'switch', serviceName);
    await pair.untilRuns('node1', 'node2');
    const steps = pair.service.entries().map(({node, what}) => `${node} ${what}`);
    expect(steps.filter((step) => /start$|stopped$/.test(step))).toEqual([
      'node1 start',
      'node1 stopped',
      'node2 start',
      'node2 stopped',
      'node1 start',
    ]);
    expect(await pair.transitions('node1')).toEqual([
      'STOPPED',
      'START_READY',
      'STARTING',
      'STARTED',
      'STOPPING',
      'STOPPED',
      'START_READY',
      'STARTING',
      'STARTED',
    ]);
  });
});
