/**
 * OpenSVC's schedules: one entry, or a JSON list of them.
 *
 *     entry = ["!"] times [days [weeks [months]]]
 *     times = ["~"] ("*" | HH:MM[:SS] ["-" HH:MM[:SS]]) ["@" minutes or duration], ...
 *             without "*" too where there is an interval: "@10"
 *     days = (* | nothing | day | day-day) [":" day of the month], ...
 *     weeks = * | week | week-week, ...
 *     months = (* | nothing | month | month-month) ["%" number ["+" number]], ...
 */

import {parseDuration} from '../duration.ts';
import {err, ok, type Result} from '../result.ts';
import type {DayRule, Schedule, ScheduleEntry, TimeRange} from './types.ts';
import {
  monthDayOf,
  monthOf,
  numbersOf,
  secondOf,
  secondsPerDay,
  weekdayOf,
  weekOf,
} from './words.ts';

/** Entries of a schedule, and items of a field. */
export const scheduleEntriesMax = 32;
export const scheduleCharsMax = 2_048;

/** Why a text is no schedule: a sentence `expected ..., found ...`, for a finding. */
export type ScheduleFault = string;

/** The schedule, or the fault of the first entry that has one. Empty, `none`, `@0`: never. */
export function parseSchedule(text: string): Result<Schedule, ScheduleFault> {
  if (text.length > scheduleCharsMax) {
    return err(`expected at most ${scheduleCharsMax} characters, found ${text.length}`);
  }
  const texts = entryTexts(text.trim());
  if (!texts.ok) return texts;
  if (texts.value.length > scheduleEntriesMax) {
    return err(`expected at most ${scheduleEntriesMax} entries, found ${texts.value.length}`);
  }
  const entries: ScheduleEntry[] = [];
  for (const one of texts.value) {
    const entry = parseEntry(one);
    if (!entry.ok) return entry;
    entries.push(entry.value);
  }
  return ok({entries});
}

function entryTexts(text: string): Result<readonly string[], ScheduleFault> {
  if (text === '' || text.toLowerCase() === 'none') return ok([]);
  if (!text.startsWith('[')) return ok([text]);
  const fault = `expected a list such as ["@10", "! 12:00-14:00"], found ${shown(text)}`;
  try {
    const list: unknown = JSON.parse(text);
    const isTexts = Array.isArray(list) && list.every((one) => typeof one === 'string');
    return isTexts ? ok((list as readonly string[]).map((one) => one.trim())) : err(fault);
  } catch {
    return err(fault);
  }
}

function parseEntry(text: string): Result<ScheduleEntry, ScheduleFault> {
  const isExclusion = text.startsWith('!');
  const fields = text.replace(/^!/, '').trim().split(/\s+/);
  if (fields.length > 4) {
    return err(`expected times, days, weeks and months, found ${fields.length} fields`);
  }
  const [times = '', dayText = '*', weekText = '*', monthText = '*'] = fields;
  const ranges = items(times, (item) => parseRange(item, isExclusion));
  if (!ranges.ok) return ranges;
  const days = dayText === '*' ? ok(null) : items(dayText, parseDay);
  if (!days.ok) return days;
  const weeks = weekText === '*' ? ok(null) : items(weekText, parseWeeks);
  if (!weeks.ok) return weeks;
  const months = monthText === '*' ? ok(null) : items(monthText, parseMonths);
  if (!months.ok) return months;
  return ok({
    text,
    isExclusion,
    ranges: ranges.value,
    days: days.value,
    weeks: weeks.value && new Set(weeks.value.flat()),
    months: months.value && new Set(months.value.flat()),
  });
}

/** A field's items; the fault of the first one that has one. */
function items<Item>(
  field: string,
  parse: (item: string) => Result<Item, ScheduleFault>,
): Result<readonly Item[], ScheduleFault> {
  const texts = field.split(',');
  if (texts.length > scheduleEntriesMax) {
    return err(`expected at most ${scheduleEntriesMax} items in a field, found ${texts.length}`);
  }
  const values: Item[] = [];
  for (const text of texts) {
    const item = parse(text);
    if (!item.ok) return item;
    values.push(item.value);
  }
  return ok(values);
}

function parseRange(text: string, isExclusion: boolean): Result<TimeRange, ScheduleFault> {
  const isSpread = text.startsWith('~');
  const [span = '', interval, ...more] = (isSpread ? text.slice(1) : text).split('@');
  const ends = span === '' && interval === undefined ? null : endsOf(span);
  if (ends === null || more.length > 0) {
    return err(`expected times such as 02:00, 02:00-04:00 or *@10, found ${shown(text)}`);
  }
  if (isExclusion && (isSpread || interval !== undefined)) {
    return err(`expected "!" before times alone, found ${shown(text)}`);
  }
  const {beginS, endS} = ends;
  const lengthS = (endS - beginS + secondsPerDay) % secondsPerDay;
  // Without an interval: once in each window.
  const intervalMs =
    interval === undefined ? (lengthS + 1) * 1_000 : parseDuration(interval.toLowerCase(), 'm');
  if (intervalMs === null) {
    return err(`expected minutes or a duration after "@", found ${shown(interval ?? '')}`);
  }
  return ok({beginS, endS, intervalMs, isSpread});
}

/** A single time is a window of one second more, as in OpenSVC. */
function endsOf(span: string): {readonly beginS: number; readonly endS: number} | null {
  if (span === '' || span === '*') return {beginS: 0, endS: secondsPerDay - 1};
  const ends = span.split('-').map(secondOf);
  const [beginS, endS] = ends;
  if (ends.length > 2 || beginS == null || endS === null) return null;
  return {beginS, endS: endS ?? (beginS + 1) % secondsPerDay};
}

function parseDay(text: string): Result<DayRule, ScheduleFault> {
  const [dayText = '', monthDayText, ...more] = text.split(':');
  const every = dayText === '*' || dayText === '';
  const weekdays = every ? null : numbersOf(dayText, weekdayOf, 7);
  const monthDay = monthDayText === undefined ? null : monthDayOf(monthDayText);
  const isWrong =
    (!every && weekdays === null) ||
    (monthDayText !== undefined && monthDay === null) ||
    (dayText === '' && monthDayText === undefined) ||
    more.length > 0;
  if (isWrong) {
    return err(`expected days such as mon-fri, *:last or *:15, found ${shown(text)}`);
  }
  return ok({weekdays: weekdays && new Set(weekdays), monthDay});
}

function parseWeeks(text: string): Result<readonly number[], ScheduleFault> {
  const weeks = numbersOf(text, weekOf, 53);
  if (weeks !== null) return ok(weeks);
  return err(`expected weeks from 1 to 53 such as 10-12, found ${shown(text)}`);
}

function parseMonths(text: string): Result<readonly number[], ScheduleFault> {
  const match = /^([^%]*)(?:%(\d{1,2})(?:\+(\d{1,2}))?)?$/.exec(text);
  const [, span = '', every = '1', shift = '0'] = match ?? [];
  const isAll = (span === '' && match?.[2] !== undefined) || span === '*';
  const months = numbersOf(isAll ? '1-12' : span, monthOf, 12);
  if (match === null || months === null || Number(every) === 0) {
    return err(`expected months such as jan-mar or %2+1, found ${shown(text)}`);
  }
  return ok(months.filter((month) => (month + Number(shift)) % Number(every) === 0));
}

function shown(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`;
}
