/** The words of a schedule: names of days and months, and numbers in ranges that may wrap. */

export const secondsPerDay = 86_400;

const weekdayNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const ordinals = [
  ['first', '1st'],
  ['second', '2nd'],
  ['third', '3rd'],
  ['fourth', '4th'],
  ['fifth', '5th'],
];

/** 1 to 7; null where text names no day. */
export const weekdayOf = (text: string): number | null => numberOf(text, weekdayNames);
/** 1 to 12; null where text names no month. */
export const monthOf = (text: string): number | null => numberOf(text, monthNames);
/** 1 to 53; null where text is no week. */
export function weekOf(text: string): number | null {
  const number = Number(text);
  return /^\d{1,2}$/.test(text) && number >= 1 && number <= 53 ? number : null;
}

/** 1 to 31, -1 to -31 from the end; null where text is no day of a month. */
export function monthDayOf(text: string): number | null {
  const word = text.toLowerCase();
  if (word === 'last') return -1;
  const rank = ordinals.findIndex((names) => names.includes(word));
  if (rank >= 0) return rank + 1;
  const number = Number(word);
  const isDay = /^[+-]?\d{1,2}$/.test(word) && number !== 0 && Math.abs(number) <= 31;
  return isDay ? number : null;
}

/** Seconds of the day of `HH:MM` or `HH:MM:SS`; null where text is no time. */
export function secondOf(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const [hours, minutes, seconds] = [match[1], match[2], match[3] ?? 0].map(Number);
  if (hours! > 23 || minutes! > 59 || seconds! > 59) return null;
  return hours! * 3_600 + minutes! * 60 + seconds!;
}

/** `3`, `3-5`, `52-2` over the end of the year; null where text is neither. */
export function numbersOf(
  text: string,
  one: (word: string) => number | null,
  last: number,
): readonly number[] | null {
  const ends = text.split('-').map(one);
  const [first, to = first] = ends;
  if (ends.length > 2 || first == null || to == null) return null;
  const count = to >= first ? to - first + 1 : to + last - first + 1;
  return Array.from({length: count}, (_, index) => ((first - 1 + index) % last) + 1);
}

/** A number, a whole name, or its first three letters. */
function numberOf(text: string, names: readonly string[]): number | null {
  const word = text.toLowerCase();
  if (/^\d{1,2}$/.test(word)) {
    const number = Number(word);
    return number >= 1 && number <= names.length ? number : null;
  }
  const index = names.findIndex((name) => word === name || word === name.slice(0, 3));
  return index < 0 ? null : index + 1;
}
