/**
 * A slot on a shared disk: records of 512 bytes, because that much a disk writes as a whole. The
 * first is the liveness record, a frame like any other; the others are state pages, frames without
 * a heard list that carry the claims the first had no room for. All records of one write have the
 * same sequence, so a page of an older write is told from one that belongs.
 */

import {assert} from '../kernel/assert.ts';
import {encodeFrame} from './encode-frame.ts';
import {recordBytes} from './layout.ts';
import type {Authenticator, DropReason, Frame} from './types.ts';

export interface SlotOptions {
  /** Records of the slot, at least 1: DiskConfig.slotBlocks. */
  readonly slotBlocks: number;
  readonly auth: Authenticator;
}

export interface EncodedSlot {
  /** The whole slot, unused records zero: written in one go. */
  readonly bytes: Uint8Array;
  /** How many of frame.claims found room: the caller rotates by this. */
  readonly claimsWritten: number;
}

/** A frame as the content of its sender's slot. */
export function encodeSlot(frame: Frame, options: SlotOptions): EncodedSlot {
  const {slotBlocks, auth} = options;
  assert(slotBlocks >= 1, 'a slot without a record');
  const bytes = new Uint8Array(slotBlocks * recordBytes);
  const liveness = encodeFrame(frame, {budgetBytes: recordBytes, auth});
  bytes.set(liveness.bytes);
  let {claimsWritten} = liveness;
  const page: Frame = {...frame, heard: []};
  for (let index = 1; index < slotBlocks && claimsWritten < frame.claims.length; index += 1) {
    const budget = {budgetBytes: recordBytes, auth, claimsFrom: claimsWritten};
    const encoded = encodeFrame(page, budget);
    bytes.set(encoded.bytes, index * recordBytes);
    claimsWritten += encoded.claimsWritten;
  }
  return {bytes, claimsWritten};
}

const goneBack = 'went back in time: an old image was restored, or two machines write it';

/** What a person is told about a slot that must not be believed. */
const faults: Readonly<Record<DropReason, string>> = {
  'truncated': 'is shorter than a record: the device ends there',
  'oversized': 'is longer than a record',
  'bad-magic': 'holds no heartbeat record: something else writes there',
  'bad-version': 'was written by another version of ha',
  'other-cluster': 'belongs to another cluster',
  'unknown-sender': 'was written by another node',
  'own-name': 'was written under the name of this node',
  'wrong-medium': 'was written for another disk: are the devices swapped?',
  'unknown-key': 'is signed with a key that is not in secret.key',
  'bad-tag': 'is torn, or signed with another key',
  'older-life': goneBack,
  'replayed': goneBack,
  'malformed': 'is signed but cannot be understood',
  'unknown-mandatory-field': 'needs a newer version of ha to be understood',
};

/** One sentence, without the age: `the slot of node2 belongs to another cluster`. */
export function slotFault(node: string, reason: DropReason): string {
  return `the slot of ${node} ${faults[reason]}`;
}
