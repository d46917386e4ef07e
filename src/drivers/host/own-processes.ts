/**
 * Processes that were started with certain variables in their environment (proc(5)): how a program
 * is found again that nobody waits for, also by the next daemon.
 */

import {readdir, readFile} from 'node:fs/promises';
import {err, ok, type Result} from '../../kernel/result.ts';

export interface OwnProcess {
  readonly pid: number;
  readonly parent: number;
}

/** Read at the same time: each is a call of the kernel that may wait. */
const parallelMax = 8;

/** Those that have each of `marks` (`NAME=VALUE`); else a sentence, why nobody can tell. */
export async function ownProcesses(
  marks: readonly string[],
): Promise<Result<readonly OwnProcess[], string>> {
  let names: readonly string[];
  try {
    names = await readdir('/proc');
  } catch {
    return err('/proc can not be read: its processes can not be found');
  }
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  if (!pids.includes(process.pid)) return err('/proc does not show the processes of this system');
  const found: OwnProcess[] = [];
  const queue = pids.values();
  const worker = async (): Promise<void> => {
    for (const pid of queue) {
      const parent = await parentIfOwn(pid, marks);
      if (parent !== null) found.push({pid, parent});
    }
  };
  await Promise.all(Array.from({length: parallelMax}, worker));
  return ok(found.sort((left, right) => left.pid - right.pid));
}

/** True while the process has the marks: it is the one that was found, and not its successor. */
export async function isOwn(pid: number, marks: readonly string[]): Promise<boolean> {
  return (await parentIfOwn(pid, marks)) !== null;
}

/** Null where it is another one, or has ended: the environment of a zombie is empty. */
async function parentIfOwn(pid: number, marks: readonly string[]): Promise<number | null> {
  try {
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    if (!marks.every((mark) => variables.includes(mark))) return null;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in brackets, and may hold brackets and blanks.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent);
  } catch {
    return null; // It has ended meanwhile, or is the kernel's own.
  }
}

/** Those that none of the others started. */
export function firstOf(processes: readonly OwnProcess[]): readonly OwnProcess[] {
  const pids = new Set(processes.map(({pid}) => pid));
  return processes.filter(({parent}) => !pids.has(parent));
}

/** A signal to one that still has the marks; false where it has ended. */
export async function signalOwn(
  pid: number,
  marks: readonly string[],
  signal: NodeJS.Signals,
): Promise<boolean> {
  if (!(await isOwn(pid, marks))) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // It ended in this instant.
  }
}
