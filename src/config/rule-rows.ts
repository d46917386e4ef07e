/**
 * The rows of the inequalities that this version can compute, each in the numbers of one link,
 * disk, node or service. Notation: h beat, d bound of network delay, S stall bound, D longest disk
 * access, R renewal, L lease, W wait of a contender, T watchdog, G grace, r clock rate error.
 */

import {biasMs, firstShotMs} from './fence-time.ts';
import {formatDuration as time} from '../kernel/duration.ts';
import {
  beatsTolerated,
  diskDeadMsMin,
  leasesOf,
  renewalsTolerated,
  stopReserveMs,
  waitMarginMs,
  watchedWaitMs,
} from './inequalities.ts';
import type {TimedConfig} from './inequalities.ts';
import type {DiskConfig, Place, ServiceConfig} from './types.ts';

/** What a rule says of one subject; the table adds id, formula and duty. */
export interface Row {
  readonly subject: string;
  /** The formula in numbers. */
  readonly numbers: string;
  readonly leftMs: number;
  readonly rightMs: number;
  readonly remedy: string;
  readonly place: Place;
}

/** I1: silence means nothing before three beats may have been lost. */
export function deadRows({links, timing}: TimedConfig): readonly Row[] {
  const {beatMs, delayMs, stallMs} = timing;
  return links.map(({id: subject, deadMs: leftMs, place}) => ({
    subject,
    numbers: `${time(leftMs)} >= 3 x ${time(beatMs)} + ${time(delayMs)} + ${time(stallMs)}`,
    leftMs,
    rightMs: beatsTolerated * beatMs + delayMs + stallMs,
    remedy: deadRemedy(leftMs, timing),
    place,
  }));
}

/** I13: a promise is renewed by an echo, which takes two ways. */
export function promiseRows({links, timing}: TimedConfig): readonly Row[] {
  const {beatMs, delayMs, stallMs} = timing;
  return links.map(({id: subject, deadMs: leftMs, place}) => ({
    subject,
    numbers: `${time(leftMs)} >= 3 x ${time(beatMs)} + 2 x ${time(delayMs)} + ${time(stallMs)}`,
    leftMs,
    rightMs: promiseMsMin(timing),
    remedy: deadRemedy(leftMs, timing),
    place,
  }));
}

function promiseMsMin({beatMs, delayMs, stallMs}: TimedConfig['timing']): number {
  return beatsTolerated * beatMs + 2 * delayMs + stallMs;
}

/** One remedy for I1 and I13: what satisfies both. */
function deadRemedy(deadMs: number, timing: TimedConfig['timing']): string {
  const {delayMs, stallMs} = timing;
  const longestBeatMs = Math.floor((deadMs - 2 * delayMs - stallMs) / beatsTolerated);
  const lower = longestBeatMs >= 50 ? ` or beat = ${time(longestBeatMs)}` : '';
  return `Write dead = ${time(promiseMsMin(timing))}${lower}.`;
}

/** I2: with the peer's slot read once per renewal. */
export function diskDeadRows({disks}: TimedConfig): readonly Row[] {
  return disks.map((disk) => {
    const rightMs = diskDeadMsMin(disk);
    return {
      subject: disk.id,
      numbers: `${time(disk.deadMs)} >= 3 x ${time(disk.renewMs)} + 2 x ${time(disk.ioMs)}`,
      leftMs: disk.deadMs,
      rightMs,
      remedy: `Write a dead time of ${time(rightMs)}, or a smaller io.`,
      place: disk.place,
    };
  });
}

/** I3: a lease survives three renewals that fail at full length. */
export function leaseRows({disks}: TimedConfig): readonly Row[] {
  return disks.map(({id: subject, renewMs, ioMs, leaseMs: leftMs, place}) => {
    const rightMs = renewMs + renewalsTolerated * 2 * ioMs;
    return {
      subject,
      numbers: `${time(leftMs)} >= ${time(renewMs)} + ${2 * renewalsTolerated} x ${time(ioMs)}`,
      leftMs,
      rightMs,
      remedy: `Write lease = ${time(rightMs)}, or a smaller io.`,
      place,
    };
  });
}

/**
 * I4: before a stop begins a renewal must fit, or one slow write stops what could run on. For the
 * leased service that takes longest to stop; where none is, there is nothing to say.
 */
export function stopRows(config: TimedConfig): readonly Row[] {
  const slowest = slowestToStop(config);
  if (slowest === null) return [];
  const {service, stopMs} = slowest;
  return stoppedBy(config).map(({id, ioMs, renewMs, leaseMs}) => ({
    subject: `${id} and ${service.name}`,
    numbers: `${time(leaseMs)} - ${time(stopMs)} >= ${time(renewMs)} + 2 x ${time(ioMs)}`,
    leftMs: leaseMs - stopMs,
    rightMs: renewMs + 2 * ioMs,
    remedy:
      'A single slow write would stop it where no peer answers. Write ' +
      `lease = ${time(2 * (renewMs + 2 * ioMs))}.`,
    place: service.place,
  }));
}

