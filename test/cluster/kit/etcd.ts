/** An etcd of three members, each on a station of its own: real processes in real namespaces. */

import {spawn} from 'node:child_process';
import type {ChildProcess} from 'node:child_process';
import {mkdtempSync, openSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {runCommand} from '../harness/command.ts';
import type {Network} from '../harness/network.ts';
import {waitFor} from '../harness/wait-for.ts';

const count = 3;
const stationOf = (index: number): string => `etcd${index + 1}`;
const addressOf = (index: number): string => `10.50.0.${91 + index}`;
const clientUrl = (index: number): string => `http://${addressOf(index)}:2379`;
const peerUrl = (index: number): string => `http://${addressOf(index)}:2380`;
const indexes = Array.from({length: count}, (_, index) => index);

/** The section of cluster.conf that names it. */
export function arbitratorSection(ttl: string): readonly string[] {
  const endpoints = indexes.map(clientUrl).join(' ');
  return ['[arbitrator#1]', 'type = etcd', `endpoints = ${endpoints}`, `ttl = ${ttl}`];
}

export class EtcdMembers {
  readonly #network: Network;
  readonly #children: ChildProcess[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'understudy-members-'));

  private constructor(network: Network) {
    this.#network = network;
  }

  /** All members answer when this ends; what is left of them goes with the test. */
  static async start(network: Network): Promise<EtcdMembers> {
    const members = new EtcdMembers(network);
    onTestFinished(async () => members.close());
    for (const index of indexes) await network.plug(stationOf(index), 91 + index);
    for (const index of indexes) members.#children.push(members.#spawn(index));
    for (const index of indexes) {
      await waitFor(`${stationOf(index)} answers`, async () => {
        await members.#ask(index, '/v3/kv/range', {key: 'AA=='});
        return true;
      });
    }
    return members;
  }

  /** The member that leads at this moment. */
  async leader(): Promise<number> {
    return waitFor('a member leads', async () => {
      for (const index of indexes) {
        if (this.#children[index]?.exitCode !== null || this.#children[index]?.killed) continue;
        const said = (await this.#ask(index, '/v3/maintenance/status', {})) as {
          readonly leader?: string;
          readonly header?: {readonly member_id?: string};
        };
        if (said.leader !== undefined && said.leader === said.header?.member_id) return index;
      }
      return null;
    });
  }

  /** The lease of that node stands in etcd. */
  async hasLease(node: string): Promise<boolean> {
    const key = Buffer.from(`/understudy/test/node/${node}`).toString('base64');
    const said = await this.#ask(await this.leader(), '/v3/kv/range', {key});
    return Array.isArray((said as {kvs?: unknown}).kvs);
  }

  async kill(index: number): Promise<void> {
    const child = this.#children[index]!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    child.kill('SIGKILL');
    await ended;
  }

  async killAll(): Promise<void> {
    for (const index of indexes) await this.kill(index);
  }

  async close(): Promise<void> {
    await this.killAll();
    rmSync(this.#directory, {recursive: true, force: true});
  }

  #spawn(index: number): ChildProcess {
    const options = {
      'name': stationOf(index),
      'data-dir': join(this.#directory, stationOf(index)),
      'listen-client-urls': clientUrl(index),
      'advertise-client-urls': clientUrl(index),
      'listen-peer-urls': peerUrl(index),
      'initial-advertise-peer-urls': peerUrl(index),
      'initial-cluster': indexes.map((one) => `${stationOf(one)}=${peerUrl(one)}`).join(','),
      'logger': 'zap',
      'log-level': 'error',
    };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const namespace = this.#network.namespaceOf(stationOf(index));
    const argv = ['netns', 'exec', namespace, '/usr/bin/etcd', ...words];
    const log = openSync(join(this.#directory, `${stationOf(index)}.log`), 'a');
    return spawn('ip', argv, {stdio: ['ignore', log, log]});
  }

  /** Its JSON gateway, asked from the station itself. */
  async #ask(index: number, path: string, body: object): Promise<unknown> {
    const script =
      `const answer = await fetch(${JSON.stringify(clientUrl(index) + path)}, ` +
      `{method: 'POST', body: ${JSON.stringify(JSON.stringify(body))}}); ` +
      'process.stdout.write(await answer.text()); process.exit(answer.ok ? 0 : 1);';
    const inside = ['ip', 'netns', 'exec', this.#network.namespaceOf(stationOf(index))];
    const node = [process.execPath, '--input-type=module', '-e', script];
    const {code, stdout, stderr} = await runCommand([...inside, ...node], {deadlineMs: 10_000});
    if (code !== 0) throw new Error(`${stationOf(index)}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }
}
