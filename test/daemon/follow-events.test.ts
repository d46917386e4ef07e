import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {EventFeed} from '../../src/daemon/follow-events.ts';
import {openJournal} from '../../src/journal/io/journal-file.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import type {Exchange} from '../../src/control/io/session.ts';
import type {JournalFile} from '../../src/journal/io/journal-file.ts';
import type {JournalRecord} from '../../src/journal/types.ts';
import {eventually} from '../eventually.ts';

let directory = '';
let journal: JournalFile;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ha-feed-'));
  const opened = await openJournal({directory, incarnation: 1, wallMs: () => 0});
  if (!opened.ok) throw new Error(opened.error.message);
  ({journal} = opened.value);
});
afterEach(async () => {
  await journal.close();
  rmSync(directory, {recursive: true, force: true});
});

const append = (from: number, to: number, service = 'web') =>
  journal.append(
    Array.from({length: to - from + 1}, (_, index) => ({
      kind: 'transition',
      service,
      node: 'n',
      atMs: 0,
      cause: {reason: 'adopted' as const, detail: `n${from + index}`},
      data: {},
    })),
  );

function client() {
  const seen: string[] = [];
  const gone: (() => void)[] = [];
  const exchange: Exchange = {
    reply: (line) => {
      if (line.kind === 'event') seen.push(String((line.record as JournalRecord).seq));
      else if (line.kind === 'end') seen.push(`end ${line.exit}`);
    },
    onGone: (listener) => void gone.push(listener),
  };
  return {seen, exchange, leave: () => gone.forEach((listener) => listener())};
}

const request = {
  v: 1,
  id: 1,
  node: null,
  actor: '',
  op: 'events',
  service: null,
  sinceSeq: 0,
  limit: 100,
  follow: false,
} as const;

describe('the feed of events', () => {
  test('gives what is kept and ends', async () => {
    await append(1, 3);
    const {seen, exchange} = client();
    await new EventFeed(journal).answer(request, exchange);
    expect(seen).toEqual(['1', '2', '3', 'end 0']);
  });

  test('goes on with live records without a gap and without a double', async () => {
    await append(1, 3);
    const {seen, exchange, leave} = client();
    const answered = new EventFeed(journal).answer({...request, follow: true}, exchange);
    const during = append(4, 6);
    await Promise.all([answered, during]);
    await append(7, 8);
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    leave();
    await append(9, 9);
    expect(seen).not.toContain('9');
  });

  test('follows one service', async () => {
    const {seen, exchange, leave} = client();
    const service = serviceName('db');
    await new EventFeed(journal).answer({...request, follow: true, service}, exchange);
    await append(1, 2);
    await append(3, 3, 'db');
    expect(seen).toEqual(['3']);
    leave();
  });

  test('has a limit of followers, and room again when one goes', async () => {
    const feed = new EventFeed(journal);
    const many = Array.from({length: 33}, client);
    for (const {exchange} of many) await feed.answer({...request, follow: true}, exchange);
    expect(many[32]!.seen).toEqual(['end 109']);
    many[0]!.leave();
    const late = client();
    await feed.answer({...request, follow: true}, late.exchange);
    await append(1, 1);
    await eventually(() => expect(late.seen).toEqual(['1']));
    for (const {leave} of [...many, late]) leave();
  });
});
