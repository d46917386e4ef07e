import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatAge, formatDuration, parseDuration} from '../../src/kernel/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    [' 1.5s ', 1_500],
    ['10', 10_000],
    ['0', 0],
  ])('reads %j as %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', 's', '-1s', '1 s', '1y', '1e3', '0x10', '10s5', '11y', '4000d', 'NaN', '1..5s'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it('gives a bare number the unit that the file format has', () => {
    expect(parseDuration('3', 'm')).toBe(180_000);
    expect(parseDuration('3', 'ms')).toBe(3);
  });

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 300_000_000_000}), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBe(durationMs);
      }),
    );
  });
});

describe('formatAge', () => {
  it('grows coarser with age', () => {
    const ages = [0, 1_234, 12_000, 400_000, 10_000_000, 400_000_000];
    expect(ages.map(formatAge)).toEqual(['0.0 s', '1.2 s', '12 s', '7 min', '3 h', '5 d']);
  });
});
