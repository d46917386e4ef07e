/**
 * The bytes of a frame: the one place that says where each field lies. Everything is big-endian and
 * fixed in width, so that a reader needs no lookahead and a bound is checked before each read.
 * docs/wire-format.md carries the same table; a test compares the two.
 *
 *   fixed header | heard groups | claims | extensions | tag
 */

import {mediaMax, nodesMax} from '../kernel/limits.ts';

/** "HAus": what the first four bytes of every frame are. */
export const frameMagic = 0x48417573;
/** Layout version. A receiver drops every other one: no fallback, no downgrade. */
export const frameVersion = 1;
/** HMAC-SHA256 cut to 128 bits. */
export const tagBytes = 16;
/** One record on a shared disk: the smallest unit that a disk writes as a whole. */
export const recordBytes = 512;
/** Peer, its life and the number of media that follow. */
export const heardGroupBytes = 11;
/** Medium and sequence. */
export const heardEntryBytes = 10;
/** Service, state and owner, hand-over, epoch. */
export const claimBytes = 10;
/** Type and length in front of an extension's value. */
export const extensionHeadBytes = 4;
/** A reader skips an extension that it does not know if this bit of the type is set. */
export const extensionOptionalBit = 0x8000;
/** Every peer on every medium. */
export const heardMax = nodesMax * mediaMax;

/** Offsets in the fixed header. */
export const at = {
  magic: 0,
  version: 4,
  headerBytes: 5,
  frameBytes: 6,
  cluster: 8,
  keyId: 16,
  flags: 18,
  sender: 20,
  medium: 24,
  nonce: 28,
  incarnation: 32,
  sequence: 38,
  decisionAge: 44,
  peerPort: 46,
  configDigest: 48,
  claimsDigest: 56,
  lease: 60,
  watchdog: 64,
  claimsTotal: 68,
  claimsCount: 70,
  heardGroups: 72,
  reserved: 73,
} as const;

/** Bytes of the fixed header of this version. A longer one is read up to here and then skipped. */
export const headerBytes = 74;
/** The smallest frame: a header and its tag. */
export const frameBytesMin = headerBytes + tagBytes;

/** Most claims that a frame of `budgetBytes` can hold: those of one that echoes nobody. */
export function claimsMax(budgetBytes: number): number {
  return Math.floor((budgetBytes - frameBytesMin) / claimBytes);
}

/** Bits of the flags field; unknown bits are ignored. */
export const flagBit = {
  leaving: 0x0001,
  keeping: 0x0002,
  frozen: 0x0004,
  drained: 0x0008,
  wantAll: 0x0010,
  unfit: 0x0020,
} as const;

/** One row of the layout table. */
export interface FieldDoc {
  readonly name: keyof typeof at;
  readonly bytes: number;
  readonly meaning: string;
}

/** The fixed header in order; offsets are in `at`. */
export const headerFields: readonly FieldDoc[] = [
  {name: 'magic', bytes: 4, meaning: '`HAus`'},
  {name: 'version', bytes: 1, meaning: '1; any other is dropped'},
  {name: 'headerBytes', bytes: 1, meaning: 'bytes of the fixed header, at least 74'},
  {name: 'frameBytes', bytes: 2, meaning: 'bytes of the whole frame with its tag'},
  {name: 'cluster', bytes: 8, meaning: 'digest of the cluster name'},
  {name: 'keyId', bytes: 2, meaning: 'key that made the tag, 1 to 65,535'},
  {
    name: 'flags',
    bytes: 2,
    meaning: 'leaving 1, keeping 2, frozen 4, drained 8, wantAll 16, unfit 32',
  },
  {name: 'sender', bytes: 4, meaning: 'FNV-1a of the node name'},
  {name: 'medium', bytes: 4, meaning: 'FNV-1a of the link or disk id this copy was made for'},
  {name: 'nonce', bytes: 4, meaning: "random number of the daemon's life"},
  {name: 'incarnation', bytes: 6, meaning: "number of the daemon's life, from 1"},
  {name: 'sequence', bytes: 6, meaning: 'number of the frame in that life, over all media, from 1'},
  {name: 'decisionAge', bytes: 2, meaning: 'age of the last decision, ms, at most 65,535'},
  {name: 'peerPort', bytes: 2, meaning: 'TCP port of the peer channel; 0: none'},
  {name: 'configDigest', bytes: 8, meaning: 'digest of the safety keys of the configuration'},
  {name: 'claimsDigest', bytes: 4, meaning: "digest of all the sender's claims"},
  {
    name: 'lease',
    bytes: 4,
    meaning: "the sender's own disk lease, ms; 0: none; while `keeping`: how long to wait",
  },
  {name: 'watchdog', bytes: 4, meaning: "the sender's own watchdog, ms; 0: none"},
  {name: 'claimsTotal', bytes: 2, meaning: 'services that the sender has, at most 1,024'},
  {name: 'claimsCount', bytes: 2, meaning: 'claims in this frame'},
  {name: 'heardGroups', bytes: 1, meaning: 'heard groups in this frame, at most 64'},
  {name: 'reserved', bytes: 1, meaning: 'written 0, ignored when read'},
];
