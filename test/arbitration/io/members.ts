/** A real etcd of one or three members on loopback, with a folder of its own, for one test file. */

import {spawn} from 'node:child_process';
import type {ChildProcess} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export const hasEtcd = existsSync('/usr/bin/etcd');

export interface Member {
  readonly name: string;
  readonly url: string;
  readonly stop: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends when the process is gone. */
  readonly kill: () => Promise<void>;
}

export interface MembersOptions {
  readonly count: 1 | 3;
  /** Of the first member alone. */
  readonly extra?: readonly string[];
}

const scheme = 'http';
const readyMs = 30_000;

/** All members answer when this ends. */
export async function startEtcd({count, extra = []}: MembersOptions): Promise<{
  readonly members: readonly Member[];
  readonly close: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-etcd-'));
  const ports = await freePorts(2 * count);
  const peerUrl = (index: number): string => `${scheme}://127.0.0.1:${ports[2 * index + 1]}`;
  const cluster = Array.from({length: count}, (_, index) => `m${index}=${peerUrl(index)}`);
  const isTls = extra.some((word) => word === '--cert-file');
  const members = cluster.map((_, index): Member => {
    const url = `${isTls ? 'https' : scheme}://127.0.0.1:${ports[2 * index]}`;
    const child = spawn(
      '/usr/bin/etcd',
      words({
        'name': `m${index}`,
        'data-dir': join(folder, `m${index}`),
        'listen-client-urls': url,
        'advertise-client-urls': url,
        'listen-peer-urls': peerUrl(index),
        'initial-advertise-peer-urls': peerUrl(index),
        'initial-cluster': cluster.join(','),
        'initial-cluster-token': folder,
        'logger': 'zap',
        'log-level': 'error',
      }).concat(extra),
      {stdio: 'ignore'},
    );
    return {
      name: `m${index}`,
      url,
      stop: (signal) => void child.kill(signal),
      kill: async () => killed(child),
    };
  });
  const close = async (): Promise<void> => {
    await Promise.all(members.map(async (member) => member.kill()));
    await rm(folder, {recursive: true, force: true});
  };
  if (!isTls) await Promise.all(members.map(async ({url}) => untilHealthy(url)));
  return {members, close};
}

function words(options: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGKILL');
  await ended;
}

/** It answers a read that needs a majority. */
export async function untilHealthy(url: string): Promise<void> {
  const endMs = Date.now() + readyMs;
  while (Date.now() < endMs) {
    try {
      const body = JSON.stringify({key: 'AA=='});
      const answer = await fetch(`${url}/v3/kv/range`, {method: 'POST', body});
      if (answer.ok) return;
    } catch {
      // Not up yet.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${url} is not healthy after ${readyMs} ms`);
}

export async function post(url: string, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {method: 'POST', body: JSON.stringify(body)});
  return answer.json();
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      {length: count},
      async () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer();
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(
      async (server) =>
        new Promise((resolve) => {
          server.close(resolve);
        }),
    ),
  );
  return ports;
}
