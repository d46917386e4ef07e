/** Addresses on real interfaces: conflicts, announcements, and what neighbours learn from them. */

import {describe, expect} from 'vitest';
import type {Cluster} from './harness/cluster.ts';
import {clusterTest} from './harness/cluster-test.ts';
import type {ClusterNode} from './harness/node.ts';
import {waitFor} from './harness/wait-for.ts';
import {drive, driven} from './kit/drive.ts';

const plain = {disk: 'none', links: 1} as const;
const ip = (number: number, name: string, more = ''): string =>
  `[ip#${number}]\nipname = ${name}\nipdev = eth0\n${more}`;

async function hardwareOf(node: ClusterNode): Promise<string> {
  const [link] = JSON.parse(await node.must(['ip', '-j', 'link', 'show', 'eth0'])) as [
    {address: string},
  ];
  return link.address;
}

async function neighbour(node: ClusterNode, address: string): Promise<string> {
  return (await node.must(['ip', 'neigh', 'show', address])).trim();
}

/** Nobody has to answer: the neighbour must be known before anything can be sent to it. */
async function speakTo(node: ClusterNode, address: string): Promise<void> {
  const code = `const socket = require('node:dgram').createSocket('udp4');
    socket.send('x', 9, '${address}', () => socket.close())`;
  await node.must([process.execPath, '-e', code]);
  await waitFor('the neighbour is known', async () => (await neighbour(node, address)) !== '');
}

/** Every part leaves the interfaces as it found them: a cluster is made once for several. */
async function comesAndGoes(cluster: Cluster): Promise<void> {
  const node1 = cluster.node('node1');
  const conf = ip(0, '10.50.0.100') + ip(1, '10.50.0.101', 'netmask = 255.255.255.255\n');
  const steps = ['probe ip#0', 'start ip#0', 'start ip#1', 'probe ip#0', 'probe ip#1'];
  expect(await driven(node1, conf, ...steps)).toEqual([
    'probe ip#0: down',
    'start ip#0: done',
    'start ip#1: done',
    'probe ip#0: up',
    'probe ip#1: up',
  ]);
  const shown = await node1.must(['ip', '-o', 'addr', 'show', 'dev', 'eth0']);
  expect(shown).toContain('10.50.0.100/24 brd 10.50.0.255');
  expect(shown).toContain('10.50.0.101/32');
  const [again] = await drive(node1, conf, 'start ip#0');
  expect(again?.detail).toBe('10.50.0.100 is already up on eth0');
  expect(await driven(node1, conf, 'stop ip#0', 'stop ip#0', 'probe ip#0', 'probe ip#1')).toEqual([
    'stop ip#0: done',
    'stop ip#0: done',
    'probe ip#0: down',
    'probe ip#1: up',
  ]);
}

async function namesItsInterface(cluster: Cluster): Promise<void> {
  const node1 = cluster.node('node1');
  await node1.must(['ip', 'link', 'add', 'off0', 'type', 'veth', 'peer', 'name', 'off1']);
  const on = (device: string): string =>
    `[ip#0]\nipname = 10.60.0.1\nipdev = ${device}\nnetmask = 24\n`;
  const details = await Promise.all(
    ['none0', 'off0'].map(async (device) => (await drive(node1, on(device), 'start ip#0'))[0]),
  );
  expect(details.map((one) => one?.detail)).toEqual([
    'interface none0 not found. Cannot stack over it.',
    'interface off0 is not up. Cannot stack over it.',
  ]);
  const [unguessable] = await drive(node1, ip(0, '10.60.0.1'), 'start ip#0');
  expect(unguessable?.detail).toBe('netmask is not set nor guessable');
  const [nameless] = await drive(node1, ip(0, 'no-such-name.invalid'), 'start ip#0');
  expect(nameless?.detail).toContain('could not resolve no-such-name.invalid');
}

async function isSeenWithoutCarrier(cluster: Cluster): Promise<void> {
  const node1 = cluster.node('node1');
  const conf = ip(0, '10.50.0.100');
  await driven(node1, conf, 'start ip#0');
  await cluster.network.cut('node1');
  const [seen] = await drive(node1, conf, 'probe ip#0');
  expect(seen?.state).toBe('up');
  expect(seen?.detail).toContain('no carrier');
  const [again] = await drive(node1, ip(0, '10.50.0.102'), 'start ip#0');
  expect(again?.detail).toBe('interface eth0 no-carrier.');
}

