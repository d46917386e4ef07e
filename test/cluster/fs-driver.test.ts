/** Real file systems on loop devices in the mount namespace of a node. */

import {join} from 'node:path';
import {describe, expect} from 'vitest';
import type {Cluster} from './harness/cluster.ts';
import {clusterTest} from './harness/cluster-test.ts';
import type {ClusterNode} from './harness/node.ts';
import {drive, driven} from './kit/drive.ts';

const plain = {disk: 'none', links: 1, nodes: ['node1']} as const;

/** Block devices of the host are not in a node: here are those that a loop may need. */
async function withLoops(node: ClusterNode): Promise<void> {
  const script =
    'mknod /dev/loop-control c 10 237; for n in $(seq 0 63); do mknod /dev/loop$n b 7 $n; done';
  await node.must(['sh', '-c', script]);
}

/** An image in the directory of the run, whose loop devices are swept with it. */
async function image({node, shared}: Place, type: string, megabytes: number): Promise<string> {
  const path = join(shared, `${type}.img`);
  await node.must(['truncate', '-s', `${megabytes}M`, path]);
  const force = type === 'ext4' ? '-qF' : type === 'btrfs' ? '-qf' : '-qf';
  await node.must([`mkfs.${type}`, force, path], {deadlineMs: 60_000});
  return path;
}

const fs = (number: number, type: string, device: string, more = ''): string =>
  `[fs#${number}]\ntype = ${type}\ndev = ${device}\nmnt = /srv/${type}${number}\n${more}`;
const loop = (file: string): string => `[disk#1]\ntype = loop\nfile = ${file}\n`;

interface Place {
  readonly node: ClusterNode;
  readonly shared: string;
}

async function prepared(cluster: Cluster): Promise<Place> {
  const node = cluster.node('node1');
  await withLoops(node);
  // What is mounted below is gone with the node, and no folder of the host is made.
  await node.must(['mount', '-t', 'tmpfs', 'none', '/srv']);
  return {node, shared: cluster.shared};
}

async function mountsEachType(place: Place): Promise<void> {
  const {node} = place;
  for (const [type, megabytes] of [
    ['ext4', 16],
    ['xfs', 320],
    ['btrfs', 128],
  ] as const) {
    const file = await image(place, type, megabytes);
    const conf = loop(file) + fs(1, type, file);
    const steps = ['start disk#1', 'probe fs#1', 'start fs#1', 'probe fs#1', 'start fs#1'];
    expect(await driven(node, conf, ...steps, 'stop fs#1', 'stop disk#1')).toEqual([
      'start disk#1: done',
      'probe fs#1: down',
      'start fs#1: done',
      'probe fs#1: up',
      'start fs#1: done',
      'stop fs#1: done',
      'stop disk#1: done',
    ]);
    // Without a loop device of its own, mount makes one that goes with it.
    expect(await driven(node, conf, 'start fs#1', 'probe fs#1', 'stop fs#1')).toEqual([
      'start fs#1: done',
      'probe fs#1: up',
      'stop fs#1: done',
    ]);
    expect(await driven(node, conf, 'probe fs#1', 'probe disk#1')).toEqual([
      'probe fs#1: down',
      'probe disk#1: down',
    ]);
  }
  const memory = fs(2, 'tmpfs', 'scratch', 'mnt_opt = size=1m\n');
  const bound = fs(3, 'bind', '/srv/tmpfs2');
  expect(
    await driven(node, memory + bound, 'start fs#2', 'start fs#3', 'probe fs#2', 'probe fs#3'),
  ).toEqual(['start fs#2: done', 'start fs#3: done', 'probe fs#2: up', 'probe fs#3: up']);
  expect(await driven(node, memory + bound, 'stop fs#3', 'stop fs#2', 'probe fs#2')).toEqual([
    'stop fs#3: done',
    'stop fs#2: done',
    'probe fs#2: down',
  ]);
}

