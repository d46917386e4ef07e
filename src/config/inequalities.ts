/**
 * The inequalities of SAFETY.md, section 6, over the numbers of a configuration. Notation: h beat,
 * d bound of network delay, S stall bound, D longest disk access, R renewal, L lease, W wait of a
 * contender, G grace, r clock rate error. `must`: a configuration that breaks it is refused.
 */

import type {ConfigCode} from './codes.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {ClusterConfig, DiskConfig, LinkConfig, Place, ServiceConfig, Timing} from './types.ts';

export interface Inequality {
  readonly id: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I13';
  /** Link, disk or `cluster`. */
  readonly subject: string;
  /** In the notation above: `dead >= 3h + d + S`. */
  readonly formula: string;
  readonly leftMs: number;
  readonly rightMs: number;
  /** left - right: it holds where this is not negative. */
  readonly slackMs: number;
  readonly holds: boolean;
  readonly duty: 'must' | 'should';
  /** What to write where it does not hold, or what follows from that. */
  readonly remedy: string;
  readonly place: Place;
}

/** The finding of each inequality that must hold. */
export const inequalityCodes: Readonly<Partial<Record<Inequality['id'], ConfigCode>>> = {
  I1: 'HA_CONF_I1_DEAD',
  I2: 'HA_CONF_I2_DISK_DEAD',
  I3: 'HA_CONF_I3_LEASE',
  I6: 'HA_CONF_I6_WATCHDOG',
  I7: 'HA_CONF_I7_GRACE',
  I13: 'HA_CONF_I13_PROMISE',
};

/** Beats that may be lost before silence means anything (k of I1). */
const beatsTolerated = 3;
/** Full-length failures of a renewal that a lease survives (n of I3). */
const renewalsTolerated = 3;
/** What a contender waits on top of I5, for rounding and its own turns. */
const waitMarginMs = 1_000;

/** The parts of a configuration that the inequalities are about. */
export interface TimedConfig {
  readonly timing: Timing;
  readonly links: readonly LinkConfig[];
  readonly disks: readonly DiskConfig[];
  readonly services: readonly ServiceConfig[];
  readonly watchdogs: ClusterConfig['watchdogs'];
  readonly place: Place;
}

/** Every inequality that applies, in the order of their numbers. */
export function inequalities(config: TimedConfig): readonly Inequality[] {
  const list = [
    ...config.links.flatMap((link) => linkInequalities(link, config.timing)),
    ...config.disks.flatMap((disk) => diskInequalities(disk, config)),
    ...watchdogInequalities(config),
    graceInequality(config),
  ];
  const number = ({id}: Inequality): number => Number(id.slice(1));
  return list.sort((left, right) => number(left) - number(right));
}

/** W by I5 with no watchdog: W (1 - r) >= L (1 + r) + 1 s, rounded up. */
export function leaseWaitMs(leaseMs: number, clockErrorRatio: number): number {
  const rightMs = leaseMs * (1 + clockErrorRatio) + waitMarginMs;
  return Math.ceil(rightMs / (1 - clockErrorRatio));
}

/** W by I5 where the owner is reset by its watchdog: L + 2T instead of L, twice for a late feed. */
export function watchedWaitMs(
  leaseMs: number,
  watchdogMs: number,
  clockErrorRatio: number,
): number {
  return leaseWaitMs(leaseMs + 2 * watchdogMs, clockErrorRatio);
}

/** I2 with the peer's slot read once per renewal: two renewals, a write, a read and that poll. */
export function diskDeadMsMin(disk: {readonly ioMs: number; readonly renewMs: number}): number {
  return 3 * disk.renewMs + 2 * disk.ioMs;
}

interface Terms {
  readonly id: Inequality['id'];
  readonly subject: string;
  readonly formula: string;
  readonly leftMs: number;
  readonly rightMs: number;
  readonly remedy: string;
  readonly place: Place;
  readonly duty?: 'should';
}

function inequality({duty, ...terms}: Terms): Inequality {
  const slackMs = Math.round((terms.leftMs - terms.rightMs) * 1_000) / 1_000;
  return {...terms, duty: duty ?? 'must', slackMs, holds: slackMs >= 0};
}

function linkInequalities(link: LinkConfig, timing: Timing): readonly Inequality[] {
  const {beatMs, delayMs, stallMs} = timing;
  const liveMs = beatsTolerated * beatMs + delayMs + stallMs;
  const promiseMs = beatsTolerated * beatMs + 2 * delayMs + stallMs;
  const longestBeatMs = Math.floor((link.deadMs - 2 * delayMs - stallMs) / beatsTolerated);
  const lower = longestBeatMs >= 50 ? ` or beat = ${formatDuration(longestBeatMs)}` : '';
  const remedy = `Write dead = ${formatDuration(promiseMs)}${lower}.`;
  const subject = link.id;
  const {deadMs: leftMs, place} = link;
  return [
    inequality({
      id: 'I1',
      subject,
      formula: 'dead >= 3h + d + S',
      leftMs,
      rightMs: liveMs,
      remedy,
      place,
    }),
    inequality({
      id: 'I13',
      subject,
      formula: 'dead >= 3h + 2d + S',
      leftMs,
      rightMs: promiseMs,
      remedy,
      place,
    }),
  ];
}