/** Every lease in the words of a disk: the longest question to etcd stands for one access. */
function stoppedBy({disks, arbiter}: TimedConfig): readonly {
  readonly id: string;
  readonly ioMs: number;
  readonly renewMs: number;
  readonly leaseMs: number;
}[] {
  if (arbiter === null) return disks;
  const {id, timeoutMs: ioMs, renewMs, ttlMs: leaseMs} = arbiter;
  return [...disks, {id, ioMs, renewMs, leaseMs}];
}

function slowestToStop({
  disks,
  arbiter,
  services,
  watchdogs,
}: TimedConfig): {readonly service: ServiceConfig; readonly stopMs: number} | null {
  const leased = services.filter(({serviceClass, nodes}) => {
    const isBound = serviceClass === 'data' && watchdogs.size > 0;
    return nodes.length > 1 && (serviceClass === 'exclusive' || isBound);
  });
  return (
    leased
      .map((service) => ({service, stopMs: stopReserveMs(service, leasesOf({disks, arbiter}))}))
      .sort((left, right) => right.stopMs - left.stopMs)[0] ?? null
  );
}

/** I12: a lease of the arbiter survives two questions that get no answer. */
export function arbiterRows({arbiter}: TimedConfig): readonly Row[] {
  if (arbiter === null) return [];
  const {id: subject, ttlMs: leftMs, renewMs, timeoutMs, place} = arbiter;
  const rightMs = renewMs + 2 * timeoutMs;
  return [
    {
      subject,
      numbers: `${time(leftMs)} >= ${time(renewMs)} + 2 x ${time(timeoutMs)}`,
      leftMs,
      rightMs,
      remedy: `Write timeout = ${time(Math.floor((leftMs - renewMs) / 2))} or less.`,
      place,
    },
  ];
}

/** I5: for each disk, and once more for each watchdog, where the wait is longer. */
export function waitRows(config: TimedConfig): readonly Row[] {
  const {disks, watchdogs, timing} = config;
  const ratio = timing.clockErrorRatio;
  return [
    ...disks.map((disk) => waitRow({disk, ratio, watchdogMs: 0, waitMs: disk.waitMs})),
    ...[...watchdogs].flatMap(([node, {timeoutMs: watchdogMs}]) =>
      disks.map((disk) => {
        const waitMs = watchedWaitMs(disk.leaseMs, watchdogMs, ratio);
        return waitRow({disk, ratio, watchdogMs, waitMs, node});
      }),
    ),
  ];
}

function waitRow(terms: {
  readonly disk: DiskConfig;
  readonly ratio: number;
  readonly watchdogMs: number;
  readonly waitMs: number;
  readonly node?: string;
}): Row {
  const {disk, ratio, watchdogMs, waitMs, node} = terms;
  const {leaseMs, place} = disk;
  const lease = watchdogMs === 0 ? time(leaseMs) : `(${time(leaseMs)} + 2 x ${time(watchdogMs)})`;
  return {
    subject: node === undefined ? disk.id : `${disk.id} and the watchdog of ${node}`,
    numbers: `${time(waitMs)} x ${1 - ratio} >= ${lease} x ${1 + ratio} + ${time(waitMarginMs)}`,
    leftMs: waitMs * (1 - ratio),
    rightMs: (leaseMs + 2 * watchdogMs) * (1 + ratio) + waitMarginMs,
    remedy: 'W is computed from lease and timeout.',
    place,
  };
}

/** I6: fed every quarter of T, one feed may be lost and a stall may follow. */
export function watchdogRows({watchdogs, timing}: TimedConfig): readonly Row[] {
  const {stallMs} = timing;
  return [...watchdogs].map(([subject, {timeoutMs, place}]) => ({
    subject,
    numbers: `${time(timeoutMs)} - ${time(timeoutMs)} / 3 >= ${time(stallMs)}`,
    leftMs: Math.floor((timeoutMs * 2) / 3),
    rightMs: stallMs,
    remedy: `Write timeout = ${time(Math.ceil(stallMs * 1.5))} or more.`,
    place,
  }));
}

/** I11: who runs less waits until it would have been fenced itself. */
export function fenceRows(config: TimedConfig): readonly Row[] {
  const nodes = [...new Set(config.fences.map(({node}) => node))];
  return nodes.map((node) => {
    const leftMs = biasMs(config, node);
    const rightMs = firstShotMs(config, node);
    return {
      subject: `fence#${node}`,
      numbers: `${time(leftMs)} >= ${time(rightMs)}`,
      leftMs,
      rightMs,
      remedy: `Both may be switched off. Write delay = ${time(rightMs)} in [fence#${node}].`,
      place: config.fences.find((fence) => fence.node === node)!.place,
    };
  });
}

/** I7: each START_READY is seen twice. */
export function graceRows({timing, place}: TimedConfig): readonly Row[] {
  const {beatMs, delayMs, stallMs, graceMs: leftMs} = timing;
  const rightMs = 2 * beatMs + delayMs + stallMs;
  return [
    {
      subject: 'cluster',
      numbers: `${time(leftMs)} >= 2 x ${time(beatMs)} + ${time(delayMs)} + ${time(stallMs)}`,
      leftMs,
      rightMs,
      remedy: `Write grace = ${time(rightMs)}, or leave it out.`,
      place,
    },
  ];
}
