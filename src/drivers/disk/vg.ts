/**
 * A volume group of LVM, held by a tag of its host: `@NODE` says which node may activate it, where
 * lvm.conf has `volume_list` with the host's tag. The tag of another node of the service is taken
 * off by a start, because the service starts only where the other node is proved not to run it; the
 * tag of a stranger is not.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {VgResource} from '../../config/resources/disk-vg.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../../failover/types.ts';
import {call, withRest, type DriverHost} from '../call.ts';
import {outcomeOf, sentence, timed, type Untimed} from '../outcome.ts';
import {answer} from '../verdict.ts';
import {readMappedDevices} from './mapped-devices.ts';
import {
  activeVolumes,
  judgeTags,
  parseReport,
  reportCommand,
  type VolumeGroup,
} from './volume-group.ts';

/** Tries to deactivate: something that has just ended may still hold a volume open. */
const deactivateTries = 3;
const deactivatePauseMs = 1_000;

export function createVgDriver(host: DriverHost): Driver<VgResource> {
  const order = (resource: VgResource, context: DriverContext): Order => ({
    host,
    resource,
    context,
    sinceMs: performance.now(),
  });
  return {
    type: 'disk.vg',
    label: ({name}) => name,
    describe: ({name}, action) => describe(host, name, action),
    probe: (resource, context) => probe(order(resource, context)),
    start: (resource, context) => timed(() => start(order(resource, context))),
    stop: (resource, context) => timed(() => stop(order(resource, context))),
  };
}

interface Order {
  readonly host: DriverHost;
  readonly resource: VgResource;
  readonly context: DriverContext;
  readonly sinceMs: number;
}

function describe(host: DriverHost, name: string, action: 'start' | 'stop'): readonly string[] {
  const tag = `@${host.node}`;
  if (action === 'stop') {
    return [`vgchange -a n ${name}`, `vgchange --deltag ${tag} ${name}`];
  }
  return [
    reportCommand(name).join(' '),
    `# vgchange --deltag @NODE ${name}: for each other node of the service that has its tag there`,
    `vgchange --addtag ${tag} ${name}`,
    `vgchange -a y ${name}`,
  ];
}

/** The kernel is asked first: an active volume is up whatever the metadata say. */
async function probe(order: Order): Promise<ProbeOutcome> {
  const {name} = order.resource;
  const devices = await readMappedDevices();
  if (typeof devices === 'string') return answer('unknown', devices);
  const active = activeVolumes(devices, name);
  if (active.length > 0) return answer('up', `${name}: ${active.join(', ')} active`);
  const group = await readGroup(order);
  if (typeof group === 'string') return answer('down', `${name}: no volume is active; ${group}`);
  if (group.volumes > 0) return answer('down', `${name}: no volume is active`);
  const {isOurs} = judgeTags(group.tags, ownersOf(order));
  const text = `${name}: it has no volume, and ${isOurs ? 'our tag' : 'not our tag'}`;
  return answer(isOurs ? 'up' : 'down', text);
}

function ownersOf({host, context}: Order): {own: string; nodes: readonly string[]} {
  return {own: host.node, nodes: context.service.nodes};
}

/** A sentence where there is no such group, or LVM does not say. */
async function readGroup(order: Order): Promise<VolumeGroup | string> {
  const {name} = order.resource;
  const argv = reportCommand(name);
  const result = await call({...within(order), action: 'status', argv});
  const asked = {program: argv.join(' '), result, deadlineMs: order.context.deadlineMs};
  if (result.kind !== 'exited' || result.code !== 0) return sentence(asked);
  return parseReport(result.stdout, name) ?? `${argv.join(' ')}: it printed no report of ${name}`;
}

function within(order: Order): Order {
  return {...order, context: withRest(order.context, order.sinceMs)};
}

async function start(order: Order): Promise<Untimed> {
  const {name} = order.resource;
  const group = await findGroup(order);
  if (typeof group === 'string') return {kind: 'failed', detail: group, untouched: true};
  const {foreign, strange, isOurs} = judgeTags(group.tags, ownersOf(order));
  if (strange.length > 0) {
    const detail = `${name} is tagged ${strange.join(' ')}: no node of this service is called so`;
    return {kind: 'failed', detail, untouched: true};
  }
  for (const tag of foreign) {
    const removed = await change(order, 'start', ['--deltag', tag]);
    if (removed.kind !== 'done') return removed;
  }
  if (!isOurs) {
    const added = await change(order, 'start', ['--addtag', `@${order.host.node}`]);
    if (added.kind !== 'done') return added;
  }
  return change(order, 'start', ['-a', 'y']);
}

/** A disk that has just come may not be known to LVM yet: it looks again, once. */
async function findGroup(order: Order): Promise<VolumeGroup | string> {
  const first = await readGroup(order);
  if (typeof first !== 'string' || order.context.signal.aborted) return first;
  await call({...within(order), action: 'start', argv: ['pvscan', '--cache']});
  const second = await readGroup(order);
  return typeof second === 'string' ? `vg ${order.resource.name} not found: ${second}` : second;
}

async function stop(order: Order): Promise<Untimed> {
  const {name} = order.resource;
  let outcome = await change(order, 'stop', ['-a', 'n']);
  for (let tries = 1; tries < deactivateTries && outcome.kind === 'failed'; tries += 1) {
    await sleep(deactivatePauseMs);
    if (order.context.signal.aborted) return outcome;
    outcome = await change(order, 'stop', ['-a', 'n']);
  }
  if (outcome.kind !== 'done') {
    const why = 'deactivation failed to release all logical volumes';
    return {...outcome, detail: `${name}: ${why}: ${outcome.detail}`};
  }
  const group = await readGroup(order);
  const isOurs = typeof group !== 'string' && judgeTags(group.tags, ownersOf(order)).isOurs;
  return isOurs ? change(order, 'stop', ['--deltag', `@${order.host.node}`]) : outcome;
}

async function change(
  order: Order,
  action: 'start' | 'stop',
  words: readonly string[],
): Promise<StepOutcome> {
  const argv = ['vgchange', ...words, order.resource.name];
  const result = await call({...within(order), action, argv});
  const {deadlineMs} = order.context;
  return outcomeOf({program: argv.join(' '), result, deadlineMs});
}
