/** Frames, slots and views as the tests of this room need them. */

import {encodeFrame} from '../../src/heartbeat/encode-frame.ts';
import {keyedChecksum} from '../../src/heartbeat/keyed-checksum.ts';
import {frameBytesMin, tagBytes} from '../../src/heartbeat/layout.ts';
import type {MediumSpec} from '../../src/heartbeat/link-track.ts';
import {PeerView} from '../../src/heartbeat/peer-view.ts';
import type {Authenticator, Frame, Heard, ServiceClaim} from '../../src/heartbeat/types.ts';
import {hashName} from '../../src/kernel/hash.ts';
import {diskId, linkId, nodeName} from '../../src/kernel/ids.ts';
import {frameBytesMax} from '../../src/kernel/limits.ts';

export const node1 = nodeName('node1');
export const node2 = nodeName('node2');
export const node3 = nodeName('node3');
export const net1 = linkId('hb#1');
export const net2 = linkId('hb#2');
export const disk = diskId('hb#3');

export const auth = keyedChecksum('blue', [{id: 1, seed: 11}]);
export const now = {draining: false};
export const queued = {draining: true};

export const beatMs = 1_000;
export const deadMs = 5_000;
export const media: readonly MediumSpec[] = [
  {id: net1, kind: 'link', deadMs, beatMs},
  {id: net2, kind: 'link', deadMs, beatMs},
  {id: disk, kind: 'disk', deadMs, beatMs},
];

export const noFlags = {
  leaving: false,
  keeping: false,
  frozen: false,
  drained: false,
  wantAll: false,
  unfit: false,
};

/** A frame of node2 on hb#1 in its life 7, with whatever the test says otherwise. */
export function frameOf(changes: Partial<Frame> = {}): Frame {
  return {
    sender: hashName(node2),
    medium: hashName(net1),
    incarnation: 7,
    nonce: 0x2222,
    sequence: 1,
    flags: noFlags,
    decisionAgeMs: 3,
    configDigest: '0123456789abcdef',
    claimsDigest: 42,
    claimsTotal: changes.claims?.length ?? 0,
    leaseMs: 8_000,
    watchdogMs: 5_000,
    peerPort: 4_040,
    heard: [],
    claims: [],
    ...changes,
  };
}

export function claimsOf(count: number): ServiceClaim[] {
  return Array.from({length: count}, (_, index) => ({
    service: hashName(`service${index}`),
    state: index % 2 === 0 ? 'STARTED' : 'STOPPED',
    epoch: index,
    owner: index % 3 === 0,
    handTo: index % 4,
  }));
}

export function bytesOf(changes: Partial<Frame> = {}, signer: Authenticator = auth): Uint8Array {
  return encodeFrame(frameOf(changes), {budgetBytes: frameBytesMax, auth: signer}).bytes;
}

/** "I, node2, heard node1 in its life 3 up to `sequence`" on each of the media. */
export function echo(sequence: number, on: readonly string[] = [net1]): Heard[] {
  return on.map((medium) => ({
    peer: hashName(node1),
    medium: hashName(medium),
    incarnation: 3,
    sequence,
  }));
}

/** The view of node1 in its life 3, at time 0. */
export function viewOf(changes: {auth?: Authenticator; nodes?: number} = {}): PeerView {
  return new PeerView({
    self: node1,
    incarnation: 3,
    nonce: 0x1111,
    nodes: [node1, node2, node3].slice(0, changes.nodes ?? 2),
    media,
    holdDownMsMax: 60_000,
    auth: changes.auth ?? auth,
    nowMs: 0,
  });
}

/**
 * The frame with other content between header and tag, signed again: what only a member can make.
 */
export function resign(bytes: Uint8Array, edit: (content: Uint8Array) => Uint8Array): Uint8Array {
  const frame = frameOf();
  const content = edit(bytes.slice(0, bytes.length - tagBytes));
  const signed = new Uint8Array(content.length + tagBytes);
  signed.set(content);
  new DataView(signed.buffer).setUint16(6, signed.length);
  auth.sign(frame, signed, content.length);
  return signed;
}

/** An extension behind the claims. */
export function withExtension(type: number, value: readonly number[]): Uint8Array {
  return resign(bytesOf({claims: claimsOf(2)}), (content) => {
    const extension = [type >> 8, type & 0xff, value.length >> 8, value.length & 0xff, ...value];
    return Uint8Array.from([...content, ...extension]);
  });
}

export const smallest = frameBytesMin;
