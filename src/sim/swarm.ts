/**
 * Swarm testing: a seed draws a cluster and a few kinds of faults, not all of them, because a run
 * in which everything fails at once finds less than many runs in which two things fail together.
 * The faults cluster around a few moments for the same reason.
 */

import {serviceClasses} from '../config/types.ts';
import {Chance} from '../kernel/chance.ts';
import {etcdFaultKinds, faultKinds, fenceFaultKinds} from './faults.ts';
import type {Draw, FaultKind} from './faults.ts';
import type {Schedule, TimedAction} from './schedule.ts';
import {defaultService, defaultShape} from './shape.ts';
import type {ClusterShape, ServiceShape} from './shape.ts';

/** Ten virtual minutes: eight of trouble, two of calm. */
const endMs = 600_000;
const quietFromMs = 480_000;
/** Longest that a daemon takes to leave: it stops its services first. */
const leaveMs = 30_000;
const momentsMax = 6;
const faultsMax = 24;
/** Faults of one moment lie this close together, ms. */
const momentMs = 20_000;

export interface SwarmOptions {
  /** Number of nodes; null: two, and sometimes three to five. */
  readonly nodes: number | null;
  /**
   * How many drawings of faults are laid over each other, from 1; each has kinds and moments of its
   * own. Where not given: 1.
   */
  readonly density?: number;
  /** Every cluster has an etcd; else one in five. */
  readonly etcd?: boolean;
  /** The nodes of every cluster can switch each other off; else of one in four. */
  readonly fence?: boolean;
}

/** What `--dense` draws: more would leave a cluster that nobody could run. */
export const denseDensity = 3;

export function drawSchedule(seed: number, options: SwarmOptions): Schedule {
  const chance = new Chance(seed);
  const drawn = drawShape(chance.fork(), options);
  const {more, ...extras} = drawExtras(seed, options);
  const nodes = options.nodes ?? (drawn.nodes > 2 ? drawn.nodes + more : drawn.nodes);
  const shape = {...drawn, ...extras, nodes};
  const actions = drawBoot(chance.fork(), shape);
  for (let layer = 0; layer < (options.density ?? 1); layer += 1) {
    actions.push(...drawFaults(chance.fork(), shape));
  }
  const calm: TimedAction[] = [
    {atMs: quietFromMs, action: {verb: 'repair-all'}},
    // Once more for a daemon that was just leaving.
    {atMs: quietFromMs + leaveMs, action: {verb: 'repair-all'}},
  ];
  if (chance.percent(60)) calm.push(...liftEverything(shape));
  const early = actions.filter(({atMs}) => atMs < quietFromMs);
  early.sort((left, right) => left.atMs - right.atMs);
  return {seed, shape, actions: [...early, ...calm], quietFromMs, endMs};
}

/**
 * From a stream of its own, so that what is drawn here does not change the rest of the seeds. A
 * cluster that the first stream makes larger than two has up to five nodes.
 */
function drawExtras(
  seed: number,
  options: SwarmOptions,
): Pick<ClusterShape, 'plans' | 'fence' | 'ping' | 'stopFailed'> & {readonly more: number} {
  const chance = new Chance(seed ^ 0x5eed);
  const more = chance.pick([0, 0, 1, 2]);
  const plans = chance.percent(20) ? {plans: chance.pick([1, 2])} : {};
  const isFenced = chance.percent(25) || options.fence === true;
  if (!isFenced) return {more, ...plans};
  return {
    more,
    ...plans,
    fence: chance.pick(['off', 'reboot']),
    ...(chance.percent(25) ? {ping: true} : {}),
    ...(chance.percent(20) ? {stopFailed: 'latch'} : {}),
  };
}

