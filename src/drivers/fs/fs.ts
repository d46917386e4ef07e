/** A file system of a service: checked, mounted, and off again with nobody left in it. */

import {mkdir, statfs} from 'node:fs/promises';
import type {FsResource} from '../../config/resources/fs.ts';
import type {Driver, DriverContext, ProbeOutcome} from '../../failover/types.ts';
import {commandLine} from '../../kernel/shell-word.ts';
import {call, withRest, type DriverHost} from '../call.ts';
import {oneAtATime} from '../host/inspection-lanes.ts';
import {outcomeOf, refused, sentence, timed, type Untimed} from '../outcome.ts';
import {answer} from '../verdict.ts';
import {checkCommand, checkPassed, mountCommand, unmountCommand} from './commands.ts';
import {identify, type Identity} from './device-identity.ts';
import {isExclusive, judgeMount, type MountVerdict} from './judge-mount.ts';
import {keptElsewhere, readMounts} from './read-mounts.ts';
import {unmount} from './unmount.ts';

export function createFsDriver(host: DriverHost): Driver<FsResource> {
  return {
    type: 'fs',
    label: ({device, mountPoint}) => `${device}@${mountPoint}`,
    describe,
    probe: (resource) => probe(resource),
    start: (resource, context) => timed(() => start({host, resource, context})),
    stop: (resource, context) => timed(() => stop({host, resource, context})),
  };
}

interface Order {
  readonly host: DriverHost;
  readonly resource: FsResource;
  readonly context: DriverContext;
}

function describe(resource: FsResource, action: 'start' | 'stop'): readonly string[] {
  const {mountPoint, fsType, device} = resource;
  if (action === 'stop') return [commandLine(unmountCommand(mountPoint))];
  const checking = checkCommand(fsType, device);
  return [
    ...(checking === null ? [] : [commandLine(checking)]),
    commandLine(mountCommand(resource, device, {loop: resource.options.includes('loop')})),
  ];
}

/** What is known of the device and of the mount point; a sentence where neither can be said. */
type Seen = {readonly verdict: MountVerdict; readonly identity: Identity | null} | string;

async function see(resource: FsResource): Promise<Seen> {
  const mounts = await readMounts();
  if (typeof mounts === 'string') return mounts;
  const identity = await identityOf(resource);
  if (identity === 'hung') return `${resource.device} is not responding to stat`;
  return {verdict: judgeMount(resource, mounts, identity), identity};
}

/** Null: it has none, or it is not there. */
async function identityOf(resource: FsResource): Promise<Identity | null | 'hung'> {
  if (!isExclusive(resource) && resource.fsType !== 'bind') return null;
  const found = await identify(resource.device, resource.statMs);
  return found === 'missing' ? null : found;
}

async function probe(resource: FsResource): Promise<ProbeOutcome> {
  const {device, mountPoint} = resource;
  const seen = await see(resource);
  if (typeof seen === 'string') return answer('unknown', seen);
  const {verdict} = seen;
  switch (verdict.kind) {
    case 'absent':
      return answer('down', `${device} is not mounted on ${mountPoint}`);
    case 'in-use':
      return answer('down', `${mountPoint} is in use by ${verdict.by.source}, not ${device}`);
    case 'elsewhere':
      return answer('unknown', `${device} is mounted on ${verdict.at}, not on ${mountPoint}`);
    case 'mounted':
      return judgeHealth(resource, verdict.mount.isReadOnly);
  }
}

/** Mounted is not enough: it must answer, and be writable where it was mounted so. */
async function judgeHealth(resource: FsResource, isReadOnly: boolean): Promise<ProbeOutcome> {
  const {device, mountPoint, options, statMs} = resource;
  const text = `${device} on ${mountPoint}`;
  if (isReadOnly && !options.includes('ro')) {
    return answer('unknown', `${text} is read-only: the kernel does so after an error of the disk`);
  }
  const answers = await answersWithin(mountPoint, statMs);
  if (answers) return answer('up', text);
  return answer('unknown', `${text} is mounted and not responding to stat`);
}

async function answersWithin(path: string, deadlineMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, false);
  });
  const asked = oneAtATime(`mount ${path}`, () => statfs(path)).then(
    () => true,
    () => false,
  );
  const first = await Promise.race([asked, late]);
  clearTimeout(timer);
  return first;
}

