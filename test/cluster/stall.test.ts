/** Daemons and machines that stand still and come back: they look again before they act. */

import {setTimeout as delay} from 'node:timers/promises';
import {describe, expect} from 'vitest';
import {pairTest, type Pair} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

/** More than the dead time, and than the lease of the disk. */
const longPauseMs = 8_000;

async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

describe('the daemon of the active node', () => {
  pairTest('stopped and continued before anybody acts changes nothing', {}, async (pair) => {
    await running(pair);
    pair.daemon('node1').signal('SIGSTOP');
    await delay(1_000); // the pause itself: less than the dead time
    pair.daemon('node1').signal('SIGCONT');
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });

  pairTest('stopped for long: on return it yields to the new owner', {}, async (pair) => {
    await running(pair);
    pair.daemon('node1').signal('SIGSTOP');
    await pair.untilState('node2', 'STARTED');
    pair.daemon('node1').signal('SIGCONT');
    await pair.untilRuns('node2', 'node1');
    expect(pair.holders()).toEqual(['node2']);
    expect(pair.starts()).toEqual(['node1', 'node2']);
  });
});

/** As when the hypervisor or the storage below both of them stood still. */
async function freezeBoth(pair: Pair): Promise<void> {
  const {nodes} = pair.cluster;
  await Promise.all(nodes.map((node) => node.freeze()));
  await delay(longPauseMs); // the pause itself
  for (const node of nodes) node.thaw();
  for (const [index, {name}] of nodes.entries()) {
    const other = nodes[1 - index]?.name ?? '';
    await waitFor(`${name} sees ${other} alive`, async () => {
      return (await pair.status(name)).nodes[other]?.state === 'alive';
    });
  }
}

describe('whole machines', () => {
  const address = {disk: 'none', serviceClass: 'address'} as const;
  pairTest('both frozen together for longer than dead: nothing moves', address, async (pair) => {
    await running(pair);
    await freezeBoth(pair);
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
    expect(pair.doubleOwners()).toEqual([]);
  });

  pairTest(
    'both frozen beyond the lease: the owner stops, and it moves nowhere',
    {},
    async (pair) => {
      await running(pair);
      await freezeBoth(pair);
      await pair.untilRuns('node1', 'node2');
      expect(pair.starts()).not.toContain('node2');
      expect(pair.doubleOwners()).toEqual([]);
    },
  );

  pairTest('the active one frozen: on return it stops what the other has', {}, async (pair) => {
    await running(pair);
    await pair.node('node1').freeze();
    await pair.untilState('node2', 'STARTED');
    pair.node('node1').thaw();
    await pair.untilRuns('node2', 'node1');
    expect(pair.holders()).toEqual(['node2']);
    expect(pair.starts()).toEqual(['node1', 'node2']);
  });

  pairTest('the passive one frozen: it accuses nobody when it is back', {}, async (pair) => {
    await running(pair);
    await pair.node('node2').freeze();
    await delay(longPauseMs); // the pause itself
    pair.node('node2').thaw();
    await waitFor('node2 sees node1 alive', async () => {
      return (await pair.status('node2')).nodes['node1']?.state === 'alive';
    });
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });
});
