import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {assert, unreachable} from '../../src/kernel/assert.ts';
import {Chance} from '../../src/kernel/chance.ts';
import {digestText, hashName, hex32, mix32} from '../../src/kernel/hash.ts';
import {compareNames, isName} from '../../src/kernel/ids.ts';
import {reasons} from '../../src/kernel/reasons.ts';

describe('names', () => {
  it.each(['node1', 'p26.opensvc.com', 'a_b-c', '0'])('accepts %j', (text) => {
    expect(isName(text)).toBe(true);
  });

  it.each([
    '',
    '.a',
    '-a',
    '../x',
    'a..b',
    'a/b',
    'a b',
    'a\n',
    'a\0',
    '\u001b[31m',
    'x'.repeat(65),
    'é',
  ])('refuses %j', (text) => {
    expect(isName(text)).toBe(false);
  });
});

describe('the order of names', () => {
  it('counts as a person does', () => {
    const names = ['web10', 'db', 'web2b', 'web02', 'web', 'web2', 'a-10.z', 'a-9.z'];
    const ordered = ['a-9.z', 'a-10.z', 'db', 'web', 'web2', 'web02', 'web2b', 'web10'];
    expect(names.toSorted(compareNames)).toEqual(ordered);
  });

  it('is total: what is not equal comes before or after, in every triple', () => {
    const name = fc.string({unit: fc.constantFrom('0', '1', '9', '-', 'a', '_'), maxLength: 6});
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(0 - Math.sign(compareNames(b, a)));
        if (a !== b) expect(compareNames(a, b)).not.toBe(0);
        if (compareNames(a, b) < 0 && compareNames(b, c) < 0) {
          expect(compareNames(a, c)).toBeLessThan(0);
        }
      }),
      {numRuns: 2_000},
    );
  });
});

describe('chance', () => {
  const draw = (seed: number): number[] => {
    const chance = new Chance(seed);
    return Array.from({length: 50}, () => chance.between(1, 6));
  };

  it('gives the same run for the same seed and another for another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('keeps to its bounds and reaches both', () => {
    const drawn = new Set([...draw(1), ...draw(2), ...draw(3)]);
    expect([...drawn].sort((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('takes 0 percent as never and 100 as always', () => {
    const chance = new Chance(3);
    const draws = Array.from({length: 200}, () => [chance.percent(0), chance.percent(100)]);
    expect(draws.every(([never, always]) => !never && always)).toBe(true);
  });
});

describe('checksums', () => {
  it('are stable: they are on the wire and on disks', () => {
    expect([hashName('node1'), hashName('node2'), hashName('')]).toMatchInlineSnapshot(`
      [
        256780404,
        307113261,
        2166136261,
      ]
    `);
    expect(digestText('safety')).toMatchInlineSnapshot(`"d2ff89b66a399d07"`);
    expect(hex32(mix32(mix32(0, 1), 2))).toMatchInlineSnapshot(`"730624c0"`);
  });
});

describe('assert', () => {
  it('ends a broken assumption with its sentence', () => {
    expect(() => assert(false, 'the sky fell')).toThrow('the sky fell');
    expect(() => unreachable('x' as never)).toThrow('unexpected value "x"');
  });
});

describe('reasons', () => {
  it('are sentences without a full stop, in one line of 100 characters', () => {
    for (const sentence of Object.values(reasons)) {
      expect(sentence).toMatch(/^[a-z].{10,98}[^.]$/);
    }
  });
});
