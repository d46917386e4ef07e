/**
 * A frame into bytes. One scratch buffer serves all calls, because a beat is encoded for every
 * medium several times a second and a thousand clusters of the simulator share one core.
 */

import {assert} from '../kernel/assert.ts';
import {mix32} from '../kernel/hash.ts';
import {frameBytesMax, servicesMax} from '../kernel/limits.ts';
import type {ServiceState} from '../kernel/words.ts';
import {serviceStates} from '../kernel/words.ts';
import * as layout from './layout.ts';
import type {Authenticator, Frame, FrameFlags, Heard, ServiceClaim} from './types.ts';

export interface EncodeOptions {
  /** Largest frame in bytes: frameBytesMax on the wire, recordBytes on disk. */
  readonly budgetBytes: number;
  /** Signs for (frame.sender, frame.medium, frame.incarnation). */
  readonly auth: Authenticator;
  /** Index of the first claim to write; default 0. */
  readonly claimsFrom?: number;
}

export interface EncodedFrame {
  /** The caller's own: exactly as long as the frame. */
  readonly bytes: Uint8Array;
  /** How many claims from `claimsFrom` on found room: the caller rotates by this. */
  readonly claimsWritten: number;
}

/** Claims for which room is kept where the heard list alone could fill the frame. */
const claimsReserved = 10;
const numberMax = 2 ** 48 - 1;

const scratch = new Uint8Array(frameBytesMax);
const view = new DataView(scratch.buffer);
const stateNumber = Object.fromEntries(
  serviceStates.map((state, index) => [state, index]),
) as Readonly<Record<ServiceState, number>>;

/**
 * Writes and signs a frame. What does not fit the budget is left out: claims from the end (the
 * caller has ordered them), heard groups in a rotation that the sequence number drives. A value out
 * of range is a defect of the caller and ends the process.
 */
export function encodeFrame(frame: Frame, options: EncodeOptions): EncodedFrame {
  const {budgetBytes, auth, claimsFrom = 0} = options;
  assert(
    budgetBytes >= layout.frameBytesMin && budgetBytes <= frameBytesMax,
    'frame budget out of range',
  );
  const end = budgetBytes - layout.tagBytes;
  const claimsLeft = Math.max(0, frame.claims.length - claimsFrom);
  const reserved = Math.min(claimsLeft, claimsReserved) * layout.claimBytes;
  const heard = writeHeard(frame, Math.max(layout.headerBytes, end - reserved));
  const claimsWritten = Math.min(
    claimsLeft,
    Math.floor((end - heard.position) / layout.claimBytes),
  );
  let position = heard.position;
  for (let index = 0; index < claimsWritten; index += 1) {
    writeClaim(position, frame.claims[claimsFrom + index]!);
    position += layout.claimBytes;
  }
  writeHeader(frame, auth);
  view.setUint16(layout.at.frameBytes, position + layout.tagBytes);
  view.setUint16(layout.at.claimsCount, claimsWritten);
  view.setUint8(layout.at.heardGroups, heard.groupCount);
  auth.sign(frame, scratch, position);
  return {bytes: scratch.slice(0, position + layout.tagBytes), claimsWritten};
}

function writeHeader(frame: Frame, auth: Authenticator): void {
  const {at} = layout;
  assert(frame.claimsTotal <= servicesMax, 'more claims than servicesMax');
  assert(isLifeNumber(frame.incarnation), 'incarnation out of range');
  assert(isLifeNumber(frame.sequence), 'sequence out of range');
  view.setUint32(at.magic, layout.frameMagic);
  view.setUint8(at.version, layout.frameVersion);
  view.setUint8(at.headerBytes, layout.headerBytes);
  view.setUint32(at.cluster, auth.cluster[0]);
  view.setUint32(at.cluster + 4, auth.cluster[1]);
  view.setUint16(at.keyId, auth.signingKeyId);
  view.setUint16(at.flags, flagsToBits(frame.flags));
  view.setUint32(at.sender, frame.sender);
  view.setUint32(at.medium, frame.medium);
  view.setUint32(at.nonce, frame.nonce);
  write48(at.incarnation, frame.incarnation);
  write48(at.sequence, frame.sequence);
  view.setUint16(at.decisionAge, Math.min(0xffff, Math.max(0, frame.decisionAgeMs)));
  view.setUint16(at.peerPort, frame.peerPort);
  writeDigest(frame.configDigest);
  view.setUint32(at.claimsDigest, frame.claimsDigest);
  view.setUint32(at.lease, frame.leaseMs);
  view.setUint32(at.watchdog, frame.watchdogMs);
  view.setUint16(at.claimsTotal, frame.claimsTotal);
  view.setUint8(at.reserved, 0);
}

