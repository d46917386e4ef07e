/**
 * Daemons that are set up wrongly, or twice: a clear message, nothing lost, nothing started twice.
 */

import {describe, expect} from 'vitest';
import {pairTest, type Pair} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';

async function running(pair: Pair): Promise<void> {
  await pair.start();
  await pair.untilRuns('node1', 'node2');
}

describe('a second daemon', () => {
  pairTest('in the same directories says so and ends', {links: 1, disk: 'none'}, async (pair) => {
    await running(pair);
    const second = await pair.node('node1').exec(['ha', 'daemon']);
    expect(second.code).toBe(1);
    expect(second.stdout + second.stderr).toMatch(/another daemon \(pid \d+\) runs with/);
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });

  pairTest('under the name of another node is noticed, and starts nothing', {}, async (pair) => {
    await running(pair);
    pair.daemon('node2').signal('SIGTERM');
    await pair.daemon('node2').ended;
    const own = ['--nodename', 'node1', '--state', '/tmp/impostor', '--run', '/run/impostor'];
    await pair.node('node2').start(['ha', 'daemon', ...own], 'impostor');
    await waitFor('node1 notices its double', async () => {
      const codes = (await pair.status('node1')).codes.join(' ');
      if (!codes.includes('DUP_NODE')) throw new Error(`node1 raises ${codes || 'nothing'}`);
      return true;
    });
    expect(pair.starts()).toEqual(['node1']);
    expect(pair.doubleOwners()).toEqual([]);
  });
});

describe('a reload', () => {
  pairTest('with a bad file changes nothing and says so', {links: 1}, async (pair) => {
    await running(pair);
    pair.node('node1').configure({'cluster.conf': '[cluster]\nname = test\nbeat = soon\n'});
    pair.daemon('node1').signal('SIGHUP');
    await waitFor('the log names the file and the line', () =>
      pair.daemon('node1').output().includes('cluster.conf:3'),
    );
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);

    pair.node('node1').configure(pair.files());
    pair.daemon('node1').signal('SIGHUP');
    await pair.untilRuns('node1', 'node2');
    expect(pair.starts()).toEqual(['node1']);
  });
});
