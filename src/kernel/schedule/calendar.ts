/**
 * Days of the proleptic Gregorian calendar (ISO 8601) by number, without a clock and without a time
 * zone. Day 0 is 1970-01-01, a Thursday.
 */

export interface CivilDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Days before each month of a common year. */
const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** 366 is a leap year. */
function daysOfYear(year: number): 365 | 366 {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 366 : 365;
}

/** Days of a month, 28 to 31. */
export function daysOfMonth({year, month}: Pick<CivilDay, 'year' | 'month'>): number {
  if (month === 2) return daysOfYear(year) - 337;
  return (daysBefore[month] ?? 365) - daysBefore[month - 1]!;
}

/** Number of a day since 1970-01-01; negative before. */
export function dayNumber({year, month, day}: CivilDay): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  // 719,162 days lie between 0001-01-01 and 1970-01-01.
  return past * 365 + leapDays - 719_162 + dayOfYear({year, month, day}) - 1;
}

/** The day with a number: the inverse of `dayNumber`. */
export function civilDay(number: number): CivilDay {
  let year = 1970 + Math.floor(number / 365.2425);
  while (dayNumber({year, month: 1, day: 1}) > number) year -= 1;
  while (dayNumber({year: year + 1, month: 1, day: 1}) <= number) year += 1;
  let day = number - dayNumber({year, month: 1, day: 1}) + 1;
  let month = 1;
  while (day > daysOfMonth({year, month})) {
    day -= daysOfMonth({year, month});
    month += 1;
  }
  return {year, month, day};
}

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekday(number: number): number {
  return ((((number + 3) % 7) + 7) % 7) + 1;
}

/** ISO 8601 week, 1 to 53: the week belongs to the year in which its Thursday lies. */
export function isoWeek(number: number): number {
  const thursday = number - weekday(number) + 4;
  return Math.floor((dayOfYear(civilDay(thursday)) - 1) / 7) + 1;
}

function dayOfYear({year, month, day}: CivilDay): number {
  const leapDay = month > 2 ? daysOfYear(year) - 365 : 0;
  return daysBefore[month - 1]! + leapDay + day;
}