async function start(order: Order): Promise<Untimed> {
  const sinceMs = performance.now();
  const {resource} = order;
  const seen = await see(resource);
  if (typeof seen === 'string') return refused(seen);
  const hindrance = hindranceOf(resource, seen.verdict);
  if (hindrance !== null) return hindrance;
  const fault = deviceFault(resource, seen.identity);
  if (fault !== null) return refused(fault);
  const point = await makeMountPoint(order);
  if (point !== null) return refused(point);
  const within = (): Order => ({...order, context: withRest(order.context, sinceMs)});
  const {device, loop} = deviceToMount(resource, seen.identity);
  const broken = await check(within(), device);
  if (broken !== null) return broken;
  const argv = mountCommand(resource, device, {loop});
  const result = await call({...within(), action: 'start', argv});
  const {deadlineMs} = order.context;
  return outcomeOf({program: argv.join(' '), result, deadlineMs});
}

/** What ends a start before it began; null where nothing is in the way. */
function hindranceOf(resource: FsResource, verdict: MountVerdict): Untimed | null {
  const {device, mountPoint} = resource;
  switch (verdict.kind) {
    case 'mounted':
      return {kind: 'done', detail: `fs(${device} ${mountPoint}) is already mounted`};
    case 'in-use':
      return refused(`${mountPoint} is in use by ${verdict.by.source}, expected it to be free`);
    case 'elsewhere':
      return refused(`${device} is already mounted on ${verdict.at}`);
    case 'absent':
      return null;
  }
}

function deviceFault(resource: FsResource, identity: Identity | null): string | null {
  const {fsType, device} = resource;
  if (!isExclusive(resource) && fsType !== 'bind') return null;
  if (identity === null) return `${device}: no such device or file`;
  const {kind} = identity;
  if (fsType === 'bind') {
    return kind === 'folder' ? null : `${device}: expected a folder, found another kind of file`;
  }
  if (kind === 'block' || kind === 'file') return null;
  return `${device}: expected a block device or an image file, found another kind of file`;
}

/** An image file is mounted through the loop device that is over it already, if there is one. */
function deviceToMount(
  resource: FsResource,
  identity: Identity | null,
): {readonly device: string; readonly loop: boolean} {
  if (identity?.kind !== 'file') return {device: resource.device, loop: false};
  const [loop] = identity.loops;
  return loop === undefined
    ? {device: resource.device, loop: true}
    : {device: `/dev/${loop}`, loop: false};
}

/** Null: it is there. A folder that was made stays: it is empty, and harmless. */
async function makeMountPoint({resource, context}: Order): Promise<string | null> {
  const {mountPoint, statMs} = resource;
  const found = await identify(mountPoint, statMs);
  if (found === 'hung') return `${mountPoint}: the file system of the mount point does not answer`;
  if (found !== 'missing') {
    if (found.kind !== 'folder') return `${mountPoint}: expected a folder, found another file`;
    if (found.path === mountPoint) return null;
    return `${mountPoint}: expected no link on the way, found that it leads to ${found.path}`;
  }
  try {
    context.log(`create missing mountpoint ${mountPoint}`);
    await mkdir(mountPoint, {recursive: true, mode: 0o755});
    return null;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    return `${mountPoint}: the mount point can not be made: ${code ?? String(error)}`;
  }
}

/** Null: checked, or nothing to check. */
async function check(order: Order, device: string): Promise<Untimed | null> {
  const {fsType} = order.resource;
  const argv = checkCommand(fsType, device);
  if (argv === null) return null;
  const result = await call({...order, action: 'start', argv});
  if (result.kind === 'exited' && checkPassed(fsType, result.code)) return null;
  const asked = {program: argv.join(' '), result, deadlineMs: order.context.deadlineMs};
  return {...outcomeOf(asked), kind: result.ended ? 'failed' : 'unknown', detail: sentence(asked)};
}

async function stop(order: Order): Promise<Untimed> {
  const {resource} = order;
  const {device, mountPoint} = resource;
  const seen = await see(resource);
  if (typeof seen === 'string') return {kind: 'failed', detail: seen};
  const {verdict, identity} = seen;
  if (verdict.kind === 'elsewhere') {
    return {kind: 'failed', detail: `${device} is mounted on ${verdict.at}, which is not ours`};
  }
  if (verdict.kind !== 'mounted') {
    return {kind: 'done', detail: `fs(${device} ${mountPoint}) is already umounted`};
  }
  const fault = await unmount(order);
  if (fault !== null) return {kind: 'failed', detail: fault};
  const numbers = isExclusive(resource) ? [verdict.mount.numbers] : [];
  const kept = await keptElsewhere([
    ...numbers,
    ...(isExclusive(resource) ? (identity?.numbers ?? []) : []),
  ]);
  if (kept === null) return {kind: 'done', detail: `${device} is umounted from ${mountPoint}`};
  const where = `still mounted in the mount namespace of process ${kept}`;
  return {kind: 'failed', detail: `${device} is umounted from ${mountPoint}, and ${where}`};
}
