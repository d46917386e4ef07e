/** Whole daemons as processes on loopback, with a script of OpenHA's kind as their service. */

import {spawn} from 'node:child_process';
import type {ChildProcess} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {expect} from 'vitest';
import {call} from '../../src/control/io/client.ts';
import type {CallEnd} from '../../src/control/io/client.ts';
import {controlSocketPath} from '../../src/control/paths.ts';
import type {DaemonView, Request} from '../../src/control/types.ts';
import type {Command} from '../../src/engine/types.ts';
import type {JournalRecord} from '../../src/journal/types.ts';
import {eventually} from '../eventually.ts';

const program = fileURLToPath(new URL('../../src/daemon/main.ts', import.meta.url));
/** Long enough for a machine that does three other things. */
const waitMs = 30_000;
const secret = '1 0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1\n';

type Ask = Request extends infer One
  ? One extends Request
    ? Omit<One, 'v' | 'id'>
    : never
  : never;

/** A directory with the files of one two-node cluster, and what was started in it. */
export class Site {
  readonly path = mkdtempSync(join(tmpdir(), 'ha-site-'));
  readonly daemons: TestDaemon[] = [];
  readonly conf = join(this.path, 'conf');
  #ports: readonly number[] = [];

  static async create(): Promise<Site> {
    const site = new Site();
    site.#ports = await freePorts();
    mkdirSync(site.conf, {mode: 0o700});
    writeFileSync(join(site.conf, 'secret.key'), secret, {mode: 0o600});
    site.writeCluster();
    site.writeServices(['web']);
    return site;
  }

  /** `extra` is appended to cluster.conf. */
  writeCluster(extra = '', name = 'blue'): void {
    const [udp1, udp2, tcp1, tcp2] = this.#ports;
    const lines = [
      '[cluster]',
      `name = ${name}`,
      'nodes = node1 node2',
      'profile = fast',
      `peer_port@node1 = ${tcp1}`,
      `peer_port@node2 = ${tcp2}`,
      '[hb#1]',
      'type = unicast',
      `port@node1 = ${udp1}`,
      `port@node2 = ${udp2}`,
      'address@node1 = 127.0.0.1',
      'address@node2 = 127.0.0.1',
      '[service#web]',
      'class = none',
      'probe = status',
      'monitor = 500ms',
      extra,
    ];
    this.writeConf('cluster.conf', `${lines.join('\n')}\n`);
  }

  writeServices(names: readonly string[]): void {
    const lines = names.map((name) => `${name}\t${this.#script(name)}\tnode1\tnode2\t/bin/true\n`);
    this.writeConf('services', lines.join(''));
  }

  writeConf(name: string, text: string): void {
    writeFileSync(join(this.conf, name), text, {mode: 0o600});
  }

  /** Every call of the service's script that changes something, in order. */
  calls(service = 'web'): readonly string[] {
    const path = join(this.path, `${service}.calls`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  /** How long the next stops take. */
  slowStop(seconds: number): void {
    writeFileSync(join(this.path, 'slow-stop'), String(seconds));
  }

  daemon(node: string, options: Partial<DaemonPlace> = {}): TestDaemon {
    const daemon = new TestDaemon({
      node,
      conf: this.conf,
      state: join(this.path, `${node}.state`),
      run: join(this.path, `${node}.run`),
      env: {},
      ...options,
    });
    this.daemons.push(daemon);
    return daemon;
  }

  async remove(): Promise<void> {
    for (const daemon of this.daemons) await daemon.kill();
    rmSync(this.path, {recursive: true, force: true});
  }

  /** Runs as long as its file is there; says what it was asked. */
  #script(name: string): string {
    const path = join(this.path, `${name}.sh`);
    const here = (suffix: string): string => join(this.path, `${name}.${suffix}`);
    const text = `#!/bin/sh
case "$1" in
start) echo "start by $HA_NODE" >> ${here('calls')}; touch ${here('up')} ;;
stop)
  [ -f ${this.path}/slow-stop ] && sleep "$(cat ${this.path}/slow-stop)"
  echo "stop by $HA_NODE" >> ${here('calls')}; rm -f ${here('up')}.$HA_NODE ${here('up')} ;;
status)
  [ -f ${here('up')} ] || exit 3
  tail -n 1 ${here('calls')} | grep -q "start by $HA_NODE" || exit 3 ;;
esac
`;
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }
}

export interface DaemonPlace {
  readonly node: string;
  readonly conf: string;
  readonly state: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

export class TestDaemon {
  readonly place: DaemonPlace;
  stdout = '';
  stderr = '';
  #child: ChildProcess | null = null;

