/**
 * How a service of a class would be taken over from a node that died without a word: on which
 * proof, and how long that takes at worst. The sources of proof are a table, one entry each.
 */

import type {NodeName} from '../kernel/ids.ts';
import {proofNeeded as needs, proofRank} from '../kernel/proof.ts';
import type {ProofClass} from '../kernel/proof.ts';
import {fenceMsMax, turnSpan} from './fence-time.ts';
import {markEveryMs, watchedWaitMs} from './inequalities.ts';
import type {ArbiterConfig, ClusterConfig, DiskConfig, ServiceClass} from './types.ts';

/** A P4 and P3, B P3 or P4, C P2, D less. */
export type Grade = 'A' | 'B' | 'C' | 'D';

/** One part of the worst case; the parts of a takeover add up to it. */
interface TakeoverPart {
  readonly what: string;
  readonly durationMs: number;
}

/** Takeover of the services of one class from a node that died without a word. */
export interface Takeover {
  readonly serviceClass: ServiceClass;
  readonly proofNeeded: ProofClass;
  /** The best proof that this configuration can give for a node that only is silent. */
  readonly proof: ProofClass;
  /** What the takeover rests on: `disk lease`, `carrier on our links`, `silence`, `none`. */
  readonly source: string;
  /** By itself, without an operator. */
  readonly possible: boolean;
  /** From the death of the node until the start command, at worst; null where not possible. */
  readonly worstMs: number | null;
  readonly parts: readonly TakeoverPart[];
}

/** Whom a question is about; what is left out is all nodes, and none. */
export interface Among {
  /** The nodes between which a service moves. */
  readonly nodes?: readonly NodeName[];
  /** Nodes whose watchdog is worth less than it is configured for, as in a virtual machine. */
  readonly weak?: ReadonlySet<NodeName>;
}

interface Question extends Required<Among> {
  readonly config: ClusterConfig;
}

/** What can prove that a silent node is out. */
interface ProofSource {
  readonly name: string;
  readonly proof: ProofClass;
  readonly isThere: (question: Question) => boolean;
  /** What it waits for besides the silence of every medium; all of it runs side by side. */
  readonly waits: (question: Question) => readonly (readonly TakeoverPart[])[];
}

/** etcd looks for leases that are over twice a second, and one by one revokes them. */
export const expiryMs = 1_000;

const nothing = (): readonly (readonly TakeoverPart[])[] => [];

/** Weakest first. */
const sources: readonly ProofSource[] = [
  {name: 'silence', proof: 'P0', isThere: () => true, waits: nothing},
  {
    name: 'carrier on our links',
    proof: 'P1',
    isThere: ({config}) => config.links.length > 0,
    waits: nothing,
  },
  ...leaseSources('disk lease', ({disks, arbiter}) => disks.length > 0 && arbiter === null),
  ...leaseSources('etcd lease', ({disks, arbiter}) => disks.length === 0 && arbiter !== null),
  // Either of them lets an owner run on, so a contender waits for the end of both.
  ...leaseSources(
    'disk and etcd lease',
    ({disks, arbiter}) => disks.length > 0 && arbiter !== null,
  ),
  {
    name: 'node majority',
    proof: 'P2',
    isThere: ({config}) => config.quorum?.leaseMs != null,
    waits: quorumWaits,
  },
  {name: 'fencing', proof: 'P4', isThere: isFenced, waits: fenceWaits},
];

function leaseSources(
  name: string,
  has: (config: ClusterConfig) => boolean,
): readonly ProofSource[] {
  const isThere = ({config}: Question): boolean => has(config);
  return [
    {name, proof: 'P2', isThere, waits: leaseWaits},
    {
      name: `${name} and watchdog`,
      proof: 'P3',
      isThere: (question) => isThere(question) && isWatched(question),
      waits: leaseWaits,
    },
  ];
}

export function takeoverOf(
  config: ClusterConfig,
  serviceClass: ServiceClass,
  among: Among = {},
): Takeover {
  const question = questionOf(config, among);
  const present = sources.filter((source) => source.isThere(question));
  const proof = strongest(present);
  const proofNeeded = needs[serviceClass];
  const enough = present
    .filter((source) => proofRank(source.proof) >= proofRank(proofNeeded))
    .map((source) => ({source, parts: partsOf(question, source)}));
  const isAllowed = config.takeover === 'proven' && question.nodes.length > 1;
  // What comes first decides; of two that come together the stronger one is named.
  const first = enough.reduce<(typeof enough)[number] | null>(
    (best, one) => (best === null || sumOf(one.parts) <= sumOf(best.parts) ? one : best),
    null,
  );
  const base = {serviceClass, proofNeeded, proof};
  if (!isAllowed || first === null) {
    return {...base, source: 'none', possible: false, worstMs: null, parts: []};
  }
  const {source, parts} = first;
  return {...base, source: source.name, possible: true, worstMs: sumOf(parts), parts};
}

/** The best that the configuration gives for these nodes, whatever a service asks for. */
export function gradeOf(config: ClusterConfig, among: Among = {}): Grade {
  const question = questionOf(config, among);
  const present = sources.filter((source) => source.isThere(question));
  const proofs = new Set(present.map(({proof}) => proof));
  if (proofs.has('P4') && proofs.has('P3')) return 'A';
  const rank = proofRank(strongest(present));
  if (rank >= proofRank('P3')) return 'B';
  return rank === proofRank('P2') ? 'C' : 'D';
}

