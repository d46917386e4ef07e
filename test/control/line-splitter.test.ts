import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {LineSplitter} from '../../src/control/line-splitter.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the line splitter', () => {
  test('gives the same lines however the bytes were cut', () => {
    const lines = fc.array(fc.string({unit: 'grapheme'}).map((text) => text.replaceAll('\n', ' ')));
    fc.assert(
      fc.property(lines, fc.array(fc.nat(40), {minLength: 1}), (expected, sizes) => {
        const all = bytes(expected.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter(10_000);
        const found: string[] = [];
        for (let start = 0, turn = 0; start < all.length; turn += 1) {
          const size = sizes[turn % sizes.length]! + (turn % 2);
          found.push(...splitter.push(all.subarray(start, start + size)));
          start += size;
        }
        expect(found).toEqual(expected);
        expect(splitter.pendingBytes).toBe(0);
      }),
    );
  });

  test('takes a line of exactly its limit and breaks on one byte more', () => {
    const fits = new LineSplitter(5);
    expect(fits.push(bytes('12345\n'))).toEqual(['12345']);
    expect(fits.broken).toBe(false);
    expect(fits.push(bytes('123'))).toEqual([]);
    expect(fits.push(bytes('456'))).toEqual([]);
    expect(fits.broken).toBe(true);
    expect(fits.push(bytes('\nmore\n'))).toEqual([]);
  });

  test('gives the good lines before a long one', () => {
    const splitter = new LineSplitter(5);
    expect(splitter.push(bytes('one\ntoo long for this\n'))).toEqual(['one']);
    expect(splitter.broken).toBe(true);
  });

  test('copies what it keeps, because the socket uses its buffer again', () => {
    const splitter = new LineSplitter(100);
    const buffer = bytes('abc');
    splitter.push(buffer);
    buffer.fill(0);
    expect(splitter.push(bytes('d\n'))).toEqual(['abcd']);
  });
});