async function endsHolders(place: Place): Promise<void> {
  const {node} = place;
  const conf = fs(1, 'ext4', await image(place, 'ext4', 16));
  await driven(node, conf, 'start fs#1');
  // One that ends when asked, one that does not, and something mounted below.
  const held = 'cd /srv/ext41 && exec sleep 600';
  await node.start(['sh', '-c', held], 'polite');
  await node.start(['sh', '-c', `trap '' TERM; ${held}`], 'stubborn');
  await node.must(['mkdir', '/srv/ext41/below']);
  await node.must(['mount', '-t', 'tmpfs', 'none', '/srv/ext41/below']);
  const [stopped] = await drive(node, conf, 'stop fs#1');
  expect(stopped).toMatchObject({kind: 'done'});
  const signals = stopped?.lines.filter((line) => line.startsWith('SIG')) ?? [];
  expect(signals).toHaveLength(2);
  expect(signals[0]).toMatch(
    /^SIGTERM to \d+ \(sleep: folder\), \d+ \(sleep: folder\), which hold/,
  );
  expect(signals[1]).toMatch(/^SIGKILL to \d+ \(sleep: folder\), which hold \/srv\/ext41$/);
  expect(await driven(node, conf, 'probe fs#1')).toEqual(['probe fs#1: down']);
}

async function saysWhyNot(place: Place): Promise<void> {
  const {node} = place;
  const file = await image(place, 'ext4', 16);
  const detail = async (conf: string, step: string): Promise<string> => {
    const [answer] = await drive(node, conf, step);
    const kind = answer?.untouched === true ? `${answer.kind}, untouched` : answer?.kind;
    return `${answer?.state ?? kind}: ${answer?.detail}`;
  };
  expect(await detail(fs(1, 'ext4', '/dev/none'), 'start fs#1')).toBe(
    'failed, untouched: /dev/none: no such device or file',
  );
  expect(await detail(fs(1, 'ext4', '/dev/null'), 'start fs#1')).toBe(
    'failed, untouched: /dev/null: expected a block device or an image file, ' +
      'found another kind of file',
  );
  await node.must(['mkdir', '-p', '/srv/ext41', '/srv/other']);
  await node.must(['mount', '-t', 'tmpfs', 'other', '/srv/ext41']);
  expect(await detail(fs(1, 'ext4', file), 'start fs#1')).toBe(
    'failed, untouched: /srv/ext41 is in use by other, expected it to be free',
  );
  expect(await detail(fs(1, 'ext4', file), 'probe fs#1')).toBe(
    `down: /srv/ext41 is in use by other, not ${file}`,
  );
  await node.must(['umount', '/srv/ext41']);
  await node.must(['mount', '-o', 'loop', file, '/srv/other']);
  expect(await detail(fs(1, 'ext4', file), 'start fs#1')).toBe(
    `failed, untouched: ${file} is already mounted on /srv/other`,
  );
  expect(await detail(fs(1, 'ext4', file), 'probe fs#1')).toBe(
    `unknown: ${file} is mounted on /srv/other, not on /srv/ext41`,
  );
  await node.must(['umount', '/srv/other']);
  await node.must(['dd', 'if=/dev/zero', `of=${file}`, 'bs=1M', 'count=16', 'conv=notrunc']);
  expect(await detail(fs(1, 'ext4', file), 'start fs#1')).toMatch(/^failed: e2fsck -p .*code 8/);
  await node.must(['mount', '-t', 'tmpfs', '-o', 'ro', 'scratch', '/srv/other']);
  const readOnly = '[fs#2]\ntype = tmpfs\ndev = scratch\nmnt = /srv/other\n';
  expect(await detail(readOnly, 'probe fs#2')).toContain(
    'unknown: scratch on /srv/other is read-only',
  );
}

async function looksIntoNamespaces(place: Place): Promise<void> {
  const {node} = place;
  const conf = fs(1, 'ext4', await image(place, 'ext4', 16));
  await driven(node, conf, 'start fs#1');
  const kept = await node.start(['unshare', '--mount', 'sleep', '600'], 'container');
  const [stopped] = await drive(node, conf, 'stop fs#1');
  expect(stopped?.kind).toBe('failed');
  expect(stopped?.detail).toMatch(/still mounted in the mount namespace of process \d+ \(sleep\)$/);
  kept.signal('SIGKILL');
}

describe('a file system', () => {
  clusterTest('of each type is mounted, seen and unmounted', plain, async (cluster) => {
    await mountsEachType(await prepared(cluster));
  });

  clusterTest('is in use, elsewhere, broken or kept, and says so', plain, async (cluster) => {
    const place = await prepared(cluster);
    await endsHolders(place);
    await saysWhyNot(place);
    await looksIntoNamespaces(place);
  });
});
