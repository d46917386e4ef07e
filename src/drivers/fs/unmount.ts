/**
 * The ladder down: what is mounted below, the mount itself, then those who hold it are asked to end
 * (TERM), then ended (KILL), each time followed by another try. Never lazily: a lazy unmount only
 * hides the mount while its holders go on writing.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {FsResource} from '../../config/resources/fs.ts';
import type {DriverContext} from '../../failover/types.ts';
import {call, withRest, type DriverHost} from '../call.ts';
import {sentence} from '../outcome.ts';
import {forceCommand, unmountCommand} from './commands.ts';
import {holdersOf, holdersText, type Holder} from './holders.ts';
import {mountAt, mountsBelow} from './mount-table.ts';
import {readMounts} from './read-mounts.ts';

export interface Descent {
  readonly host: DriverHost;
  readonly resource: FsResource;
  readonly context: DriverContext;
}

/** How long holders may take to end before the next rung, ms; less where the deadline is near. */
const patienceMs: Readonly<Record<'SIGTERM' | 'SIGKILL', number>> = {
  SIGTERM: 5_000,
  SIGKILL: 2_000,
};
const pauseMs = 50;

/** Null: it is off. Else why not, with who holds it. */
export async function unmount(descent: Descent): Promise<string | null> {
  const sinceMs = performance.now();
  const due = descent.context.deadlineMs;
  const within = (): Descent => ({...descent, context: withRest(descent.context, sinceMs)});
  const below = await unmountBelow(within());
  if (below !== null) return below;
  let fault = await unmountOnce(within());
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (fault === null || descent.context.signal.aborted) break;
    const holders = await holdersOf(descent.resource.mountPoint);
    if (holders.length === 0) break;
    const leftMs = due - (performance.now() - sinceMs);
    await endHolders(within(), {holders, signal, waitMs: Math.min(patienceMs[signal], leftMs / 4)});
    fault = await unmountOnce(within());
  }
  if (fault !== null && descent.resource.fsType.startsWith('nfs')) {
    fault = await unmountOnce(within(), forceCommand(descent.resource.mountPoint));
  }
  if (fault === null) return null;
  const holders = await holdersOf(descent.resource.mountPoint);
  const held = holders.length === 0 ? '' : `; held by ${holdersText(holders)}`;
  return `failed to umount ${descent.resource.mountPoint}: ${fault}${held}`;
}

/** Null where nothing is left below. Mounts of others there would keep ours busy. */
async function unmountBelow(descent: Descent): Promise<string | null> {
  const mounts = await readMounts();
  if (typeof mounts === 'string') return mounts;
  for (const point of mountsBelow(mounts, descent.resource.mountPoint)) {
    const fault = await unmountOnce(descent, unmountCommand(point));
    if (fault !== null) return `failed to umount ${point}, which lies below: ${fault}`;
  }
  return null;
}

/** Null: done, or it was not mounted. */
async function unmountOnce(
  descent: Descent,
  argv: readonly string[] = unmountCommand(descent.resource.mountPoint),
): Promise<string | null> {
  const result = await call({...descent, action: 'stop', argv});
  if (result.kind === 'exited' && result.code === 0) return null;
  const mounts = await readMounts();
  const point = argv.at(-1) ?? '';
  if (typeof mounts !== 'string' && mountAt(mounts, point) === null) return null;
  return sentence({program: argv.join(' '), result, deadlineMs: descent.context.deadlineMs});
}

async function endHolders(
  {resource, context}: Descent,
  how: {readonly holders: readonly Holder[]; readonly signal: NodeJS.Signals; waitMs: number},
): Promise<void> {
  context.log(`${how.signal} to ${holdersText(how.holders)}, which hold ${resource.mountPoint}`);
  for (const {pid} of how.holders) sendSignal(pid, how.signal);
  const dueMs = performance.now() + how.waitMs;
  while (performance.now() < dueMs && !context.signal.aborted) {
    await sleep(pauseMs);
    if ((await holdersOf(resource.mountPoint)).length === 0) return;
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  // Process 1 is nobody's to end, and the system ends with it.
  if (pid <= 1) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile, or is not ours to end: the next try to unmount tells.
  }
}
