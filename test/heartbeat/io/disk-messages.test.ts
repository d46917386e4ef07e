import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {packSlot, unpackSlot} from '../../../src/heartbeat/io/disk-messages.ts';
import {recordBytes} from '../../../src/heartbeat/layout.ts';

/** Records that are empty, full of one byte, or empty but for one byte. */
const recordArb = fc
  .record({
    fill: fc.constantFrom(0, 0, 0, 7),
    at: fc.nat({max: recordBytes - 1}),
    value: fc.constantFrom(0, 255),
  })
  .map(({fill, at, value}) => {
    const record = new Uint8Array(recordBytes).fill(fill);
    record[at] = value;
    return record;
  });

describe('a slot on its way between two processes', () => {
  it('comes out as it went in, wherever its bytes lie in their buffer', () => {
    fc.assert(
      fc.property(fc.array(recordArb, {maxLength: 8}), fc.nat({max: 9}), (records, offset) => {
        const length = records.length * recordBytes;
        const slot = new Uint8Array(new ArrayBuffer(length + 2 * offset), offset, length);
        records.forEach((record, index) => slot.set(record, index * recordBytes));
        const out = unpackSlot(packSlot(slot), slot.length);
        expect(Buffer.compare(out, slot)).toBe(0);
      }),
    );
  });

  it('is as long as what it holds', () => {
    const slot = new Uint8Array(64 * recordBytes);
    expect(packSlot(slot)).toBe('');
    slot[recordBytes + 1] = 1;
    expect(Buffer.from(packSlot(slot), 'base64')).toHaveLength(2 * recordBytes);
  });
});