async function refusesAConflict(cluster: Cluster): Promise<void> {
  const [node1, node2] = [cluster.node('node1'), cluster.node('node2')];
  // It does not answer ping: only ARP can tell.
  await node2.must(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all']);
  await node2.must(['ip', 'addr', 'add', '10.50.0.101/24', 'dev', 'eth0']);
  const conf = ip(0, '10.50.0.100') + ip(1, '10.50.0.101');
  const [first] = await drive(node1, conf, 'start ip#0');
  expect(first).toMatchObject({kind: 'failed', untouched: true});
  expect(first?.detail).toBe(
    'start aborted due to resource ip#1 conflict: 10.50.0.101 is already up on another host: ' +
      `${await hardwareOf(node2)} answered on eth0`,
  );
  expect(await node1.must(['ip', '-o', 'addr', 'show'])).not.toContain('10.50.0.100');

  await node2.must(['ip', 'addr', 'del', '10.50.0.101/24', 'dev', 'eth0']);
  expect(await driven(node1, conf, 'start ip#0', 'start ip#1')).toEqual([
    'start ip#0: done',
    'start ip#1: done',
  ]);
  await driven(node1, conf, 'stop ip#0', 'stop ip#1');
  await node2.must(['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all']);
}

async function isAnnounced(cluster: Cluster): Promise<void> {
  const [node1, node2] = [cluster.node('node1'), cluster.node('node2')];
  const conf = ip(0, '10.50.0.100');
  await driven(node2, conf, 'start ip#0');
  await speakTo(node1, '10.50.0.100');
  const before = await hardwareOf(node2);
  await waitFor('node1 knows who has it', async () =>
    (await neighbour(node1, '10.50.0.100')).includes(before),
  );
  // The old holder is gone without a word, as after a power cut; its neighbour still knows it.
  await node2.must(['ip', 'addr', 'del', '10.50.0.100/24', 'dev', 'eth0']);
  await node2.must(['ip', 'link', 'set', 'eth0', 'address', '02:00:0a:32:00:77']);
  await driven(node2, conf, 'start ip#0');
  await waitFor('node1 knows the new hardware address', async () =>
    (await neighbour(node1, '10.50.0.100')).includes('02:00:0a:32:00:77'),
  );
}

async function waitsForDuplicates(cluster: Cluster): Promise<void> {
  const [node1, node2] = [cluster.node('node1'), cluster.node('node2')];
  const conf = ip(6, '2001:db8:50::100', 'netmask = 64\n');
  expect(await driven(node1, conf, 'probe ip#6', 'start ip#6', 'probe ip#6')).toEqual([
    'probe ip#6: down',
    'start ip#6: done',
    'probe ip#6: up',
  ]);
  expect(await node1.must(['ip', '-6', 'addr', 'show', 'dev', 'eth0'])).not.toMatch(
    /2001:db8:50::100.*tentative/,
  );
  const [refused] = await drive(node2, conf, 'start ip#6');
  expect(refused?.kind).toBe('failed');
  expect(refused?.detail).toContain('start aborted due to resource ip#6 conflict');
  expect(refused?.detail).toContain('duplicate address detection');
  expect(await driven(node2, conf, 'probe ip#6')).toEqual(['probe ip#6: down']);
  expect(await driven(node1, conf, 'stop ip#6', 'probe ip#6')).toEqual([
    'stop ip#6: done',
    'probe ip#6: down',
  ]);
}

describe('an address', () => {
  clusterTest('comes, goes, and is seen also without carrier', plain, async (cluster) => {
    await comesAndGoes(cluster);
    await namesItsInterface(cluster);
    await isSeenWithoutCarrier(cluster);
  });

  clusterTest('is not taken from another node, and moves at once', plain, async (cluster) => {
    await refusesAConflict(cluster);
    await isAnnounced(cluster);
  });

  clusterTest('of IPv6 waits until it is known to be alone', plain, waitsForDuplicates);
});
