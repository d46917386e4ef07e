/**
 * What is to be done about one disk, from what its keys and its reservation say. Pure: the driver
 * reads, asks here, acts, and reads again. A key of nobody in the service stops everything: the
 * disk is another cluster's, or somebody's whom we do not know.
 */

import {isLater, keyOf, ownerOf, type KeyScheme} from '../kernel/reservation-key.ts';
import {registrantsOnly, type Holder} from './scsi-reservation-text.ts';

/** `epoch`: of the start; 0: not known (a look by the monitor), then each of our keys is ours. */
export interface Self {
  readonly scheme: KeyScheme;
  readonly node: string;
  readonly epoch: number;
}

/** As read from one disk. */
export interface LunSeen {
  readonly keys: readonly string[];
  readonly holder: Holder | null;
}

export type LunStep =
  | {readonly kind: 'held'}
  | {readonly kind: 'reserve'}
  | {readonly kind: 'preempt'; readonly victim: string}
  | {readonly kind: 'refuse'; readonly why: string};

/** The next step towards being the only one registered, and the holder. */
export function nextStep(seen: LunSeen, self: Self): LunStep {
  const why = obstacle(seen, self);
  if (why !== null) return {kind: 'refuse', why};
  const own = keyOf(self.scheme, self.node, self.epoch);
  if (!seen.keys.includes(own)) return {kind: 'refuse', why: `our key ${own} is not registered`};
  const {holder} = seen;
  // The holder first: with its key the reservation becomes ours, and with it the right to write.
  if (holder !== null && holder.key !== own) return {kind: 'preempt', victim: holder.key};
  if (holder === null) return {kind: 'reserve'};
  const other = seen.keys.find((key) => key !== own);
  return other === undefined ? {kind: 'held'} : {kind: 'preempt', victim: other};
}

/** Why this node must keep its hands off the disk, or null. Asked before anything is written. */
export function obstacle({keys, holder}: LunSeen, self: Self): string | null {
  if (holder !== null && holder.type !== registrantsOnly) {
    const type = holder.type ?? 'unknown';
    return `it has a reservation of type ${type} by ${holder.key}, which is none of ours`;
  }
  const all = holder === null ? keys : [...keys, holder.key];
  for (const key of all) {
    const owner = ownerOf(self.scheme, key);
    if (owner === null) {
      return `it has the key ${key} of no node of this service: is it a disk of another cluster?`;
    }
    if (owner.epoch !== null && self.epoch > 0 && isLater(owner.epoch, self.epoch & 0xffff)) {
      return `${owner.node} has registered with epoch ${owner.epoch}, later than this start`;
    }
  }
  return null;
}

export interface LunVerdict {
  readonly state: 'up' | 'down' | 'unknown';
  /** Whoever counted on this disk must let go of it. */
  readonly lost: boolean;
  readonly says: string;
}

/** How the disk stands towards us; `paths`: how many registrations there should be. */
export function judgeLun({keys, holder}: LunSeen, self: Self, paths: number): LunVerdict {
  const isOurs = (key: string): boolean => {
    const owner = ownerOf(self.scheme, key);
    return owner?.node === self.node && (self.epoch === 0 || key === ownKey(self));
  };
  const anyOurs = (key: string): boolean => ownerOf(self.scheme, key)?.node === self.node;
  const ours = keys.filter(isOurs).length;
  const held = holder !== null && holder.type === registrantsOnly && isOurs(holder.key);
  const by = holder === null ? 'nobody' : whose(holder.key, self);
  if (ours > 0 && held)
    return {state: 'up', lost: false, says: coverage(keys, self, {ours, paths})};
  if (keys.some(anyOurs) || (holder !== null && anyOurs(holder.key))) {
    const says = `registered here on ${ours} of ${paths} paths, and held by ${by}`;
    return {state: 'unknown', lost: true, says};
  }
  return {state: 'down', lost: true, says: `not registered here, held by ${by}`};
}

function ownKey({scheme, node, epoch}: Self): string {
  return keyOf(scheme, node, epoch);
}

function whose(key: string, {scheme}: Self): string {
  const owner = ownerOf(scheme, key);
  if (owner === null) return `${key}, of no node of this service`;
  return owner.epoch === null ? owner.node : `${owner.node} in epoch ${owner.epoch}`;
}

/** Fewer registrations than paths: what goes over the others is refused by the disk. */
function coverage(
  keys: readonly string[],
  self: Self,
  {ours, paths}: {readonly ours: number; readonly paths: number},
): string {
  const others = keys.filter((key) => ownerOf(self.scheme, key)?.node !== self.node);
  const names = others.map((key) => whose(key, self)).join(', ');
  const beside = names === '' ? '' : `; registered too, and able to write: ${names}`;
  const covered = ours < paths ? `: only ${ours} of ${paths} paths registered` : '';
  return `held here${covered}${beside}`;
}
