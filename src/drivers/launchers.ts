/**
 * The folder `SERVICE.d` with its launchers, as OpenSVC 1.5 has it: `S10web` is called with
 * `start`, `K90web` with `stop`, `C10web` with `status`, in the order of their numbers, then of
 * their names.
 */

import {readdir, stat} from 'node:fs/promises';
import {oneAtATime} from './host/inspection-lanes.ts';

export interface Launchers {
  /** File names in the order of the calls. */
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly check: readonly string[];
  /** What lies there and is not called, and why: sentences. */
  readonly findings: readonly string[];
}

/** `fault`: a sentence, why the folder can not be read. */
export type LaunchersRead =
  {readonly ok: true; readonly launchers: Launchers} | {readonly ok: false; readonly fault: string};

/** Launchers of one folder. A folder with more is a mistake (a data directory, a loop of links). */
const entriesMax = 256;
const findingsMax = 16;

const namePattern = /^([SKC])(\d{1,9})[A-Za-z0-9._@+-]*$/;
/** What editors and package managers leave beside a file they change. */
const leftoverPattern = /(?:~|\.(?:bak|old|orig|rej|sw[op]|rpm(?:save|new|orig)|dpkg-[a-z]+))$/;

/** Reads the folder afresh on every call: it may lie on a disk that comes with the service. */
export async function readLaunchers(folder: string): Promise<LaunchersRead> {
  return oneAtATime(`launchers ${folder}`, () => read(folder));
}

async function read(folder: string): Promise<LaunchersRead> {
  try {
    const names = await readdir(folder);
    if (names.length > entriesMax) {
      const found = `found ${names.length}`;
      return {ok: false, fault: `${folder}: expected at most ${entriesMax} launchers, ${found}`};
    }
    return {ok: true, launchers: await sort(folder, names)};
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such folder' : (code ?? String(error));
    return {ok: false, fault: `${folder}: the launchers can not be read: ${why}`};
  }
}

async function sort(folder: string, names: readonly string[]): Promise<Launchers> {
  const findings: string[] = [];
  const callable: string[] = [];
  for (const name of names.toSorted()) {
    if (!/^[SKC]\d/.test(name)) continue; // The scripts that the links point to, a README.
    const reason = await reasonAgainst(folder, name);
    if (reason === null) callable.push(name);
    else findings.push(`${JSON.stringify(name)} ${reason}: left out`);
  }
  return {
    start: ordered(callable, 'S'),
    stop: ordered(callable, 'K'),
    check: ordered(callable, 'C'),
    findings: findings.slice(0, findingsMax),
  };
}

async function reasonAgainst(folder: string, name: string): Promise<string | null> {
  if (leftoverPattern.test(name)) return 'looks like the leftover of an editor or a package';
  if (!namePattern.test(name)) return 'is no name of a launcher';
  try {
    const stats = await stat(`${folder}/${name}`);
    if (!stats.isFile()) return 'is no regular file';
    return (stats.mode & 0o111) === 0 ? 'is not executable' : null;
  } catch {
    return 'leads nowhere'; // A link to a file that is gone, most often.
  }
}

function ordered(names: readonly string[], letter: 'S' | 'K' | 'C'): readonly string[] {
  return names
    .filter((name) => name.startsWith(letter))
    .map((name) => ({name, number: Number(namePattern.exec(name)?.[2])}))
    .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
    .map((launcher) => launcher.name);
}
