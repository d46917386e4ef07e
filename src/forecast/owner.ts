/**
 * What becomes of the owner: when its rights end, when it begins to stop, and what ends it where it
 * cannot. The functions are those by which the engine acts.
 */

import {
  isBoundByLease,
  leasesOf,
  promiseMs,
  promiseReserveMs,
  stopBudgetMs,
  stopReserveMs,
} from '../config/inequalities.ts';
import type {Ground, Moment, Signs, Span} from './types.ts';

/**
 * `off`: without power. `unattended`: its daemon is gone and its services run on. `asleep`: all of
 * it stands still and goes on later. `alive`: its daemon works.
 */
export type OwnerState = 'off' | 'unattended' | 'asleep' | 'alive';

export interface OwnerForecast {
  readonly moments: readonly Moment[];
  /** The service runs there for as long as nothing else happens. */
  readonly runsOn: boolean;
  /** When its stop begins; null: it does not stop it. */
  readonly stop: (Span & {readonly untilMs: number}) | null;
  /** How long before the end of its right the stop begins. */
  readonly reserveMs: number;
  /** A stop may take so long by its deadline, and nothing ends it sooner. 0: it cannot overlap. */
  readonly overdueMs: number;
}

export function forecastOwner(ground: Ground, signs: Signs, state: OwnerState): OwnerForecast {
  const idle = {stop: null, reserveMs: 0, overdueMs: 0};
  switch (state) {
    case 'off':
      return {...idle, runsOn: false, moments: [moment(ground, [0, 0], 'off, and what ran on it')]};
    case 'unattended':
    case 'asleep':
      return {...idle, ...withoutDaemon(ground, state)};
    case 'alive':
      return forecastAlive(ground, signs);
  }
}

function moment(
  {owner}: Ground,
  [fromMs, untilMs]: readonly [number, number],
  text: string,
): Moment {
  const clip = (ms: number): number => Math.max(0, Math.round(ms));
  return {node: owner, fromMs: clip(fromMs), untilMs: clip(untilMs), text, reason: null};
}

/** Its watchdog is armed where a service of class data runs there. */
function watchdogOf({config, owner, service}: Ground): number | null {
  if (service.serviceClass !== 'data') return null;
  return config.watchdogs.get(owner)?.timeoutMs ?? null;
}

/** Feeds come every quarter of T; a stall may have held the last one back. */
const feedShare = 0.25;

function withoutDaemon(
  ground: Ground,
  state: 'unattended' | 'asleep',
): Pick<OwnerForecast, 'moments' | 'runsOn'> {
  const {config, service} = ground;
  const timeoutMs = watchdogOf(ground);
  const what = state === 'asleep' ? 'stands still' : `nobody watches ${service.name} any more`;
  const begin = moment(ground, [0, 0], what);
  if (timeoutMs !== null) {
    const fromMs = timeoutMs * (1 - feedShare) - config.timing.stallMs;
    const reset = moment(ground, [fromMs, timeoutMs], 'reset by its watchdog');
    return {moments: [begin, reset], runsOn: false};
  }
  return {moments: [begin], runsOn: true};
}

function forecastAlive(ground: Ground, signs: Signs): OwnerForecast {
  const {config, service, owner, weak} = ground;
  const isBound = isBoundByLease({
    serviceClass: service.serviceClass,
    nodeCount: service.nodes.length,
    leaseCount: leasesOf(config).length,
    mayAttest: config.watchdogs.has(owner) && !weak.has(owner),
  });
  const rights = rightsOf(ground, signs);
  if (!isBound || rights === null) {
    const why = !isBound
      ? `goes on: nobody waits for it to stop ${service.name}`
      : signs.links
        ? 'goes on: the other node acknowledges it, which is a promise'
        : 'goes on: it renews its lease';
    const moments = [moment(ground, [0, 0], why)];
    return {moments, runsOn: true, stop: null, reserveMs: 0, overdueMs: 0};
  }
  const reserveMs = stopReserveMs(service, leasesOf(config));
  const {beginMs, endMs} = rights;
  const budgetMs = stopBudgetMs(service);
  const timeoutMs = watchdogOf(ground);
  const moments = [
    moment(ground, beginMs, `stops ${service.name}: its right is about to end`),
    moment(
      ground,
      [beginMs[0], beginMs[1] + budgetMs],
      `${service.name} is stopped, at the latest`,
    ),
    moment(ground, endMs, `its right to run ${service.name} ends`),
  ];
  if (timeoutMs !== null) {
    const text = `ends itself, or is reset by its watchdog, if the stop hangs`;
    moments.push(moment(ground, [endMs[0], endMs[1] + 2 * timeoutMs], text));
  }
  const stop = {fromMs: moments[0]!.fromMs, untilMs: moments[0]!.untilMs!};
  const overdueMs = timeoutMs === null && budgetMs > reserveMs ? budgetMs : 0;
  return {moments, runsOn: false, stop, reserveMs, overdueMs};
}

type Range = readonly [number, number];

/** When the stop begins and the last right ends; null: one of the rights is renewed for ever. */
function rightsOf(
  {config, service}: Ground,
  signs: Signs,
): {readonly beginMs: Range; readonly endMs: Range} | null {
  const hasLinks = config.links.length > 0;
  const {arbiter, disks} = config;
  const isRenewed = (disks.length > 0 && signs.disk) || (arbiter !== null && signs.arbiter);
  if (isRenewed || (signs.links && hasLinks)) return null;
  const {beatMs, delayMs} = config.timing;
  const promisedMs = promiseMs(config);
  const reserveMs = stopReserveMs(service, leasesOf(config));
  // The last frame that was echoed: two beats and three ways may lie between it and the cut.
  const promise: Range = [promisedMs - 2 * beatMs - 3 * delayMs, promisedMs];
  const {quorum} = config;
  const leases = disks.map(({renewMs, ioMs, leaseMs}): Range => [
    leaseMs - renewMs - ioMs,
    leaseMs,
  ]);
  if (quorum?.leaseMs != null) {
    leases.push([quorum.leaseMs - 2 * beatMs - 3 * delayMs, quorum.leaseMs]);
  }
  if (arbiter !== null) {
    const {ttlMs, renewMs, timeoutMs} = arbiter;
    leases.push([ttlMs - renewMs - timeoutMs, ttlMs]);
  }
  const lease: Range = [
    Math.min(...leases.map(([fromMs]) => fromMs)),
    Math.max(...leases.map(([, untilMs]) => untilMs)),
  ];
  const earlyMs = promiseReserveMs(reserveMs, promisedMs);
  const later = (index: 0 | 1, leaseMs: number, holdMs: number): number =>
    Math.max(lease[index] - leaseMs, promise[index] - holdMs);
  return {
    beginMs: [later(0, reserveMs, earlyMs), later(1, reserveMs, earlyMs)],
    endMs: [later(0, 0, 0), later(1, 0, 0)],
  };
}
