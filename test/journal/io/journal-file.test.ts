import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {sha256Text} from '../../../src/journal/io/journal-directory.ts';
import {openJournal} from '../../../src/journal/io/journal-file.ts';
import {readJournal} from '../../../src/journal/io/read-journal.ts';
import {verifyText} from '../../../src/journal/verify.ts';
import {chainOrigin} from '../../../src/journal/chain.ts';
import type {JournalFile, JournalOptions} from '../../../src/journal/io/journal-file.ts';
import type {JournalEntry} from '../../../src/journal/types.ts';
import {canMount, smallDisk} from '../../daemon/small-disk.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-journal-'));
});
afterEach(() => {
  rmSync(directory, {recursive: true, force: true});
});

const entry = (detail: string, service: string | null = 'web'): JournalEntry => ({
  kind: 'transition',
  service,
  node: 'node1',
  atMs: 1,
  cause: {reason: 'rank-first', detail},
  data: {},
});

async function opened(options: Partial<JournalOptions> = {}) {
  const wallMs = (): number => Date.UTC(2026, 10, 20);
  const result = await openJournal({directory, incarnation: 7, wallMs, ...options});
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function append(journal: JournalFile, ...details: readonly string[]): Promise<void> {
  const result = await journal.append(details.map((detail) => entry(detail)));
  expect(result).toMatchObject({ok: true});
}

async function tail(where = directory, query = {}): Promise<readonly string[]> {
  const all = {sinceSeq: 0, service: null, limit: 100, ...query};
  const result = await readJournal(where, all);
  if (!result.ok) throw new Error(result.error.message);
  return result.value.records.map((record) => `${record.seq} ${record.cause.detail}`);
}

/** All files as one text, verified from the origin. */
function faults(where = directory): readonly string[] {
  const texts = readdirSync(where)
    .sort()
    .map((name) => readFileSync(join(where, name), 'utf8'));
  const reading = verifyText(texts.join(''), {
    start: chainOrigin,
    last: true,
    hashText: sha256Text,
  });
  return reading.faults.map((fault) => `${fault.kind}: ${fault.text}`);
}

const newest = (): string => join(directory, readdirSync(directory).sort().at(-1)!);

describe('the journal', () => {
  test('goes on where the last daemon ended', async () => {
    const first = await opened();
    await append(first.journal, 'one', 'two');
    await first.journal.close();
    const second = await opened();
    expect(second.faults).toEqual([]);
    expect(second.journal.lastSeq).toBe(2);
    await append(second.journal, 'three');
    await second.journal.close();
    expect(await tail()).toEqual(['1 one', '2 two', '3 three']);
    expect(faults()).toEqual([]);
  });

  test('keeps the order of appends that were not waited for', async () => {
    const {journal} = await opened();
    const details = Array.from({length: 50}, (_, index) => `n${index}`);
    await Promise.all(details.map((detail) => append(journal, detail)));
    await journal.close();
    expect(await tail()).toEqual(details.map((detail, index) => `${index + 1} ${detail}`));
    expect(faults()).toEqual([]);
  });

  test('tells its listeners what is durable, once', async () => {
    const {journal} = await opened();
    const heard: number[] = [];
    const end = journal.onAppend((records) => heard.push(...records.map((record) => record.seq)));
    await append(journal, 'one', 'two');
    end();
    await append(journal, 'three');
    await journal.close();
    expect(heard).toEqual([1, 2]);
  });

  test('cuts off a torn last line and says which record it was', async () => {
    const first = await opened();
    await append(first.journal, 'one', 'two');
    await first.journal.close();
    appendFileSync(newest(), '{"seq":3,"at":"2026');
    const second = await opened();
    expect(second.faults.map((fault) => fault.text)).toEqual([
      'record 3 was not written to its end: 19 bytes cut off',
    ]);
    await append(second.journal, 'three');
    await second.journal.close();
    expect(await tail()).toEqual(['1 one', '2 two', '3 three']);
    expect(faults()).toEqual([]);
  });

  test('leaves nothing of a torn line that was longer than the next one', async () => {
    const first = await opened();
    await append(first.journal, 'one');
    await first.journal.close();
    appendFileSync(newest(), `{"seq":2,"at":"${'x'.repeat(3_000)}`);
    const second = await opened();
    await append(second.journal, 'two');
    await second.journal.close();
    expect(await tail()).toEqual(['1 one', '2 two']);
    expect(faults()).toEqual([]);
  });

  test('keeps a corrupt end as it is, says so and numbers on behind it', async () => {
    const first = await opened();
    await append(first.journal, 'one', 'two');
    await first.journal.close();
    appendFileSync(newest(), 'rubbish\n');
    const second = await opened();
    expect(second.faults.map((fault) => fault.text)).toEqual([
      'the last 1 lines, from record 3, are no records',
    ]);
    await append(second.journal, 'four');
    await second.journal.close();
    expect(await tail()).toEqual(['1 one', '2 two', '4 four']);
    expect(faults()).toEqual(['corrupt: expected record 3, found 7 characters that are none']);
  });

  test('starts over its numbers only where nothing at all can be read', async () => {
    writeFileSync(join(directory, 'journal-000000000041.jsonl'), 'a\nb\n\0\0\0\0');
    const {journal, faults: found} = await opened();
    expect(found.map((fault) => fault.kind)).toEqual(['corrupt', 'torn']);
    await append(journal, 'next');
    await journal.close();
    expect(await tail()).toEqual(['43 next']);
  });

  test('rotates by size, keeps so many files, and the chain runs through them', async () => {
    const {journal} = await opened({fileBytesMax: 1_000, filesMax: 3});
    for (let count = 1; count <= 40; count += 1) await append(journal, `n${count}`);
    await journal.close();
    const names = readdirSync(directory).sort();
    expect(names).toHaveLength(3);
    const records = await tail();
    expect(records.at(-1)).toBe('40 n40');
    expect(records.length).toBeLessThan(40);
    const texts = names.map((name) => readFileSync(join(directory, name), 'utf8'));
    const options = {start: null, last: true, hashText: sha256Text};
    expect(verifyText(texts.join(''), options).faults).toEqual([]);
  });

  test('gives the newest records that fit, of one service, after a number', async () => {
    const {journal} = await opened({fileBytesMax: 2_000});
    for (let count = 1; count <= 30; count += 1) {
      await journal.append([entry(`n${count}`, count % 3 === 0 ? 'db' : 'web')]);
    }
    await journal.close();
    expect(await tail(directory, {limit: 3})).toEqual(['28 n28', '29 n29', '30 n30']);
    expect(await tail(directory, {sinceSeq: 27})).toEqual(['28 n28', '29 n29', '30 n30']);
    expect(await tail(directory, {service: 'db', limit: 2})).toEqual(['27 n27', '30 n30']);
    expect(await tail(directory, {service: 'db', sinceSeq: 20})).toEqual([
      '21 n21',
      '24 n24',
      '27 n27',
      '30 n30',
    ]);
    expect(await tail(directory, {limit: 0})).toEqual([]);
  });

  test('reads lines that cross the pieces in which a long file is read', async () => {
    const {journal} = await opened();
    const long = 'x'.repeat(1_500);
    for (let count = 1; count <= 10; count += 1) {
      await journal.append(Array.from({length: 50}, () => entry(long)));
    }
    await journal.close();
    const records = await tail(directory, {limit: 10_000});
    expect(records).toHaveLength(500);
    expect(new Set(records.map((record) => record.length))).toEqual(new Set([1_502, 1_503, 1_504]));
  });

  test('is empty where there is none yet', async () => {
    expect(await tail(join(directory, 'absent'))).toEqual([]);
  });
});

describe.runIf(canMount)('a journal whose disk', () => {
  test('is full refuses, keeps what it confirmed, and goes on when there is space', async () => {
    const disk = smallDisk(64);
    try {
      const {journal} = await opened({directory: disk.path});
      await append(journal, 'one');
      writeFileSync(join(disk.path, 'ballast'), 'b'.repeat(60 * 1_024 - 4_096));
      const many = Array.from({length: 40}, () => entry('y'.repeat(500)));
      expect(await journal.append(many)).toMatchObject({
        ok: false,
        error: {code: 'HA_STORAGE_FULL'},
      });
      expect(await tail(disk.path)).toEqual(['1 one']);
      rmSync(join(disk.path, 'ballast'));
      await append(journal, 'two');
      await journal.close();
      expect(await tail(disk.path)).toEqual(['1 one', '2 two']);
      expect(faults(disk.path)).toEqual([]);
    } finally {
      disk.remove();
    }
  });

  test('is read-only says so at the start', async () => {
    const disk = smallDisk(64);
    try {
      disk.readOnly(true);
      const where = join(disk.path, 'journal');
      const result = await openJournal({directory: where, incarnation: 1, wallMs: () => 0});
      expect(result).toMatchObject({ok: false, error: {code: 'HA_STORAGE_READ_ONLY'}});
    } finally {
      disk.remove();
    }
  });
});
