/**
 * The vocabulary of the inequalities of SAFETY.md, section 6, and the times that follow from them.
 * The table of all sixteen is in rules.ts. The engine waits and stops by the same functions, so
 * that what is promised and what is done cannot differ.
 */

import type {ConfigCode} from './codes.ts';
import {proofNeeded} from '../kernel/proof.ts';
import type {
  ClusterConfig,
  DiskConfig,
  LinkConfig,
  Place,
  ServiceClass,
  ServiceConfig,
  Timing,
} from './types.ts';

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
  I12: 'HA_CONF_I12_ARBITER',
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
  readonly fences: ClusterConfig['fences'];
  readonly arbiter: ClusterConfig['arbiter'];
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

/** Every lease that gives a node the right to run: of disks, of the arbiter, or of a majority. */
export function leasesOf({
  disks,
  arbiter,
  quorum = null,
}: Pick<ClusterConfig, 'disks' | 'arbiter'> & {
  readonly quorum?: ClusterConfig['quorum'];
}): readonly {readonly leaseMs: number}[] {
  if (quorum?.leaseMs != null) return [{leaseMs: quorum.leaseMs}];
  return arbiter === null ? disks : [...disks, {leaseMs: arbiter.ttlMs}];
}

/** How often a contender asks the arbiter for a mark, ms. */
export function markEveryMs(ttlMs: number): number {
  return Math.min(1_000, Math.floor(ttlMs / 8));
}

/** How long a lease of the arbiter counts on the clock of its holder, from when it was asked. */
export function heldMs(ttlMs: number, clockErrorRatio: number): number {
  return Math.floor(ttlMs * (1 - 2 * clockErrorRatio));
}

/**
 * Time before the end of its right at which a node begins to stop a service: what stopping may
 * take, and never more than half of the shortest lease.
 */
export function stopReserveMs(
  service: Pick<ServiceConfig, 'resources'>,
  leases: readonly {readonly leaseMs: number}[],
): number {
  const leaseMs = leases.reduce((shortest, disk) => Math.min(shortest, disk.leaseMs), Infinity);
  return Math.min(stopBudgetMs(service), leaseMs / 2);
}

/** Resources are stopped one after the other. */
export function stopBudgetMs(service: Pick<ServiceConfig, 'resources'>): number {
  return service.resources.reduce((sumMs, one) => sumMs + (one.disabled ? 0 : one.stopMs), 0);
}

/** How long a node that is heard has promised not to take over: the shortest dead time. */
export function promiseMs(config: Pick<TimedConfig, 'timing' | 'links'>): number {
  let shortestMs = config.timing.deadMs;
  for (const link of config.links) shortestMs = Math.min(shortestMs, link.deadMs);
  return shortestMs;
}

/** Time before the end of its promise at which a node begins to stop a service. */
export function promiseReserveMs(stopMs: number, promisedMs: number): number {
  return Math.min(stopMs, promisedMs / 5);
}

/** What the owner published of its lease and watchdog; 0: nothing. */
export interface OwnersNumbers {
  readonly leaseMs: number;
  readonly watchdogMs: number;
  readonly clockErrorRatio: number;
}

/** W for one owner: ours by configuration, or longer where it published more (I5). */
export function contenderWaitMs(owner: OwnersNumbers, configuredMs: number): number {
  if (owner.leaseMs <= 0) return configuredMs;
  const ownersMs = watchedWaitMs(owner.leaseMs, owner.watchdogMs, owner.clockErrorRatio);
  return Math.max(configuredMs, ownersMs);
}

/** From the end of its promise until it has stopped, or its watchdog has reset it (I4, I5). */
export function ownerEndsMs(owner: OwnersNumbers, configuredLeaseMs: number): number {
  const {leaseMs, watchdogMs, clockErrorRatio} = owner;
  const resetMs = watchdogMs === 0 ? 0 : watchedWaitMs(0, watchdogMs, clockErrorRatio);
  return Math.max(leaseMs / 2, configuredLeaseMs / 2, resetMs);
}

/** Who must stop a service when its lease ends. */
export interface BoundQuestion {
  readonly serviceClass: ServiceClass;
  readonly nodeCount: number;
  readonly leaseCount: number;
  /** The others may count on its watchdog. */
  readonly mayAttest: boolean;
}

/**
 * A peer could take the service over on the proof of a disk lease, so the lease binds its owner: of
 * class data only with a watchdog that makes it P3, and of class address nobody waits for it.
 */
export function isBoundByLease(question: BoundQuestion): boolean {
  const {serviceClass, nodeCount, leaseCount, mayAttest} = question;
  if (leaseCount === 0 || nodeCount < 2) return false;
  const need = proofNeeded[serviceClass];
  return need === 'P2' || (need === 'P3' && mayAttest);
}
