/**
 * A slot as bytes into records, as far as that needs no memory of what was there before. PeerView
 * adds the memory: is it newer, is it the same life, did it change at all.
 */

import {servicesMax} from '../kernel/limits.ts';
import {isOurCluster, isZero, parseFrame, peekHeader, verifyTag} from './decode-frame.ts';
import type {FrameHeader} from './decode-frame.ts';
import {recordBytes} from './layout.ts';
import type {Authenticator, DropReason, Frame} from './types.ts';

/** One claim a page at the worst; a slot longer than that holds nothing more. */
const recordsMax = servicesMax;

/** Whose record a slot must hold. Numbers are hashName of the names. */
export interface SlotOwner {
  readonly self: number;
  readonly owner: number;
  readonly disk: number;
}

/** Header of the liveness record: right cluster, owner and disk. Its tag is NOT verified yet. */
export function peekLiveness(
  record: Uint8Array,
  expected: SlotOwner,
  auth: Authenticator,
): FrameHeader | DropReason {
  const header = peekHeader(record, true);
  if (typeof header === 'string') return header;
  if (!isOurCluster(header, auth)) return 'other-cluster';
  if (header.sender === expected.self) return 'own-name';
  if (header.sender !== expected.owner) return 'unknown-sender';
  return header.medium === expected.disk ? header : 'wrong-medium';
}

/** The state pages behind a liveness record, and why others were left out. */
export function readPages(
  liveness: FrameHeader,
  slot: Uint8Array,
  auth: Authenticator,
): {readonly frames: readonly Frame[]; readonly dropped: readonly DropReason[]} {
  const frames: Frame[] = [];
  const dropped: DropReason[] = [];
  const count = Math.min(recordsMax, Math.floor(slot.length / recordBytes));
  for (let index = 1; index < count; index += 1) {
    const record = slot.subarray(index * recordBytes, (index + 1) * recordBytes);
    if (isZero(record, 0)) continue;
    const page = readPage(liveness, record, auth);
    if (typeof page === 'string') dropped.push(page);
    else frames.push(page);
  }
  return {frames, dropped};
}

/** A page of another write than the liveness record's was torn off: it says nothing. */
function readPage(
  liveness: FrameHeader,
  record: Uint8Array,
  auth: Authenticator,
): Frame | DropReason {
  const header = peekHeader(record, true);
  if (typeof header === 'string') return header;
  if (!isOurCluster(header, auth)) return 'other-cluster';
  if (header.sender !== liveness.sender) return 'unknown-sender';
  if (header.medium !== liveness.medium) return 'wrong-medium';
  const sameLife = header.incarnation === liveness.incarnation && header.nonce === liveness.nonce;
  if (!sameLife || header.sequence !== liveness.sequence) return 'replayed';
  const verified = verifyTag(record, header, auth);
  return verified === 'ok' ? parseFrame(record, header) : verified;
}
