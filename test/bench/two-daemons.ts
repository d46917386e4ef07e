/** Two daemons on this machine with two links and a disk, at the default profile, for hours. */

import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmodSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const ha = fileURLToPath(new URL('../../bin/ha', import.meta.url));
const names = ['node1', 'node2'];
const diskBytes = 1_024 * 1_024;
const readyMs = 60_000;

export interface TwoDaemons {
  readonly pids: readonly number[];
  /** HA_CONF and the other three of the first node. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => void;
}

export async function startTwoDaemons(): Promise<TwoDaemons> {
  const directory = mkdtempSync(join(tmpdir(), 'ha-bench-'));
  const children: ChildProcess[] = [];
  const close = (): void => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, {recursive: true, force: true, maxRetries: 5});
  };
  try {
    const ports = await freePorts(5);
    const secret = `1 ${randomBytes(32).toString('hex')}\n`;
    writeFileSync(join(directory, 'disk'), Buffer.alloc(diskBytes));
    for (const name of names) writeNode({directory, name, ports, secret});
    for (const name of names) children.push(startDaemon(directory, name));
    const environment = environmentOf(directory, names[0] ?? '');
    await untilReady(environment);
    return {pids: children.map(({pid}) => pid ?? 0), environment, close};
  } catch (error) {
    close();
    throw error;
  }
}

function environmentOf(directory: string, name: string): Readonly<Record<string, string>> {
  const at = (part: string): string => join(directory, name, part);
  return {HA_CONF: at('conf'), HA_STATE: at('state'), HA_RUN: at('run'), HA_NODE: name};
}

function writeNode(options: {
  readonly directory: string;
  readonly name: string;
  readonly ports: readonly number[];
  readonly secret: string;
}): void {
  const {directory, name, ports, secret} = options;
  for (const part of ['conf', 'state', 'run']) {
    mkdirSync(join(directory, name, part), {recursive: true, mode: 0o700});
  }
  const conf = (file: string, text: string): void =>
    writeFileSync(join(directory, name, 'conf', file), text, {mode: 0o600});
  conf('secret.key', secret);
  conf('cluster.conf', clusterConf(directory, ports));
  const flag = join(directory, `${name}.flag`);
  const cases = `start) : >${flag} ;; stop) rm -f ${flag} ;; *) [ -e ${flag} ] || exit 3 ;;`;
  conf('flag', `#!/bin/sh\ncase $1 in ${cases} esac\n`);
  chmodSync(join(directory, name, 'conf', 'flag'), 0o700);
  const script = join(directory, name, 'conf', 'flag');
  const app = `[app#0]\nscript = ${script}\nstart = yes\nstop = yes\ncheck = yes\n`;
  conf('web.conf', `[DEFAULT]\nnodes = ${names.join(' ')}\n${app}`);
}

function clusterConf(directory: string, ports: readonly number[]): string {
  const [multicast, beat1, beat2, peer1, peer2] = ports;
  return `[cluster]
name = bench
nodes = ${names.join(' ')}
peer_port@node1 = ${peer1}
peer_port@node2 = ${peer2}
[hb#1]
type = multicast
iface = lo
address = 127.0.0.1
port = ${multicast}
loopback = yes
[hb#2]
type = unicast
address@node1 = 127.0.0.1
port@node1 = ${beat1}
address@node2 = 127.0.0.1
port@node2 = ${beat2}
[hb#3]
type = disk
device = ${join(directory, 'disk')}
`;
}

function startDaemon(directory: string, name: string): ChildProcess {
  const log = openSync(join(directory, `${name}.log`), 'a');
  return spawn(process.execPath, [ha, 'daemon'], {
    stdio: ['ignore', log, log],
    env: {PATH: process.env['PATH'], ...environmentOf(directory, name)},
  });
}

/** Both alive, all links up, the service where it belongs. */
async function untilReady(environment: Readonly<Record<string, string>>): Promise<void> {
  const deadlineMs = performance.now() + readyMs;
  for (;;) {
    const {stdout} = spawnSync(process.execPath, [ha, 'status'], {
      encoding: 'utf8',
      env: {PATH: process.env['PATH'], ...environment},
    });
    if (/: OK - /.test(stdout) && stdout.includes('STARTED')) return;
    if (performance.now() > deadlineMs) throw new Error(`not ready: ${stdout}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  for (const server of servers) server.close();
  return ports;
}
