/**
 * Bytes into a frame, in the order of cost: sizes and names first, the tag next, the body last.
 * Nothing here throws and nothing is read beyond a bound that was checked; a reader that is given
 * hostile bytes spends a few comparisons on them.
 */

import {hex32} from '../kernel/hash.ts';
import {frameBytesMax, nodesMax, servicesMax} from '../kernel/limits.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';
import {serviceStates} from '../kernel/words.ts';
import * as layout from './layout.ts';
import type {Authenticator, DropReason, Frame, FrameFlags, Heard, ServiceClaim} from './types.ts';

/** What can be told without a key. It is a claim of the sender until the tag is verified. */
export interface FrameHeader {
  readonly headerBytes: number;
  /** The whole frame with its tag; on disk, zeros follow up to the end of the record. */
  readonly frameBytes: number;
  readonly clusterHigh: number;
  readonly clusterLow: number;
  readonly keyId: number;
  readonly sender: number;
  readonly medium: number;
  readonly nonce: number;
  readonly incarnation: number;
  readonly sequence: number;
}

/**
 * Reads the header: sizes, magic, version. `padded` is for disk records, which are filled up with
 * zeros; on the wire a byte too many is malformed.
 */
export function peekHeader(bytes: Uint8Array, padded = false): FrameHeader | DropReason {
  if (bytes.length < layout.frameBytesMin) return 'truncated';
  if (bytes.length > frameBytesMax) return 'oversized';
  const {at} = layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(at.magic) !== layout.frameMagic) return 'bad-magic';
  if (view.getUint8(at.version) !== layout.frameVersion) return 'bad-version';
  const headerBytes = view.getUint8(at.headerBytes);
  const frameBytes = view.getUint16(at.frameBytes);
  if (frameBytes > bytes.length) return 'truncated';
  if (headerBytes < layout.headerBytes || frameBytes < headerBytes + layout.tagBytes) {
    return 'malformed';
  }
  if (frameBytes < bytes.length && !(padded && isZero(bytes, frameBytes))) return 'malformed';
  const header: FrameHeader = {
    headerBytes,
    frameBytes,
    clusterHigh: view.getUint32(at.cluster),
    clusterLow: view.getUint32(at.cluster + 4),
    keyId: view.getUint16(at.keyId),
    sender: view.getUint32(at.sender),
    medium: view.getUint32(at.medium),
    nonce: view.getUint32(at.nonce),
    incarnation: read48(view, at.incarnation),
    sequence: read48(view, at.sequence),
  };
  return header.incarnation === 0 || header.sequence === 0 ? 'malformed' : header;
}

/** All checks that need no memory of earlier frames, then the frame. `PeerView` does the others. */
export function decodeFrame(
  bytes: Uint8Array,
  auth: Authenticator,
  options: {readonly padded?: boolean} = {},
): Result<Frame, DropReason> {
  const header = peekHeader(bytes, options.padded);
  if (typeof header === 'string') return err(header);
  if (!isOurCluster(header, auth)) return err('other-cluster');
  const verified = verifyTag(bytes, header, auth);
  if (verified !== 'ok') return err(verified);
  const frame = parseFrame(bytes, header);
  return typeof frame === 'string' ? err(frame) : ok(frame);
}

export function isOurCluster(header: FrameHeader, auth: Authenticator): boolean {
  return header.clusterHigh === auth.cluster[0] && header.clusterLow === auth.cluster[1];
}

/** The tag over everything before it, with the key of exactly this sender, medium and life. */
export function verifyTag(
  bytes: Uint8Array,
  header: FrameHeader,
  auth: Authenticator,
): 'ok' | 'bad-tag' | 'unknown-key' {
  const content = header.frameBytes - layout.tagBytes;
  const outcome = auth.verify(header.keyId, header, bytes, content);
  return outcome === 'bad' ? 'bad-tag' : outcome;
}

/**
 * The body of a frame whose tag was verified. A signed frame can still be wrong: a newer sender.
 */
