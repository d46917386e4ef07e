import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {SentRing, never} from '../../src/heartbeat/sent-ring.ts';

describe('the date of what we sent', () => {
  test('is exact while frames are further apart than the spacing', () => {
    const ring = new SentRing(5_000);
    for (let sequence = 1; sequence <= 100; sequence += 1) ring.note(sequence, sequence * 1_000);
    expect([1, 50, 100].map((sequence) => ring.dateOf(sequence))).toEqual([1_000, 50_000, 100_000]);
  });

  test('is never later than the truth and at most a spacing earlier, within the span', () => {
    const spanMs = 512;
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: 0, max: 20}), {minLength: 1, maxLength: 3_000}),
        (gapsMs) => {
          const ring = new SentRing(spanMs);
          const sentMs: number[] = [];
          let nowMs = 0;
          for (const [index, gapMs] of gapsMs.entries()) {
            nowMs += gapMs;
            sentMs.push(nowMs);
            ring.note(index + 1, nowMs);
          }
          for (const [index, truthMs] of sentMs.entries()) {
            const dateMs = ring.dateOf(index + 1);
            expect(dateMs).toBeLessThanOrEqual(truthMs);
            if (nowMs - truthMs <= spanMs) expect(dateMs).toBeGreaterThan(truthMs - 2);
          }
        },
      ),
      {numRuns: 20},
    );
  });

  test('does not exist for what was never sent, or is forgotten', () => {
    const ring = new SentRing(1_000);
    expect(ring.dateOf(1)).toBe(never);
    for (let sequence = 10; sequence <= 3_000; sequence += 1) ring.note(sequence, sequence * 10);
    expect(ring.dateOf(9)).toBe(never);
    expect(ring.dateOf(10)).toBe(never);
    expect(ring.dateOf(3_001)).toBe(never);
  });

  test('may not be noted twice for one sequence', () => {
    const ring = new SentRing(1_000);
    ring.note(5, 0);
    expect(() => ring.note(5, 1)).toThrow('twice');
  });
});
