/**
 * A service as operators of OpenSVC have it: an address, a file system on a disk that both nodes
 * see, and a server. What the server has written is where the service is, or the disk was not
 * handed over; an address answers from where it is, or the neighbours were not told.
 */

import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect} from 'vitest';
import {bmcPassword, bmcUser} from './harness/bmc.ts';
import type {Cluster} from './harness/cluster.ts';
import {must} from './harness/command.ts';
import {waitFor} from './harness/wait-for.ts';
import {pairTest, type Pair, type PairOptions} from './kit/pair.ts';

const service = 'data';
const address = '10.50.0.100';
const passwordFile = 'bmc.password';

const options: PairOptions = {
  disk: 'none',
  bmcs: true,
  extra: {[passwordFile]: `${bmcPassword}\n`},
  fence: (node) => [
    `[fence#${node}]`,
    'agent = fence_ipmilan',
    `ip = 10.50.0.${200 + Number(node.replace('node', ''))}`,
    'lanplus = 1',
    'cipher = 3',
    `username = ${bmcUser}`,
    `password_file = /etc/ha/${passwordFile}`,
    'timeout = 15s',
    'retries = 0',
  ],
};

/** Writes one line per start into the file system, and answers with all of them. */
const server = `
import {appendFileSync, readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {hostname} from 'node:os';
const log = '/srv/data/log';
appendFileSync(log, hostname() + '\\n');
createServer((_, answer) => answer.end(readFileSync(log))).listen(8080, '${address}');
`;

const script = (path: string): string => `#!/bin/sh
pidfile=/run/data.pid
case "$1" in
start)
  setsid ${process.execPath} ${path} >/dev/null 2>&1 </dev/null &
  echo $! > $pidfile ;;
stop) kill "$(cat $pidfile)"; rm -f $pidfile ;;
status) [ -s $pidfile ] && kill -0 "$(cat $pidfile)" 2>/dev/null || exit 3 ;;
esac
`;

const conf = `[DEFAULT]
nodes = node1 node2
monitor = 1s
timeout = 15s
[ip#0]
ipname = ${address}
ipdev = eth0
[fs#0]
type = ext4
dev = /dev/data
mnt = /srv/data
[app#0]
script = data
start = yes
stop = yes
check = yes
`;

class DataPair {
  readonly pair: Pair;
  readonly image: string;
  readonly #devices = new Map<string, string>();

  private constructor(pair: Pair) {
    this.pair = pair;
    this.image = join(pair.cluster.shared, 'data.img');
  }

  /** An image with a file system, and for each node a loop device over it: its path to the disk. */
  static async prepare(pair: Pair): Promise<DataPair> {
    const own = new DataPair(pair);
    await must(['truncate', '-s', '16M', own.image]);
    await must(['mkfs.ext4', '-qF', own.image]);
    const program = join(pair.cluster.shared, 'server.mjs');
    writeFileSync(program, server);
    for (const node of pair.cluster.nodes) {
      const attach = ['losetup', '--find', '--show', '--direct-io=on', own.image];
      own.#devices.set(node.name, (await must(attach)).trim());
      node.configure({'data.conf': conf, 'data.d/data': script(program)});
      await own.plug(node.name);
    }
    return own;
  }

  /** After each power-on: the disk, and a place for the mount that is not the host's. */
  async plug(name: string): Promise<void> {
    const minor = this.#devices.get(name)!.replace('/dev/loop', '');
    const node = this.pair.node(name);
    await node.must(['mknod', '/dev/data', 'b', '7', minor]);
    await node.must(['mount', '-t', 'tmpfs', 'none', '/srv']);
  }

  async untilState(name: string, state: string): Promise<void> {
    await waitFor(`${service} is ${state} on ${name}`, async () => {
      const seen = (await this.pair.status(name)).stateOf(service, name);
      if (seen !== state) throw new Error(`it is ${seen}`);
      return true;
    });
  }

  /** What the server answers to a client on that node. */
  async fetchFrom(name: string): Promise<string> {
    const code = `fetch('http://${address}:8080').then((r) => r.text()).then(console.log)`;
    return waitFor(`the server answers ${name}`, async () =>
      (await this.pair.node(name).must([process.execPath, '-e', code]))
        .trim()
        .replaceAll('\n', ' '),
    );
  }
}

/** Exit code 0: clean. Read past all caches, because nobody has it mounted any more. */
async function fileSystemFaults({shared}: Cluster): Promise<string> {
  return must(['e2fsck', '-fn', join(shared, 'data.img')]);
}

describe('a service with an address, a file system and a server', () => {
  pairTest(
    'moves with its data, refuses a conflict, and survives a power cut',
    options,
    async (pair) => {
      const data = await DataPair.prepare(pair);
      await pair.start();
      await data.untilState('node1', 'STARTED');
      expect(await data.fetchFrom('node2')).toBe('node1');

      await pair.must('node1', 'switch', service, '--to', 'node2');
      await data.untilState('node2', 'STARTED');
      await data.untilState('node1', 'STOPPED');
      expect(await data.fetchFrom('node1')).toBe('node1 node2');
      expect(await pair.node('node1').must(['cat', '/proc/self/mountinfo'])).not.toContain(
        '/srv/data',
      );

      await pair.must('node2', 'stop', service);
      await pair.node('node2').must(['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
      const refused = await pair.ha('node1', 'start', service, '--node', 'node1');
      expect(refused.code).toBe(1);
      expect(`${refused.stdout}${refused.stderr}`).toContain(
        `start aborted due to resource ip#0 conflict: ${address} is already up on another host`,
      );
      await data.untilState('node1', 'START_FAILED');
      expect(await pair.node('node1').must(['cat', '/proc/self/mountinfo'])).not.toContain(
        '/srv/data',
      );
      await pair.node('node2').must(['ip', 'addr', 'del', `${address}/24`, 'dev', 'eth0']);
      // It failed on node1 and is not cleared there: the other one takes what has become free.
      await data.untilState('node2', 'STARTED');
      expect(await data.fetchFrom('node1')).toBe('node1 node2 node2');
      await pair.must('node1', 'clear', service);
      await data.untilState('node1', 'STOPPED');

      await pair.powerOff('node2');
      await data.untilState('node1', 'STARTED');
      expect(await data.fetchFrom('node1')).toBe('node1 node2 node2 node1');
      expect((await pair.status('node1')).nodes['node2']?.state).toBe('dead');
      await pair.must('node1', 'stop', service);
      expect(await fileSystemFaults(pair.cluster)).toContain('data.img');
    },
  );
});
