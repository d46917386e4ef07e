/**
 * What a frame says, and the border to cryptography. The same frame travels over every medium; a
 * disk slot is a frame of 512 bytes (liveness) followed by further frames (state pages).
 */

import type {ServiceState} from '../kernel/words.ts';

/** Flags of a frame. */
export interface FrameFlags {
  /** Sender is going: all its services are stopped and probed down (clean leave, P4). */
  readonly leaving: boolean;
  /** Sender's daemon will be away while its services keep running (`ha daemon stop --keep`). */
  readonly keeping: boolean;
  /** Node frozen by the operator. */
  readonly frozen: boolean;
  /** Node drained: takes nothing. */
  readonly drained: boolean;
  /** Sender lacks states of the receiver: send all of them at once. */
  readonly wantAll: boolean;
  /** Sender has no room to act now: stalled, isolated or still joining. */
  readonly unfit: boolean;
}

/**
 * The sender says: "on medium `medium` I heard `peer` in its life `incarnation` up to `sequence`".
 */
export interface Heard {
  /** hashName of the peer. */
  readonly peer: number;
  /** hashName of the link or disk id. */
  readonly medium: number;
  readonly incarnation: number;
  /** Highest sequence heard from that peer on that medium; 0: nothing in this life. */
  readonly sequence: number;
}

/** One service as its sender sees its own instance. */
export interface ServiceClaim {
  /** hashName of the service. */
  readonly service: number;
  readonly state: ServiceState;
  /** Highest epoch that the sender knows of. */
  readonly epoch: number;
  /** True where the sender made that epoch: it was the last to start the service. */
  readonly owner: boolean;
  /** Planned hand-over: 1 + index in the service's `nodes` of who shall start next; 0: none. */
  readonly handTo: number;
}

export interface Frame {
  /** hashName of the sender's node name. */
  readonly sender: number;
  /** hashName of the link or disk this copy was made for. */
  readonly medium: number;
  /** Life of the sender's daemon; grows with each start, durable before the first send. */
  readonly incarnation: number;
  /** Random number of this life: two nodes with one name are told apart by it. */
  readonly nonce: number;
  /** Grows with each frame of this life, over all media. */
  readonly sequence: number;
  readonly flags: FrameFlags;
  /** Age of the sender's last decision, ms, capped at 65,535: a stuck loop shows itself. */
  readonly decisionAgeMs: number;
  /** hex32 pair of the configuration digest. */
  readonly configDigest: string;
  /** Digest over all of the sender's claims: the receiver knows whether it has them all. */
  readonly claimsDigest: number;
  /** Number of services the sender has. */
  readonly claimsTotal: number;
  /**
   * The sender's own time-outs, ms: a contender computes its wait from the owner's numbers (I5).
   */
  readonly leaseMs: number;
  readonly watchdogMs: number;
  /** TCP port of the sender's peer channel; 0: none. */
  readonly peerPort: number;
  readonly heard: readonly Heard[];
  readonly claims: readonly ServiceClaim[];
}

/** Who sends, on what, in which life: the key of a frame is derived from exactly these. */
export interface KeyScope {
  readonly sender: number;
  readonly medium: number;
  readonly incarnation: number;
}

/** The border to cryptography (HMAC-SHA256 in heartbeat/io; a keyed checksum in the simulator). */
export interface Authenticator {
  /** Which cluster this is: 8 bytes as two numbers, derived from the name and not from the key. */
  readonly cluster: readonly [number, number];
  /** Key id that signs now. */
  readonly signingKeyId: number;
  /** Writes 16 bytes of tag over bytes[0..length) to bytes[length..length+16). */
  sign(scope: KeyScope, bytes: Uint8Array, length: number): void;
  /**
   * `unknown-key` where no such key id is held. Compares in constant time, both lengths checked.
   */
  verify(
    keyId: number,
    scope: KeyScope,
    bytes: Uint8Array,
    length: number,
  ): 'ok' | 'bad' | 'unknown-key';
}

/** Why a frame was dropped: each reason has its own counter (docs/metrics.md). */
export const dropReasons = [
  'truncated',
  'oversized',
  'bad-magic',
  'bad-version',
  'other-cluster',
  'unknown-sender',
  'own-name',
  'wrong-medium',
  'unknown-key',
  'bad-tag',
  'older-life',
  'replayed',
  'malformed',
  'unknown-mandatory-field',
] as const;
export type DropReason = (typeof dropReasons)[number];
