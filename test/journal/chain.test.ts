import {createHash} from 'node:crypto';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {chainOrigin, lineCharsMax, linkRecord, parseLine} from '../../src/journal/chain.ts';
import {verifyText} from '../../src/journal/verify.ts';
import type {ChainPoint} from '../../src/journal/chain.ts';
import type {JournalEntry} from '../../src/journal/types.ts';

const hashText = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);
const stamp = {at: '2026-11-20T10:00:00.000Z', incarnation: 7};

function entry(detail: string, data: Record<string, unknown> = {}): JournalEntry {
  return {
    kind: 'transition',
    service: 'web',
    node: 'node1',
    atMs: 12.5,
    cause: {reason: 'rank-first', detail},
    data,
  };
}

function journal(details: readonly string[], start: ChainPoint = chainOrigin): string[] {
  const lines: string[] = [];
  let point = start;
  for (const detail of details) {
    const linked = linkRecord(point, entry(detail), {stamp, hashText});
    lines.push(linked.line);
    point = {seq: linked.record.seq, hash: linked.record.hash};
  }
  return lines;
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function verify(text: string, start: ChainPoint | null = chainOrigin) {
  const reading = verifyText(text, {start, last: true, hashText});
  return {
    details: reading.records.map((record) => record.cause.detail),
    faults: reading.faults.map((fault) => `${fault.line} ${fault.kind}: ${fault.text}`),
    seq: reading.end?.seq ?? null,
  };
}

describe('a journal reads back', () => {
  test('every record, in order, when nothing happened to it', () => {
    const text = textOf(journal(['one', 'two', 'three']));
    expect(verify(text)).toEqual({
      details: ['one', 'two', 'three'],
      faults: [],
      seq: 3,
    });
  });

  test('whatever text its sentences hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({unit: 'binary'}), {maxLength: 8}), (details) => {
        const reading = verify(textOf(journal(details)));
        expect(reading.faults).toEqual([]);
        expect(reading.details).toEqual(details);
      }),
    );
  });

  test('from the middle, taking the first record as it is', () => {
    const lines = journal(['one', 'two', 'three']);
    expect(verify(textOf(lines.slice(1)), null)).toMatchObject({faults: [], seq: 3});
  });

  test('a line whose data is too long without its data', () => {
    const {record, line} = linkRecord(chainOrigin, entry('big', {text: 'x'.repeat(lineCharsMax)}), {
      stamp,
      hashText,
    });
    expect(line.length).toBeLessThan(1_000);
    expect(record.data).toEqual({dataLeftOutChars: 32_954});
    expect(verify(`${line}\n`)).toMatchObject({details: ['big'], faults: []});
  });
});

describe('what happened to a journal is named with its number', () => {
  const lines = journal(['one', 'two', 'three', 'four']);

  test('a torn last line is cut off', () => {
    const text = textOf(lines.slice(0, 2)) + lines[2]!.slice(0, 40);
    expect(verify(text)).toEqual({
      details: ['one', 'two'],
      faults: ['3 torn: record 3 was not written to its end'],
      seq: 2,
    });
  });

  test('a corrupt line in the middle does not hide those after it', () => {
    const text = textOf([lines[0]!, '\0'.repeat(30), lines[2]!, lines[3]!]);
    expect(verify(text)).toMatchObject({
      details: ['one', 'three', 'four'],
      faults: ['2 corrupt: expected record 2, found 30 characters that are none'],
      seq: 4,
    });
  });

  test('an altered record', () => {
    const text = textOf([lines[0]!, lines[1]!.replace('two', 'too'), lines[2]!]);
    expect(verify(text).faults).toEqual([
      `2 altered: record 2 does not fit its hash ${parseLine(lines[1]!)!.hash}`,
    ]);
  });

  test('a missing record', () => {
    expect(verify(textOf([lines[0]!, lines[3]!])).faults).toEqual([
      '2 gap: expected record 2, found 4',
    ]);
  });

  test('a record that came twice', () => {
    expect(verify(textOf([lines[0]!, lines[1]!, lines[1]!])).faults).toEqual([
      '3 gap: expected record 3, found 2',
    ]);
  });

  test('a cut at any place never throws and never invents a record', () => {
    const text = textOf(lines);
    for (let length = 0; length <= text.length; length += 1) {
      const reading = verify(text.slice(0, length));
      expect(['one', 'two', 'three', 'four'].slice(0, reading.details.length)).toEqual(
        reading.details,
      );
    }
  });

  test.each([
    ['a number', '12'],
    ['null', 'null'],
    ['another shape', '{"seq":1,"hash":"0123456789abcdef"}'],
    [
      'a record without a cause',
      '{"seq":1,"at":"","kind":"x","node":"a","service":null,"data":{},"hash":"0123456789abcdef"}',
    ],
  ])('%s is no record', (_name, line) => {
    expect(parseLine(line)).toBeNull();
  });
});
