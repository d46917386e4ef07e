/**
 * When a schedule lets something run next. Exclusions count wherever they stand in the list. A
 * window that goes over midnight belongs to the day on which it begins.
 */

import {hashName} from '../hash.ts';
import {civilDay, daysOfMonth, isoWeek, weekday} from './calendar.ts';
import type {DayRule, Schedule, ScheduleEntry, TimeRange, WallClock} from './types.ts';
import {secondsPerDay} from './words.ts';

export interface RunQuestion {
  readonly clock: WallClock;
  /** Not before this moment, ms since 1970. */
  readonly fromMs: number;
  /** Begin of the last run, on whichever node; null: never yet. */
  readonly lastMs: number | null;
  /** What makes the moment of `~` differ: names of node and task. */
  readonly spread: string;
}

/** How far ahead is looked, days: a 29th of February is at most eight years away. */
const aheadDaysMax = 3_000;
/** Exclusions that follow one another without a gap. */
const exclusionsMax = 64;

interface Window {
  readonly beginMs: number;
  /** The first moment that is no longer inside. */
  readonly endMs: number;
}

/** The first moment from `fromMs` on, ms since 1970; null: never within eight years. */
export function nextRun(schedule: Schedule, question: RunQuestion): number | null {
  const {clock, fromMs} = question;
  const entries = schedule.entries.filter(({isExclusion}) => !isExclusion);
  const exclusions = schedule.entries.filter(({isExclusion}) => isExclusion);
  if (entries.length === 0) return null;
  const today = clock.dayOf(fromMs);
  let firstMs = Infinity;
  // From yesterday on, whose windows may reach over midnight.
  for (let day = today - 1; day <= today + aheadDaysMax; day += 1) {
    if (firstMs !== Infinity && clock.momentOf(day, 0) > firstMs) break;
    const ranges = entries.filter((entry) => fits(entry, day)).flatMap((entry) => entry.ranges);
    for (const range of ranges) {
      firstMs = Math.min(firstMs, momentIn(range, day, {question, exclusions}) ?? Infinity);
    }
  }
  return firstMs === Infinity ? null : firstMs;
}

/** The first moment in the window that `range` opens on `day`. */
function momentIn(
  range: TimeRange,
  day: number,
  {question, exclusions}: {question: RunQuestion; exclusions: readonly ScheduleEntry[]},
): number | null {
  const {clock, fromMs, lastMs} = question;
  if (range.intervalMs === 0) return null;
  const window = windowOf(range, day, clock);
  const lengthMs = window.endMs - window.beginMs;
  const isOnce = range.intervalMs > lengthS(range) * 1_000;
  const hasRun = lastMs !== null && lastMs >= window.beginMs && lastMs < window.endMs;
  if (isOnce && hasRun) return null;
  const spreadMs = range.isSpread && isOnce ? share(question.spread, day) * lengthMs : 0;
  const againMs = lastMs === null ? fromMs : lastMs + range.intervalMs;
  // A window that was begun without its run, because nobody was there to start it, is still used.
  let atMs = Math.max(fromMs, againMs, window.beginMs + Math.floor(spreadMs));
  for (let count = 0; count < exclusionsMax && atMs < window.endMs; count += 1) {
    const leaveMs = endOfExclusion(exclusions, atMs, clock);
    if (leaveMs === null) return atMs;
    atMs = leaveMs;
  }
  return null;
}

function endOfExclusion(
  exclusions: readonly ScheduleEntry[],
  atMs: number,
  clock: WallClock,
): number | null {
  const today = clock.dayOf(atMs);
  for (const day of [today - 1, today]) {
    for (const entry of exclusions) {
      if (!fits(entry, day)) continue;
      const windows = entry.ranges.map((range) => windowOf(range, day, clock));
      const inside = windows.find(({beginMs, endMs}) => atMs >= beginMs && atMs < endMs);
      if (inside !== undefined) return inside.endMs;
    }
  }
  return null;
}

function windowOf({beginS, endS}: TimeRange, day: number, clock: WallClock): Window {
  const endDay = endS < beginS ? day + 1 : day;
  const beginMs = clock.momentOf(day, beginS);
  return {beginMs, endMs: Math.max(beginMs, clock.momentOf(endDay, endS)) + 1_000};
}

function lengthS({beginS, endS}: TimeRange): number {
  return (endS - beginS + secondsPerDay) % secondsPerDay;
}

function fits(entry: ScheduleEntry, day: number): boolean {
  if (entry.months !== null && !entry.months.has(civilDay(day).month)) return false;
  if (entry.weeks !== null && !entry.weeks.has(isoWeek(day))) return false;
  return entry.days === null || entry.days.some((rule) => fitsDay(rule, day));
}

function fitsDay({weekdays, monthDay}: DayRule, number: number): boolean {
  if (weekdays !== null && !weekdays.has(weekday(number))) return false;
  if (monthDay === null) return true;
  const date = civilDay(number);
  return date.day === (monthDay > 0 ? monthDay : daysOfMonth(date) + 1 + monthDay);
}

/** 0 or more, below 1; the same for the same name and day. */
function share(name: string, day: number): number {
  return hashName(`${name} ${day}`) / 2 ** 32;
}
