/**
 * Reservations on a real target: what is registered, reserved and preempted is kept there, and the
 * write of a node that lost its key is refused there. First the driver alone, then two daemons.
 */

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ScsiReservation} from '../../src/config/resources/scsi-reservation.ts';
import {hostTree} from '../../src/drivers/scsi-paths.ts';
import {createScsiReservationDriver} from '../../src/drivers/scsi-reservation.ts';
import {derivedKey, keyOf} from '../../src/kernel/reservation-key.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {contextFor, reservationResource} from '../drivers/scripts.ts';
import {ScsiTarget} from '../emulators/scsi.ts';
import {clusterObstacle} from './harness/obstacle.ts';
import {pairTest, serviceName, type Pair, type PairOptions} from './kit/pair.ts';

const conflict = 24;
let folder: string;
let target: ScsiTarget;

async function openTarget(path: string): Promise<void> {
  folder = path;
  target = await ScsiTarget.start(folder, 2);
}

/** A node with a way to the disks, and the driver as it runs there. */
async function nodeOn(name: string, options: {abort?: boolean; cluster?: string} = {}) {
  const devices = [
    await target.connect(name, 1, options),
    await target.connect(name, 2, options),
  ] as const;
  const resource: ScsiReservation = reservationResource({
    devices: [...devices],
    scheme: {cluster: options.cluster ?? 'ha', nodes: ['node1', 'node2'], fixed: new Map()},
  });
  const tree = {...hostTree, tools: {...hostTree.tools, sg_persist: target.sgPersist}};
  const driver = createScsiReservationDriver({node: nodeName(name)}, tree);
  const act = (verb: 'start' | 'stop' | 'probe', epoch: number) =>
    driver[verb](resource, contextFor(resource, {epoch}));
  return {
    devices,
    resource,
    start: async (epoch: number) =>
      (await act('start', epoch)) as Awaited<ReturnType<typeof driver.start>>,
    stop: async (epoch: number) =>
      (await act('stop', epoch)) as Awaited<ReturnType<typeof driver.stop>>,
    probe: async () => (await act('probe', 0)) as Awaited<ReturnType<typeof driver.probe>>,
    write: (text: string) => Promise.all(devices.map((device) => target.write(device, 3, text))),
  };
}

describe('the driver', () => {
  beforeEach(async ({skip}) => {
    const obstacle = clusterObstacle();
    if (obstacle !== null) skip(obstacle);
    await openTarget(await mkdtemp(join(tmpdir(), 'ha-scsi-')));
  });
  afterEach(async () => {
    await target.close();
    await rm(folder, {recursive: true, force: true});
  });

  test('reserves every disk for the node that starts, and gives it back', async () => {
    const [one, two] = [await nodeOn('node1'), await nodeOn('node2')];
    expect(await one.probe()).toMatchObject({state: 'down', verifiable: true});
    expect(await one.start(7)).toMatchObject({kind: 'done'});
    expect(await one.probe()).toMatchObject({state: 'up'});
    expect(await two.probe()).toMatchObject({state: 'down', lost: true});
    expect(await one.write('one')).toEqual([0, 0]);
    expect(await two.write('two')).toEqual([conflict, conflict]);
    expect(await target.read(two.devices[0], 3)).toBe('one');

    expect(await one.stop(7)).toMatchObject({kind: 'done'});
    expect(await one.probe()).toMatchObject({state: 'down'});
    expect((await target.persist(one.devices[0], '-n', '-k')).stdout).toContain('NO registered');
    expect(await two.write('two')).toEqual([0, 0]);
  });

  test('takes the disks from their owner, whose next write fails', async () => {
    const [one, two] = [await nodeOn('node1'), await nodeOn('node2')];
    await one.start(7);
    expect(await one.write('mine')).toEqual([0, 0]);
    const taken = await two.start(8);
    expect(taken).toMatchObject({kind: 'done'});
    expect(taken.detail).not.toContain('without abort');
    expect(await one.write('stale')).toEqual([conflict, conflict]);
    expect(await two.write('ours')).toEqual([0, 0]);
    expect(await target.read(two.devices[1], 3)).toBe('ours');
    expect(await one.probe()).toMatchObject({state: 'down', lost: true});
    // Its stop has nothing to take back, and takes nothing from the new owner.
    expect(await one.stop(7)).toMatchObject({kind: 'done'});
    expect(await two.probe()).toMatchObject({state: 'up'});
  });

  test('says so where the disk can not abort what is under way', async () => {
    const [one, two] = [await nodeOn('node1'), await nodeOn('node2', {abort: false})];
    await one.start(7);
    const taken = await two.start(8);
    expect(taken).toMatchObject({kind: 'done'});
    expect(taken.detail).toContain('preempted without abort');
    expect(await one.write('stale')).toEqual([conflict, conflict]);
  });

  test('lets a start with an earlier epoch take nothing', async () => {
    const [one, two] = [await nodeOn('node1'), await nodeOn('node2')];
    await two.start(8);
    const late = await one.start(7);
    expect(late).toMatchObject({kind: 'failed', untouched: true});
    expect(late.detail).toContain('node2 has registered with epoch 8');
    expect(await two.write('ours')).toEqual([0, 0]);
    expect(await one.write('stale')).toEqual([conflict, conflict]);
  });

  test('touches no disk where one of them is of another cluster', async () => {
    const [one, other] = [await nodeOn('node1'), await nodeOn('node2', {cluster: 'other'})];
    const key = derivedKey('other', 'node2', 3);
    await target.persist(
      other.devices[1],
      '-n',
      '--out',
      '--register-ignore',
      `--param-sark=${key}`,
    );
    const refused = await one.start(7);
    expect(refused).toMatchObject({kind: 'failed', untouched: true});
    expect(refused.detail).toContain(`the key ${key} of no node of this service`);
    expect((await target.persist(one.devices[0], '-n', '-k')).stdout).toContain('NO registered');
    expect((await target.persist(one.devices[1], '-n', '-k')).stdout).toContain(key);
  });

  test('takes the place of its own earlier start, over another session too', async () => {
    const before = await nodeOn('node1');
    await before.start(6);
    const again = await nodeOn('node1');
    expect(await again.start(9)).toMatchObject({kind: 'done'});
    const {stdout} = await target.persist(again.devices[0], '-n', '-k');
    expect(stdout).toContain('1 registered reservation key follows');
    expect(stdout).toContain(keyOf(again.resource.scheme, 'node1', 9));
    expect(await again.write('new')).toEqual([0, 0]);
  });

  test('removes what it registered over a session that is gone', async () => {
    const before = await nodeOn('node1');
    await before.start(6);
    const again = await nodeOn('node1');
    expect(await again.stop(6)).toMatchObject({kind: 'done'});
    expect(await again.probe()).toMatchObject({state: 'down'});
    expect((await target.persist(again.devices[0], '-n', '-r')).stdout).toContain('NO reservation');
  });
});

