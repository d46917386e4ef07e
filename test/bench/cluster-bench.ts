/**
 * Two nodes in namespaces of this machine: how much of a takeover and of a planned switch is ours,
 * beyond the configured dead time and the scripts themselves, and how fast many services start.
 */

import {randomBytes} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {startCluster, type Cluster} from '../cluster/harness/cluster.ts';
import {clusterObstacle} from '../cluster/harness/obstacle.ts';
import {waitFor} from '../cluster/harness/wait-for.ts';
import {row, spreadOf, type Row} from './measure.ts';

const names = ['node1', 'node2'];
const beatMs = 310;
const deadMs = 998;
/** A crash falls anywhere between two beats. */
const expectedMs = deadMs - beatMs / 2;
const repetitions = 12;
const manyServices = [
  {count: 200, runningMsMax: 1_500, issuedMsMax: null},
  {count: 1_000, runningMsMax: null, issuedMsMax: 2_500},
] as const;
/** The peers are measured with so many services at most. */
const peersMax = 200;
const readyMs = 120_000;
/** Between two looks at a node that starts many services. */
const lookMs = 500;

/** Crashes and switches of one service. */
export function clusterBench(): Promise<readonly Row[]> {
  return withStage(1, moves);
}

/** A crash of a node with many services. */
export async function manyBench(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const limits of manyServices) {
    rows.push(...(await withStage(limits.count, (stage) => manyStarts(stage, limits))));
  }
  return rows;
}

async function withStage(
  count: number,
  work: (stage: Stage) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const obstacle = clusterObstacle();
  if (obstacle !== null) {
    process.stderr.write(`bench: no takeover was measured: ${obstacle}\n`);
    return [];
  }
  const cluster = await startCluster({disk: 'none'});
  try {
    const stage = new Stage(cluster, count);
    await stage.start('node1', 'node2');
    await stage.untilReady();
    return await work(stage);
  } finally {
    const stalls = await cluster.close();
    for (const {lengthMs} of stalls) {
      process.stderr.write(`bench: the machine stood still for ${lengthMs} ms meanwhile\n`);
    }
  }
}

interface Line {
  readonly atMs: number;
  readonly node: string;
  readonly service: string;
  readonly what: string;
}

/** What is read of a transition in the journal. */
interface StateLine {
  readonly service: string;
  readonly at: string;
  readonly data: {readonly to: string};
}

/** The memory of a node, where a new file costs least. */
const ownEvents = '/run/events';

/**
 * Daemons and services of one cluster. The last start and stop of a service on a node are the times
 * of two files: a script that does nothing else costs next to nothing. All nodes share them, and
 * where there are many services each node has its own: to make files in a folder of a disk where
 * thousands were just removed can cost as much as everything else together.
 */
class Stage {
  readonly #cluster: Cluster;
  readonly #events: string;
  readonly #isShared: boolean;
  readonly count: number;

