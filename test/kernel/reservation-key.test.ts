import {describe, expect, test} from 'vitest';
import {
  derivedKey,
  isLater,
  keyOf,
  keyTwins,
  ownerOf,
  parseKey,
  type KeyScheme,
} from '../../src/kernel/reservation-key.ts';

const scheme: KeyScheme = {cluster: 'ha', nodes: ['node1', 'node2'], fixed: new Map()};

describe('a key', () => {
  test.each([
    ['0x00a1', '0xa1'],
    ['A1', '0xa1'],
    ['0xffffffffffffffff', '0xffffffffffffffff'],
    ['0', null],
    ['0x0', null],
    ['0x11111111111111111', null],
    ['0xg1', null],
    ['', null],
  ])('written as %j is %j', (text, key) => {
    expect(parseKey(text)).toBe(key);
  });

  test('names its node and the epoch of its start', () => {
    const key = keyOf(scheme, 'node2', 7);
    expect(key).toMatch(/^0x[0-9a-f]{1,16}$/);
    expect(ownerOf(scheme, key)).toEqual({node: 'node2', epoch: 7});
    expect(ownerOf(scheme, keyOf(scheme, 'node1', 65_536 + 7))).toEqual({node: 'node1', epoch: 7});
  });

  test('of another cluster, of a stranger or of no node is nobody here', () => {
    expect(ownerOf(scheme, derivedKey('other', 'node1', 7))).toBeNull();
    expect(ownerOf(scheme, derivedKey('ha', 'node9', 7))).toBeNull();
    expect(ownerOf(scheme, '0xa1')).toBeNull();
  });

  test('written by hand stands before the derived one, and has no epoch', () => {
    const fixed = {...scheme, fixed: new Map([['node1', '0xa1']])};
    expect(keyOf(fixed, 'node1', 7)).toBe('0xa1');
    expect(ownerOf(fixed, '0xa1')).toEqual({node: 'node1', epoch: null});
    expect(keyOf(fixed, 'node2', 7)).toBe(keyOf(scheme, 'node2', 7));
  });
});

test('epochs are compared around their 16 bits', () => {
  expect([isLater(8, 7), isLater(7, 8), isLater(7, 7)]).toEqual([true, false, false]);
  expect([isLater(0, 65_535), isLater(65_535, 0)]).toEqual([true, false]);
});

test('nodes that would share a key are found', () => {
  expect(keyTwins(scheme)).toBeNull();
  const same = new Map([
    ['node1', '0xa1'],
    ['node2', '0xa1'],
  ]);
  expect(keyTwins({...scheme, fixed: same})).toEqual(['node1', 'node2']);
});
