import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {decodeFrame, peekHeader} from '../../src/heartbeat/decode-frame.ts';
import {encodeFrame} from '../../src/heartbeat/encode-frame.ts';
import {keyedChecksum} from '../../src/heartbeat/keyed-checksum.ts';
import {at, flagBit, headerBytes, recordBytes} from '../../src/heartbeat/layout.ts';
import type {Frame, Heard} from '../../src/heartbeat/types.ts';
import {frameBytesMax, mediaMax, nodesMax} from '../../src/kernel/limits.ts';
import {serviceStates} from '../../src/kernel/words.ts';
import * as given from './cluster-of-frames.ts';

const wire = {budgetBytes: frameBytesMax, auth: given.auth};

function decoded(bytes: Uint8Array): Frame | string {
  const outcome = decodeFrame(bytes, given.auth);
  return outcome.ok ? outcome.value : outcome.error;
}

/** Every peer on every medium, grouped as PeerView lists them. */
function heardOf(peerCount: number, mediumCount: number): Heard[] {
  return Array.from({length: peerCount * mediumCount}, (_, index) => ({
    peer: 1 + Math.floor(index / mediumCount),
    medium: 1 + (index % mediumCount),
    incarnation: 9,
    sequence: 1_000 + index,
  }));
}

const uint = (max: number): fc.Arbitrary<number> => fc.integer({min: 0, max});
const life = fc.integer({min: 1, max: 2 ** 48 - 1});
const anyFrame: fc.Arbitrary<Frame> = fc
  .record({
    sender: uint(0xffff_ffff),
    medium: uint(0xffff_ffff),
    incarnation: life,
    nonce: uint(0xffff_ffff),
    sequence: life,
    flags: fc.record({
      leaving: fc.boolean(),
      keeping: fc.boolean(),
      frozen: fc.boolean(),
      drained: fc.boolean(),
      wantAll: fc.boolean(),
      unfit: fc.boolean(),
    }),
    decisionAgeMs: uint(0xffff),
    configDigest: fc.stringMatching(/^[0-9a-f]{16}$/),
    claimsDigest: uint(0xffff_ffff),
    leaseMs: uint(0xffff_ffff),
    watchdogMs: uint(0xffff_ffff),
    peerPort: uint(0xffff),
    heard: fc.array(
      fc.record({
        peer: uint(3),
        medium: uint(0xffff_ffff),
        incarnation: uint(2),
        sequence: uint(2 ** 48 - 1),
      }),
      {maxLength: 20},
    ),
    claims: fc.array(
      fc.record({
        service: uint(0xffff_ffff),
        state: fc.constantFrom(...serviceStates),
        epoch: uint(0xffff_ffff),
        owner: fc.boolean(),
        handTo: uint(nodesMax),
      }),
      {maxLength: 60},
    ),
  })
  .map((frame) => ({...frame, claimsTotal: frame.claims.length}));

