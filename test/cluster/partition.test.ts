/** Broken links and disks while both nodes live: never two owners, and no needless stop. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest, serviceName, type Pair} from './kit/pair.ts';
import {makeSlow} from './harness/slow-path.ts';
import {waitFor} from './harness/wait-for.ts';

/**
 * Longer than dead time, lease and grace of these tests together: what could happen has happened.
 */
const quietMs = 8_000;

async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

/** Nothing moved: the service ran where it was all the time. */
function expectUndisturbed(pair: Pair): void {
  expect(pair.starts()).toEqual(['node1']);
  expect(pair.holders()).toEqual(['node1']);
  expect(pair.doubleOwners()).toEqual([]);
}

async function untilNode(pair: Pair, asked: string, other: string, state: string): Promise<void> {
  await waitFor(`${asked} sees ${other} ${state}`, async () => {
    const seen = (await pair.status(asked)).nodes[other]?.state;
    if (seen !== state) throw new Error(`it sees ${String(seen)}`);
    return true;
  });
}

async function untilAlarm(pair: Pair, name: string, code: string): Promise<void> {
  await waitFor(`${name} raises ${code}`, async () => {
    const {codes} = await pair.status(name);
    if (!codes.includes(code)) throw new Error(`it raises ${codes.join(', ') || 'nothing'}`);
    return true;
  });
}

describe('links', () => {
  pairTest('all cut while the disk lives: nobody takes over', {}, async (pair) => {
    await running(pair);
    await pair.cluster.network.cut('node2');
    await untilAlarm(pair, 'node1', 'JEOPARDY');
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expectUndisturbed(pair);
    await pair.cluster.network.heal();
    await untilNode(pair, 'node2', 'node1', 'alive');
    await pair.untilRuns('node1', 'node2');
    expectUndisturbed(pair);
  });

  pairTest('silent without loss of carrier: the same', {}, async (pair) => {
    await running(pair);
    await pair.cluster.network.isolate('node2');
    await untilAlarm(pair, 'node2', 'JEOPARDY');
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expectUndisturbed(pair);
  });

  pairTest('one of two cut: shown, and nothing else', {}, async (pair) => {
    await running(pair);
    await pair.cluster.network.cut('node1', 0);
    await waitFor('node2 shows the link down', async () => {
      const {links} = await pair.status('node2');
      return links.some((link) => link.id === 'hb#1' && link.peers[0]?.rx === 'down');
    });
    expect((await pair.status('node2')).nodes['node1']?.state).not.toBe('silent');
    expectUndisturbed(pair);
  });

  pairTest('heard one way only: DEGRADED, and no takeover', {}, async (pair) => {
    await running(pair);
    await pair.cluster.network.impair({from: 'node2', to: 'node1'});
    await untilNode(pair, 'node2', 'node1', 'degraded');
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expectUndisturbed(pair);
    await pair.cluster.network.heal();
    await untilNode(pair, 'node2', 'node1', 'alive');
  });

  pairTest('that lose half and double the rest disturb nothing', {}, async (pair) => {
    await running(pair);
    await pair.cluster.network.impair({lossPercent: 30});
    await pair.cluster.network.duplicate('node1', 'node2', 0);
    await delay(quietMs); // the bad time itself
    expectUndisturbed(pair);
  });
});

describe('a slow network', () => {
  pairTest('late and out of order on the only link disturbs nothing', {links: 1}, async (pair) => {
    await running(pair);
    const common = {link: 0, group: '239.192.71.1', port: 10_000, delayMs: 150, jitterMs: 150};
    const from = {name: 'node1', number: 1};
    await makeSlow(pair.cluster.network, {...common, from, to: 'node2'});
    await delay(quietMs); // the slow time itself
    expectUndisturbed(pair);
    expect((await pair.status('node2')).nodes['node1']?.state).not.toBe('silent');
    await pair.must('node1', 'switch', serviceName);
    await pair.untilRuns('node2', 'node1');
    expect(pair.doubleOwners()).toEqual([]);
  });
});

describe('a total partition', () => {
  pairTest('with the disk: one owner at a time, whoever it is', {disk: 'faulty'}, async (pair) => {
    await running(pair);
    await pair.cluster.network.cut('node1');
    pair.cluster.disk.fail('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.doubleOwners()).toEqual([]);
    expect(pair.holders()).toEqual(['node2']);

    pair.cluster.disk.heal('node1');
    await pair.cluster.network.heal();
    await untilNode(pair, 'node1', 'node2', 'alive');
    await pair.untilRuns('node2', 'node1');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
  });

  pairTest('with a disk that hangs: the same', {disk: 'faulty'}, async (pair) => {
    await running(pair);
    await pair.cluster.network.isolate('node1');
    pair.cluster.disk.hang('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.doubleOwners()).toEqual([]);
    pair.cluster.disk.heal('node1');
    await pair.cluster.network.heal();
    await pair.untilRuns('node2', 'node1');
    expect(pair.doubleOwners()).toEqual([]);
  });
});

describe('the disk', () => {
  for (const fault of ['hang', 'fail'] as const) {
    const title = `that ${fault}s on both nodes stops nothing while a link is healthy`;
    pairTest(title, {disk: 'faulty'}, async (pair) => {
      await running(pair);
      for (const {name} of pair.cluster.nodes) pair.cluster.disk[fault](name);
      await waitFor('node1 shows its fault', async () => {
        const {links} = await pair.status('node1');
        return links.some((link) => link.id === 'hb#9' && link.fault !== null);
      });
      await delay(quietMs); // a stop that must not happen can only be waited for
      expectUndisturbed(pair);
      for (const {name} of pair.cluster.nodes) pair.cluster.disk.heal(name);
      await waitFor('node1 shows no fault any more', async () => {
        const {links} = await pair.status('node1');
        return links.every((link) => link.fault === null);
      });
      expectUndisturbed(pair);
      const answer = await pair.ha('node1', 'switch', serviceName);
      expect(answer).toMatchObject({code: 0});
    });
  }
});
