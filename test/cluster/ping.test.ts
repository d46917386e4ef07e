/** Ping targets: a node that is cut off takes nothing over, though its cables have carrier. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest, serviceName, type Pair, type PairOptions} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

/** Longer than dead time and grace together: what could happen has happened. */
const quietMs = 8_000;
const gateway = {name: 'gateway', number: 99, address: '10.50.0.99'};
const options: PairOptions = {
  disk: 'none',
  serviceClass: 'address',
  sections: ['[ping]', `targets = ${gateway.address}`],
};

async function running(pair: Pair): Promise<void> {
  await pair.cluster.network.plug(gateway.name, gateway.number);
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

async function untilAlarms(pair: Pair, name: string, code: string): Promise<void> {
  await waitFor(`${name} raises ${code}`, async () => {
    const {codes} = await pair.status(name);
    if (!codes.includes(code)) throw new Error(`it raises ${codes.join(', ') || 'nothing'}`);
    return true;
  });
}

describe('ping targets', () => {
  pairTest('silent like the peer: it is us, and nothing starts', options, async (pair) => {
    await running(pair);
    await pair.cluster.network.isolate('node2');
    await untilAlarms(pair, 'node2', 'PEER_SILENT');
    await untilAlarms(pair, 'node2', 'PING_UNANSWERED');
    await delay(quietMs); // a takeover that must not happen can only be waited for
    expect(pair.starts()).toEqual(['node1']);
    expect(pair.doubleOwners()).toEqual([]);
    expect(await pair.must('node2', 'explain', serviceName)).toContain('ping-unanswered');
    expect(await pair.must('node2', 'hb')).toMatch(/10\.50\.0\.99 +silent/);
    await pair.cluster.network.heal();
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });

  pairTest('answer while the peer is silent: it is taken over', options, async (pair) => {
    await running(pair);
    await pair.powerOff('node1');
    await pair.untilRuns('node2');
    expect(pair.starts()).toEqual(['node1', 'node2']);
    expect(await pair.must('node2', 'hb')).toMatch(/10\.50\.0\.99 +answers/);
  });
});
