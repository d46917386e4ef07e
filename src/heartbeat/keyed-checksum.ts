/**
 * An authenticator for the simulator: fast, deterministic, NOT SECURE. Whoever sees a few frames
 * can forge more. It has a key, a key id and a scope all the same, so that every path of the real
 * one (wrong key, wrong link, altered bit, rotation) can be walked at ten thousand times real time.
 */

import {assert} from '../kernel/assert.ts';
import {clusterId} from './cluster-id.ts';
import {tagBytes} from './layout.ts';
import type {Authenticator, KeyScope} from './types.ts';

export interface ChecksumKey {
  /** 1 to 65,535. */
  readonly id: number;
  readonly seed: number;
}

/** The first key signs; all of them are accepted. Simulation and tests only. */
export function keyedChecksum(clusterName: string, keys: readonly ChecksumKey[]): Authenticator {
  const signing = keys[0];
  assert(signing !== undefined, 'keyed checksum without a key');
  const tag = new Uint32Array(tagBytes / 4);
  return {
    cluster: clusterId(clusterName),
    signingKeyId: signing.id,
    sign(scope, bytes, length) {
      checksum(tag, {seed: signing.seed, scope, bytes, length});
      for (let index = 0; index < tagBytes; index += 1) {
        bytes[length + index] = tag[index >> 2]! >>> (8 * (index & 3));
      }
    },
    verify(keyId, scope, bytes, length) {
      const key = keys.find((candidate) => candidate.id === keyId);
      if (key === undefined) return 'unknown-key';
      checksum(tag, {seed: key.seed, scope, bytes, length});
      let difference = 0;
      for (let index = 0; index < tagBytes; index += 1) {
        difference |= bytes[length + index]! ^ ((tag[index >> 2]! >>> (8 * (index & 3))) & 0xff);
      }
      return difference === 0 ? 'ok' : 'bad';
    },
  };
}

interface Content {
  readonly seed: number;
  readonly scope: KeyScope;
  readonly bytes: Uint8Array;
  readonly length: number;
}

function checksum(tag: Uint32Array, content: Content): void {
  const {seed, scope, bytes, length} = content;
  let low = Math.imul(seed ^ scope.sender, 0x9e3779b1) ^ length;
  let high = Math.imul(seed + scope.medium, 0x85ebca6b) ^ (scope.incarnation | 0);
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const word =
      bytes[index]! |
      (bytes[index + 1]! << 8) |
      (bytes[index + 2]! << 16) |
      (bytes[index + 3]! << 24);
    low = Math.imul((low ^ word) | 0, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(((high << 5) | (high >>> 27)) ^ word, 0xc2b2ae35);
  }
  for (; index < length; index += 1) {
    low = Math.imul(low ^ bytes[index]!, 0x01000193);
    high = Math.imul(((high << 5) | (high >>> 27)) ^ bytes[index]!, 0xc2b2ae35);
  }
  for (let lane = 0; lane < tag.length; lane += 1) {
    let mixed = Math.imul(low ^ (lane + 1), 0x85ebca6b) + high;
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    tag[lane] = (mixed ^ (mixed >>> 16)) >>> 0;
    low = (low + high) | 0;
  }
}
