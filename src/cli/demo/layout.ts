/**
 * What the demo puts on disk: one temporary folder with everything in it, so that one removal
 * leaves nothing behind. Each node gets its own configuration, state and run directory, as two
 * machines would; the disk is a file that both open.
 */

import {chmod, mkdir, mkdtemp, open, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {webLauncher} from './web-launcher.ts';

export const demoNodes = ['node1', 'node2'] as const;
export type DemoNodeName = (typeof demoNodes)[number];

export interface DemoPorts {
  readonly web: number;
  readonly multicast: number;
  readonly beat: Readonly<Record<DemoNodeName, number>>;
  readonly peer: Readonly<Record<DemoNodeName, number>>;
}

export interface DemoPaths {
  readonly directory: string;
  /** Paths of one node. */
  of(node: DemoNodeName): NodePaths;
}

export interface NodePaths {
  readonly conf: string;
  readonly state: string;
  readonly run: string;
  readonly log: string;
  /** Of the web server, while it runs on this node. */
  readonly webPid: string;
  /** To be read by a shell: HA_CONF and the other three, and `ha` on the PATH. */
  readonly environment: string;
}

/** Room for two slots of any size that a slot can have. */
const diskBytes = 1_024 * 1_024;
/** A socket address holds about a hundred characters; the rest of the path takes some forty. */
const parentCharsMax = 50;

export function demoPaths(directory: string): DemoPaths {
  const of = (node: DemoNodeName): NodePaths => ({
    conf: join(directory, node, 'conf'),
    state: join(directory, node, 'state'),
    run: join(directory, node, 'run'),
    log: join(directory, `${node}.log`),
    webPid: join(directory, `${node}.pid`),
    environment: join(directory, `${node}.env`),
  });
  return {directory, of};
}

export async function makeDirectory(): Promise<DemoPaths> {
  const parent = tmpdir().length <= parentCharsMax ? tmpdir() : '/tmp';
  return demoPaths(await mkdtemp(join(parent, 'ha-demo-')));
}

export interface LayoutOptions {
  readonly paths: DemoPaths;
  readonly ports: DemoPorts;
  /** Path of the compiled web server. */
  readonly webServer: string;
  /** Text of a launcher that takes the place of the built-in one; null: the built-in one. */
  readonly launcher: string | null;
}

export async function writeLayout(options: LayoutOptions): Promise<void> {
  const {paths, ports, webServer} = options;
  const {directory} = paths;
  const disk = await open(join(directory, 'disk'), 'w', 0o600);
  await disk.write(Buffer.alloc(diskBytes)); // No holes: a write never has to allocate.
  await disk.close();
  const node = process.execPath;
  const launcher =
    options.launcher ?? webLauncher({node, server: webServer, port: ports.web, directory});
  for (const name of demoNodes) await writeNode(options, name, launcher);
}

async function writeNode(
  {paths, ports}: LayoutOptions,
  name: DemoNodeName,
  launcher: string,
): Promise<void> {
  const {conf, state, run, environment} = paths.of(name);
  for (const path of [join(conf, 'web.d'), state, run]) {
    await mkdir(path, {recursive: true, mode: 0o700});
  }
  await writeFile(join(conf, 'cluster.conf'), clusterConf(paths.directory, ports));
  await writeFile(join(conf, 'web.conf'), serviceConf);
  await writeFile(join(conf, 'web.d', 'web'), launcher);
  await chmod(join(conf, 'web.d', 'web'), 0o700);
  const variables = {HA_CONF: conf, HA_STATE: state, HA_RUN: run, HA_NODE: name};
  const lines = Object.entries(variables).map(([key, value]) => `export ${key}='${value}'\n`);
  const bin = fileURLToPath(new URL('../../../bin', import.meta.url));
  await writeFile(environment, `${lines.join('')}export PATH='${bin}':"$PATH"\n`);
}

function clusterConf(directory: string, ports: DemoPorts): string {
  return `# Two nodes on one machine. Two networks and one disk carry their heartbeat.
[cluster]
name = demo
nodes = node1 node2
# Beat 200 ms, dead after 1 s.
profile = fast
# Only here: kill as often as you like. The default latches a second takeover within 5 minutes.
damping = 0
peer_port@node1 = ${ports.peer.node1}
peer_port@node2 = ${ports.peer.node2}

[hb#1]
type = multicast
iface = lo
address = 127.0.0.1
group = 239.192.71.77
port = ${ports.multicast}
loopback = yes

[hb#2]
type = unicast
address@node1 = 127.0.0.1
port@node1 = ${ports.beat.node1}
address@node2 = 127.0.0.1
port@node2 = ${ports.beat.node2}

[hb#3]
type = disk
device = ${join(directory, 'disk')}
`;
}

const serviceConf = `# A web server. Class exclusive: it moves only on proof.
[DEFAULT]
nodes = node1 node2
class = exclusive
monitor = 2s

[app#0]
script = web
start = yes
stop = yes
check = yes
timeout = 10s
`;