function questionOf(config: ClusterConfig, among: Among): Question {
  return {config, nodes: among.nodes ?? config.nodes, weak: among.weak ?? new Set()};
}

function strongest(present: readonly ProofSource[]): ProofClass {
  return present.reduce<ProofClass>(
    (best, {proof}) => (proofRank(proof) > proofRank(best) ? proof : best),
    'P0',
  );
}

/** Every node writes a lease and is reset where it cannot keep it. */
function isWatched({config, nodes, weak}: Question): boolean {
  return nodes.every((node) => config.watchdogs.has(node) && !weak.has(node));
}

function watchdogMsMax({watchdogs}: ClusterConfig): number {
  return Math.max(0, ...[...watchdogs.values()].map((one) => one.timeoutMs));
}

/** The others say with their beats what they have heard; the silence of each counts from there. */
function quorumWaits({config}: Question): readonly (readonly TakeoverPart[])[] {
  const {beatMs, delayMs} = config.timing;
  return [
    [
      {what: 'wait until the others know that it has stopped', durationMs: config.quorum!.waitMs},
      {what: 'the last words of the others', durationMs: 3 * beatMs + 4 * delayMs},
    ],
  ];
}

/** Every node of the service can be switched off. */
function isFenced({config, nodes}: Question): boolean {
  return nodes.every((node) => config.fences.some((fence) => fence.node === node));
}

/** The slowest node to fence; it comes after the silence. */
function fenceWaits({config, nodes}: Question): readonly (readonly TakeoverPart[])[] {
  const silenceMs = Math.max(
    ...config.links.map((link) => link.deadMs + config.timing.delayMs),
    ...config.disks.map((disk) => disk.renewMs + disk.ioMs + disk.deadMs),
  );
  const turnMs = (node: NodeName): number =>
    Math.max(
      0,
      ...nodes.filter((own) => own !== node).map((own) => turnSpan(config, node, own).untilMs),
    );
  return nodes.map((node) => [
    {what: `silence of ${node} on every medium`, durationMs: silenceMs},
    {what: 'delay that lets the node which runs more fire first', durationMs: turnMs(node)},
    {what: `every try to fence ${node}`, durationMs: fenceMsMax(config, node)},
  ]);
}

/** W, or with the longest watchdog of any node. */
export function waitOf(config: ClusterConfig, disk: DiskConfig): number {
  const watchdogMs = watchdogMsMax(config);
  const watchedMs = watchedWaitMs(disk.leaseMs, watchdogMs, config.timing.clockErrorRatio);
  return watchdogMs === 0 ? disk.waitMs : Math.max(disk.waitMs, watchedMs);
}

/** The slot must be read once more when its lease is over: a write might have been missed. */
function leaseWaits({config}: Question): readonly (readonly TakeoverPart[])[] {
  const onDisks = config.disks.map((disk) => {
    const lookMs = disk.renewMs + disk.ioMs;
    return [
      {what: `last change on ${disk.id} seen`, durationMs: lookMs},
      {what: 'its lease waited out', durationMs: waitOf(config, disk)},
      {what: `${disk.id} read once more`, durationMs: lookMs},
    ];
  });
  return config.arbiter === null ? onDisks : [...onDisks, arbiterWaits(config, config.arbiter)];
}

/** etcd ends a lease within a second or so; a question may just have been under way then. */
function arbiterWaits(config: ClusterConfig, arbiter: ArbiterConfig): readonly TakeoverPart[] {
  const {id, ttlMs, timeoutMs} = arbiter;
  const watchdogMs = watchdogMsMax(config);
  const lease = [
    {what: `its lease in ${id} over`, durationMs: ttlMs + expiryMs},
    {what: `${id} asked for the mark`, durationMs: markEveryMs(ttlMs) + 2 * timeoutMs},
  ];
  if (watchdogMs === 0) return lease;
  const resetMs = watchedWaitMs(0, watchdogMs, config.timing.clockErrorRatio);
  return [...lease, {what: 'its watchdog waited out', durationMs: resetMs}];
}

/**
 * Silence on every medium and what the source waits for run side by side: the longest counts. With
 * a third node alive the grace comes on top, because it could be the better placed one.
 */
function partsOf(question: Question, source: ProofSource): readonly TakeoverPart[] {
  const {config, nodes} = question;
  const {timing} = config;
  const candidates: (readonly TakeoverPart[])[] = [
    ...config.links.map((link) => [
      {what: `silence on ${link.id}`, durationMs: link.deadMs + timing.delayMs},
    ]),
    ...config.disks.map((disk) => [
      {what: `silence on ${disk.id}`, durationMs: disk.renewMs + disk.ioMs + disk.deadMs},
    ]),
    ...source.waits(question),
  ];
  const longest = candidates.reduce(
    (left, right) => (sumOf(right) > sumOf(left) ? right : left),
    [],
  );
  const grace =
    nodes.length < 3 ? [] : [{what: 'grace for a better placed node', durationMs: timing.graceMs}];
  const turns = {what: 'own turns, and the record on disk', durationMs: timing.stallMs};
  return [...longest, ...grace, turns];
}

function sumOf(parts: readonly TakeoverPart[]): number {
  return parts.reduce((sumMs, part) => sumMs + part.durationMs, 0);
}
