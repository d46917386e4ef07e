/** The tables of mounts of this host: ours, and those of other namespaces that hold a device. */

import {readdir, readFile, readlink} from 'node:fs/promises';
import {sharedLook} from '../shared-look.ts';
import {parseMountInfo, type Mount} from './mount-table.ts';

/** A list, or a sentence why there is none. */
export type MountsRead = readonly Mount[] | string;

export const readMounts = sharedLook(async (): Promise<MountsRead> => {
  try {
    return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    return `the table of mounts can not be read: ${code ?? String(error)}`;
  }
});

/**
 * A process in another mount namespace where a file system of these numbers is still mounted, or
 * null: a container that was started meanwhile keeps it, although it is unmounted here.
 */
export async function keptElsewhere(numbers: readonly string[]): Promise<string | null> {
  if (numbers.length === 0) return null;
  const seen = new Set<string>();
  for (const pid of await processes()) {
    const namespace = await tolerant(() => readlink(`/proc/${pid}/ns/mnt`));
    if (namespace === '' || seen.has(namespace)) continue;
    seen.add(namespace);
    const mounts = parseMountInfo(await tolerant(() => readFile(`/proc/${pid}/mountinfo`, 'utf8')));
    if (!mounts.some((mount) => numbers.includes(mount.numbers))) continue;
    const name = await tolerant(() => readFile(`/proc/${pid}/comm`, 'utf8'));
    return `${pid} (${name.trim()})`;
  }
  return null;
}

async function processes(): Promise<readonly string[]> {
  try {
    return (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // No /proc: nobody to ask.
  }
}

/** Empty where the process has ended, or is not ours to look at. */
async function tolerant(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch {
    return '';
  }
}
