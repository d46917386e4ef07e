/**
 * Ending a process group: TERM, then KILL, each to all of it, and the proof that it is gone. Only a
 * group that we made and whose leader we have not yet given up is ever signalled.
 */

import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';

/**
 * Sends a signal to a group; false where no such group exists. A port, so that a test may refuse.
 */
export type SignalGroup = (pgid: number, signal: NodeJS.Signals | 0) => boolean;

export interface EndGroupOptions {
  readonly pgid: number;
  /** True once the leader has been waited for. */
  readonly leaderExited: () => boolean;
  readonly graceMs: number;
  /** How long to wait after KILL before the group is given up. */
  readonly unkillableMs: number;
  readonly signalGroup: SignalGroup;
}

/** Shortest and longest pause between two looks, ms. */
const lookMsMin = 2;
const lookMsMax = 50;
/** When the process table is read for the first time, and how seldom after that, ms. */
const zombieLookMsMin = 10;
const zombieLookMsMax = 250;

/** True when nothing of the group is left; false within graceMs + unkillableMs at the latest. */
export async function endGroup(options: EndGroupOptions): Promise<boolean> {
  options.signalGroup(options.pgid, 'SIGTERM');
  // A stopped process gets the TERM only when it goes on.
  options.signalGroup(options.pgid, 'SIGCONT');
  if (await isGoneWithin(options, options.graceMs)) return true;
  options.signalGroup(options.pgid, 'SIGKILL');
  return isGoneWithin(options, options.unkillableMs);
}

/** Signals the group of a child that was spawned `detached`: it leads a group of its own. */
export const signalGroup: SignalGroup = (pgid, signal) => {
  try {
    process.kill(-pgid, signal);
    return true;
  } catch (error) {
    // EPERM: it exists, and belongs to somebody else by now. Only ESRCH says that it is gone.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

async function isGoneWithin(options: EndGroupOptions, boundMs: number): Promise<boolean> {
  const dueMs = performance.now() + boundMs;
  let lookMs = lookMsMin;
  let zombiesDueMs = performance.now() + zombieLookMsMin;
  for (;;) {
    if (isGone(options)) return true;
    const nowMs = performance.now();
    if (options.leaderExited() && nowMs >= zombiesDueMs) {
      if (await isOnlyZombies(options.pgid)) return true;
      zombiesDueMs = performance.now() + zombieLookMsMax;
    }
    const leftMs = dueMs - nowMs;
    if (leftMs <= 0) return false;
    await sleep(Math.min(lookMs, Math.max(1, leftMs)));
    lookMs = Math.min(lookMsMax, lookMs * 2);
  }
}

function isGone(options: EndGroupOptions): boolean {
  return options.leaderExited() && !options.signalGroup(options.pgid, 0);
}

/**
 * Where process 1 does not wait for orphans (many containers), dead members keep the group's number
 * alive. They hold nothing any more, so they must not count as running. Linux only: without /proc
 * the group counts as alive.
 */
async function isOnlyZombies(pgid: number): Promise<boolean> {
  const members = await groupMembers(pgid);
  return members !== null && members.every((member) => member.state === 'Z');
}

export interface GroupMember {
  readonly pid: number;
  /** Letter of proc(5): R, S, D, Z, T ... */
  readonly state: string;
}

/** The members of a group as /proc shows them; null where there is no /proc. */
export async function groupMembers(pgid: number): Promise<readonly GroupMember[] | null> {
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return null; // FreeBSD without procfs: the caller takes the careful side.
  }
  const pids = names.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return null;
  const members: GroupMember[] = [];
  for (const pid of pids) {
    const state = await stateIfMember(pid, pgid);
    if (state !== null) members.push({pid: Number(pid), state});
  }
  return members;
}

async function stateIfMember(pid: string, pgid: number): Promise<string | null> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // It ended while we looked.
  }
  // proc(5): the command stands in parentheses and may itself hold any character.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(group) === pgid ? (state ?? null) : null;
}
