/**
 * The words of etcd's JSON gateway (version 3 of its interface; 64-bit numbers are texts, keys and
 * values are base64). Pure: what to send for a question, and what an answer means. Whatever is not
 * as expected makes the whole answer void; nothing is guessed.
 */

import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {ArbiterQuestion, ArbiterRow, MarkEntry, MemberEntry, NodeEntry} from './arbiter.ts';

/** How a text becomes a value that only members can make, and back; null: foreign. */
export interface Seal {
  readonly close: (key: string, text: string) => string;
  readonly open: (key: string, value: string) => string | null;
}

export interface WireContext {
  /** `<prefix>/<cluster>`, without a slash at its end. */
  readonly root: string;
  readonly self: NodeName;
  readonly nodes: readonly NodeName[];
  readonly seal: Seal;
  readonly toBase64: (text: string) => string;
  readonly fromBase64: (text: string) => string;
}

export type Json = Readonly<Record<string, unknown>>;

/** What a transaction or a range said, before anything is concluded from it. */
export interface WireReading {
  readonly clusterId: string;
  readonly revision: number;
  /** Term of the member's leader when it answered. */
  readonly term: string;
  /** The transaction's conditions held. */
  readonly succeeded: boolean;
  readonly rows: readonly ArbiterRow[];
}

/** `foreign`: an entry that no member of this cluster made. */
export type WireResult =
  | {readonly ok: true; readonly reading: WireReading}
  | {readonly ok: false; readonly fault: 'unreachable' | 'foreign'; readonly detail: string};

/** Entries of a cluster: three per node. */
const kinds = ['node', 'member', 'out'] as const;
type Kind = (typeof kinds)[number];

const keyOf = (context: WireContext, kind: Kind, node: NodeName): string =>
  `${context.root}/${kind}/${node}`;

/** Everything of this cluster, read from a majority (a linearizable read is etcd's default). */
export function rangeBody(context: WireContext): Json {
  const key = `${context.root}/`;
  // The end of the range: the byte after the slash.
  return {key: context.toBase64(key), range_end: context.toBase64(`${context.root}0`), limit: '64'};
}

/** The transaction of a question, which reads everything after it; null: a plain read does. */
export function txnBody(context: WireContext, question: ArbiterQuestion): Json | null {
  const read = {request_range: rangeBody(context)};
  const both = (compare: readonly Json[], changes: readonly Json[]): Json => ({
    compare,
    success: [...changes, read],
    failure: [read],
  });
  const own = keyOf(context, 'node', context.self);
  switch (question.kind) {
    case 'acquire': {
      const {nodeRevision, markRevision, entry, member, leaseId} = question;
      const mark = keyOf(context, 'out', context.self);
      return both(
        [compareRevision(context, own, nodeRevision), compareRevision(context, mark, markRevision)],
        [
          put(context, own, {entry, leaseId}),
          put(context, keyOf(context, 'member', context.self), {entry: member}),
          {request_delete_range: {key: context.toBase64(mark)}},
        ],
      );
    }
    case 'renew': {
      if (question.member === null) return null;
      const member = keyOf(context, 'member', context.self);
      const held = compareLease(context, own, question.leaseId);
      return both([held], [put(context, member, {entry: question.member})]);
    }
    case 'mark': {
      const {peer, leaseId, entry} = question;
      const member = context.toBase64(keyOf(context, 'member', peer));
      return both(
        [
          compareRevision(context, keyOf(context, 'node', peer), 0),
          compareLease(context, own, leaseId),
          {target: 'CREATE', key: member, result: 'GREATER', create_revision: '0'},
        ],
        [put(context, keyOf(context, 'out', peer), {entry})],
      );
    }
    case 'read':
    case 'release':
      return null;
  }
}

/** Revision 0 is that of a key which is not there. */
function compareRevision(context: WireContext, key: string, revision: number): Json {
  return {
    target: 'MOD',
    key: context.toBase64(key),
    result: 'EQUAL',
    mod_revision: String(revision),
  };
}

function compareLease(context: WireContext, key: string, leaseId: string): Json {
  return {target: 'LEASE', key: context.toBase64(key), result: 'EQUAL', lease: leaseId};
}

function put(
  context: WireContext,
  key: string,
  {entry, leaseId}: {readonly entry: object; readonly leaseId?: string},
): Json {
  const value = context.toBase64(context.seal.close(key, JSON.stringify(entry)));
  const lease = leaseId === undefined ? {} : {lease: leaseId};
  return {request_put: {key: context.toBase64(key), value, ...lease}};
}

