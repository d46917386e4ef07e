/**
 * What runs on this machine, as far as the remains of a former daemon must be found in it: numbers,
 * groups, when each was made, and the mark in its environment. Linux has it in /proc; elsewhere
 * ps(1) of FreeBSD is asked, which prints the environment before the command.
 */

import {readFile, readdir} from 'node:fs/promises';
import {run} from './run.ts';

export interface ProcessSeen {
  readonly pid: number;
  readonly pgid: number;
  /** Letter of proc(5) or ps(1): Z has ended. */
  readonly state: string;
  /** Ticks from the boot until it was made; null where the system does not say. */
  readonly started: number | null;
  /** Value of the mark; null: it has none, or its environment is not shown to us. */
  readonly mark: string | null;
}

/** Null where it can not be read: then nothing is known of anybody. */
export type ProcessTable = (markName: string) => Promise<readonly ProcessSeen[] | null>;

const psDeadlineMs = 10_000;
/** Room for the environments of some thousand processes. */
const psBytesMax = 32 * 1_024 * 1_024;

export const readProcesses: ProcessTable = (markName) =>
  process.platform === 'linux' ? readProc(markName) : askPs(markName);

/** When a process was made, in ticks since the boot; null where it is gone or nothing says so. */
export async function startedOf(pid: number): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  return (await readStat(pid))?.started ?? null;
}

async function readProc(markName: string): Promise<readonly ProcessSeen[] | null> {
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return null;
  }
  const seen: ProcessSeen[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readStat(Number(name));
    if (stat === null) continue; // It ended while we looked.
    seen.push({...stat, mark: await readMark(stat.pid, markName)});
  }
  return seen.length === 0 ? null : seen;
}

async function readStat(pid: number): Promise<Omit<ProcessSeen, 'mark'> | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the command stands in parentheses and may itself hold any character.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = '', , group] = fields;
    return {pid, pgid: Number(group), state, started: Number(fields[19])};
  } catch {
    return null;
  }
}

async function readMark(pid: number, markName: string): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/environ`, 'latin1');
    const variable = text.split('\0').find((one) => one.startsWith(`${markName}=`));
    return variable?.slice(markName.length + 1) ?? null;
  } catch {
    return null;
  }
}

async function askPs(markName: string): Promise<readonly ProcessSeen[] | null> {
  const columns = ['pid=', 'pgid=', 'stat=', 'command='].flatMap((column) => ['-o', column]);
  const asked = await run({
    argv: ['ps', '-axeww', ...columns],
    deadlineMs: psDeadlineMs,
    outputBytesMax: psBytesMax,
  });
  return asked.code === 0 ? parsePs(asked.stdout, markName) : null;
}

/** Lines of pid, pgid, state, then environment and command. */
export function parsePs(text: string, markName: string): readonly ProcessSeen[] | null {
  const seen: ProcessSeen[] = [];
  for (const line of text.split('\n')) {
    const match = /^ *(\d+) +(\d+) +(\S)\S* (.*)$/.exec(line);
    if (match === null) continue;
    const [, pid, pgid, state = '', rest = ''] = match;
    const mark = new RegExp(`(?:^| )${markName}=([^ ]*)`).exec(rest)?.[1] ?? null;
    seen.push({pid: Number(pid), pgid: Number(pgid), state, started: null, mark});
  }
  return seen.length === 0 ? null : seen;
}
