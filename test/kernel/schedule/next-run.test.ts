/** When something may run next: OpenSVC's own cases, the calendar's traps, and properties. */

import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {nextRun} from '../../../src/kernel/schedule/next-run.ts';
import {parseSchedule} from '../../../src/kernel/schedule/parse.ts';
import type {WallClock} from '../../../src/kernel/schedule/types.ts';

const utc: WallClock = {
  dayOf: (ms) => Math.floor(ms / 86_400_000),
  momentOf: (day, second) => (day * 86_400 + second) * 1_000,
};

/** Times as `2015-03-02 00:30`; 2015-03-02 is a Monday. */
function next(text: string, from: string, last: string | null = null): string | null {
  const schedule = parseSchedule(text);
  if (!schedule.ok) throw new Error(schedule.error);
  const atMs = nextRun(schedule.value, {
    clock: utc,
    fromMs: Date.parse(`${from}Z`),
    lastMs: last === null ? null : Date.parse(`${last}Z`),
    spread: 'node1 web',
  });
  return atMs === null ? null : new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
}

describe('once in each window', () => {
  const seed = '["00:00-01:00@61 mon", "02:00-03:00@61 tue-sun"]';

  it.each([
    ['inside, never run', '2015-03-02 00:30', null, '2015-03-02 00:30:00'],
    ['at its very end', '2015-03-02 01:00', null, '2015-03-02 01:00:00'],
    ['a minute too late', '2015-03-02 01:01', null, '2015-03-03 02:00:00'],
    ['before that of another day', '2015-03-03 00:30', null, '2015-03-03 02:00:00'],
    ['run already', '2015-03-02 00:45', '2015-03-02 00:10', '2015-03-03 02:00:00'],
    ['run a week ago', '2015-03-09 00:00', '2015-03-02 00:10', '2015-03-09 00:00:00'],
  ])('%s', (_title, from, last, expected) => {
    expect(next(seed, from, last)).toBe(expected);
  });
});

describe('the next run of', () => {
  it.each([
    ['*', '2015-03-02 10:00', '2015-03-02 00:05', '2015-03-03 00:05:00'],
    ['@10', '2015-03-02 10:09', '2015-03-02 10:00', '2015-03-02 10:10:00'],
    ['*@1h30m', '2015-03-02 10:09', '2015-03-02 10:00', '2015-03-02 11:30:00'],
    ['09:00', '2015-03-02 08:00', null, '2015-03-02 09:00:00'],
    ['09:00', '2015-03-02 09:00:01', null, '2015-03-02 09:00:01'],
    ['09:00', '2015-03-02 09:00:02', null, '2015-03-03 09:00:00'],
    ['23:00-00:59', '2015-03-02 00:30', null, '2015-03-02 00:30:00'],
    ['23:00-00:59', '2015-03-02 23:30', null, '2015-03-02 23:30:00'],
    ['23:00-00:59', '2015-03-02 01:00', null, '2015-03-02 23:00:00'],
    ['23:00-01:00@30 fri', '2015-03-07 00:10', '2015-03-06 23:50', '2015-03-07 00:20:00'],
    ['* fri', '2015-03-02 10:00', null, '2015-03-06 00:00:00'],
    ['* :last', '2015-02-02 10:00', null, '2015-02-28 00:00:00'],
    ['* :last', '2015-02-28 10:00', '2015-02-28 00:00', '2015-03-31 00:00:00'],
    ['* *:-2', '2016-02-02 10:00', null, '2016-02-28 00:00:00'],
    ['* mon:1', '2015-03-02 10:00', null, '2015-06-01 00:00:00'],
    ['* *:29 * feb', '2015-03-02 10:00', null, '2016-02-29 00:00:00'],
    ['* * 53', '2015-03-02 10:00', null, '2015-12-28 00:00:00'],
    ['* * * %2+1', '2015-02-10 10:00', null, '2015-03-01 00:00:00'],
    ['["*@1h", "! 12:00-13:59"]', '2015-03-02 12:00', '2015-03-02 11:00', '2015-03-02 13:59:01'],
    ['["! 23:00-02:00 sun", "@10"]', '2015-03-02 01:00', null, '2015-03-02 02:00:01'],
  ])('%s after %s, last %s', (text, from, last, expected) => {
    expect(next(text, from, last)).toBe(expected);
  });

  it.each(['', 'none', '@0', '*@0', '["@10", "! *"]', '* *:30 * feb', '! 01:00'])(
    '%j is never',
    (text) => {
      expect(next(text, '2015-03-02 10:00')).toBeNull();
    },
  );
});

describe('a spread run', () => {
  const schedule = parseSchedule('~01:00-05:00');
  const at = (spread: string, fromMs: number, lastMs: number | null = null): number => {
    if (!schedule.ok) throw new Error(schedule.error);
    return nextRun(schedule.value, {clock: utc, fromMs, lastMs, spread})!;
  };

  it('comes once in its window, at a moment that is the node’s own', () => {
    const names = Array.from({length: 40}, (_, index) => `node${index} web`);
    const moments = names.map((name) => at(name, 0));
    expect(moments.every((ms) => ms >= 3_600_000 && ms <= 18_001_000)).toBe(true);
    expect(new Set(moments.map((ms) => Math.floor(ms / 3_600_000))).size).toBe(4);
    expect(names.map((name) => at(name, 0))).toEqual(moments);
    expect(at('node1 web', moments[1] ?? 0, moments[1])).toBeGreaterThan(86_400_000);
  });

  it('is made up for in what is left of the window', () => {
    expect(at('node1 web', 17_999_000)).toBe(17_999_000);
  });
});

describe('any schedule', () => {
  const time = fc.integer({min: 0, max: 1_439}).map((minute) => {
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  });
  const days = fc.constantFrom('*', 'mon', 'sat-mon', '*:last', 'tue:3');
  const entry = fc
    .tuple(time, time, fc.integer({min: 1, max: 600}), days)
    .map(([begin, end, interval, day]) => `${begin}-${end}@${interval} ${day}`);
  const text = fc.array(entry, {minLength: 1, maxLength: 3}).map((list) => JSON.stringify(list));
  const moment = fc.integer({min: 1_400_000_000, max: 1_500_000_000}).map((s) => s * 1_000);

  it('answers with a moment at which it would answer the same, and none between', () => {
    fc.assert(
      fc.property(text, moment, fc.double({min: 0, max: 1, noNaN: true}), (words, fromMs, part) => {
        const schedule = parseSchedule(words);
        if (!schedule.ok) throw new Error(schedule.error);
        const ask = (ms: number): number | null =>
          nextRun(schedule.value, {clock: utc, fromMs: ms, lastMs: null, spread: ''});
        const atMs = ask(fromMs);
        expect(atMs).not.toBeNull();
        expect(atMs).toBeGreaterThanOrEqual(fromMs);
        expect(ask(atMs!)).toBe(atMs);
        expect(ask(Math.floor(fromMs + (atMs! - fromMs) * part))).toBe(atMs);
      }),
    );
  });

  it('leaves its interval between two runs', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 300}), moment, (minutes, fromMs) => {
        const schedule = parseSchedule(`08:00-20:00@${minutes}`);
        if (!schedule.ok) throw new Error(schedule.error);
        const ask = {clock: utc, fromMs, lastMs: fromMs, spread: ''};
        expect(nextRun(schedule.value, ask)).toBeGreaterThanOrEqual(fromMs + minutes * 60_000);
      }),
    );
  });
});