/** The answer to `rangeBody` or `txnBody`. */
export function readAnswer(context: WireContext, body: unknown): WireResult {
  const header = field(body, 'header');
  const clusterId = textIn(header, 'cluster_id');
  const revision = numberIn(header, 'revision');
  const term = textIn(header, 'raft_term');
  const kvs = field(lastRange(body), 'kvs') ?? [];
  if (clusterId === null || revision === null || term === null || !Array.isArray(kvs)) {
    return broken('its answer is not that of etcd');
  }
  const rows = new Map<NodeName, Row>(
    context.nodes.map((node) => [node, {node, present: null, member: null, mark: null}]),
  );
  for (const kv of kvs as readonly unknown[]) {
    const fault = readEntry(context, kv, rows);
    if (fault !== null) return fault;
  }
  const succeeded = field(body, 'succeeded') === true;
  const reading = {clusterId, revision, term, succeeded, rows: [...rows.values()]};
  return {ok: true, reading};
}

type Row = {-readonly [Key in keyof ArbiterRow]: ArbiterRow[Key]};

/** A transaction ends with its read; a plain read is its own answer. */
function lastRange(body: unknown): unknown {
  const responses = field(body, 'responses');
  if (!Array.isArray(responses)) return body;
  return field((responses as readonly unknown[]).at(-1), 'response_range');
}

function readEntry(
  context: WireContext,
  kv: unknown,
  rows: ReadonlyMap<NodeName, Row>,
): (WireResult & {readonly ok: false}) | null {
  const key = context.fromBase64(textIn(kv, 'key') ?? '');
  const [kind = '', name = ''] = key.slice(context.root.length + 1).split('/');
  const row = rows.get(name as NodeName);
  // A node that was taken out of the configuration has nothing to say any more.
  if (row === undefined || !isKind(kind)) return null;
  const revision = numberIn(kv, 'mod_revision');
  const text = context.seal.open(key, context.fromBase64(textIn(kv, 'value') ?? ''));
  if (text === null) return foreignEntry(row, kind, {key, revision: revision ?? 0});
  const value = parsed(text);
  if (revision === null || value === null) return broken(`${key} cannot be read`);
  if (kind === 'node') {
    row.present = {...nodeEntry(value), revision, leaseId: textIn(kv, 'lease') ?? '0'};
  } else if (kind === 'member') row.member = {...memberEntry(value), revision};
  else row.mark = {...markEntry(value), revision};
  return null;
}

/**
 * A lease that lives was taken by somebody else who uses the same prefix: then nothing here can be
 * relied on. What lasts may be of a key that was changed since: it proves nothing, a mark holds.
 */
function foreignEntry(
  row: Row,
  kind: Kind,
  {key, revision}: {readonly key: string; readonly revision: number},
): (WireResult & {readonly ok: false}) | null {
  if (kind === 'node') {
    const detail = `${key} was not written by a node of this cluster, or with another secret.key`;
    return {ok: false, fault: 'foreign', detail};
  }
  if (kind === 'out') row.mark = {by: '' as NodeName, life: 0, revision};
  return null;
}

function isKind(text: string): text is Kind {
  return kinds.some((kind) => kind === text);
}

function nodeEntry(value: Json): NodeEntry {
  return {life: numberIn(value, 'life') ?? 0, nonce: numberIn(value, 'nonce') ?? 0};
}

/** What is not said is taken for the worst: no watchdog, and services that nothing stops. */
function memberEntry(value: Json): MemberEntry {
  const {held, keeping} = value;
  const isList = Array.isArray(held) && held.every((name) => typeof name === 'string');
  return {
    life: numberIn(value, 'life') ?? 0,
    ttlMs: numberIn(value, 'ttlMs') ?? 0,
    watchdogMs: numberIn(value, 'watchdogMs') ?? 0,
    keeping: keeping !== false || !isList,
    held: isList ? (held as ServiceName[]) : [],
  };
}

function markEntry(value: Json): MarkEntry {
  return {by: (textIn(value, 'by') ?? '') as NodeName, life: numberIn(value, 'life') ?? 0};
}

/** The term of a keep-alive's answer, and whether the lease is still there. */
export function readKeepAlive(
  body: unknown,
): {readonly term: string; readonly ttlMs: number} | null {
  const result = field(body, 'result');
  const term = textIn(field(result, 'header'), 'raft_term');
  if (term === null) return null;
  return {term, ttlMs: (numberIn(result, 'TTL') ?? 0) * 1_000};
}

function broken(detail: string): WireResult & {readonly ok: false} {
  return {ok: false, fault: 'unreachable', detail};
}

function parsed(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Json) : null;
  } catch {
    // A value that no version of ours wrote.
    return null;
  }
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
}

export function textIn(value: unknown, name: string): string | null {
  const found = field(value, name);
  return typeof found === 'string' ? found : null;
}

/** A safe whole number, written as a number or as etcd writes its 64 bits. */
export function numberIn(value: unknown, name: string): number | null {
  const found = field(value, name);
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}
