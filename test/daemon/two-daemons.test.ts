/** Two daemons on loopback: orders that cross the peer channel. */

import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {Command, FreezeInfo} from '../../src/engine/types.ts';
import {Site} from './harness.ts';
import type {TestDaemon} from './harness.ts';

const web = serviceName('web');
const scope = {kind: 'service', service: web} as const;
const unfreeze: Command = {verb: 'unfreeze', scope};
const hour: FreezeInfo = {by: 'liar', why: 'disk swap', since: '', untilMs: 3_600_000, until: null};

let site: Site;
let node1: TestDaemon;
let node2: TestDaemon;

beforeEach(async () => {
  site = await Site.create();
  [node1, node2] = await Promise.all([site.daemon('node1').up(), site.daemon('node2').up()]);
  await node1.sees('node2', 'alive');
  await node2.sees('node1', 'alive');
});
afterEach(async () => {
  await site.remove();
});

async function started(): Promise<void> {
  await node1.reaches('web', 'FROZEN_STOP', 'node2');
  await node2.reaches('web', 'FROZEN_STOP', 'node1');
  expect(await node1.command(unfreeze)).toEqual({
    exit: 0,
    text: 'web is unfrozen on node1\nweb is unfrozen on node2',
    data: null,
  });
  await node1.reaches('web', 'STARTED');
  await node2.reaches('web', 'STARTED', 'node1');
}

describe('two daemons', {timeout: 90_000}, () => {
  test('answer for each other, and say whom they do not know', async () => {
    const there = await node1.ask({op: 'hello', node: nodeName('node2'), actor: 'test'});
    expect(there.data).toMatchObject({node: 'node2'});
    const nowhere = await node1.ask({op: 'hello', node: nodeName('node9'), actor: 'test'});
    expect(nowhere).toMatchObject({
      exit: 5,
      text: 'no other node is called node9 (nodes: node1, node2)',
    });
  });

  test('freeze a service on both, by whom and since when as the daemon knows it', async () => {
    await started();
    const frozen = await node2.command({verb: 'freeze', scope, freeze: hour});
    expect(frozen.exit).toBe(0);
    await node1.reaches('web', 'FROZEN_START');
    await node1.reaches('web', 'FROZEN_STOP', 'node2');
    const [service] = (await node1.view()).services;
    const freeze = service!.instances.find((one) => one.node === 'node1')!.local!.freeze!;
    expect(freeze.by).toBe('peer node2 (test)');
    expect(freeze.why).toBe('disk swap');
    const leftMs = Date.parse(freeze.until!) - Date.now();
    expect(leftMs).toBeGreaterThan(3_500_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_000);
  });

  test('freeze one alone where its node is named', async () => {
    await started();
    const node = nodeName('node2');
    expect((await node1.command({verb: 'freeze', scope, freeze: hour}, node)).exit).toBe(0);
    await node1.reaches('web', 'FROZEN_STOP', 'node2');
    expect(await node1.stateOf('web')).toBe('STARTED');
  });

  test('move a service from wherever it is asked, with a stop before each start', async () => {
    await started();
    const moved = await node2.command({verb: 'switch', service: web, to: null});
    expect(moved).toMatchObject({exit: 0, text: 'web is STARTED on node2'});
    const back = await node1.command({verb: 'switch', service: web, to: nodeName('node1')});
    expect(back).toMatchObject({exit: 0});
    expect(site.calls()).toEqual([
      'start by node1',
      'stop by node1',
      'start by node2',
      'stop by node2',
      'start by node1',
    ]);
  });

  test('stop a service everywhere: nobody takes it over', async () => {
    await started();
    const stopped = await node2.command({verb: 'stop', service: web});
    expect(stopped).toMatchObject({exit: 0});
    await node1.reaches('web', 'FROZEN_STOP');
    await node2.reaches('web', 'FROZEN_STOP');
    expect(site.calls()).toEqual(['start by node1', 'stop by node1']);
  });

  test('name a node that was not reached', async () => {
    await started();
    await node2.kill();
    await node1.sees('node2', 'silent');
    const frozen = await node1.command({verb: 'freeze', scope, freeze: hour});
    expect(frozen).toMatchObject({
      exit: 0,
      text: 'web is frozen on node1\nnode2 is silent and was not asked',
    });
    const there = await node1.command(unfreeze, nodeName('node2'));
    expect(there.exit).toBe(3);
    expect(there.text).toContain('node2 is not reachable over the peer channel');
  });

  test('hand over when one goes, and take no order that goes round', async () => {
    await started();
    node1.signal('SIGTERM');
    expect(await node1.ended()).toBe(0);
    await node2.reaches('web', 'STARTED');
    expect(site.calls()).toEqual(['start by node1', 'stop by node1', 'start by node2']);
    await node2.sees('node1', 'left');
  });

  test('refuse a peer whose key is another', async () => {
    await node2.kill();
    site.writeConf(
      'secret.key',
      '1 93ab41cc0d52e87f6619f0a2b83d7e5c14ff20865ad9c37be1426f80d5b79c3e\n',
    );
    await node2.up();
    const there = await node2.ask({op: 'hello', node: nodeName('node1'), actor: 'test'});
    expect(there.exit).toBe(3);
  });
});
