/** What is a schedule, and what is said of everything else. */

import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {parseSchedule} from '../../../src/kernel/schedule/parse.ts';

describe('a schedule', () => {
  it.each([
    ['', 0],
    ['none', 0],
    ['@0', 1],
    ['[]', 0],
    ['["00:00-01:00@61 mon", "02:00-03:00@61 tue-sun"]', 2],
    ['03:59-05:59@121', 1],
    ['@10', 1],
    ['~00:00-06:00', 1],
    ['*', 1],
    ['*@1h', 1],
    ['14:00-15:00@10 mon-fri * jan', 1],
    ['["*@1h", "! 12:00-14:00"]', 2],
    ['09:00 * * %2+1', 1],
    ['02:00 *:last', 1],
    ['* :5,:-2', 1],
    ['08:00:30 MON,wednesday:1st 52-2,10 dec-feb%2', 1],
  ])('is %j', (text, count) => {
    const parsed = parseSchedule(text);
    expect(parsed.ok && parsed.value.entries.length).toBe(count);
  });

  it('wraps its ranges around the end of the week and of the year', () => {
    const parsed = parseSchedule('* fri-mon 52-2 nov-jan');
    if (!parsed.ok) throw new Error(parsed.error);
    const [entry] = parsed.value.entries;
    expect([...entry!.days![0]!.weekdays!]).toEqual([5, 6, 7, 1]);
    expect([...entry!.weeks!]).toEqual([52, 53, 1, 2]);
    expect([...entry!.months!]).toEqual([11, 12, 1]);
  });

  it('keeps of the months those that the filter lets through', () => {
    const parsed = parseSchedule('* * * %2+1');
    expect(parsed.ok && [...parsed.value.entries[0]!.months!]).toEqual([1, 3, 5, 7, 9, 11]);
  });
});

describe('no schedule', () => {
  it.each([
    ['14-15', 'expected times such as 02:00, 02:00-04:00 or *@10, found "14-15"'],
    ['21-22', 'found "21-22"'],
    ['24:00', 'found "24:00"'],
    ['12:60', 'found "12:60"'],
    ['1:2', 'found "1:2"'],
    ['01:00-02:00-03:00', 'found "01:00-02:00-03:00"'],
    ['*@1@2', 'found "*@1@2"'],
    ['*@soon', 'expected minutes or a duration after "@", found "soon"'],
    ['*@', 'expected minutes or a duration after "@", found ""'],
    ['01:00,', 'expected times such as 02:00, 02:00-04:00 or *@10, found ""'],
    ['!', 'found ""'],
    ['[""]', 'found ""'],
    ['02:00 last', 'expected days such as mon-fri, *:last or *:15, found "last"'],
    ['* mon:', 'found "mon:"'],
    ['* mon:1:2', 'found "mon:1:2"'],
    ['* mon-tue-wed', 'found "mon-tue-wed"'],
    ['* 0', 'found "0"'],
    ['* 8', 'found "8"'],
    ['* mon:0', 'found "mon:0"'],
    ['* *:32', 'found "*:32"'],
    ['* someday', 'found "someday"'],
    ['* * 54', 'expected weeks from 1 to 53 such as 10-12, found "54"'],
    ['* * %2', 'found "%2"'],
    ['* * * 13', 'expected months such as jan-mar or %2+1, found "13"'],
    ['* * * 1%2%3', 'found "1%2%3"'],
    ['* * * %2+1+1', 'found "%2+1+1"'],
    ['* * * %0', 'found "%0"'],
    ['* mon 1 jan more', 'expected times, days, weeks and months, found 5 fields'],
    ['! *@10', 'expected "!" before times alone, found "*@10"'],
    ['["@10"', 'expected a list such as ["@10", "! 12:00-14:00"], found "["@10""'],
    ['[1]', 'expected a list'],
    [`["${'@1","'.repeat(40)}@1"]`, 'expected at most 32 entries, found 41'],
    ['x'.repeat(3_000), 'expected at most 2048 characters, found 3000'],
  ])('is %j', (text, sentence) => {
    const parsed = parseSchedule(text);
    expect(parsed.ok ? 'accepted' : parsed.error).toContain(sentence);
  });

  it('makes anybody throw, whatever stands there', () => {
    const unit = fc.constantFrom(...'0123456789:-,@%+*~![]" monlast'.split(''));
    fc.assert(
      fc.property(fc.string({unit, maxLength: 40}), (text) => {
        parseSchedule(text);
      }),
      {numRuns: 3_000},
    );
  });
});
