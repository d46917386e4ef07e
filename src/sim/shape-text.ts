/** A shape as the `cluster` and `service` lines of a scenario; what is default is left out. */

import {formatDuration, parseDuration} from '../kernel/duration.ts';
import {plansParallelMax} from '../kernel/limits.ts';
import {serviceClasses} from '../config/types.ts';
import {defaultService, defaultShape} from './shape.ts';
import type {ClusterShape, ServiceShape} from './shape.ts';

type Fields = Readonly<Record<string, string>>;

export function formatShape(shape: ClusterShape): readonly string[] {
  const cluster = fields({
    nodes: [shape.nodes, defaultShape.nodes],
    links: [shape.links, defaultShape.links],
    disks: [shape.disks, defaultShape.disks],
    profile: [shape.profile, defaultShape.profile],
    takeover: [shape.takeover, defaultShape.takeover],
    damping: [formatDuration(shape.dampingMs), formatDuration(defaultShape.dampingMs)],
    watchdog: [formatDuration(shape.watchdogMs ?? 0), formatDuration(0)],
    plans: [shape.plans ?? plansParallelMax, plansParallelMax],
    etcd: [shape.etcd === true ? 'yes' : 'no', 'no'],
    fence: [shape.fence ?? 'no', 'no'],
    quorum: [shape.quorum ?? 'no', 'no'],
    ping: [shape.ping === true ? 'yes' : 'no', 'no'],
    stopfailed: [shape.stopFailed ?? 'fence', 'fence'],
  });
  return [`cluster${cluster}`, ...shape.services.map(formatService)];
}

function formatService(service: ServiceShape): string {
  const standard = defaultService;
  const text = fields({
    class: [service.serviceClass, standard.serviceClass],
    orchestrate: [service.orchestrate, standard.orchestrate],
    origin: [service.origin, standard.origin],
    nodes: [service.nodes.join('+'), ''],
    resources: [service.resources, standard.resources],
    probe: [service.probe ? 'yes' : 'no', 'yes'],
    start: [formatDuration(service.startMs), formatDuration(standard.startMs)],
    stop: [formatDuration(service.stopMs), formatDuration(standard.stopMs)],
    startlimit: [formatDuration(service.startLimitMs), formatDuration(standard.startLimitMs)],
    stoplimit: [formatDuration(service.stopLimitMs), formatDuration(standard.stopLimitMs)],
    monitor: [formatDuration(service.monitorMs), formatDuration(standard.monitorMs)],
    restarts: [service.restarts, standard.restarts],
    memory: [formatDuration(service.failureMemoryMs), formatDuration(standard.failureMemoryMs)],
  });
  return `service ${service.name}${text}`;
}

function fields(values: Readonly<Record<string, readonly [unknown, unknown]>>): string {
  return Object.entries(values)
    .filter(([, [value, standard]]) => value !== standard)
    .map(([name, [value]]) => ` ${name}=${String(value)}`)
    .join('');
}

/** `nodes=3 links=1` ...; `faults` gets a sentence for each word that is not understood. */
export function parseCluster(text: string, faults: string[]): ClusterShape {
  const given = parseFields(text, faults, [
    'nodes',
    'links',
    'disks',
    'profile',
    'takeover',
    'damping',
    'watchdog',
    'plans',
    'etcd',
    'fence',
    'quorum',
    'ping',
    'stopfailed',
  ]);
  const {fence} = given;
  const quorum = (['freeze', 'stop', 'self-fence'] as const).find((one) => one === given['quorum']);
  return {
    nodes: count(given['nodes'], defaultShape.nodes),
    links: count(given['links'], defaultShape.links),
    disks: count(given['disks'], defaultShape.disks),
    profile: given['profile'] === 'fast' ? 'fast' : 'default',
    takeover: given['takeover'] === 'manual' ? 'manual' : 'proven',
    dampingMs: duration(given['damping'], defaultShape.dampingMs),
    ...(given['watchdog'] === undefined ? {} : {watchdogMs: duration(given['watchdog'], 0)}),
    ...(given['plans'] === undefined ? {} : {plans: count(given['plans'], plansParallelMax)}),
    ...(given['etcd'] === 'yes' ? {etcd: true} : {}),
    ...(fence === 'off' || fence === 'reboot' ? {fence} : {}),
    ...(quorum === undefined ? {} : {quorum}),
    ...(given['ping'] === 'yes' ? {ping: true} : {}),
    ...(given['stopfailed'] === 'latch' ? {stopFailed: 'latch'} : {}),
    services: [],
  };
}

const serviceFields = (
  'class orchestrate origin nodes resources probe start stop ' +
  'startlimit stoplimit monitor restarts memory'
).split(' ');

export function parseService(text: string, faults: string[]): ServiceShape {
  const [name = '', ...rest] = text.trim().split(/\s+/);
  const standard = defaultService;
  const given = parseFields(rest.join(' '), faults, serviceFields);
  const {orchestrate} = given;
  return {
    name,
    serviceClass: serviceClasses.find((one) => one === given['class']) ?? standard.serviceClass,
    orchestrate: orchestrate === 'start' || orchestrate === 'no' ? orchestrate : 'ha',
    origin: given['origin'] === 'openha' ? 'openha' : 'service',
    nodes: (given['nodes'] ?? '').split('+').filter(Boolean).map(Number),
    resources: count(given['resources'], standard.resources),
    probe: given['probe'] !== 'no',
    startMs: duration(given['start'], standard.startMs),
    stopMs: duration(given['stop'], standard.stopMs),
    startLimitMs: duration(given['startlimit'], standard.startLimitMs),
    stopLimitMs: duration(given['stoplimit'], standard.stopLimitMs),
    monitorMs: duration(given['monitor'], standard.monitorMs),
    restarts: count(given['restarts'], standard.restarts),
    failureMemoryMs: duration(given['memory'], standard.failureMemoryMs),
  };
}

function parseFields(text: string, faults: string[], known: readonly string[]): Fields {
  const entries = text
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const [name = '', value = ''] = word.split('=', 2);
      if (!known.includes(name)) faults.push(`expected ${known.join(', ')}, found ${word}`);
      return [name, value] as const;
    });
  return Object.fromEntries(entries);
}

function count(text: string | undefined, standard: number): number {
  return text === undefined ? standard : Number(text);
}

function duration(text: string | undefined, standard: number): number {
  return text === undefined ? standard : (parseDuration(text) ?? standard);
}
