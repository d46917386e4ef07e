/**
 * The cluster to simulate, in the few words that matter: how many nodes and media, which services,
 * how long their scripts take. From it the same ClusterConfig is made that the parser would make,
 * with the same formulas.
 */

import {diskConfig} from '../config/disk-lease.ts';
import {baseDefaults} from '../config/resources/base.ts';
import type {ScriptResource} from '../config/resources/script.ts';
import {quorumOf} from '../config/quorum.ts';
import type {
  ArbiterConfig,
  ClusterConfig,
  DiskConfig,
  FenceConfig,
  LinkConfig,
  Place,
  QuorumConfig,
  ServiceClass,
  ServiceConfig,
  Timing,
} from '../config/types.ts';
import {digestText} from '../kernel/hash.ts';
import {diskId, linkId, nodeName, resourceId, serviceName} from '../kernel/ids.ts';
import type {NodeName} from '../kernel/ids.ts';

/** What a script really takes, and what the configuration allows it. */
export interface ServiceShape {
  readonly name: string;
  readonly serviceClass: ServiceClass;
  readonly orchestrate: 'ha' | 'start' | 'no';
  /** `openha` begins its life frozen. */
  readonly origin: 'openha' | 'service';
  /** Numbers of the nodes in order of preference, from 1. */
  readonly nodes: readonly number[];
  readonly resources: number;
  /** False: the script knows no status. */
  readonly probe: boolean;
  readonly startMs: number;
  readonly stopMs: number;
  /** Deadlines by configuration. */
  readonly startLimitMs: number;
  readonly stopLimitMs: number;
  readonly monitorMs: number;
  readonly restarts: number;
  readonly failureMemoryMs: number;
}

export interface ClusterShape {
  readonly nodes: number;
  readonly links: number;
  readonly disks: number;
  readonly profile: 'default' | 'fast';
  readonly takeover: 'proven' | 'manual';
  readonly dampingMs: number;
  /** Time-out of each node's watchdog; 0 or absent: none. */
  readonly watchdogMs?: number;
  /** Plans that one daemon runs at once; absent: as many as a real one. */
  readonly plans?: number;
  /** An etcd that all nodes obey. Absent: none. */
  readonly etcd?: true;
  /** How each node is switched off by the others. Absent: not at all. */
  readonly fence?: 'off' | 'reboot';
  /** Each node asks a ping target. Absent: none. */
  readonly ping?: true;
  /** What becomes of services without a majority. Absent: being more means nothing. */
  readonly quorum?: QuorumConfig['policy'];
  /** What becomes of a living node that could not stop a service. Absent: `fence`. */
  readonly stopFailed?: 'latch';
  readonly services: readonly ServiceShape[];
}

export const defaultService: ServiceShape = {
  name: 'web',
  serviceClass: 'exclusive',
  orchestrate: 'ha',
  origin: 'service',
  nodes: [],
  resources: 1,
  probe: true,
  startMs: 500,
  stopMs: 300,
  startLimitMs: 10_000,
  stopLimitMs: 3_000,
  monitorMs: 10_000,
  restarts: 0,
  failureMemoryMs: 0,
};

export const defaultShape: ClusterShape = {
  nodes: 2,
  links: 2,
  disks: 1,
  profile: 'default',
  takeover: 'proven',
  dampingMs: 300_000,
  services: [],
};

const place: Place = {file: 'simulated', line: 0};
const probeLimitMs = 5_000;
/** Of one try to switch a node off. */
const fenceMs = 5_000;
/** 500 ppm, as the parser has it. */
const clockErrorRatio = 0.0005;
const profiles = {
  default: {beatMs: 1_000, deadMs: 5_000, ioMs: 1_000, ttlMs: 10_000},
  fast: {beatMs: 200, deadMs: 1_000, ioMs: 250, ttlMs: 5_000},
} as const;

/** `node1`, `node2` ... */
export const nodeNamed = (number: number): NodeName => nodeName(`node${number}`);

/** The name under which every simulated cluster authenticates its frames. */
export const simClusterName = 'sim';

/** The configuration of a shape. `links` come before disks in the numbering of `hb#N`. */
export function configOf(shape: ClusterShape): ClusterConfig {
  const nodes = Array.from({length: shape.nodes}, (_, index) => nodeNamed(index + 1));
  const timing = timingOf(shape);
  const links = Array.from({length: shape.links}, (_, index) => linkOf(index + 1, nodes, timing));
  const disks = Array.from({length: shape.disks}, (_, index) =>
    diskOf(shape, shape.links + index + 1, nodes),
  );
  const quorum = shape.quorum === undefined ? null : quorumOf(shape.quorum, {nodes, links, timing});
  const services = shape.services.map((service) => serviceOf(service, nodes));
  return {
    name: simClusterName,
    nodes,
    takeover: shape.takeover,
    stopFailed: shape.stopFailed ?? 'fence',
    timing,
    links,
    disks,
    services,
    quorum,
    peerPort: new Map(nodes.map((node) => [node, 0])),
    fences: shape.fence === undefined ? [] : nodes.map((node) => fenceOf(node, shape.fence!)),
    watchdogs: watchdogsOf(shape, nodes),
    pings: shape.ping === true ? pingsOf(nodes, timing) : new Map(),
    arbiter: shape.etcd === true ? arbiterOf(shape, nodes) : null,
    freezeSecondaryOnStart: false,
    digest: digestText(JSON.stringify(shape)),
  };
}

