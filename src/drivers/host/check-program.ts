/**
 * A look at a program before it is run as ourselves: nobody but us and root may be able to change
 * it, its folders, or a link on the way. It also finds what `exec` would report badly or not at
 * all: a file without `#!` that the C library would quietly hand to a shell (exec(3)), Windows
 * line ends in the first line, an interpreter that is missing.
 */

import {constants, type Stats} from 'node:fs';
import {access, lstat, open, readlink} from 'node:fs/promises';
import {fixedPath} from './fixed-path.ts';
import {oneAtATime} from './inspection-lanes.ts';

/** `path`: absolute, to be executed. `fault`: a sentence, why it must not or can not be. */
export type ProgramCheck =
  {readonly ok: true; readonly path: string} | {readonly ok: false; readonly fault: string};

/** Symbolic links followed on the way, as the kernel's own limit. */
const linksMax = 40;
/** The kernel reads at most this much of a first line (binfmt_script). */
const headBytes = 256;
const pathCharsMax = 4_096;

/**
 * Never rejects. A file system that does not answer makes it wait for ever: the caller has a
 * deadline, and `oneAtATime` sees to it that such waits never use up the thread pool.
 */
export async function checkProgram(name: string): Promise<ProgramCheck> {
  if (name === '' || name.includes('\0') || name.length > pathCharsMax) {
    return refuse('the name of the program is empty, too long, or holds a NUL byte');
  }
  if (name.startsWith('/')) return oneAtATime(name, () => inspect(name));
  if (name.includes('/')) return refuse(`${name}: expected an absolute path or a bare name`);
  return oneAtATime(name, () => search(name));
}

/** A bare name is looked up along our fixed PATH, never along that of whoever started us. */
async function search(name: string): Promise<ProgramCheck> {
  for (const folder of fixedPath.split(':')) {
    const path = `${folder}/${name}`;
    if (await isExecutable(path)) return inspect(path);
  }
  return refuse(`${name}: no such program in ${fixedPath}`);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not here: the next folder of PATH may have it.
  }
}

async function inspect(path: string): Promise<ProgramCheck> {
  try {
    const walked = await walk(path);
    if (typeof walked === 'string') return refuse(walked);
    const fault = fileFault(path, walked.stats) ?? (await headFault(path));
    return fault === null ? {ok: true, path} : refuse(fault);
  } catch (error) {
    return refuse(systemFault(path, error as NodeJS.ErrnoException));
  }
}

interface Walked {
  readonly at: string;
  readonly stats: Stats;
}

/**
 * Component by component from the root, links resolved by hand: each entry on the way is judged.
 */
async function walk(path: string): Promise<Walked | string> {
  let pending = parts(path);
  let at = '';
  let stats = await lstat('/');
  let linkCount = 0;
  for (;;) {
    const fault = entryFault(at === '' ? '/' : at, stats);
    if (fault !== null) return fault;
    const part = pending.shift();
    if (part === undefined) return {at, stats};
    if (part === '..') at = at.slice(0, Math.max(0, at.lastIndexOf('/')));
    const next = part === '..' ? at : `${at}/${part}`;
    stats = await lstat(next === '' ? '/' : next);
    if (!stats.isSymbolicLink()) {
      at = next;
      continue;
    }
    linkCount += 1;
    if (linkCount > linksMax) return `${path}: more than ${linksMax} symbolic links on the way`;
    // The mode of a link says nothing; its owner may replace it where the folder is sticky.
    if (!isOurs(stats)) return `${next}: the link belongs to ${owner(stats)}, who could change it`;
    const target = await readlink(next);
    pending = [...parts(target), ...pending];
    if (target.startsWith('/')) at = '';
    stats = await lstat(at === '' ? '/' : at);
  }
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Null where nobody but root and ourselves can change the entry. */
function entryFault(path: string, stats: Stats): string | null {
  if (!isOurs(stats)) return `${path}: it belongs to ${owner(stats)}, who could change it`;
  // In a sticky folder (/tmp) only its owner may replace an entry, and that owner is judged next.
  if (stats.isDirectory() && (stats.mode & 0o1000) !== 0) return null;
  const hint = `chmod go-w ${path}`;
  if ((stats.mode & 0o002) !== 0) return `${path}: it is writable by everybody: ${hint}`;
  if ((stats.mode & 0o020) !== 0 && stats.gid !== 0 && stats.gid !== process.getegid?.()) {
    return `${path}: it is writable by the group ${stats.gid}: ${hint}`;
  }
  return null;
}

function isOurs(stats: Stats): boolean {
  return stats.uid === 0 || stats.uid === process.geteuid?.();
}

function owner(stats: Stats): string {
  return `the user ${stats.uid}`;
}

function fileFault(path: string, stats: Stats): string | null {
  if (stats.isDirectory()) return `${path}: expected a program, found a directory`;
  if (!stats.isFile()) return `${path}: expected a program, found no regular file`;
  if ((stats.mode & 0o111) === 0) return `${path}: it is not executable: chmod +x ${path}`;
  return null;
}

async function headFault(path: string): Promise<string | null> {
  const head = await readHead(path);
  if (head === null) return null;
  if (head.length === 0) return `${path}: the file is empty`;
  if (!head.startsWith('#!')) {
    const isBinary = head.includes('\0');
    return isBinary ? null : `${path}: expected "#!/bin/sh" or the like as its first line`;
  }
  const line = head.slice(2).split('\n', 1)[0]!;
  if (line.endsWith('\r')) return `${path}: its lines end as on Windows: sed -i 's/\\r$//' ${path}`;
  const interpreter = line.trim().split(/[ \t]/, 1)[0]!;
  if (interpreter === '') return `${path}: no interpreter follows the "#!" of its first line`;
  return (await exists(interpreter)) ? null : `${path}: its interpreter ${interpreter} is missing`;
}

/** Null where we may execute but not read it: then exec itself must tell. */
async function readHead(path: string): Promise<string | null> {
  let file;
  try {
    file = await open(path, 'r');
  } catch {
    return null; // EACCES for a program of mode 0711: executing it is still allowed.
  }
  try {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false; // Whatever the reason, exec would fail on it too.
  }
}

function systemFault(path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `${path}: no such file`;
  if (error.code === 'ENOTDIR') return `${path}: a part of the path is no directory`;
  if (error.code === 'EACCES') return `${path}: permission denied on the way to it`;
  return `${path}: ${error.code ?? error.message}`;
}

function refuse(fault: string): ProgramCheck {
  return {ok: false, fault};
}
