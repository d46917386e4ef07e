/**
 * The shared disk: one file, and a loop device of its own with direct I/O for each node, because
 * nodes that share one loop device would share its cache. A faulty disk goes through nbdkit as
 * well, per node, so that the path of one node can hang (D state, as a lost fibre channel path) or
 * fail (EIO).
 */

import {spawn} from 'node:child_process';
import {mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {must} from './command.ts';
import {waitFor} from './wait-for.ts';

export type DiskKind = 'none' | 'plain' | 'faulty';

export interface SharedDisk {
  /** Loop device of that node on the host. */
  readonly deviceOf: (station: string) => string;
  /** Reads and writes of that node never return, until healed. */
  readonly hang: (station: string) => void;
  /** Reads and writes of that node fail at once with EIO, until healed. */
  readonly fail: (station: string) => void;
  readonly heal: (station: string) => void;
}

/** Enough for every slot layout that the tests use. */
const diskBytes = 8 * 1_024 * 1_024;

const chainOf = (directory: string, station: string): string => join(directory, `path-${station}`);

/** Makes the image and one device per station. It is removed by the sweep of the run. */
export async function createDisk(
  directory: string,
  stations: readonly string[],
  kind: Exclude<DiskKind, 'none'>,
): Promise<SharedDisk> {
  const image = join(directory, 'disk.img');
  writeFileSync(image, new Uint8Array(diskBytes));
  const devices = new Map<string, string>();
  for (const station of stations) {
    const chain = chainOf(directory, station);
    const file = kind === 'plain' ? image : await startChain(chain, image);
    devices.set(station, await attach(file));
  }
  const faultyChain = (station: string): string => {
    if (kind === 'plain')
      throw new Error('this cluster needs disk: "faulty" for a fault of the disk');
    return chainOf(directory, station);
  };
  return {
    deviceOf: (station) => devices.get(station) ?? `no disk at ${station}`,
    hang: (station) => signalServer(faultyChain(station), 'SIGSTOP'),
    fail: (station) => writeFileSync(join(faultyChain(station), 'inject'), ''),
    heal: (station) => healChain(faultyChain(station)),
  };
}

async function attach(file: string): Promise<string> {
  return (await must(['losetup', '--find', '--show', '--direct-io=on', file])).trim();
}

/** image -> nbdkit with an error switch -> a file made by nbdfuse. Returns that file. */
async function startChain(chain: string, image: string): Promise<string> {
  mkdirSync(chain, {recursive: true});
  const socket = join(chain, 'socket');
  const disk = join(chain, 'disk');
  writeFileSync(disk, '');
  const errors = ['error=EIO', 'error-pread-rate=100%', 'error-pwrite-rate=100%'];
  const trigger = `error-file=${join(chain, 'inject')}`;
  const server = ['nbdkit', '-U', socket, '-P', join(chain, 'nbdkit.pid'), '--filter=error'];
  await must([...server, 'file', image, ...errors, trigger]);
  const log = openSync(join(chain, 'nbdfuse.log'), 'a');
  const argv = [disk, '--unix', socket];
  spawn('nbdfuse', argv, {detached: true, stdio: ['ignore', log, log]}).unref();
  // Until then it has size 0, and the loop device would keep that.
  await waitFor('nbdfuse serves the disk', () => statSync(disk).size === diskBytes);
  return disk;
}

function signalServer(chain: string, signal: NodeJS.Signals): void {
  const pid = Number(readFileSync(join(chain, 'nbdkit.pid'), 'utf8'));
  if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('nbdkit')) process.kill(pid, signal);
}

/**
 * Lets a path work again. Also the first step of every clean-up: what waits for it can then end.
 */
export function healChain(chain: string): void {
  rmSync(join(chain, 'inject'), {force: true});
  signalServer(chain, 'SIGCONT');
}

/** Ends the server of a path, if it lives. */
export function endChain(chain: string): void {
  signalServer(chain, 'SIGTERM');
}
