import {createHmac} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {clusterId} from '../../../src/heartbeat/cluster-id.ts';
import {decodeFrame} from '../../../src/heartbeat/decode-frame.ts';
import {HmacAuthenticator, tagsEqual} from '../../../src/heartbeat/io/hmac-auth.ts';
import {generateKey} from '../../../src/heartbeat/io/key-file.ts';
import {tagBytes} from '../../../src/heartbeat/layout.ts';
import {PeerView} from '../../../src/heartbeat/peer-view.ts';
import type {KeyScope} from '../../../src/heartbeat/types.ts';
import * as given from '../cluster-of-frames.ts';

const key1 = generateKey(1);
const key2 = generateKey(2);
const auth = new HmacAuthenticator('blue', [key1]);

function outcome(bytes: Uint8Array, reader = auth): string {
  const decoded = decodeFrame(bytes, reader);
  return decoded.ok ? 'ok' : decoded.error;
}

describe('the tag of a frame', () => {
  test('is HMAC-SHA256 under the expanded key, cut to 16 bytes, as the document says', () => {
    const frame = given.frameOf({incarnation: 0x0102_0304_0506, claims: given.claimsOf(2)});
    const bytes = given.bytesOf(frame, auth);
    const scope = Buffer.alloc(22);
    clusterId('blue').forEach((half, index) => scope.writeUInt32BE(half, 4 * index));
    scope.writeUInt32BE(frame.sender, 8);
    scope.writeUInt32BE(frame.medium, 12);
    scope.writeUIntBE(frame.incarnation, 16, 6);
    const info = Buffer.concat([Buffer.from('understudy frame 1'), scope, Buffer.from([1])]);
    const frameKey = createHmac('sha256', key1.secret).update(info).digest();
    const content = bytes.subarray(0, bytes.length - tagBytes);
    const tag = createHmac('sha256', frameKey).update(content).digest().subarray(0, tagBytes);
    expect(Buffer.from(bytes.subarray(-tagBytes)).toString('hex')).toBe(tag.toString('hex'));
  });

  test('fails with any single bit flipped', () => {
    const bytes = given.bytesOf({claims: given.claimsOf(1)}, auth);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(outcome(flipped), `bit ${bit}`).not.toBe('ok');
    }
  });

  test.each<[string, Partial<KeyScope>]>([
    ['another sender', {sender: 1}],
    ['another medium', {medium: 1}],
    ['another life', {incarnation: 8}],
    ['a life that differs in its high bits only', {incarnation: 7 + 2 ** 40}],
  ])('made for %s is bad', (_, other) => {
    const bytes = new Uint8Array(64 + tagBytes).fill(5);
    const scope = {sender: 2, medium: 2, incarnation: 7};
    auth.sign(scope, bytes, 64);
    expect(auth.verify(1, scope, bytes, 64)).toBe('ok');
    expect(auth.verify(1, {...scope, ...other}, bytes, 64)).toBe('bad');
  });

  test('does not pass in a cluster of another name with the same key', () => {
    const red = new HmacAuthenticator('red', [key1]);
    expect(outcome(given.bytesOf({}, auth), red)).toBe('other-cluster');
  });

  test('does not pass under another key with the same id', () => {
    const other = new HmacAuthenticator('blue', [{...key2, id: 1}]);
    expect(outcome(given.bytesOf({}, auth), other)).toBe('bad-tag');
  });

  test('is compared only where both sides have 16 bytes', () => {
    expect(() => tagsEqual(new Uint8Array(0), new Uint8Array(0))).toThrow('16 bytes');
    expect(() => tagsEqual(new Uint8Array(16), new Uint8Array(15))).toThrow('16 bytes');
    expect(tagsEqual(new Uint8Array(16), new Uint8Array(16))).toBe(true);
  });
});

describe('an authenticator', () => {
  test('is not made without a key, or with one of the wrong length', () => {
    expect(() => new HmacAuthenticator('blue', [])).toThrow('without a key');
    expect(() => new HmacAuthenticator('blue', [{id: 1, secret: new Uint8Array(0)}])).toThrow('32');
  });

  test('changes keys in three steps without losing a frame', () => {
    const [a, b] = [new HmacAuthenticator('blue', [key1]), new HmacAuthenticator('blue', [key1])];
    const talk = (): string[] => [
      outcome(given.bytesOf({}, a), b),
      outcome(given.bytesOf({}, b), a),
    ];
    const steps = [[key1, key2], [key2, key1], [key2]];
    for (const keys of steps) {
      a.replaceKeys(keys);
      expect(talk()).toEqual(['ok', 'ok']);
      b.replaceKeys(keys);
      expect(talk()).toEqual(['ok', 'ok']);
    }
    expect(a.signingKeyId).toBe(2);
    const asleep = new HmacAuthenticator('blue', [key1]);
    expect(outcome(given.bytesOf({}, asleep), a)).toBe('unknown-key');
  });

  test('forgets what it derived from a key that was replaced under the same id', () => {
    const reader = new HmacAuthenticator('blue', [key1]);
    const bytes = given.bytesOf({}, auth);
    expect(outcome(bytes, reader)).toBe('ok');
    reader.replaceKeys([{...key2, id: 1}]);
    expect(outcome(bytes, reader)).toBe('bad-tag');
  });

  test('two nodes with different keys never hear each other, and see that it is the key', () => {
    const view = given.viewOf({auth});
    const stranger = new HmacAuthenticator('blue', [{...key2, id: 1}]);
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      const bytes = given.bytesOf({sequence}, stranger);
      view.receive(given.net1, bytes, sequence * 1_000, given.now);
    }
    expect(view.health(given.node2, given.net1, 5_000)).toMatchObject({state: 'auth', ageMs: null});
    expect(view.drops['bad-tag']).toBe(5);
  });

  test('is deaf to a flood of forged lives and still hears the real one', () => {
    const view = new PeerView({
      self: given.node1,
      incarnation: 3,
      nonce: 1,
      nodes: [given.node1, given.node2],
      media: given.media,
      holdDownMsMax: 60_000,
      auth,
      nowMs: 0,
    });
    const forged = given.bytesOf({}, auth);
    const fields = new DataView(forged.buffer);
    for (let life = 8; life < 2_000; life += 1) {
      fields.setUint32(34, life);
      view.receive(given.net1, forged, life, given.now);
    }
    expect(view.drops['bad-tag']).toBe(1_992);
    const real = given.bytesOf({}, auth);
    expect(view.receive(given.net1, real, 3_000, given.now).kind).toBe('accepted');
  });
});
