import fc from 'fast-check';
import {isIPv4, isIPv6} from 'node:net';
import {describe, expect, it} from 'vitest';
import {parseAddress, prefixOfMask, sameAddress, sameNetwork} from '../../src/kernel/ip-address.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['fe80::1:0:0:0:0', 'fe80:0:0:1::'],
  ])('%s is %s', (text, expected) => {
    expect(parseAddress(text)?.text).toBe(expected);
  });

  it.each([
    ['192.0.2'],
    ['192.0.2.256'],
    ['192.0.02.1'],
    ['1:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7:8:9'],
    ['1::2::3'],
    ['1:2:3:4:5:6:7::8'],
    ['12345::'],
    ['fe80::1%eth0'],
    ['::1.2.3'],
    [':1'],
    [''],
    ['name'],
  ])('is not %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('is read as Node reads it, and comes back from its own text', () => {
    const texts = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({maxLength: 20}));
    fc.assert(
      fc.property(texts, (text) => {
        const read = parseAddress(text);
        if (read !== null) {
          expect(read.family === 4 ? isIPv4(text) : isIPv6(text)).toBe(true);
          expect(sameAddress(parseAddress(read.text)!, read)).toBe(true);
        } else if (isIPv4(text) || isIPv6(text)) {
          // A scope, or zeros before a digit, are ours to refuse.
          expect(text).toMatch(/%|(?:^|\.)0\d/);
        }
      }),
    );
  });
});

describe('a mask', () => {
  it.each([
    ['255.255.255.0', 4, 24],
    ['0xffffff00', 4, 24],
    ['0xffffffff', 4, 32],
    ['/24', 4, 24],
    ['32', 4, 32],
    ['64', 6, 64],
    ['33', 4, null],
    ['0', 4, null],
    ['129', 6, null],
    ['255.0.255.0', 4, null],
    ['0.0.0.0', 4, null],
    ['255.255.255.0', 6, null],
    ['0xffffff00', 6, null],
    ['ff', 4, null],
  ] as const)('%s of IPv%i has the length %s', (text, family, expected) => {
    expect(prefixOfMask(text, family)).toBe(expected);
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.1', '192.0.2.255', 24, true],
    ['192.0.2.1', '192.0.3.1', 24, false],
    ['192.0.2.1', '192.0.3.1', 23, true],
    ['192.0.2.1', '192.0.2.2', 32, false],
    ['2001:db8::1', '2001:db8::ffff:1', 64, true],
    ['2001:db8::1', '2001:db8:0:1::1', 64, false],
    ['192.0.2.1', '::1', 1, false],
  ])('of %s has %s within /%i: %s', (left, right, prefix, expected) => {
    expect(sameNetwork(parseAddress(left)!, parseAddress(right)!, prefix)).toBe(expected);
  });
});
