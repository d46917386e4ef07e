/**
 * Keys of SCSI persistent reservations: 64 bits that name the cluster, the node and the epoch under
 * which the node started the service. So whoever reads the keys of a disk knows whose they are, and
 * a key of another cluster on the same disk is told from one of ours.
 */

import {hashName, hex32} from './hash.ts';

/** What the nodes of a service register; `fixed` keys were written by hand and have no epoch. */
export interface KeyScheme {
  readonly cluster: string;
  readonly nodes: readonly string[];
  /** By node, as `parseKey` gives them. */
  readonly fixed: ReadonlyMap<string, string>;
}

/** `epoch`: its low 16 bits; null: a fixed key does not have it. */
export interface KeyOwner {
  readonly node: string;
  readonly epoch: number | null;
}

/** A derived key with this epoch is never used for a start: epochs begin with 1. */
export const sweepEpoch = 0;

/** `0x` and 1 to 16 lower-case digits without a leading zero, as tools print it; null: no key. */
export function parseKey(text: string): string | null {
  const digits = /^(?:0x)?0*([0-9a-f]{1,16})$/i.exec(text.trim())?.[1];
  return digits === undefined || digits === '0' ? null : `0x${digits.toLowerCase()}`;
}

/** What `node` registers for a start in `epoch`. */
export function keyOf(scheme: KeyScheme, node: string, epoch: number): string {
  return scheme.fixed.get(node) ?? derivedKey(scheme.cluster, node, epoch);
}

/** `hash32(cluster) node16 epoch16`. */
export function derivedKey(cluster: string, node: string, epoch: number): string {
  return parseKey(`0x${prefixOf(cluster)}${hex16(node16(node))}${hex16(epoch)}`)!;
}

/** null: a key of nobody in this service, so of another cluster or written by hand. */
export function ownerOf(scheme: KeyScheme, key: string): KeyOwner | null {
  for (const [node, fixed] of scheme.fixed) if (fixed === key) return {node, epoch: null};
  const digits = key.slice(2).padStart(16, '0');
  if (digits.slice(0, 8) !== prefixOf(scheme.cluster)) return null;
  const node = scheme.nodes.find((name) => hex16(node16(name)) === digits.slice(8, 12));
  return node === undefined ? null : {node, epoch: Number.parseInt(digits.slice(12), 16)};
}

/** Two nodes whose keys could not be told apart, or null: then one of them needs another name. */
export function keyTwins(scheme: KeyScheme): readonly [string, string] | null {
  const seen = new Map<string, string>();
  for (const node of scheme.nodes) {
    const id = scheme.fixed.get(node) ?? hex16(node16(node));
    const other = seen.get(id);
    if (other !== undefined) return [other, node];
    seen.set(id, node);
  }
  return null;
}

/** Of the low 16 bits of two epochs, which count around (RFC 1982): is `left` the later one? */
export function isLater(left: number, right: number): boolean {
  const ahead = (left - right) & 0xffff;
  return ahead > 0 && ahead < 0x8000;
}

function prefixOf(cluster: string): string {
  return hex32(hashName(`reservations of ${cluster}`));
}

function node16(node: string): number {
  const hash = hashName(`node ${node}`);
  return ((hash >>> 16) ^ hash) & 0xffff || 1;
}

function hex16(value: number): string {
  return (value & 0xffff).toString(16).padStart(4, '0');
}
