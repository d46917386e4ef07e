/** What it costs to have a decision on the disk before it is acted on. */

import {mkdtemp, open, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {openJournal, type JournalFile} from '../../src/journal/io/journal-file.ts';
import type {JournalEntry} from '../../src/journal/types.ts';
import {medianOf, row, spreadOf, type Row} from './measure.ts';

const appends = 300;
const groupSize = 256;
const groups = 20;

const entry: JournalEntry = {
  kind: 'transition',
  service: 'web',
  node: 'node1',
  atMs: 12_345.678,
  cause: {reason: 'disk-lease-expired', detail: 'the disk lease of node2 ran out 12 ms ago'},
  data: {from: 'START_READY', to: 'STARTING', epoch: 3, owner: true},
};

export async function journalBench(): Promise<readonly Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'ha-bench-'));
  try {
    const bareMs = await bareSync(join(directory, 'bare'));
    const opened = await openJournal({directory, incarnation: 1, wallMs: Date.now});
    if (!opened.ok) throw new Error(opened.error.message);
    const {journal} = opened.value;
    const single = spreadOf(await timed(journal, 1, appends));
    const group = medianOf(await timed(journal, groupSize, groups));
    await journal.close();
    return [
      row({
        what: 'journal: one record durable, p50',
        value: single.p50,
        unit: 'ms',
        beside: `${(single.p50 / bareMs).toFixed(2)} x write and fdatasync of the same bytes`,
      }),
      row({what: 'journal: one record durable, p99', value: single.p99, unit: 'ms'}),
      row({
        what: 'journal: a group of records durable, p50',
        at: `${groupSize} records`,
        value: group,
        unit: 'ms',
        beside: `${((group / groupSize) * 1_000).toFixed(0)} us a record`,
      }),
    ];
  } finally {
    await rm(directory, {recursive: true});
  }
}

async function timed(journal: JournalFile, size: number, count: number): Promise<number[]> {
  const entries = Array.from({length: size}, () => entry);
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now();
    const result = await journal.append(entries);
    samples.push(performance.now() - startMs);
    if (!result.ok) throw new Error(result.error.message);
  }
  return samples;
}

/** The same bytes without any of ours around them: what the disk itself takes. */
async function bareSync(path: string): Promise<number> {
  const bytes = Buffer.alloc(JSON.stringify(entry).length + 120, 'x');
  const file = await open(path, 'w');
  const samples: number[] = [];
  for (let index = 0; index < appends; index += 1) {
    const startMs = performance.now();
    await file.write(bytes);
    await file.datasync();
    samples.push(performance.now() - startMs);
  }
  await file.close();
  return medianOf(samples);
}