function writeClaim(position: number, claim: ServiceClaim): void {
  assert(claim.epoch >= 0 && claim.epoch <= 0xffff_ffff, 'epoch out of range');
  view.setUint32(position, claim.service);
  view.setUint8(position + 4, stateNumber[claim.state] | (claim.owner ? 0x80 : 0));
  view.setUint8(position + 5, claim.handTo);
  view.setUint32(position + 6, claim.epoch);
}

/** Entries of one peer and one life share a group: 11 bytes, then 10 for each medium. */
function writeHeard(frame: Frame, end: number): {position: number; groupCount: number} {
  const {heard} = frame;
  assert(heard.length <= layout.heardMax, 'heard list longer than every peer on every medium');
  const start = fits(heard, end) ? 0 : mix32(0, frame.sequence) % heard.length;
  let position: number = layout.headerBytes;
  let groupCount = 0;
  let groupAt = 0;
  let group: Heard | null = null;
  for (let index = 0; index < heard.length; index += 1) {
    const entry = heard[(start + index) % heard.length]!;
    const joins = group?.peer === entry.peer && group.incarnation === entry.incarnation;
    const bytes = layout.heardEntryBytes + (joins ? 0 : layout.heardGroupBytes);
    if (position + bytes > end) break;
    if (!joins) {
      groupAt = position;
      groupCount += 1;
      group = entry;
      view.setUint32(position, entry.peer);
      write48(position + 4, entry.incarnation);
      view.setUint8(position + 10, 0);
      position += layout.heardGroupBytes;
    }
    view.setUint32(position, entry.medium);
    write48(position + 4, entry.sequence);
    view.setUint8(groupAt + 10, view.getUint8(groupAt + 10) + 1);
    position += layout.heardEntryBytes;
  }
  return {position, groupCount};
}

function fits(heard: readonly Heard[], end: number): boolean {
  let bytes = layout.headerBytes + heard.length * layout.heardEntryBytes;
  for (let index = 0; index < heard.length; index += 1) {
    const entry = heard[index]!;
    const before = heard[index - 1];
    const joins = before?.peer === entry.peer && before.incarnation === entry.incarnation;
    if (!joins) bytes += layout.heardGroupBytes;
  }
  return bytes <= end;
}

function flagsToBits(flags: FrameFlags): number {
  const {flagBit} = layout;
  return (
    (flags.leaving ? flagBit.leaving : 0) |
    (flags.keeping ? flagBit.keeping : 0) |
    (flags.frozen ? flagBit.frozen : 0) |
    (flags.drained ? flagBit.drained : 0) |
    (flags.wantAll ? flagBit.wantAll : 0) |
    (flags.unfit ? flagBit.unfit : 0)
  );
}

// The digest changes with the configuration only: its last two halves are remembered.
let digestText = '';
let digestHigh = 0;
let digestLow = 0;

function writeDigest(text: string): void {
  if (text !== digestText) {
    digestHigh = Number.parseInt(text.slice(0, 8), 16);
    digestLow = Number.parseInt(text.slice(8, 16), 16);
    digestText = text;
  }
  view.setUint32(layout.at.configDigest, digestHigh);
  view.setUint32(layout.at.configDigest + 4, digestLow);
}

function isLifeNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= numberMax;
}

function write48(position: number, value: number): void {
  view.setUint16(position, Math.floor(value / 0x1_0000_0000));
  view.setUint32(position + 2, value);
}
