/**
 * Numbers and hashes that tie each line of the journal to the one before: a missing, altered or
 * torn line shows, and shows where. The hash function is given by the caller, so that this room
 * needs no cryptography of its own and the simulator can use a cheaper one. Against an attacker
 * with write access the chain proves nothing, unless the last hash was copied elsewhere.
 */

import type {JournalEntry, JournalRecord} from './types.ts';

/** Text to 16 lower-case hexadecimal digits. */
export type HashText = (text: string) => string;

/** Where a chain stands: the next line has number `seq` + 1 and is hashed onto `hash`. */
export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first line of all. */
export const chainOrigin: ChainPoint = {seq: 0, hash: '0000000000000000'};

/** What the journal adds to an entry besides number and hash. */
export interface Stamp {
  /** RFC 3339 with ms. */
  readonly at: string;
  readonly incarnation: number;
}

/** Longest line. A verdict with the evidence of 8 nodes on 8 media is about 12 KB. */
export const lineCharsMax = 32 * 1_024;
/**
 * Longest sentence of a cause: one that is longer is output of a script, which belongs elsewhere.
 */
export const detailCharsMax = 2_000;

const hashKey = ',"hash":"';
const hashChars = 16;
const tailChars = hashKey.length + hashChars + 2;

/** The next record of a chain and its line, without the line feed. */
export function linkRecord(
  previous: ChainPoint,
  entry: JournalEntry,
  options: {readonly stamp: Stamp; readonly hashText: HashText},
): {readonly record: JournalRecord; readonly line: string} {
  const body = fitted({
    seq: previous.seq + 1,
    at: options.stamp.at,
    incarnation: options.stamp.incarnation,
    kind: entry.kind,
    service: entry.service,
    node: entry.node,
    atMs: entry.atMs,
    cause: {reason: entry.cause.reason, detail: cut(entry.cause.detail, detailCharsMax)},
    data: entry.data,
  });
  const hash = options.hashText(previous.hash + body.content);
  return {
    record: {...body.fields, hash},
    line: `${body.content.slice(0, -1)}${hashKey}${hash}"}`,
  };
}

type Fields = Omit<JournalRecord, 'hash'>;

/**
 * A line that would be too long keeps everything but its data: what happened outweighs the detail.
 */
function fitted(fields: Fields): {readonly fields: Fields; readonly content: string} {
  const content = JSON.stringify(fields);
  if (content.length <= lineCharsMax) return {fields, content};
  const shorter = {...fields, data: {dataLeftOutChars: content.length}};
  return {fields: shorter, content: JSON.stringify(shorter)};
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)} [cut]`;
}

/** A line as a record, or null where it is none. Says nothing of its place in the chain. */
export function parseLine(line: string): JournalRecord | null {
  if (line.length < tailChars || !line.startsWith(hashKey, line.length - tailChars)) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null; // Not JSON: the caller reports the line by its number.
  }
}

function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(fields['seq']) &&
    typeof fields['at'] === 'string' &&
    typeof fields['kind'] === 'string' &&
    typeof fields['node'] === 'string' &&
    typeof fields['hash'] === 'string' &&
    (fields['service'] === null || typeof fields['service'] === 'string') &&
    isCause(fields['cause']) &&
    typeof fields['data'] === 'object' &&
    fields['data'] !== null
  );
}

function isCause(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return typeof fields['reason'] === 'string' && typeof fields['detail'] === 'string';
}

/** True where the line's own hash fits its content and the hash before it. */
export function hashFits(
  line: string,
  link: {readonly previousHash: string; readonly hash: string; readonly hashText: HashText},
): boolean {
  const content = `${line.slice(0, line.length - tailChars)}}`;
  return link.hashText(link.previousHash + content) === link.hash;
}