export function parseFrame(bytes: Uint8Array, header: FrameHeader): Frame | DropReason {
  const {at} = layout;
  const end = header.frameBytes - layout.tagBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, header.frameBytes);
  const claimsTotal = view.getUint16(at.claimsTotal);
  const claimsCount = view.getUint16(at.claimsCount);
  if (claimsTotal > servicesMax || claimsCount > claimsTotal) return 'malformed';
  const heard: Heard[] = [];
  const claimsAt = readHeard(view, header.headerBytes, {end, heard});
  if (claimsAt === null) return 'malformed';
  const extensionsAt = claimsAt + claimsCount * layout.claimBytes;
  if (extensionsAt > end) return 'malformed';
  const claims = readClaims(view, claimsAt, claimsCount);
  if (claims === null) return 'malformed';
  const extensions = checkExtensions(view, extensionsAt, end);
  if (extensions !== 'ok') return extensions;
  return {
    sender: header.sender,
    medium: header.medium,
    incarnation: header.incarnation,
    nonce: header.nonce,
    sequence: header.sequence,
    flags: readFlags(view.getUint16(at.flags)),
    decisionAgeMs: view.getUint16(at.decisionAge),
    configDigest: readDigest(view),
    claimsDigest: view.getUint32(at.claimsDigest),
    claimsTotal,
    leaseMs: view.getUint32(at.lease),
    watchdogMs: view.getUint32(at.watchdog),
    peerPort: view.getUint16(at.peerPort),
    heard,
    claims,
  };
}

/** Fills `heard`; the position after the groups, or null where a count reaches too far. */
function readHeard(
  view: DataView,
  start: number,
  into: {readonly end: number; readonly heard: Heard[]},
): number | null {
  const {end, heard} = into;
  const groupCount = view.getUint8(layout.at.heardGroups);
  let position = start;
  for (let group = 0; group < groupCount; group += 1) {
    if (position + layout.heardGroupBytes > end) return null;
    const peer = view.getUint32(position);
    const incarnation = read48(view, position + 4);
    const count = view.getUint8(position + 10);
    position += layout.heardGroupBytes;
    if (count === 0 || heard.length + count > layout.heardMax) return null;
    if (position + count * layout.heardEntryBytes > end) return null;
    for (let index = 0; index < count; index += 1) {
      const medium = view.getUint32(position);
      heard.push({peer, medium, incarnation, sequence: read48(view, position + 4)});
      position += layout.heardEntryBytes;
    }
  }
  return position;
}

function readClaims(view: DataView, start: number, count: number): ServiceClaim[] | null {
  const claims: ServiceClaim[] = [];
  let position = start;
  for (let index = 0; index < count; index += 1) {
    const state = view.getUint8(position + 4);
    const handTo = view.getUint8(position + 5);
    if (handTo > nodesMax) return null;
    claims.push({
      service: view.getUint32(position),
      // A state that a later version has added is unknown here, and unknown authorises nothing.
      state: serviceStates[state & 0x7f] ?? 'UNKNOWN',
      epoch: view.getUint32(position + 6),
      owner: (state & 0x80) !== 0,
      handTo,
    });
    position += layout.claimBytes;
  }
  return claims;
}

/** This version knows no extension: it may skip an optional one and must refuse any other. */
function checkExtensions(view: DataView, start: number, end: number): 'ok' | DropReason {
  let position = start;
  let mandatory = false;
  while (position < end) {
    if (position + layout.extensionHeadBytes > end) return 'malformed';
    const type = view.getUint16(position);
    position += layout.extensionHeadBytes + view.getUint16(position + 2);
    if ((type & layout.extensionOptionalBit) === 0) mandatory = true;
  }
  if (position !== end) return 'malformed';
  return mandatory ? 'unknown-mandatory-field' : 'ok';
}

function readFlags(bits: number): FrameFlags {
  const {flagBit} = layout;
  return {
    leaving: (bits & flagBit.leaving) !== 0,
    keeping: (bits & flagBit.keeping) !== 0,
    frozen: (bits & flagBit.frozen) !== 0,
    drained: (bits & flagBit.drained) !== 0,
    wantAll: (bits & flagBit.wantAll) !== 0,
    unfit: (bits & flagBit.unfit) !== 0,
  };
}

// All nodes of a healthy cluster send the same digest: the last text is remembered.
let digestHigh = -1;
let digestLow = -1;
let digestText = '';

function readDigest(view: DataView): string {
  const high = view.getUint32(layout.at.configDigest);
  const low = view.getUint32(layout.at.configDigest + 4);
  if (high !== digestHigh || low !== digestLow) {
    digestHigh = high;
    digestLow = low;
    digestText = hex32(high) + hex32(low);
  }
  return digestText;
}

/** True where every byte from `start` on is 0. */
export function isZero(bytes: Uint8Array, start: number): boolean {
  for (let index = start; index < bytes.length; index += 1) {
    if (bytes[index] !== 0) return false;
  }
  return true;
}

function read48(view: DataView, position: number): number {
  return view.getUint16(position) * 0x1_0000_0000 + view.getUint32(position + 2);
}