  constructor(cluster: Cluster, count: number) {
    this.#cluster = cluster;
    this.count = count;
    this.#events = join(cluster.shared, 'events');
    mkdirSync(this.#events);
    this.#isShared = count === 1;
    const secret = `1 ${randomBytes(32).toString('hex')}\n`;
    const files: Record<string, string> = {
      'secret.key': secret,
      'cluster.conf': clusterConf(this.count),
      'flag': flagScript(this.#isShared ? this.#events : ownEvents),
    };
    for (let index = 0; index < count; index += 1) files[`s${index}.conf`] = serviceConf;
    for (const node of cluster.nodes) node.configure(files);
  }

  lines(): readonly Line[] {
    const nodes = this.#cluster.nodes.filter((node) => node.isOn);
    const folders = this.#isShared ? [this.#events] : nodes.map((node) => node.path(ownEvents));
    const lines = folders.flatMap((folder) =>
      readdirSync(folder).map((event) => {
        const [node = '', service = '', what = ''] = event.split('.');
        return {atMs: statSync(join(folder, event)).mtimeMs, node, service, what};
      }),
    );
    return lines.sort((left, right) => left.atMs - right.atMs);
  }

  /** Where the first service runs; null: it was stopped after its last start. */
  owner(): string | null {
    const last = this.lines().findLast(({service}) => service === 's0');
    return last?.what === 'start' ? last.node : null;
  }

  async start(...wanted: readonly string[]): Promise<void> {
    for (const name of wanted) {
      const node = this.#cluster.node(name);
      await node.must(['mkdir', '-p', ownEvents]);
      // A session of its own, as a service manager would give it.
      await node.start(['setsid', 'ha', 'daemon'], 'daemon');
    }
  }

  /** Both alive, everything started, and a takeover possible. */
  async untilReady(): Promise<void> {
    await waitFor(
      'the cluster is whole',
      async () => {
        for (const name of names) {
          const {stdout} = await this.#cluster.node(name).exec(['ha', 'status']);
          const [first = ''] = stdout.split('\n');
          if (/: OK - .*takeover possible/.test(first)) continue;
          // Asking costs the daemons what they need to get there.
          if (this.count > 1) await pause(2_000);
          throw new Error(`${name}: ${first}`);
        }
        return this.owner() !== null;
      },
      readyMs,
    );
  }

  async powerOff(name: string): Promise<number> {
    const atMs = Date.now();
    await this.#cluster.node(name).powerOff();
    writeFileSync(join(this.#events, `${name}.s0.stop`), '');
    return atMs;
  }

  async powerOn(name: string): Promise<void> {
    await this.#cluster.node(name).powerOn();
    await this.start(name);
    await this.untilReady();
  }

  async switchTo(from: string, to: string): Promise<void> {
    await this.#cluster.node(from).must(['ha', 'switch', 's0', '--to', to]);
  }

  /**
   * All start commands of that node after `atMs`, once each service has had one. The times are in
   * the files, so it is enough to look now and then: looking takes from what is measured.
   */
  untilAllStarted(name: string, atMs: number): Promise<readonly Line[]> {
    return waitFor(
      `all services were started on ${name}`,
      async () => {
        await pause(lookMs);
        const lines = this.lines().filter(
          (line) => line.atMs > atMs && line.node === name && line.what === 'start',
        );
        return lines.length >= this.count ? lines : null;
      },
      readyMs,
    );
  }

  /** When its journal had the last service as STARTED: asking the daemon would slow it down. */
  untilAllRun(name: string, atMs: number): Promise<number> {
    const directory = join(this.#cluster.node(name).directory, 'state', 'journal');
    return waitFor(
      `all services run on ${name}`,
      async () => {
        await pause(lookMs);
        const times = new Map<string, number>();
        for (const file of readdirSync(directory)) {
          for (const line of readFileSync(join(directory, file), 'utf8').split('\n')) {
            if (!line.includes('"to":"STARTED"')) continue;
            const {service, at, data} = JSON.parse(line) as StateLine;
            const startedMs = Date.parse(at);
            if (data.to === 'STARTED' && startedMs > atMs) times.set(service, startedMs);
          }
        }
        return times.size >= this.count ? Math.max(...times.values()) : null;
      },
      readyMs,
    );
  }

  async lagMaxMs(name: string): Promise<number> {
    const text = await this.#cluster.node(name).must(['ha', 'metrics']);
    const match = /^ha_loop_lag_seconds\{quantile="1"\} ([\d.e+-]+)$/m.exec(text);
    return match === null ? Number.NaN : Number(match[1]) * 1_000;
  }

  /** The line of that kind on that node for which the predicate holds, as soon as it is there. */
  until(name: string, what: string, holds: (lines: readonly Line[]) => boolean): Promise<boolean> {
    return waitFor(
      `${what} on ${name}`,
      () => holds(this.lines().filter((line) => line.node === name && line.what === what)),
      readyMs,
    );
  }
}

/** Crashes and switches by turns, one service. */
async function moves(stage: Stage): Promise<readonly Row[]> {
  const takeovers: number[] = [];
  const switches: number[] = [];
  for (let index = 0; index < repetitions; index += 1) {
    process.stderr.write(`bench: crash and switch ${index + 1} of ${repetitions}\n`);
    takeovers.push(await crash(stage, index));
    switches.push(await switchOver(stage));
  }
  const crashed = spreadOf(takeovers);
  const switched = spreadOf(switches);
  const what = 'crash: power cut to start of the script';
  const beside = `${(crashed.p50 - expectedMs).toFixed(0)} ms beyond dead time less half a beat`;
  return [
    row({what: `${what}, median`, at: 'dead 998 ms', value: crashed.p50, unit: 'ms', beside}),
    row({what: `${what}, longest`, at: 'dead 998 ms', value: crashed.max, unit: 'ms'}),
    row({what: 'switch: stop script to start script, median', value: switched.p50, unit: 'ms'}),
    row({what: 'switch: stop script to start script, longest', value: switched.max, unit: 'ms'}),
  ];
}

async function crash(stage: Stage, index: number): Promise<number> {
  const from = stage.owner() ?? '';
  const to = names.find((name) => name !== from) ?? '';
  await pause(300 + 37 * index); // not in step with the beat
  const atMs = await stage.powerOff(from);
  await stage.until(to, 'start', (lines) => lines.some((line) => line.atMs > atMs));
  const started = stage.lines().find((line) => line.node === to && line.atMs > atMs);
  await stage.powerOn(from);
  return (started?.atMs ?? Number.NaN) - atMs;
}

async function switchOver(stage: Stage): Promise<number> {
  const from = stage.owner() ?? '';
  const to = names.find((name) => name !== from) ?? '';
  const atMs = Date.now();
  await stage.switchTo(from, to);
  const lines = stage.lines().filter((line) => line.atMs > atMs);
  await stage.untilReady();
  const stopped = lines.find(({node, what}) => node === from && what === 'stop');
  const started = lines.find(({node, what}) => node === to && what === 'start');
  return (started?.atMs ?? Number.NaN) - (stopped?.atMs ?? Number.NaN);
}

/**
 * A node with many services dies: the crash until the last start command of the survivor and until
 * the survivor reports all of them as running; and how long the starts took from the verdict, which
 * the first of them follows within milliseconds.
 */
async function manyStarts(
  stage: Stage,
  limits: (typeof manyServices)[number],
): Promise<readonly Row[]> {
  const atMs = await stage.powerOff('node1');
  const starts = await stage.untilAllStarted('node2', atMs);
  const runningMs = (await stage.untilAllRun('node2', atMs)) - atMs;
  const times = starts.map((line) => line.atMs);
  const tookMs = Math.max(...times) - Math.min(...times);
  const at = `${stage.count} services`;
  const beside = `${(tookMs / stage.count).toFixed(1)} ms a service`;
  const what = (
    text: string,
  ): {readonly what: string; readonly at: string; readonly unit: 'ms'} => ({
    what: `crash: ${text}`,
    at,
    unit: 'ms',
  });
  return [
    row({
      ...what('first start command to the last'),
      value: tookMs,
      beside,
      ...(limits.issuedMsMax === null ? {} : {atMost: limits.issuedMsMax}),
    }),
    row({...what('power cut to the last start command'), value: Math.max(...times) - atMs}),
    row({
      ...what('power cut until all are known to run'),
      value: runningMs,
      ...(limits.runningMsMax === null ? {} : {atMost: limits.runningMsMax}),
    }),
    row({...what('longest delay of a beat meanwhile'), value: await stage.lagMaxMs('node2')}),
  ];
}

/**
 * The times of the peers in their benchmark. With more services than those are asked to move, the
 * times of the fast profile: so many starts keep the loop longer than the first allow.
 */
function clusterConf(count: number): string {
  const peers = [`beat = ${beatMs}ms`, `dead = ${deadMs}ms`, 'delay = 5ms', 'stall = 58ms'];
  const timing = count > peersMax ? ['profile = fast'] : peers;
  return `[cluster]
name = bench
nodes = ${names.join(' ')}
${timing.join('\n')}
damping = 0
hold_down = 0
[hb#1]
type = multicast
iface = eth0
[hb#2]
type = multicast
iface = eth1
`;
}

const serviceConf = `[DEFAULT]
nodes = ${names.join(' ')}
class = address
[app#0]
script = /etc/ha/flag
start = yes
stop = yes
check = yes
timeout = 60s
`;

function flagScript(events: string): string {
  return `#!/bin/sh
flag=/run/$HA_SERVICE event=${events}/$HA_NODE.$HA_SERVICE
case $1 in
start) : > $event.start; : > $flag ;;
stop) rm -f $flag; : > $event.stop ;;
status) [ -e $flag ] || exit 3 ;;
esac
`;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
