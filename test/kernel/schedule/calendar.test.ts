/** The calendar against the one of the platform, which is another implementation of the same. */

import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
  civilDay,
  dayNumber,
  daysOfMonth,
  isoWeek,
  weekday,
} from '../../../src/kernel/schedule/calendar.ts';

const anyDay = fc.integer({min: -200_000, max: 200_000});
const dateOf = (number: number): Date => new Date(number * 86_400_000);

describe('a day by its number', () => {
  it('is the day of the platform, and back', () => {
    fc.assert(
      fc.property(anyDay, (number) => {
        const date = dateOf(number);
        const {year, month, day} = civilDay(number);
        expect([year, month, day]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ]);
        expect(dayNumber({year, month, day})).toBe(number);
        expect(weekday(number)).toBe(date.getUTCDay() || 7);
        const nextMonth = new Date(Date.UTC(year, month, 0));
        nextMonth.setUTCFullYear(year);
        expect(daysOfMonth({year, month})).toBe(nextMonth.getUTCDate());
      }),
    );
  });

  it.each([
    ['2026-01-01', 1],
    ['2025-12-29', 1],
    ['2025-12-28', 52],
    ['2021-01-03', 53],
    ['2020-12-31', 53],
    ['2024-02-29', 9],
    ['1970-01-01', 1],
  ])('%s lies in ISO week %i', (text, week) => {
    expect(isoWeek(Date.parse(text) / 86_400_000)).toBe(week);
  });

  it('has a week that begins on Monday and lasts until Sunday', () => {
    fc.assert(
      fc.property(anyDay, (number) => {
        const monday = number - weekday(number) + 1;
        expect(isoWeek(number)).toBe(isoWeek(monday));
        expect(isoWeek(monday - 1)).not.toBe(isoWeek(monday));
      }),
    );
  });
});