function timingOf(shape: ClusterShape): Timing {
  const {beatMs, deadMs} = profiles[shape.profile];
  const delayMs = 50;
  return {
    beatMs,
    deadMs,
    delayMs,
    stallMs: beatMs,
    graceMs: 2 * beatMs + delayMs + beatMs,
    dampingMs: shape.dampingMs,
    holdDownMsMax: 60_000,
    clockErrorRatio,
  };
}

function fenceOf(node: NodeName, action: 'off' | 'reboot'): FenceConfig {
  return {
    node,
    level: 1,
    method: {kind: 'agent', agent: 'fence_simulated', parameters: new Map(), passwordFile: null},
    action,
    timeoutMs: fenceMs,
    retries: 1,
    delayMs: null,
    place,
  };
}

function pingsOf(nodes: readonly NodeName[], {beatMs: intervalMs}: Timing): ClusterConfig['pings'] {
  const ping = {targets: ['192.0.2.1'], needed: 1, intervalMs, place};
  return new Map(nodes.map((node) => [node, ping]));
}

function watchdogsOf(
  {watchdogMs: timeoutMs = 0}: ClusterShape,
  nodes: readonly NodeName[],
): ClusterConfig['watchdogs'] {
  if (timeoutMs === 0) return new Map();
  const watchdog = {
    mode: 'required',
    device: '/dev/watchdog',
    timeoutMs,
    assume: 'nothing',
    selfFence: 'watchdog',
    place,
  } as const;
  return new Map(nodes.map((node) => [node, watchdog]));
}

function arbiterOf(shape: ClusterShape, nodes: readonly NodeName[]): ArbiterConfig {
  const {ttlMs} = profiles[shape.profile];
  const files = {ca: null, cert: null, key: null, user: null, password: null};
  return {
    id: 'arbitrator#1',
    kind: 'etcd',
    endpoints: [],
    prefix: '',
    ttlMs,
    renewMs: ttlMs / 4,
    timeoutMs: ttlMs / 8,
    files: new Map(nodes.map((node) => [node, files])),
    place,
  };
}

function linkOf(number: number, nodes: readonly NodeName[], timing: Timing): LinkConfig {
  const ends = nodes.map(
    (node) => [node, {iface: null, address: null, listen: [], sendTo: []}] as const,
  );
  return {
    id: linkId(`hb#${number}`),
    kind: 'multicast',
    deadMs: timing.deadMs,
    ttl: 1,
    loopback: false,
    ends: new Map(ends),
    place,
  };
}

/** Slots of two records: one for life, one for states. */
const slotBlocks = 2;

function diskOf(shape: ClusterShape, number: number, nodes: readonly NodeName[]): DiskConfig {
  const places = {
    id: diskId(`hb#${number}`),
    device: new Map(nodes.map((node) => [node, `/dev/disk${number}`])),
    slotBlock: new Map(nodes.map((node, index) => [node, index * slotBlocks])),
    place,
  };
  const numbers = {
    ioMs: profiles[shape.profile].ioMs,
    renewMs: null,
    leaseMs: null,
    deadMs: null,
    slotBlocks,
  };
  return diskConfig(places, numbers, clockErrorRatio);
}

function serviceOf(shape: ServiceShape, nodes: readonly NodeName[]): ServiceConfig {
  const {name, serviceClass, orchestrate, monitorMs, restarts, failureMemoryMs, origin} = shape;
  const resources = Array.from({length: shape.resources}, (_, index): ScriptResource => ({
    ...baseDefaults,
    type: 'script',
    rid: resourceId(shape.resources === 1 ? 'script' : `script#${index + 1}`),
    script: `/scripts/${name}`,
    checkScript: '',
    probe: shape.probe ? 'status' : 'none',
    startMs: shape.startLimitMs,
    stopMs: shape.stopLimitMs,
    probeMs: probeLimitMs,
    place,
  }));
  const order = shape.nodes.length === 0 ? nodes : shape.nodes.map((number) => nodeNamed(number));
  return {
    name: serviceName(name),
    nodes: order,
    serviceClass,
    orchestrate,
    resources,
    monitorMs,
    restarts,
    failureMemoryMs,
    monitorActions: [],
    origin,
    digest: digestText(JSON.stringify(shape)),
    place,
  };
}
