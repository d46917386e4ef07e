/**
 * What a configuration is worth on a bad day: the inequalities with their slack, the grade of
 * SAFETY.md section 2, how long a takeover takes at worst, and in which scenario the cluster would
 * split or stay down. `ha check`, `ha timeline` and the first line of `ha status` are made of it.
 */

import {formatDuration} from '../kernel/duration.ts';
import {inequalities, watchedWaitMs, type Inequality} from './inequalities.ts';
import {serviceClasses} from './types.ts';
import type {ClusterConfig, DiskConfig, ServiceClass} from './types.ts';

/** A P4 and P3, B P3 or P4, C P2, D less. */
export type Grade = 'A' | 'B' | 'C' | 'D';

/** The proofs of SAFETY.md, section 2. */
type Proof = 'P0' | 'P1' | 'P2' | 'P3' | 'P4';

/** One part of the worst case; the parts of a takeover add up to it. */
interface TakeoverPart {
  readonly what: string;
  readonly durationMs: number;
}

/** Takeover of the services of one class from a node that died without a word. */
export interface Takeover {
  readonly serviceClass: ServiceClass;
  readonly proofNeeded: Proof;
  /** The best proof that this configuration can give for a node that only is silent. */
  readonly proof: Proof;
  /** What the takeover rests on: `disk lease`, `carrier on our links`, `silence`, `none`. */
  readonly source: string;
  /** By itself, without an operator. */
  readonly possible: boolean;
  /** From the death of the node until the start command, at worst; null where not possible. */
  readonly worstMs: number | null;
  readonly parts: readonly TakeoverPart[];
}

interface Scenario {
  /** `split`: it could run twice; `down`: it would stay down until a person acts. */
  readonly kind: 'split' | 'down';
  readonly text: string;
}

export interface Timeline {
  readonly grade: Grade;
  readonly inequalities: readonly Inequality[];
  /** Inequalities of SAFETY.md that have nothing to apply to, with the reason. */
  readonly absent: readonly {readonly id: string; readonly why: string}[];
  /** For every class, weakest demand first. */
  readonly takeovers: readonly Takeover[];
  readonly scenarios: readonly Scenario[];
}

const needs: Readonly<Record<ServiceClass, Proof>> = {
  none: 'P0',
  address: 'P1',
  exclusive: 'P2',
  data: 'P3',
};

export function timeline(config: ClusterConfig): Timeline {
  return {
    grade: gradeOf(config),
    inequalities: inequalities({...config, place: {file: 'cluster.conf', line: 0}}),
    absent: absentOf(config),
    takeovers: serviceClasses.map((serviceClass) => takeoverOf(config, serviceClass)),
    scenarios: scenariosOf(config),
  };
}

/** A disk lease without a watchdog is P2, with one on every node P3. */
export function gradeOf(config: ClusterConfig): Grade {
  if (isWatched(config)) return 'B';
  return config.disks.length > 0 ? 'C' : 'D';
}

/** Every node writes a lease and is reset where it cannot keep it. */
function isWatched(config: ClusterConfig): boolean {
  return config.disks.length > 0 && config.nodes.every((node) => config.watchdogs.has(node));
}

export function takeoverOf(config: ClusterConfig, serviceClass: ServiceClass): Takeover {
  const hasLease = config.disks.length > 0;
  const hasLink = config.links.length > 0;
  const lease: Proof = isWatched(config) ? 'P3' : 'P2';
  const proof: Proof = hasLease ? lease : hasLink ? 'P1' : 'P0';
  const proofNeeded = needs[serviceClass];
  const possible = config.takeover === 'proven' && config.nodes.length > 1 && proof >= proofNeeded;
  const parts = possible ? partsOf(config, proofNeeded) : [];
  return {
    serviceClass,
    proofNeeded,
    proof,
    source: possible ? sourceOf(proofNeeded, proof) : 'none',
    possible,
    worstMs: possible ? parts.reduce((sumMs, part) => sumMs + part.durationMs, 0) : null,
    parts,
  };
}

function sourceOf(proofNeeded: Proof, proof: Proof): string {
  if (proof === 'P3') return 'disk lease and watchdog';
  if (proof === 'P2') return 'disk lease';
  return proofNeeded === 'P1' ? 'carrier on our links' : 'silence';
}

/**
 * Silence on every medium and the wait for the lease run side by side: the longest counts. With a
 * third node alive the grace comes on top, because it could be the better placed one.
 */
