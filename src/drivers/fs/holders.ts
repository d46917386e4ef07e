/**
 * Who holds a mount: processes of our own mount namespace that have their folder, their root, their
 * program, an open file or a mapped file below it. Read from /proc as fuser(1) does, by the text of
 * the links, so that no file of the mount itself is touched.
 */

import {readdir, readFile, readlink} from 'node:fs/promises';
import {isWithin} from './mount-table.ts';

export interface Holder {
  readonly pid: number;
  readonly name: string;
  /** `folder`, `root`, `program`, `file` or `mapped file`. */
  readonly how: string;
}

/** Named in a message; the others are counted. */
const namedMax = 8;
/** Links of one process that are read: a proxy may have a hundred thousand sockets. */
const linksMax = 65_536;

export async function holdersOf(mountPoint: string): Promise<readonly Holder[]> {
  const ours = await linkOf('/proc/self/ns/mnt');
  const holders: Holder[] = [];
  for (const entry of await namesIn('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if ((await linkOf(`/proc/${pid}/ns/mnt`)) !== ours) continue;
    const how = await holdOf(pid, mountPoint);
    if (how !== null) holders.push({pid, name: await nameOf(pid), how});
  }
  return holders;
}

export function holdersText(holders: readonly Holder[]): string {
  const named = holders.slice(0, namedMax).map(({pid, name, how}) => `${pid} (${name}: ${how})`);
  const more = holders.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

async function holdOf(pid: number, mountPoint: string): Promise<string | null> {
  const holds = (path: string | null): boolean =>
    path !== null && isWithin(path.replace(/ \(deleted\)$/, ''), mountPoint);
  const links = {cwd: 'folder', root: 'root', exe: 'program'} as const;
  for (const [link, how] of Object.entries(links)) {
    if (holds(await linkOf(`/proc/${pid}/${link}`))) return how;
  }
  const files = await namesIn(`/proc/${pid}/fd`);
  for (const fd of files.slice(0, linksMax)) {
    if (holds(await linkOf(`/proc/${pid}/fd/${fd}`))) return 'file';
  }
  return (await mappedPaths(pid)).some(holds) ? 'mapped file' : null;
}

/** The sixth column of /proc/PID/maps. */
async function mappedPaths(pid: number): Promise<readonly string[]> {
  try {
    const text = await readFile(`/proc/${pid}/maps`, 'utf8');
    return text.split('\n').flatMap((line) => /^(?:\S+\s+){5}(\/.*)$/.exec(line)?.[1] ?? []);
  } catch {
    return []; // It has ended, or is not ours to look at.
  }
}

async function nameOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
  } catch {
    return 'ended';
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch {
    return []; // It has ended meanwhile.
  }
}

async function linkOf(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch {
    return null; // It has ended, or is a thread of the kernel.
  }
}
