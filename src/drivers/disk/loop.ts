/** A file as a block device (losetup(8)); what is set up is read from /sys, without a process. */

import type {LoopResource} from '../../config/resources/disk-loop.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../../failover/types.ts';
import {commandLine} from '../../kernel/shell-word.ts';
import {call, withRest, type DriverHost} from '../call.ts';
import {outcomeOf} from '../outcome.ts';
import {answer} from '../verdict.ts';
import {identify, loopsOver, type Loop} from '../fs/device-identity.ts';

/** A file system that does not answer a question about the file within this is hung, ms. */
const statMs = 5_000;

export function createLoopDriver(host: DriverHost): Driver<LoopResource> {
  return {
    type: 'disk.loop',
    label: ({file}) => file,
    describe: ({file}, action) => [
      action === 'start'
        ? commandLine(attach(file))
        : `losetup -d /dev/loopN # the one over ${file}`,
    ],
    probe: (resource) => probe(resource),
    start: (resource, context) => start({host, resource, context}),
    stop: (resource, context) => stop({host, resource, context}),
  };
}

interface Order {
  readonly host: DriverHost;
  readonly resource: LoopResource;
  readonly context: DriverContext;
}

function attach(file: string): readonly string[] {
  return ['losetup', '--find', '--show', file];
}

/** `isThere`: of the file; its loop devices go on when it is deleted. */
interface Seen {
  readonly isThere: boolean;
  readonly loops: readonly string[];
}

/** A sentence where nothing can be said of it. */
async function see({file}: LoopResource): Promise<Seen | string> {
  const found = await identify(file, statMs);
  if (found === 'hung') return `${file} is not responding to stat`;
  const names = (loops: readonly Loop[]): readonly string[] => loops.map(({name}) => name);
  const deleted = names(await loopsOver(`${file} (deleted)`));
  if (found === 'missing') return {isThere: false, loops: deleted};
  if (found.kind !== 'file') return `${file}: expected a file, found another kind of file`;
  return {isThere: true, loops: [...found.loops, ...deleted]};
}

async function probe(resource: LoopResource): Promise<ProbeOutcome> {
  const seen = await see(resource);
  if (typeof seen === 'string') return answer('unknown', seen);
  if (seen.loops.length > 0) return answer('up', devices(seen));
  if (!seen.isThere) return answer('down', `${resource.file}: no such file`);
  return answer('down', `no loop device is over ${resource.file}`);
}

function devices({loops}: Seen): string {
  return loops.map((name) => `/dev/${name}`).join(', ');
}

async function start(order: Order): Promise<StepOutcome> {
  const {resource, context} = order;
  const {file} = resource;
  const seen = await see(resource);
  const refused = (detail: string): StepOutcome => ({
    kind: 'failed',
    detail,
    durationMs: 0,
    untouched: true,
  });
  if (typeof seen === 'string') return refused(seen);
  if (seen.loops.length > 0) {
    return {kind: 'done', detail: `${file} is already up on ${devices(seen)}`, durationMs: 0};
  }
  if (!seen.isThere) return refused(`${file}: no such file`);
  const argv = attach(file);
  const result = await call({...order, action: 'start', argv});
  return outcomeOf({program: argv.join(' '), result, deadlineMs: context.deadlineMs});
}

/** All loop devices over the file; the first that can not be removed ends it. */
async function stop(order: Order): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const seen = await see(order.resource);
  const finished = (kind: StepOutcome['kind'], detail: string): StepOutcome => ({
    kind,
    detail,
    durationMs: performance.now() - sinceMs,
  });
  if (typeof seen === 'string') return finished('failed', seen);
  for (const name of seen.loops) {
    const argv = ['losetup', '-d', `/dev/${name}`];
    const context = withRest(order.context, sinceMs);
    const result = await call({...order, context, action: 'stop', argv});
    const {deadlineMs} = order.context;
    const outcome = outcomeOf({program: argv.join(' '), result, deadlineMs});
    if (outcome.kind !== 'done') return outcome;
  }
  const isDown = seen.loops.length === 0;
  return finished('done', isDown ? 'already down' : `${devices(seen)} removed`);
}