function partsOf(config: ClusterConfig, proofNeeded: Proof): readonly TakeoverPart[] {
  const {timing} = config;
  const candidates: TakeoverPart[] = [
    ...config.links.map((link) => ({
      what: `silence on ${link.id}`,
      durationMs: link.deadMs + timing.delayMs,
    })),
    ...config.disks.map((disk) => ({
      what: `silence on ${disk.id}`,
      durationMs: disk.renewMs + disk.ioMs + disk.deadMs,
    })),
  ];
  if (proofNeeded === 'P2' || proofNeeded === 'P3') {
    for (const disk of config.disks) {
      const durationMs = disk.renewMs + disk.ioMs + waitOf(config, disk);
      const what = `last change on ${disk.id} seen, then its lease waited out`;
      candidates.push({what, durationMs});
    }
  }
  const longest = candidates.reduce((left, right) =>
    right.durationMs > left.durationMs ? right : left,
  );
  if (config.nodes.length < 3) return [longest];
  return [longest, {what: 'grace for a better placed node', durationMs: timing.graceMs}];
}

/** W, or with the longest watchdog of any node. */
function waitOf(config: ClusterConfig, disk: DiskConfig): number {
  const watchdogMs = Math.max(0, ...[...config.watchdogs.values()].map((one) => one.timeoutMs));
  const watchedMs = watchedWaitMs(disk.leaseMs, watchdogMs, config.timing.clockErrorRatio);
  return watchdogMs === 0 ? disk.waitMs : Math.max(disk.waitMs, watchedMs);
}

function absentOf(config: ClusterConfig): Timeline['absent'] {
  if (config.watchdogs.size === 0) return absent;
  return absent.flatMap((one) => {
    if (one.id === 'I6') return [];
    if (one.id !== 'I14' || !isWatched(config)) return [one];
    return [{id: 'I14', why: 'how long the storage holds writes of a reset node is not known'}];
  });
}

const absent: Timeline['absent'] = [
  {id: 'I6', why: 'no watchdog is configured'},
  {id: 'I8', why: 'no arbitrator is configured'},
  {id: 'I9', why: 'no fencing is configured'},
  {id: 'I10', why: 'no fencing is configured'},
  {id: 'I11', why: 'no fencing is configured'},
  {id: 'I12', why: 'no etcd is configured'},
  {id: 'I14', why: 'no proof at hand is enough for class data'},
  {id: 'I15', why: 'no window of wall-clock time is used'},
  {id: 'I16', why: 'the time of a path failover is not known'},
];

function scenariosOf(config: ClusterConfig): readonly Scenario[] {
  if (config.nodes.length < 2) return [{kind: 'down', text: 'There is no second node.'}];
  if (config.takeover === 'manual') {
    const text =
      'A node dies: with takeover = manual its services stay down until an operator types ' +
      '"ha confirm-dead".';
    return [{kind: 'down', text}];
  }
  const present = serviceClasses.filter((serviceClass) =>
    config.services.some((service) => service.serviceClass === serviceClass),
  );
  const classes = present.length > 0 ? present : (['exclusive'] as const);
  return classes.map((serviceClass) => scenarioOf(config, serviceClass));
}

function scenarioOf(config: ClusterConfig, serviceClass: ServiceClass): Scenario {
  const takeover = takeoverOf(config, serviceClass);
  if (!takeover.possible) {
    const text =
      `A node falls silent: services of class ${serviceClass} stay down until an operator types ` +
      `"ha confirm-dead": they need ${takeover.proofNeeded}, and ${takeover.proof} is the best.`;
    return {kind: 'down', text};
  }
  if (takeover.proofNeeded === 'P3') return {kind: 'split', text: watchedSplit(config)};
  if (takeover.proofNeeded === 'P2') return {kind: 'split', text: leaseSplit(config)};
  const hasDisk = config.disks.length > 0;
  const text =
    `${hasDisk ? 'All links and the disk' : 'All links'} are cut while both nodes live: services ` +
    `of class ${serviceClass} start a second time after ${formatDuration(takeover.worstMs!)}; ` +
    `when the links heal, one of them stops.`;
  return {kind: 'split', text};
}

function watchedSplit(config: ClusterConfig): string {
  const wait = formatDuration(Math.max(...config.disks.map((disk) => waitOf(config, disk))));
  return (
    `A node loses its links and its disk and its watchdog does not reset it (a broken watchdog, ` +
    `or a virtual machine that is paused): the other node starts services of class data ${wait} ` +
    `after the last renewal. Only fencing closes this.`
  );
}

function leaseSplit(config: ClusterConfig): string {
  const wait = formatDuration(Math.max(...config.disks.map((disk) => disk.waitMs)));
  const half = Math.min(...config.disks.map((disk) => disk.leaseMs)) / 2;
  return (
    `A node loses its links and its disk, and a stop takes longer than ${formatDuration(half)}, ` +
    `half its lease (a slow or hung script, a paused machine): the other node starts it ${wait} ` +
    `after the last renewal. For a service that needs longer to stop, write a lease of twice ` +
    `that; the rest only a watchdog or fencing closes.`
  );
}
