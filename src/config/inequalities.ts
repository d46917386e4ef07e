/**
 * The vocabulary of the inequalities of SAFETY.md, section 6, and the times that follow from them.
 * The table of all sixteen is in rules.ts. The engine waits and stops by the same functions, so
 * that what is promised and what is done cannot differ.
 */

import type {ConfigCode} from './codes.ts';
import type {ClusterConfig, DiskConfig, LinkConfig, Place, ServiceConfig, Timing} from './types.ts';

export const ruleIds = [
  ...(['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8'] as const),
  ...(['I9', 'I10', 'I11', 'I12', 'I13', 'I14', 'I15', 'I16'] as const),
] as const;
export type RuleId = (typeof ruleIds)[number];

/** `REFUSED`: it must hold, and does not; `WARN`: it should. */
export type RuleStatus = 'OK' | 'WARN' | 'REFUSED';

/** One inequality over the numbers of one link, disk, node or service. */
export interface Inequality {
  readonly id: RuleId;
  /** Link, disk, node or `cluster`. */
  readonly subject: string;
  /** In the notation of docs/safety.md: `dead >= 3h + d + S`. */
  readonly formula: string;
  /** The same in this configuration's own numbers: `5s >= 3 x 1s + 50ms + 1s`. */
  readonly numbers: string;
  readonly leftMs: number;
  readonly rightMs: number;
  /** left - right: it holds where this is not negative. */
  readonly slackMs: number;
  readonly holds: boolean;
  readonly status: RuleStatus;
  /** What to write where it does not hold, or what follows from that. */
  readonly remedy: string;
  readonly place: Place;
}

/** The finding of each inequality that must hold. */
export const inequalityCodes: Readonly<Partial<Record<RuleId, ConfigCode>>> = {
  I1: 'HA_CONF_I1_DEAD',
  I2: 'HA_CONF_I2_DISK_DEAD',
  I3: 'HA_CONF_I3_LEASE',
  I6: 'HA_CONF_I6_WATCHDOG',
  I7: 'HA_CONF_I7_GRACE',
  I13: 'HA_CONF_I13_PROMISE',
};

/** Beats that may be lost before silence means anything (k of I1). */
export const beatsTolerated = 3;
/** Full-length failures of a renewal that a lease survives (n of I3). */
export const renewalsTolerated = 3;
/** What a contender waits on top of I5, for rounding and its own turns. */
export const waitMarginMs = 1_000;

/** The parts of a configuration that the inequalities are about. */
export interface TimedConfig {
  readonly timing: Timing;
  readonly links: readonly LinkConfig[];
  readonly disks: readonly DiskConfig[];
  readonly services: readonly ServiceConfig[];
  readonly watchdogs: ClusterConfig['watchdogs'];
  readonly place: Place;
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

/** Resources are stopped one after the other. */
export function stopBudgetMs(service: Pick<ServiceConfig, 'resources'>): number {
  return service.resources.reduce((sumMs, one) => sumMs + (one.disabled ? 0 : one.stopMs), 0);
}