describe('a frame', () => {
  test('comes back as it was sent', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const {bytes, claimsWritten} = encodeFrame(frame, wire);
        expect(bytes.length).toBeLessThanOrEqual(frameBytesMax);
        expect(decoded(bytes)).toEqual({...frame, claims: frame.claims.slice(0, claimsWritten)});
      }),
    );
  });

  test('is byte for byte this', () => {
    const bytes = given.bytesOf({
      flags: {...given.noFlags, leaving: true, unfit: true},
      heard: given.echo(0x0102_0304_0506),
      claims: [{service: 0xa1a2a3a4, state: 'STARTED', epoch: 5, owner: true, handTo: 2}],
    });
    expect(
      Buffer.from(bytes)
        .toString('hex')
        .match(/.{1,32}/g),
    ).toMatchInlineSnapshot(`
      [
        "48417573014a007934be0638d95a1293",
        "00010021124e2d2d2b75678f00002222",
        "00000000000700000000000100030fc8",
        "0123456789abcdef0000002a00001f40",
        "000013880001000101000f4e28740000",
        "00000003012b75678f010203040506a1",
        "a2a3a48402000000050dfadeee5481f0",
        "2489888b9e02edf712",
      ]
    `);
  });

  test('carries 100 claims in one datagram between two nodes on three media', () => {
    const sizes = [1, 20, 100].map(
      (count) => given.bytesOf({heard: heardOf(1, 3), claims: given.claimsOf(count)}).length,
    );
    expect(sizes).toEqual([141, 331, 1_131]);
  });

  test('takes as many claims as fit and says how many, so that the caller rotates', () => {
    const claims = given.claimsOf(300);
    const frame = given.frameOf({heard: heardOf(1, 3), claims, claimsTotal: 300});
    let from = 0;
    const services: number[] = [];
    while (from < claims.length) {
      const encoded = encodeFrame(frame, {...wire, claimsFrom: from});
      expect(encoded.bytes.length).toBeLessThanOrEqual(frameBytesMax);
      const part = decoded(encoded.bytes) as Frame;
      services.push(...part.claims.map((claim) => claim.service));
      from += encoded.claimsWritten;
    }
    expect(services).toEqual(claims.map((claim) => claim.service));
  });

  test('holds the whole heard list of the largest cluster on the wire, and claims besides', () => {
    const heard = heardOf(nodesMax - 1, mediaMax);
    const encoded = encodeFrame(given.frameOf({heard, claims: given.claimsOf(100)}), wire);
    expect((decoded(encoded.bytes) as Frame).heard).toEqual(heard);
    expect(encoded.claimsWritten).toBe(47);
  });

  test('rotates a heard list that no record can hold, until every entry was sent', () => {
    const heard = heardOf(nodesMax - 1, mediaMax);
    const seen = new Set<number>();
    for (let sequence = 1; sequence <= 60; sequence += 1) {
      const frame = given.frameOf({sequence, heard, claims: given.claimsOf(1)});
      const {bytes, claimsWritten} = encodeFrame(frame, {...wire, budgetBytes: recordBytes});
      expect(bytes.length).toBeLessThanOrEqual(recordBytes);
      expect(claimsWritten).toBe(1);
      for (const entry of (decoded(bytes) as Frame).heard) seen.add(entry.sequence);
    }
    expect(seen.size).toBe(heard.length);
  });

  test('says at most 65,535 ms of decision age: older is all the same', () => {
    expect((decoded(given.bytesOf({decisionAgeMs: 1e9})) as Frame).decisionAgeMs).toBe(65_535);
  });

  test.each([
    ['an incarnation of 0', {incarnation: 0}],
    ['a sequence of 2^48', {sequence: 2 ** 48}],
    ['a fraction as sequence', {sequence: 1.5}],
    ['an epoch beyond 32 bits', {claims: [{...given.claimsOf(1)[0]!, epoch: 2 ** 32}]}],
    ['more services than the limit', {claimsTotal: 1_025}],
  ])('is never made with %s', (_, changes: Partial<Frame>) => {
    expect(() => given.bytesOf(changes)).toThrow();
  });
});

describe('bytes that are no frame', () => {
  const good = given.bytesOf({heard: heardOf(1, 3), claims: given.claimsOf(3)});

  test('at every length short of the whole', () => {
    for (let length = 0; length < good.length; length += 1) {
      expect(decoded(good.slice(0, length))).toBe('truncated');
    }
  });

  test('with one byte too many', () => {
    expect(decoded(Uint8Array.from([...good, 0]))).toBe('malformed');
  });

  test('with any single bit flipped', () => {
    const outcomes = new Set<string>();
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const flipped = good.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = decoded(flipped);
      expect(outcome, `bit ${bit}`).toBeTypeOf('string');
      outcomes.add(outcome as string);
    }
    expect([...outcomes].sort()).toEqual([
      'bad-magic',
      'bad-tag',
      'bad-version',
      'malformed',
      'other-cluster',
      'truncated',
      'unknown-key',
    ]);
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'truncated'],
    ['64 KiB', new Uint8Array(65_507), 'oversized'],
    ['zeros', new Uint8Array(200), 'bad-magic'],
    ['version 0', edited(at.version, 0), 'bad-version'],
    ['version 2', edited(at.version, 2), 'bad-version'],
    ['a header shorter than it is', edited(at.headerBytes, headerBytes - 1), 'malformed'],
    ['a header beyond the frame', edited(at.headerBytes, 255), 'malformed'],
    ['life 0', edited(at.incarnation + 5, 0), 'malformed'],
    ['sequence 0', edited(at.sequence + 5, 0), 'malformed'],
    ['another cluster, same key', given.bytesOf({}, checksum('red', 1, 11)), 'other-cluster'],
    ['another key under our id', given.bytesOf({}, checksum('blue', 1, 12)), 'bad-tag'],
    ['a key id we do not hold', given.bytesOf({}, checksum('blue', 2, 11)), 'unknown-key'],
    ['no tag', unsigned(), 'bad-tag'],
  ])('as %s', (_, bytes, reason) => {
    expect(decoded(bytes)).toBe(reason);
  });

  function edited(offset: number, value: number): Uint8Array {
    const bytes = given.bytesOf();
    bytes[offset] = value;
    return bytes;
  }
  function unsigned(): Uint8Array {
    return given.bytesOf().fill(0, given.smallest - 16);
  }
  function checksum(cluster: string, id: number, seed: number): ReturnType<typeof keyedChecksum> {
    return keyedChecksum(cluster, [{id, seed}]);
  }
});

