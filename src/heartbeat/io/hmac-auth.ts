/**
 * The real authenticator: HMAC-SHA256 cut to 128 bits, under a key that is derived for each sender,
 * medium and life. So a frame means nothing on another link, in another life or back at its sender,
 * even before its fields are looked at. The derivation is HKDF's expand step (RFC 5869, 2.3); its
 * extract step is for secrets that are not uniformly random, and ours is.
 */

import {createHmac, createSecretKey, timingSafeEqual} from 'node:crypto';
import type {KeyObject} from 'node:crypto';
import {assert} from '../../kernel/assert.ts';
import {clusterId} from '../cluster-id.ts';
import {tagBytes} from '../layout.ts';
import type {Authenticator, KeyScope} from '../types.ts';
import type {ClusterKey} from './key-file.ts';

/** Seven peers and ourselves on eight media with two keys are 128; a former life or two besides. */
const derivedKeysMax = 256;
const purpose = new TextEncoder().encode('understudy frame 1');
const scopeBytes = 22;

interface HeldKey {
  readonly id: number;
  readonly secret: KeyObject;
}

export class HmacAuthenticator implements Authenticator {
  readonly cluster: readonly [number, number];
  #keys: readonly HeldKey[] = [];
  /** Frame keys by key id and scope; only scopes that were verified, or that we sign for. */
  readonly #derived = new Map<string, KeyObject>();

  /** The first key signs, all are accepted. */
  constructor(clusterName: string, keys: readonly ClusterKey[]) {
    this.cluster = clusterId(clusterName);
    this.replaceKeys(keys);
  }

  /** Rotation without a restart: from now on these keys are accepted and the first one signs. */
  replaceKeys(keys: readonly ClusterKey[]): void {
    assert(keys.length > 0, 'an authenticator without a key');
    for (const key of keys) assert(key.secret.length === 32, 'a cluster key is not 32 bytes long');
    // A KeyObject is prepared once; with bare bytes Node prepares the key for every frame.
    this.#keys = keys.map(({id, secret}) => ({id, secret: createSecretKey(secret)}));
    this.#derived.clear();
  }

  get signingKeyId(): number {
    return this.#keys[0]!.id;
  }

  sign(scope: KeyScope, bytes: Uint8Array, length: number): void {
    const key = this.#keys[0]!;
    const name = nameOf(key, scope);
    const frameKey = this.#derived.get(name) ?? this.#derive(key, scope);
    bytes.set(tagOf(frameKey, bytes, length), length);
    this.#remember(name, frameKey);
  }

  verify(
    keyId: number,
    scope: KeyScope,
    bytes: Uint8Array,
    length: number,
  ): 'ok' | 'bad' | 'unknown-key' {
    const key = this.#keys.find((candidate) => candidate.id === keyId);
    if (key === undefined) return 'unknown-key';
    const name = nameOf(key, scope);
    const frameKey = this.#derived.get(name) ?? this.#derive(key, scope);
    const found = bytes.subarray(length, length + tagBytes);
    if (!tagsEqual(tagOf(frameKey, bytes, length), found)) return 'bad';
    this.#remember(name, frameKey);
    return 'ok';
  }

  #derive(key: HeldKey, scope: KeyScope): KeyObject {
    const info = new Uint8Array(purpose.length + scopeBytes + 1);
    info.set(purpose);
    const view = new DataView(info.buffer, purpose.length);
    view.setUint32(0, this.cluster[0]);
    view.setUint32(4, this.cluster[1]);
    view.setUint32(8, scope.sender);
    view.setUint32(12, scope.medium);
    view.setUint16(16, Math.floor(scope.incarnation / 0x1_0000_0000));
    view.setUint32(18, scope.incarnation);
    view.setUint8(scopeBytes, 1);
    return createSecretKey(createHmac('sha256', key.secret).update(info).digest());
  }

  /** Forged scopes never get here, so nobody without the key can push the real ones out. */
  #remember(name: string, frameKey: KeyObject): void {
    if (this.#derived.has(name)) return;
    const oldest = this.#derived.keys().next();
    if (this.#derived.size >= derivedKeysMax && !oldest.done) this.#derived.delete(oldest.value);
    this.#derived.set(name, frameKey);
  }
}

/** The only comparison of tags. Two empty ones would be equal to Node, so lengths are asserted. */
export function tagsEqual(left: Uint8Array, right: Uint8Array): boolean {
  assert(left.length === tagBytes && right.length === tagBytes, 'a tag is not 16 bytes long');
  return timingSafeEqual(left, right);
}

function nameOf(key: HeldKey, scope: KeyScope): string {
  return `${key.id} ${scope.sender} ${scope.medium} ${scope.incarnation}`;
}

function tagOf(frameKey: KeyObject, bytes: Uint8Array, length: number): Uint8Array {
  const digest = createHmac('sha256', frameKey).update(bytes.subarray(0, length)).digest();
  return digest.subarray(0, tagBytes);
}