  constructor(place: DaemonPlace) {
    this.place = place;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Starts the process; `up` waits until it answers. */
  spawn(): this {
    const {node, conf, state, run, env} = this.place;
    const directories = ['--conf', conf, '--state', state, '--run', run];
    const argv = [program, ...directories, '--nodename', node];
    this.stdout = '';
    this.stderr = '';
    const child = spawn(process.execPath, argv, {
      env: {...process.env, NOTIFY_SOCKET: '', ...env},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (bytes) => {
      this.stdout += String(bytes);
    });
    child.stderr.on('data', (bytes) => {
      this.stderr += String(bytes);
    });
    this.#child = child;
    return this;
  }

  async up(): Promise<this> {
    this.spawn();
    const endMs = performance.now() + waitMs;
    for (;;) {
      const hello = await this.#call({op: 'hello', node: null, actor: 'test'});
      if (hello.ok && hello.value.exit === 0) return this;
      const ended = this.#child!.exitCode !== null;
      if (ended || performance.now() > endMs) {
        throw new Error(
          `${ended ? 'it ended' : 'it does not answer'}: ${this.stderr}${this.stdout}`,
        );
      }
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child!.kill(signal);
  }

  /** Exit code of the process, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child!;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode ?? child.signalCode;
  }

  async kill(): Promise<void> {
    if (this.#child === null || this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  async ask(ask: Ask, onEvent?: (record: unknown) => void): Promise<CallEnd> {
    const result = await this.#call(ask, onEvent);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    return result.value;
  }

  #call(ask: Ask, onEvent?: (record: unknown) => void): ReturnType<typeof call> {
    return call({
      socketPath: controlSocketPath(this.place.run),
      request: {v: 1, id: 1, ...ask},
      silenceMs: waitMs,
      ...(onEvent === undefined ? {} : {onEvent}),
    });
  }

  command(command: Command, node: string | null = null): Promise<CallEnd> {
    return this.ask({op: 'command', node, actor: 'test', command, wait: true} as Ask);
  }

  async view(): Promise<DaemonView> {
    const {data} = await this.ask({op: 'view', node: null, actor: 'test'});
    return data as DaemonView;
  }

  async records(): Promise<readonly JournalRecord[]> {
    const records: JournalRecord[] = [];
    await this.ask(
      {
        op: 'events',
        node: null,
        actor: 'test',
        service: null,
        sinceSeq: 0,
        limit: 10_000,
        follow: false,
      },
      (record) => records.push(record as JournalRecord),
    );
    return records;
  }

  async stateOf(service: string, node = this.place.node): Promise<string> {
    const view = await this.view();
    const found = view.services.find((one) => one.name === service);
    return found?.instances.find((one) => one.node === node)?.state ?? 'none';
  }

  /** Waits until the service is in one of the states here, or on another node as seen from here. */
  async reaches(service: string, state: string, node = this.place.node): Promise<void> {
    await eventually(async () => expect(await this.stateOf(service, node)).toBe(state), waitMs);
  }

  async sees(node: string, state: string): Promise<void> {
    await eventually(async () => {
      const view = await this.view();
      expect(view.nodes.find((one) => one.name === node)?.state).toBe(state);
    }, waitMs);
  }

  async says(text: string): Promise<void> {
    const told = (): string => `${this.stdout}${this.stderr}`;
    await eventually(() => expect(told()).toContain(text), waitMs);
  }
}

/** Two UDP and two TCP ports that were free a moment ago. */
async function freePorts(): Promise<readonly number[]> {
  const udp = [createSocket('udp4'), createSocket('udp4')];
  const tcp = [createServer(), createServer()];
  for (const socket of udp) {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }
  for (const server of tcp) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = [...udp, ...tcp].map((one) => (one.address() as AddressInfo).port);
  for (const one of [...udp, ...tcp]) {
    one.close();
    await once(one, 'close');
  }
  return ports;
}
