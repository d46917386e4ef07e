/** What is due is begun once, in time, and not where it may not run. */

import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {historyFileName, RunHistory} from '../../../src/failover/io/run-history.ts';
import {Scheduler, type Job} from '../../../src/failover/io/scheduler.ts';
import {localClock} from '../../../src/failover/io/wall-clock.ts';
import {nextRun} from '../../../src/kernel/schedule/next-run.ts';
import {parseSchedule} from '../../../src/kernel/schedule/parse.ts';

let folder = '';
let begun: string[] = [];
let ends: (() => void)[] = [];
let jobs: readonly Job[] = [];
let scheduler: Scheduler;

function job(id: string, text: string): Job {
  const parsed = parseSchedule(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return {id, schedule: parsed.value};
}

const now = (): string => new Date(Date.now()).toTimeString().slice(0, 8);

function schedulerOf(history: RunHistory, parallelMax = 4): Scheduler {
  return new Scheduler({
    clock: localClock,
    wallMs: () => Date.now(),
    node: 'node1',
    history,
    jobs: () => jobs,
    begin(one) {
      begun.push(`${one.id} ${now()}`);
      const {promise, resolve} = Promise.withResolvers<{ok: boolean; detail: string}>();
      ends.push(() => resolve({ok: true, detail: 'exit code 0'}));
      return promise;
    },
    missed: (one) => void begun.push(`${one.id} missed ${now()}`),
    parallelMax,
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ha-schedule-'));
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout', 'Date']});
  vi.setSystemTime(new Date(2015, 2, 2, 10, 0, 30));
  [begun, ends, jobs] = [[], [], []];
  scheduler = schedulerOf(new RunHistory(folder));
});

afterEach(async () => {
  for (const end of ends) end();
  await scheduler.close();
  vi.useRealTimers();
  rmSync(folder, {recursive: true});
});

async function endAll(): Promise<void> {
  for (const end of ends.splice(0)) end();
  await vi.advanceTimersByTimeAsync(1);
}

describe('a job', () => {
  test('is begun when it is due, and again after its interval', async () => {
    jobs = [job('web/task#1', '10:05-10:30@10')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await endAll();
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(begun).toEqual(['web/task#1 10:05:00', 'web/task#1 10:15:00']);
  });

  test('is not begun a second time while it runs', async () => {
    jobs = [job('web/task#1', '@1')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(begun).toHaveLength(1);
    await endAll();
    expect(begun).toHaveLength(2);
  });

  test('of a service that is elsewhere does not run, nor is it made up for', async () => {
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    jobs = [job('web/task#1', '10:05'), job('web/task#2', '10:15')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(begun).toEqual(['web/task#2 10:15:00']);
  });

  test('that has to wait for a place is begun late, or told as missed', async () => {
    scheduler = schedulerOf(new RunHistory(folder), 1);
    jobs = [job('a', '10:05'), job('b', '10:05-10:30'), job('c', '10:05')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    await endAll();
    await endAll();
    expect(begun.map((line) => line.slice(0, -3))).toEqual([
      'a 10:05',
      'c missed 10:07',
      'b 10:10',
    ]);
  });

  test('is not begun at a time that the clock jumped over', async () => {
    jobs = [job('web/task#1', '11:00')];
    scheduler.refresh();
    vi.setSystemTime(new Date(2015, 2, 2, 12, 0, 0));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toEqual(['web/task#1 missed 12:01:00']);
  });

  test('of a clock that was set back runs again at its time', async () => {
    jobs = [job('web/task#1', '10:05')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await endAll();
    vi.setSystemTime(new Date(2015, 2, 1, 10, 4, 0));
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    expect(begun).toEqual(['web/task#1 10:05:00', 'web/task#1 10:05:00']);
  });

  test('is not begun twice because the clock was set right by a moment', async () => {
    jobs = [job('web/task#1', '10:05')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    await endAll();
    vi.setSystemTime(new Date(2015, 2, 2, 10, 4, 58));
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    expect(begun).toEqual(['web/task#1 10:05:00']);
  });
});

describe('the history', () => {
  test('keeps a daily job from running twice a day, over a restart', async () => {
    const history = new RunHistory(folder);
    await history.load();
    history.note('web/task#1', {begunMs: Date.now(), endedMs: null, ok: null, detail: 'begun'});
    await history.close();
    const later = new RunHistory(folder);
    await later.load();
    scheduler = schedulerOf(later);
    jobs = [job('web/task#1', '*')];
    scheduler.refresh();
    await vi.advanceTimersByTimeAsync(23 * 3_600_000);
    expect(begun).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(begun).toEqual(['web/task#1 10:00:30']);
  });

  test.each(['', '[]', 'null', '{"a": {"begunMs": "x"}}', '{"a":'])(
    'that is broken (%j) is as good as none',
    async (text) => {
      writeFileSync(join(folder, historyFileName), text);
      const history = new RunHistory(folder);
      await history.load();
      expect(history.lastOf('a')).toBeNull();
    },
  );

  test('takes from a peer what is newer, and forgets the oldest of too many', async () => {
    const history = new RunHistory(folder);
    const run = {endedMs: null, ok: null, detail: ''};
    history.note('a', {...run, begunMs: 5});
    history.note('a', {...run, begunMs: 3});
    expect(history.lastOf('a')?.begunMs).toBe(5);
    for (let index = 0; index < 4_100; index += 1) {
      history.note(`job${index}`, {...run, begunMs: index});
    }
    await history.close();
    const kept = JSON.parse(readFileSync(join(folder, historyFileName), 'utf8')) as object;
    expect(Object.keys(kept)).toHaveLength(4_096);
    expect(history.lastOf('a')).toBeNull();
  });
});

describe('the local clock', () => {
  const zone = process.env['TZ'];

  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  const next = (text: string, from: Date, last: Date | null): string => {
    const schedule = parseSchedule(text);
    if (!schedule.ok) throw new Error(schedule.error);
    const question = {clock: localClock, fromMs: from.getTime(), lastMs: last?.getTime() ?? null};
    return new Date(nextRun(schedule.value, {...question, spread: ''})!).toISOString();
  };

  test('moves what falls into the hour that is left out in spring behind it', () => {
    process.env['TZ'] = 'Europe/Paris';
    const from = new Date('2026-03-28T12:00:00Z');
    expect(next('02:30', from, null)).toBe('2026-03-29T01:30:00.000Z');
  });

  test('runs once where an hour comes twice in autumn', () => {
    process.env['TZ'] = 'Europe/Paris';
    const first = new Date('2026-10-25T00:00:00Z');
    expect(next('02:00-02:59', new Date('2026-10-24T12:00:00Z'), null)).toBe(first.toISOString());
    expect(next('02:00-02:59', first, first)).toBe('2026-10-26T01:00:00.000Z');
  });
});
