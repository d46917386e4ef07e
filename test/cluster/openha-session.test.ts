/**
 * A session with OpenHA as its users know it: their three files, their commands, their words. The
 * transcript is that of OpenSVC's "Getting Started" with OpenHA; pids and times differ.
 */

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect} from 'vitest';
import {clusterTest} from './harness/cluster-test.ts';
import type {Cluster} from './harness/cluster.ts';
import {projectRoot, type ClusterNode} from './harness/node.ts';
import {makeSecret, transitionsOf} from './kit/pair.ts';
import {waitFor} from './harness/wait-for.ts';
import {witnessedService, type WitnessedService} from './harness/witnessed-service.ts';

const service = 'p26.opensvc.com';
const script = '/etc/opensvc/p26.opensvc.com.cluster';
const lun = '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c';
const bin = '/usr/local/cluster/bin';

const files = {
  'nodes': 'node1\nnode2\n',
  'monitor': `node1 net eth0 239.131.50.10 1234 10
node1 dio ${lun} 0 10
node2 net eth0 239.131.50.10 4321 10
node2 dio ${lun} 2 10
`,
  'secret.key': makeSecret(),
};

/** /usr/local/cluster/bin with `service` and `hb`, and the service's script where it always was. */
async function prepare(node: ClusterNode, witnessed: WitnessedService): Promise<void> {
  const ha = join(projectRoot, 'bin/ha');
  node.configure(files);
  const lines = [
    'set -e',
    'mount -t tmpfs none /usr/local',
    `mkdir -p ${bin} /etc/opensvc`,
    `ln -s ${ha} ${bin}/service`,
    `ln -s ${ha} ${bin}/hb`,
    `ln -s ${witnessed.script} ${script}`,
  ];
  await node.must(['sh', '-c', lines.join('\n')]);
  const created = await node.must([
    `${bin}/service`,
    '-a',
    service,
    script,
    'node1',
    'node2',
    '/bin/true',
  ]);
  expect(created).toBe(`Creating service ${service} :\nMake of services directory done\nDone.\n`);
}

function table(node1: string, node2: string): string {
  return `1 service(s) defined:
Service: ${service}
	Primary  : node1, ${node1}
	Secondary: node2, ${node2}
`;
}

/** Asks as the user does, again and again, and keeps each answer that differs from the last one. */
async function watch(node: ClusterNode, seen: string[], last: string): Promise<void> {
  await waitFor(`service -s shows\n${last}`, async () => {
    const text = await node.must([`${bin}/service`, '-s']);
    if (seen.at(-1) !== text) seen.push(text);
    return text === last;
  });
}

async function transitions(node: ClusterNode): Promise<readonly string[]> {
  return transitionsOf(await node.must(['ha', 'events', '--json', '--service', service]));
}

async function session(cluster: Cluster): Promise<void> {
  const [node1, node2] = [cluster.node('node1'), cluster.node('node2')];
  const witnessed = witnessedService('p26', cluster.shared, {startS: 1});
  for (const node of cluster.nodes) await prepare(node, witnessed);
  for (const node of cluster.nodes) await node.start(['ha', 'daemon'], 'daemon');

  for (const node of cluster.nodes) await watch(node, [], table('FROZEN_STOP', 'FROZEN_STOP'));
  await waitFor('hb -s shows four lines that are UP', async () => {
    const lines = (await node1.must([`${bin}/hb`, '-s'])).trimEnd().split('\n');
    const at = String.raw`updated at [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`;
    const media = ['eth0:239.131.50.10:1234', `${lun}:0`, 'eth0:239.131.50.10:4321', `${lun}:2`];
    return (
      lines.length === media.length &&
      media.every((medium, index) =>
        new RegExp(String.raw`^interface ${medium} pid \d+ status UP, ${at}$`).test(
          lines[index] ?? '',
        ),
      )
    );
  });

  const seen: string[] = [];
  await node1.must([`${bin}/service`, '-A', service, 'unfreeze']);
  await watch(node1, seen, table('STARTED', 'FROZEN_STOP'));
  // With no other candidate START_READY lasts some milliseconds: who asks may miss it, the journal
  // not.
  const order = ['START_READY', 'STARTING', 'STARTED'];
  const tables = order.map((state) => table(state, 'FROZEN_STOP'));
  expect(tables.filter((one) => seen.includes(one))).toEqual(seen);
  expect(seen).toContain(tables[1]);
  expect((await transitions(node1)).slice(-order.length)).toEqual(order);

  await node2.must([`${bin}/service`, '-A', service, 'unfreeze']);
  for (const node of cluster.nodes) await watch(node, [], table('STARTED', 'STOPPED'));
  expect(witnessed.entries().map(({node, what}) => `${node} ${what}`)).toEqual([
    'node1 start',
    'node1 started',
  ]);
  expect(readFileSync(join(node1.directory, 'conf/services'), 'utf8')).toContain(service);
}

describe("OpenHA's own session", () => {
  clusterTest('with its files, its commands and its states', {links: 1, diskPath: lun}, session);
});
