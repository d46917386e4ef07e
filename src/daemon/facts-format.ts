/**
 * The text of `facts.json`: what a node must remember over a restart, with a checksum over exactly
 * the characters of the facts. A file that was changed by hand, torn or mixed up with that of
 * another cluster is recognised, never half believed. What changed since stands in the log of the
 * same generation: `facts-log.ts`.
 */

import {sha256Text} from '../journal/io/journal-directory.ts';
import type {
  FenceFact,
  FreezeInfo,
  NodeFacts,
  PeerFacts,
  PeerLatch,
  ServiceFacts,
} from '../engine/types.ts';
import {err, ok} from '../kernel/result.ts';
import {nodeName, serviceName} from '../kernel/ids.ts';
import {nodesMax} from '../kernel/limits.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {Result} from '../kernel/result.ts';

/** Everything in the file. */
export interface StoredFacts {
  readonly cluster: string;
  readonly node: string;
  /** Last life of the daemon of this node. */
  readonly incarnation: number;
  readonly services: ReadonlyMap<ServiceName, ServiceFacts>;
  readonly nodeFacts: NodeFacts;
}

/** A snapshot as it was read. */
export interface FactsSnapshot {
  readonly facts: StoredFacts;
  /** Number of this snapshot, which its log is named after; null: of a version without a log. */
  readonly generation: number | null;
  readonly checksum: string;
}

/**
 * Now on both clocks: a freeze with an end is kept by wall clock and lived by the monotonic one.
 */
export interface BothClocks {
  readonly nowMs: number;
  readonly wallMs: number;
}

export const noNodeFacts: NodeFacts = {
  frozen: null,
  drained: null,
  clusterFrozen: null,
  fences: [],
  peers: [],
};

const format = 'understudy-facts';
const version = 2;
/** Everything in one file, replaced with each change. */
const versionWithoutLog = 1;
const bodyKey = '"facts":';