function drawShape(chance: Chance, options: SwarmOptions): ClusterShape {
  const services = Array.from({length: chance.between(1, 4)}, (_, index) =>
    drawService(chance, index),
  );
  const shape = {
    ...defaultShape,
    nodes: options.nodes ?? (chance.percent(25) ? 3 : 2),
    links: chance.between(1, 3),
    disks: chance.percent(65) ? 1 : 0,
    profile: chance.percent(10) ? 'fast' : 'default',
    takeover: chance.percent(5) ? 'manual' : 'proven',
    dampingMs: chance.pick([0, 30_000, 300_000]),
    services,
  } as const;
  // No chance is drawn where it decides nothing: the seeds of such clusters stay what they were.
  // With a disk beside it, little rests on etcd alone.
  const withEtcd =
    options.etcd === true || chance.percent(20)
      ? {...shape, etcd: true as const, disks: chance.percent(75) ? 0 : shape.disks}
      : shape;
  const isLeased = shape.disks > 0 || 'etcd' in withEtcd;
  const guarded = isLeased && services.some((one) => one.serviceClass === 'data');
  return guarded ? {...withEtcd, watchdogMs: chance.pick([0, 3_000, 5_000])} : withEtcd;
}

function drawService(chance: Chance, index: number): ServiceShape {
  return {
    ...defaultService,
    name: `s${index + 1}`,
    serviceClass: chance.pick(serviceClasses),
    orchestrate: chance.percent(90) ? 'ha' : chance.pick(['start', 'no']),
    origin: chance.percent(15) ? 'openha' : 'service',
    nodes: chance.percent(30) ? [2, 1] : [],
    resources: chance.percent(75) ? 1 : chance.between(2, 3),
    probe: chance.percent(75),
    startMs: chance.pick([20, 300, 1_000, 4_000]),
    stopMs: chance.pick([20, 300, 1_000, 2_500]),
    startLimitMs: 10_000,
    stopLimitMs: chance.pick([1_500, 3_000, 6_000]),
    monitorMs: chance.pick([0, 2_000, 10_000]),
    restarts: chance.pick([0, 0, 1, 2]),
    failureMemoryMs: chance.pick([0, 30_000]),
  };
}

/** Together, one after the other, or one of them late. */
function drawBoot(chance: Chance, shape: ClusterShape): TimedAction[] {
  const spreadMs = chance.pick([0, 50, 1_000, 10_000, 60_000]);
  return nodesOf(shape).map((node) => ({
    atMs: chance.between(0, spreadMs),
    action: {verb: 'boot', node},
  }));
}

function drawFaults(chance: Chance, shape: ClusterShape): TimedAction[] {
  const all = [
    ...faultKinds,
    ...(shape.etcd === true ? etcdFaultKinds : []),
    ...(shape.fence === undefined ? [] : fenceFaultKinds),
  ];
  const kinds = all.filter(() => chance.percent(30));
  const subset: readonly FaultKind[] = kinds.length === 0 ? [chance.pick(all)] : kinds;
  const moments = Array.from({length: chance.between(1, momentsMax)}, () =>
    chance.between(5_000, quietFromMs - momentMs),
  );
  const actions: TimedAction[] = [];
  const count = chance.between(1, faultsMax);
  for (let index = 0; index < count; index += 1) {
    const kind = chance.pick(subset);
    const draw: Draw = {
      chance: chance.fork(),
      shape,
      nodes: nodesOf(shape),
      atMs: chance.pick(moments) + chance.between(0, momentMs),
      deadMs: shape.profile === 'fast' ? 1_000 : 5_000,
    };
    actions.push(...kind(draw));
  }
  return actions;
}

/** A person looks after it: nothing is frozen, drained or latched any more. */
function liftEverything(shape: ClusterShape): TimedAction[] {
  const atMs = quietFromMs + leaveMs + 10_000;
  const ha = (node: string, command: string): TimedAction => ({
    atMs,
    action: {verb: 'ha', node, command},
  });
  return nodesOf(shape).flatMap((node) => [
    ha(node, 'unfreeze --all'),
    ha(node, 'unfreeze --node'),
    ha(node, 'undrain'),
    ...shape.services.flatMap(({name}) => [
      ha(node, `unfreeze ${name}`),
      ha(node, `clear ${name}`),
      ha(node, `clear ${name} --confirm-stopped`),
    ]),
  ]);
}

function nodesOf(shape: ClusterShape): string[] {
  return Array.from({length: shape.nodes}, (_, index) => `node${index + 1}`);
}