function diskInequalities(disk: DiskConfig, config: TimedConfig): readonly Inequality[] {
  const {id: subject, ioMs, renewMs, leaseMs, place} = disk;
  const deadMinMs = diskDeadMsMin(disk);
  const leaseMinMs = renewMs + renewalsTolerated * 2 * ioMs;
  const ratio = config.timing.clockErrorRatio;
  return [
    inequality({
      id: 'I2',
      subject,
      formula: 'dead >= 3R + 2D',
      leftMs: disk.deadMs,
      rightMs: deadMinMs,
      remedy: `Write a dead time of ${formatDuration(deadMinMs)}, or a smaller io.`,
      place,
    }),
    inequality({
      id: 'I3',
      subject,
      formula: 'L >= R + 6D',
      leftMs: leaseMs,
      rightMs: leaseMinMs,
      remedy: `Write lease = ${formatDuration(leaseMinMs)}, or a smaller io.`,
      place,
    }),
    ...stopInequality(disk, config),
    inequality({
      id: 'I5',
      subject,
      formula: 'W (1 - r) >= L (1 + r) + 1s',
      leftMs: disk.waitMs * (1 - ratio),
      rightMs: leaseMs * (1 + ratio) + waitMarginMs,
      remedy: 'W is computed from lease.',
      place,
    }),
  ];
}

/** I6 with a feed every quarter of T, and I5 for what only the watchdog ends. */
function watchdogInequalities(config: TimedConfig): readonly Inequality[] {
  const {stallMs, clockErrorRatio: ratio} = config.timing;
  return [...config.watchdogs].flatMap(([node, {timeoutMs, place}]) => [
    inequality({
      id: 'I6',
      subject: node,
      formula: 'T - T/3 >= S',
      leftMs: Math.floor((timeoutMs * 2) / 3),
      rightMs: stallMs,
      remedy: `Write timeout = ${formatDuration(Math.ceil(stallMs * 1.5))} or more.`,
      place,
    }),
    ...config.disks.map((disk) =>
      inequality({
        id: 'I5',
        subject: `${disk.id} and the watchdog of ${node}`,
        formula: 'W (1 - r) >= (L + 2T) (1 + r) + 1s',
        leftMs: watchedWaitMs(disk.leaseMs, timeoutMs, ratio) * (1 - ratio),
        rightMs: (disk.leaseMs + 2 * timeoutMs) * (1 + ratio) + waitMarginMs,
        remedy: 'W is computed from lease and timeout.',
        place,
      }),
    ),
  ]);
}

/**
 * Time before the end of its right at which a node begins to stop a service: what stopping may
 * take, and never more than half of the shortest lease.
 */
export function stopReserveMs(
  service: Pick<ServiceConfig, 'resources'>,
  disks: readonly {readonly leaseMs: number}[],
): number {
  const leaseMs = disks.reduce((shortest, disk) => Math.min(shortest, disk.leaseMs), Infinity);
  return Math.min(stopBudgetMs(service), leaseMs / 2);
}

/**
 * I4: before that time a renewal must fit, or one slow write stops what could run on. For the
 * leased service that takes longest to stop; where none is, there is nothing to say.
 */
function stopInequality(disk: DiskConfig, config: TimedConfig): readonly Inequality[] {
  const {disks, services, watchdogs} = config;
  const slowest = services
    .filter(({serviceClass, nodes}) => {
      const isBound = serviceClass === 'data' && watchdogs.size > 0;
      return nodes.length > 1 && (serviceClass === 'exclusive' || isBound);
    })
    .map((service) => ({service, stopMs: stopReserveMs(service, disks)}))
    .sort((left, right) => right.stopMs - left.stopMs)[0];
  if (slowest === undefined) return [];
  const {ioMs, renewMs, leaseMs} = disk;
  return [
    inequality({
      id: 'I4',
      subject: `${disk.id} and ${slowest.service.name}`,
      formula: 'L - T_stop >= R + 2D',
      leftMs: leaseMs - slowest.stopMs,
      rightMs: renewMs + 2 * ioMs,
      remedy:
        'A single slow write would stop it where no peer answers. Write ' +
        `lease = ${formatDuration(2 * (renewMs + 2 * ioMs))}.`,
      place: slowest.service.place,
      duty: 'should',
    }),
  ];
}

/** Resources are stopped one after the other. */
function stopBudgetMs(service: Pick<ServiceConfig, 'resources'>): number {
  return service.resources.reduce((sumMs, one) => sumMs + (one.disabled ? 0 : one.stopMs), 0);
}

function graceInequality(config: TimedConfig): Inequality {
  const {beatMs, delayMs, stallMs, graceMs} = config.timing;
  const rightMs = 2 * beatMs + delayMs + stallMs;
  return inequality({
    id: 'I7',
    subject: 'cluster',
    formula: 'G >= 2h + d + S',
    leftMs: graceMs,
    rightMs,
    remedy: `Write grace = ${formatDuration(rightMs)}, or leave it out.`,
    place: config.place,
  });
}
