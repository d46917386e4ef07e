/** An etcd of three members as the arbiter: what it proves, and what its loss must not do. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {arbitratorSection, EtcdMembers} from './kit/etcd.ts';
import {pairTest, serviceName, type Pair, type PairOptions} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

/** Longer than dead time, lease, and what etcd takes to end one: what could happen has happened. */
const quietMs = 15_000;
const withTtl = (ttl: string): PairOptions => ({disk: 'none', sections: arbitratorSection(ttl)});
const options = withTtl('5s');

async function running(pair: Pair): Promise<EtcdMembers> {
  const members = await EtcdMembers.start(pair.cluster.network);
  await pair.start();
  await pair.untilRuns('node1', 'node2');
  return members;
}

/** What the journal of that node says of its verdicts. */
const verdicts = async (pair: Pair, name: string): Promise<string> =>
  pair.must(name, 'events', '--json', '--service', serviceName);

describe('an etcd of three members', () => {
  pairTest('proves that a dead owner has to have stopped', options, async (pair) => {
    await running(pair);
    await pair.powerOff('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
    expect(await verdicts(pair, 'node2')).toContain('arbiter-granted');
  });

  pairTest('goes on doing so when its leader dies meanwhile', options, async (pair) => {
    const members = await running(pair);
    const leader = await members.leader();
    await pair.powerOff('node1');
    await members.kill(leader);
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
    expect(await verdicts(pair, 'node2')).toContain('arbiter-granted');
  });

  pairTest('makes an owner that is cut off from all stop first', options, async (pair) => {
    await running(pair);
    await pair.cluster.network.isolate('node1');
    await pair.untilState('node2', 'STARTED');
    expect(pair.doubleOwners()).toEqual([]);
    const order = pair.service.entries().map(({node, what}) => `${node} ${what}`);
    expect(order.indexOf('node1 stopped')).toBeGreaterThan(0);
    expect(order.indexOf('node1 stopped')).toBeLessThan(order.indexOf('node2 start'));
    await pair.cluster.network.heal();
    await pair.untilRuns('node2', 'node1');
    expect(pair.starts()).toEqual(['node1', 'node2']);
  });

  pairTest('that is gone stops nothing, and proves nothing', options, async (pair) => {
    const members = await running(pair);
    await members.killAll();
    await waitFor('node1 has lost its lease', async () => {
      const {codes} = await pair.status('node1');
      if (!codes.includes('ARBITER_FAILED')) throw new Error(codes.join(', '));
      return true;
    });
    await delay(quietMs); // a stop that must not happen can only be waited for
    await pair.untilRuns('node1', 'node2');
    expect(pair.service.entries().map(({what}) => what)).not.toContain('stop');
    await pair.powerOff('node1');
    await waitFor('node2 says why it waits', async () => {
      const reason = (await pair.status('node2')).reasonOf(serviceName, 'node2');
      if (reason !== 'arbiter-unreachable') throw new Error(`it says ${reason}`);
      return true;
    });
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expect(pair.starts()).toEqual(['node1']);
  });

  pairTest('gets its lease back from a node that leaves', withTtl('5m'), async (pair) => {
    const members = await running(pair);
    expect(await members.hasLease('node1')).toBe(true);
    await pair.must('node1', 'daemon', 'stop', '--yes');
    expect(await members.hasLease('node1')).toBe(false);
    expect(await members.hasLease('node2')).toBe(true);
    await pair.untilState('node2', 'STARTED');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(pair.doubleOwners()).toEqual([]);
  });
});