describe('a signed frame that is wrong all the same', () => {
  const two = given.bytesOf({heard: heardOf(1, 2), claims: given.claimsOf(2)});
  const set16 = (offset: number, value: number) => (content: Uint8Array) => {
    new DataView(content.buffer).setUint16(offset, value);
    return content;
  };
  const set8 = (offset: number, value: number) => (content: Uint8Array) => {
    content[offset] = value;
    return content;
  };

  test.each<[string, (content: Uint8Array) => Uint8Array]>([
    ['one claim more than there are bytes', set16(at.claimsCount, 3)],
    ['65,535 claims', set16(at.claimsCount, 0xffff)],
    ['fewer services than claims', set16(at.claimsTotal, 1)],
    ['more services than the limit', set16(at.claimsTotal, 1_025)],
    ['255 heard groups', set8(at.heardGroups, 255)],
    ['no heard group, so that its bytes are read as claims', set8(at.heardGroups, 0)],
    ['a group of none', set8(headerBytes + 10, 0)],
    ['a group of 255', set8(headerBytes + 10, 255)],
    ['a hand-over to a ninth node', set8(headerBytes + 31 + 5, 9)],
    ['a byte behind the claims', (content) => Uint8Array.from([...content, 1])],
  ])('with %s', (_, edit) => {
    expect(decoded(given.resign(two, edit))).toBe('malformed');
  });

  const groups = (...counts: number[]) => {
    const bare = given.bytesOf();
    return given.resign(bare, (content) => {
      const bodies = counts.map((count) => {
        const group = new Uint8Array(11 + 10 * count);
        group[10] = count;
        return [...group];
      });
      content[at.heardGroups] = counts.length;
      return Uint8Array.from([...content, ...bodies.flat()]);
    });
  };

  test('lists more than every peer on every medium', () => {
    expect((decoded(groups(32, 32)) as Frame).heard).toHaveLength(64);
    expect(decoded(groups(32, 33))).toBe('malformed');
  });

  test('has an empty heard group', () => {
    expect(decoded(groups(1, 0))).toBe('malformed');
  });

  test('needs an extension that we do not know: refused', () => {
    expect(decoded(given.withExtension(0x0001, [1, 2, 3]))).toBe('unknown-mandatory-field');
  });

  test('offers an optional extension that we do not know: skipped', () => {
    expect((decoded(given.withExtension(0x8001, [1, 2, 3])) as Frame).claims).toHaveLength(2);
  });

  test('has an extension longer than itself', () => {
    const bytes = given.resign(two, (content) =>
      Uint8Array.from([...content, 0x80, 1, 0xff, 0xff]),
    );
    expect(decoded(bytes)).toBe('malformed');
  });

  test('may have a longer header: the fields that a later version added are skipped', () => {
    const longer = given.resign(two, (content) => {
      const grown = Uint8Array.from([
        ...content.slice(0, headerBytes),
        9,
        9,
        9,
        ...content.slice(headerBytes),
      ]);
      grown[at.headerBytes] = headerBytes + 3;
      return grown;
    });
    expect(decoded(longer)).toEqual(decoded(two));
  });

  test('may have flags and states that we do not know: ignored, and UNKNOWN', () => {
    const later = given.resign(two, (content) => {
      content[at.flags] = 0x80;
      content[at.flags + 1] = flagBit.frozen;
      content[headerBytes + 31 + 4] = 0x80 | 77;
      return content;
    });
    const frame = decoded(later) as Frame;
    expect(frame.flags).toEqual({...given.noFlags, frozen: true});
    expect(frame.claims[0]).toMatchObject({state: 'UNKNOWN', owner: true});
  });
});

describe('key rotation', () => {
  const [old, next] = [
    {id: 1, seed: 11},
    {id: 2, seed: 22},
  ];
  const outcome = (signer: readonly (typeof old)[], reader: readonly (typeof old)[]): string => {
    const {bytes} = encodeFrame(given.frameOf(), {...wire, auth: keyedChecksum('blue', signer)});
    const read = decodeFrame(bytes, keyedChecksum('blue', reader));
    return read.ok ? 'ok' : read.error;
  };

  test.each([
    ['old key everywhere', [old], [old], 'ok'],
    ['the new key is accepted before anybody signs with it', [old], [old, next], 'ok'],
    ['the first node signs with the new key', [next, old], [old, next], 'ok'],
    ['a node still signs with the old key', [old], [next, old], 'ok'],
    ['the old key is dropped', [next], [next, old], 'ok'],
    ['a node that slept through the rotation is refused', [old], [next], 'unknown-key'],
  ])('%s', (_, signer, reader, expected) => {
    expect(outcome(signer, reader)).toBe(expected);
  });
});

test('the header can be read without a key', () => {
  expect(peekHeader(given.bytesOf({sequence: 77}))).toMatchObject({
    keyId: 1,
    incarnation: 7,
    sequence: 77,
    nonce: 0x2222,
  });
});