/** The text of the file, and its checksum, from which the log goes on. */
export function formatFacts(
  facts: StoredFacts,
  generation: number,
): {readonly text: string; readonly checksum: string} {
  const services = [...facts.services].map(
    ([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`,
  );
  const head = JSON.stringify({
    cluster: facts.cluster,
    node: facts.node,
    incarnation: facts.incarnation,
    generation,
    nodeFacts: facts.nodeFacts,
  });
  const body = `${head.slice(0, -1)},"services":{\n${services.join(',\n')}}}`;
  const checksum = sha256Text(body);
  const first = `{"format":"${format}","version":${version},"checksum":"${checksum}",`;
  return {text: `${first}\n${bodyKey}${body}}\n`, checksum};
}

/** The error is a sentence that says what does not fit. */
export function parseFacts(text: string, clocks: BothClocks): Result<FactsSnapshot, string> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return err(`expected JSON, found ${text.length} characters that are none`);
  }
  if (!isObject(file) || file['format'] !== format) return err(`expected the format ${format}`);
  const isOld = file['version'] === versionWithoutLog;
  if (file['version'] !== version && !isOld) {
    return err(`expected version ${version}, found ${String(file['version'])}`);
  }
  const start = text.indexOf(bodyKey);
  const body = text.slice(start + bodyKey.length, text.lastIndexOf('}'));
  const checksum = sha256Text(body);
  if (start < 0 || file['checksum'] !== checksum) return err('its checksum does not fit');
  const facts = readBody(file['facts'], clocks);
  if (!facts.ok) return facts;
  const generation = isOld ? null : (file['facts'] as Record<string, unknown>)['generation'];
  if (generation !== null && !isCount(generation)) return err('it lacks its generation');
  return ok({facts: facts.value, generation, checksum});
}

function readBody(body: unknown, clocks: BothClocks): Result<StoredFacts, string> {
  if (!isObject(body) || !isObject(body['services']) || !isObject(body['nodeFacts'])) {
    return err('it lacks services or nodeFacts');
  }
  const {cluster, node, incarnation, nodeFacts} = body;
  if (typeof cluster !== 'string' || typeof node !== 'string' || !isCount(incarnation)) {
    return err('it lacks cluster, node or incarnation');
  }
  const services = readServices(body['services'], clocks);
  if (!services.ok) return services;
  return ok({
    cluster,
    node,
    incarnation,
    services: services.value,
    nodeFacts: readNodeFacts(nodeFacts, clocks),
  });
}

/** Services by name, each complete; else a sentence. */
export function readServices(
  value: Readonly<Record<string, unknown>>,
  clocks: BothClocks,
): Result<Map<ServiceName, ServiceFacts>, string> {
  const services = new Map<ServiceName, ServiceFacts>();
  for (const [name, one] of Object.entries(value)) {
    const facts = readService(one, clocks);
    if (facts === null) return err(`the facts of ${name} are incomplete`);
    services.set(serviceName(name), facts);
  }
  return ok(services);
}

export function readNodeFacts(
  value: Readonly<Record<string, unknown>>,
  clocks: BothClocks,
): NodeFacts {
  return {
    frozen: readFreeze(value['frozen'], clocks),
    drained: readFreeze(value['drained'], clocks),
    clusterFrozen: readFreeze(value['clusterFrozen'], clocks),
    fences: readFences(value['fences']),
    peers: readPeers(value['peers']),
  };
}

/** Absent in files of earlier versions. What does not say that it is harmless, is not. */
function readFences(value: unknown): readonly FenceFact[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).flatMap(({node, lied, spent}) => {
    if (typeof node !== 'string') return [];
    return [{node: nodeName(node), lied: lied !== false, spent: spent !== false}];
  });
}

function readService(value: unknown, clocks: BothClocks): ServiceFacts | null {
  if (!isObject(value)) return null;
  const {epoch, owner, frozen, failed, lastAction, bootId} = value;
  if (!isCount(epoch) || typeof owner !== 'boolean' || typeof bootId !== 'string') return null;
  if (frozen !== null && frozen !== 'stop' && frozen !== 'start') return null;
  if (failed !== null && failed !== 'start' && failed !== 'stop') return null;
  if (lastAction !== null && lastAction !== 'started' && lastAction !== 'stopped') return null;
  const freeze = readFreeze(value['freeze'], clocks);
  const peerLatch = readLatch(value['peerLatch']);
  // Absent in files of the first version: nothing was under way.
  const begun = value['underWay'];
  const underWay = begun === 'start' || begun === 'stop' ? begun : null;
  return {epoch, owner, frozen, freeze, failed, lastAction, bootId, peerLatch, underWay};
}

/** Absent in files of versions that kept none. What cannot be read is left out. */
function readPeers(value: unknown): readonly PeerFacts[] {
  if (!Array.isArray(value)) return [];
  const peers: PeerFacts[] = [];
  for (const one of value.slice(0, nodesMax)) {
    if (!isObject(one)) continue;
    const {node, incarnation, sequence, keepingUntil} = one;
    if (typeof node !== 'string' || !isCount(incarnation) || !isCount(sequence)) continue;
    const ends = typeof keepingUntil === 'string' && Number.isFinite(Date.parse(keepingUntil));
    const until = ends ? keepingUntil : null;
    peers.push({node: nodeName(node), incarnation, sequence, keepingUntil: until});
  }
  return peers;
}

function readLatch(value: unknown): PeerLatch | null {
  if (!isObject(value)) return null;
  const {node, state} = value;
  if (typeof node !== 'string' || (state !== 'FROZEN_START' && state !== 'STOP_FAILED'))
    return null;
  return {node: nodeName(node), state};
}

/** What can not be read as a date is a freeze without an end: the careful reading. */
function readFreeze(value: unknown, clocks: BothClocks): FreezeInfo | null {
  if (!isObject(value)) return null;
  const {by, why, since, until} = value;
  const endMs = typeof until === 'string' ? Date.parse(until) : Number.NaN;
  const ends = Number.isFinite(endMs);
  return {
    by: typeof by === 'string' ? by : '',
    why: typeof why === 'string' ? why : '',
    since: typeof since === 'string' ? since : '',
    untilMs: ends ? clocks.nowMs + Math.max(0, endMs - clocks.wallMs) : null,
    until: ends ? String(until) : null,
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
