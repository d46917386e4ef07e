import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {BoundedQueue} from '../../src/kernel/bounded-queue.ts';

describe('BoundedQueue', () => {
  it('behaves like an array that refuses what exceeds its limit', () => {
    const operation = fc.oneof(fc.nat(1_000), fc.constant('shift' as const));
    fc.assert(
      fc.property(fc.integer({min: 1, max: 40}), fc.array(operation), (sizeMax, operations) => {
        const queue = new BoundedQueue<number>(sizeMax);
        const twin: number[] = [];
        let refused = 0;
        for (const step of operations) {
          if (step === 'shift') {
            expect(queue.shift()).toBe(twin.shift());
          } else if (twin.length < sizeMax) {
            twin.push(step);
            expect(queue.push(step)).toBe(true);
          } else {
            refused += 1;
            expect(queue.push(step)).toBe(false);
          }
          expect(queue.size).toBe(twin.length);
        }
        expect(queue.refusedCount).toBe(refused);
      }),
    );
  });

  it('refuses a limit that is no limit', () => {
    expect(() => new BoundedQueue(0)).toThrow('queue limit 0 is not positive');
  });
});