/** The disks of every node are ways to the one target; `sg_persist` there takes them. */
async function attachDisks(pair: Pair): Promise<void> {
  await openTarget(join(pair.cluster.shared, 'scsi'));
  const devices = new Map<string, string>();
  for (const {name} of pair.cluster.nodes) {
    devices.set(name, `${await target.connect(name, 1)} ${await target.connect(name, 2)}`);
    await pair.node(name).must(['mount', '--bind', target.sgPersist, '/usr/bin/sg_persist']);
  }
  const lines = ['[disk#1]', 'type = scsireserv', 'timeout = 10s'];
  for (const [name, paths] of devices) lines.push(`devs@${name} = ${paths}`);
  const file = `${serviceName}.conf`;
  const text = `${pair.files()[file]}${lines.join('\n')}\n`;
  for (const node of pair.cluster.nodes) node.configure({[file]: text});
}

function reserved(title: string, options: PairOptions, body: (pair: Pair) => Promise<void>): void {
  pairTest(title, {serviceClass: 'none', ...options}, async (pair) => {
    await attachDisks(pair);
    try {
      await pair.start();
      await pair.untilRuns('node1', 'node2');
      await body(pair);
    } finally {
      await target.close();
    }
  });
}

const wayOf = (node: string): string => join(folder, `${node}-lun1`);

describe('a service with reserved disks', () => {
  reserved('keeps the other node from writing, and hands the disks over', {}, async (pair) => {
    expect(await target.write(wayOf('node1'), 1, 'one')).toBe(0);
    expect(await target.write(wayOf('node2'), 1, 'two')).toBe(conflict);
    await pair.must('node1', 'switch', serviceName);
    await pair.untilRuns('node2', 'node1');
    expect(await target.write(wayOf('node2'), 1, 'two')).toBe(0);
    expect(await target.write(wayOf('node1'), 1, 'one')).toBe(conflict);
    expect(pair.doubleOwners()).toEqual([]);
  });

  reserved('stops at once when another key has taken the disk', {}, async (pair) => {
    // Somebody outside of the cluster's order: a start on the other node, by hand and too early.
    const thief = wayOf('node2');
    const {stdout} = await target.persist(thief, '-n', '-r');
    const held = /Key=(\S+)/.exec(stdout)?.[1] ?? '';
    const key = derivedKey('test', 'node2', 40);
    await target.persist(thief, '-n', '--out', '--register-ignore', `--param-sark=${key}`);
    const keys = [`--param-rk=${key}`, `--param-sark=${held}`, '--prout-type=5'];
    expect((await target.persist(thief, '-n', '--out', '--preempt', ...keys)).code).toBe(0);
    await pair.untilState('node1', 'START_FAILED');
    const history = await pair.must('node1', 'events', '--json');
    expect(history).toContain('"reservation-lost"');
    expect(history).not.toContain('"restarting-resource"');
  });

  reserved('is taken from a node that hangs, whose write then fails', {}, async (pair) => {
    await pair.node('node1').freeze();
    await pair.untilState('node2', 'STARTED');
    expect(await target.write(wayOf('node1'), 1, 'stale')).toBe(conflict);
    expect(await target.write(wayOf('node2'), 1, 'new')).toBe(0);
    pair.node('node1').thaw();
    await pair.untilState('node1', 'STOPPED');
    expect((await pair.status('node2')).stateOf(serviceName, 'node2')).toBe('STARTED');
    expect(await target.write(wayOf('node2'), 1, 'new')).toBe(0);
  });
});
