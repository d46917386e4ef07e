/** Text of one value to its checked form, by the type of its key. All refusals are findings. */

import {durationMsMax, formatDuration, parseDuration} from '../kernel/duration.ts';
import {isName} from '../kernel/ids.ts';
import {parseSchedule} from '../kernel/schedule/parse.ts';
import type {Schedule} from '../kernel/schedule/types.ts';
import {quote, type Report} from './findings.ts';
import {unquote, type IniEntry} from './ini.ts';
import {
  rangeOf,
  type Condition,
  type DurationKey,
  type IntegerKey,
  type KeySpec,
  type Verb,
} from './key-spec.ts';
import {didYouMean} from './nearest.ts';
import {parseRequires} from './requires.ts';
import {parseSize} from './size.ts';
import {splitWords, type WordsFailure} from './words.ts';

export type CheckedValue =
  number | boolean | string | readonly string[] | Verb | Schedule | readonly Condition[];

/** The value, or null where it was reported. */
export function checkValue(entry: IniEntry, spec: KeySpec, report: Report): CheckedValue | null {
  const text = unquote(entry.raw);
  switch (spec.type) {
    case 'duration':
      return checkDuration({...entry, raw: text}, spec, report);
    case 'period':
      return checkPeriod({...entry, raw: text}, report);
    case 'schedule':
      return checkSchedule(entry, report);
    case 'integer':
      return checkInteger({...entry, raw: text}, spec, report);
    case 'boolean':
      return readBoolean(text) ?? bad(entry, 'yes or no', report);
    case 'choice':
      return checkChoice({...entry, raw: text}, spec.choices, report);
    case 'choices':
      return checkChoices({...entry, raw: text}, spec.choices, report);
    case 'names':
      return checkNames({...entry, raw: text}, report);
    case 'command':
      return checkCommand(entry, report);
    case 'addresses':
      return checkAddresses({...entry, raw: text}, report);
    case 'paths':
      return checkPaths({...entry, raw: text}, report);
    case 'urls':
      return checkUrls({...entry, raw: text}, report);
    case 'verb':
      return checkVerb(entry, report);
    case 'size':
      return checkSize({...entry, raw: text}, report);
    case 'requires':
      return checkRequires({...entry, raw: text}, report);
    case 'tags':
      return [
        ...new Set(
          text
            .toLowerCase()
            .split(/[\s,]+/)
            .filter((tag) => tag !== ''),
        ),
      ];
    default:
      return checkText({...entry, raw: text}, spec.type, report);
  }
}

/** OpenSVC's words for a boolean, and on and off; null: none of them. */
export function readBoolean(text: string): boolean | null {
  const word = text.toLowerCase();
  if (['true', 'yes', 'y', 't', '1', 'on'].includes(word)) return true;
  return ['false', 'no', 'n', 'f', '0', 'off'].includes(word) ? false : null;
}

/** True for a dotted quad without leading zeros, which some readers take for octal. */
export function isAddress(text: string): boolean {
  return addressBytes(text) !== null;
}

/** True for 224.0.1.0 to 239.255.255.255: below lies the block that routers keep for themselves. */
export function isGroup(text: string): boolean {
  const bytes = addressBytes(text);
  if (bytes === null || bytes[0]! < 224 || bytes[0]! > 239) return false;
  return bytes[0] !== 224 || bytes[1] !== 0 || bytes[2] !== 0;
}

function addressBytes(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function bad(entry: IniEntry, expected: string, report: Report, hint?: string): null {
  const message = `${entry.key} expected ${expected}, found ${quote(entry.raw)}`;
  report('HA_CONF_BAD_VALUE', entry, message, hint ?? `Write ${expected}.`);
  return null;
}

/** Where nothing is evaluated, `{nodename}` and the like would reach the script as they stand. */
export function refersToOthers(entry: IniEntry, report: Report): boolean {
  const match = /\{[\w#][\w#.[\]:/-]*\}/.exec(entry.raw);
  if (match === null) return false;
  report('HA_CONF_REFERENCE', entry, `${entry.key} expected a value, found ${quote(match[0])}`);
  return true;
}

function checkDuration(entry: IniEntry, spec: DurationKey, report: Report): number | null {
  const negative = entry.raw.startsWith('-');
  const valueMs = parseDuration(negative ? entry.raw.slice(1) : entry.raw, spec.bare ?? 's');
  if (valueMs === null) return badDuration(entry, report);
  if (negative || (valueMs === 0 && spec.minMs > 0)) {
    const message = `${entry.key} expected a positive duration, found ${quote(entry.raw)}`;
    const hint = `Write ${formatDuration(spec.minMs)} or more.`;
    report('HA_CONF_INTERVAL_NOT_POSITIVE', entry, message, hint);
    return null;
  }
  if (valueMs >= spec.minMs && valueMs <= spec.maxMs) return valueMs;
  const message = `${entry.key} expected ${rangeOf(spec)}, found ${quote(entry.raw)}`;
  const bound = valueMs < spec.minMs ? spec.minMs : spec.maxMs;
  const hint = `Write ${entry.key} = ${formatDuration(bound)}.`;
  report('HA_CONF_OUT_OF_RANGE', entry, message, hint);
  return null;
}

function badDuration(entry: IniEntry, report: Report): null {
  const expected = `a duration of at most ${formatDuration(durationMsMax)}`;
  return bad(entry, expected, report, 'Write it as "500ms", "10s", "5m" or "1h30m".');
}

/** OpenSVC's `@10` (minutes) and `@10m`, or a plain duration; no windows of time. */
function checkPeriod(entry: IniEntry, report: Report): number | null {
  const text = entry.raw.startsWith('@') ? entry.raw.slice(1) : entry.raw;
  const valueMs = parseDuration(text, entry.raw.startsWith('@') ? 'm' : 's');
  const hint = 'Write the interval alone, as "@1" for a minute; windows of time are not read.';
  return valueMs ?? bad(entry, 'an interval as "@10"', report, hint);
}

const sizeHint = 'Write bytes, or 512k, 10m, 2g, 1t with a factor of 1024, or 50%FREE.';

/** A share of something stays text; its reader knows of what. */
function checkSize(entry: IniEntry, report: Report): number | string | null {
  if (/^\d{1,3}%(?:FREE|VG|ORIGIN|PVS)?$/i.test(entry.raw)) return entry.raw.toUpperCase();
  const bytes = parseSize(entry.raw);
  return bytes ?? bad(entry, 'a size', report, sizeHint);
}

function checkRequires(entry: IniEntry, report: Report): readonly Condition[] | null {
  const conditions = parseRequires(entry.raw);
  if (typeof conditions !== 'string') return conditions;
  const hint = 'Write resources with the states they must be in: fs#1(up,stdby up) ip#0.';
  return bad({...entry, raw: conditions}, 'conditions', report, hint);
}

/** Not unquoted: the quotes belong to the list. */
function checkSchedule(entry: IniEntry, report: Report): Schedule | null {
  const schedule = parseSchedule(entry.raw);
  if (schedule.ok) return schedule.value;
  const hint = 'Write it as "@10" or ["02:00-03:00 mon-fri", "! 12:00-14:00"]: docs/schedules.md.';
  report('HA_CONF_BAD_VALUE', entry, `${entry.key} ${schedule.error}`, hint);
  return null;
}

function checkInteger(entry: IniEntry, spec: IntegerKey, report: Report): number | null {
  if (!/^-?\d{1,15}$/.test(entry.raw)) return bad(entry, `a number, ${rangeOf(spec)}`, report);
  const value = Number(entry.raw);
  if (value >= spec.min && value <= spec.max) return value;
  const message = `${entry.key} expected ${rangeOf(spec)}, found ${quote(entry.raw)}`;
  const hint = `Write ${entry.key} = ${value < spec.min ? spec.min : spec.max}.`;
  report('HA_CONF_OUT_OF_RANGE', entry, message, hint);
  return null;
}

function checkChoice(entry: IniEntry, choices: readonly string[], report: Report): string | null {
  const word = entry.raw.toLowerCase();
  if (choices.includes(word)) return word;
  const expected = choices.join(' or ');
  return bad(entry, expected, report, didYouMean(word, choices, `Write ${expected}.`));
}

function checkChoices(
  entry: IniEntry,
  choices: readonly string[],
  report: Report,
): readonly string[] | null {
  const words = entry.raw.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0 || words.length > 2) return bad(entry, 'one or two words', report);
  const chosen = words.map((raw) => checkChoice({...entry, raw}, choices, report));
  return chosen.every((word) => word !== null) ? chosen : null;
}

function checkNames(entry: IniEntry, report: Report): readonly string[] | null {
  const names = entry.raw.split(/\s+/).filter((name) => name !== '');
  if (names.length === 0) return bad(entry, 'names separated by blanks', report);
  const usable = names.filter((name) => isName(name));
  for (const name of names) {
    if (isName(name)) continue;
    const message = `${entry.key} expected names separated by blanks, found ${quote(name)}`;
    report('HA_CONF_BAD_NAME', entry, message);
  }
  return usable.length === 0 ? null : usable;
}

function checkAddresses(entry: IniEntry, report: Report): readonly string[] | null {
  const words = entry.raw.split(/\s+/).filter((word) => word !== '');
  if (words.length > 0 && words.every((word) => isAddress(word))) return words;
  return bad(entry, 'IPv4 addresses separated by blanks', report);
}

function checkPaths(entry: IniEntry, report: Report): readonly string[] | null {
  const words = entry.raw.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return bad(entry, 'paths separated by blanks', report);
  const odd = words.find((word) => !isPath(word));
  if (odd === undefined) return words;
  const message = `${entry.key} expected absolute paths, found ${quote(odd)}`;
  report('HA_CONF_RELATIVE_PATH', entry, message, 'Write the path from the root on.');
  return null;
}

/** Origins alone: `https://HOST:PORT`, each once. */
function checkUrls(entry: IniEntry, report: Report): readonly string[] | null {
  const words = entry.raw.split(/[\s,]+/).filter((word) => word !== '');
  const odd = words.find((word) => !isOrigin(word));
  if (words.length > 0 && odd === undefined) {
    return [...new Set(words.map((word) => word.replace(/\/$/, '').toLowerCase()))];
  }
  const found = {...entry, raw: odd ?? entry.raw};
  return bad(found, 'URLs as https://192.0.2.1:2379', report);
}

function isOrigin(text: string): boolean {
  const match =
    /^https?:\/\/(?:[a-z\d](?:[a-z\d.-]{0,252}[a-z\d])?|\[[\da-f:.]+\]):(\d{1,5})\/?$/i.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port > 0 && port < 65_536;
}

function checkVerb(entry: IniEntry, report: Report): Verb | null {
  const flag = readBoolean(unquote(entry.raw));
  if (flag === false) return {kind: 'no'};
  const number = /^\d{1,6}$/.exec(unquote(entry.raw));
  if (number !== null) return {kind: 'script', order: Number(number[0])};
  if (flag === true) return {kind: 'script', order: null};
  const words = splitWords(entry.raw);
  if (!words.ok) return badCommand(entry, words.error, report);
  if (words.value[0]!.startsWith('/')) return {kind: 'command', words: words.value};
  const program = quote(words.value[0]!);
  const message = `${entry.key} expected the absolute path of a program, found ${program}`;
  report('HA_CONF_RELATIVE_PATH', entry, message, 'Write the path from the root on.');
  return null;
}

function checkCommand(entry: IniEntry, report: Report): readonly string[] | null {
  const verb = checkVerb(entry, report);
  if (verb === null || verb.kind === 'command') return verb?.words ?? null;
  return bad(entry, 'a command', report, 'Write the absolute path of a program and its words.');
}

function badCommand(entry: IniEntry, failure: WordsFailure, report: Report): null {
  if (failure.kind === 'shell') {
    const message = `${entry.key} expected a command without a shell, found ${quote(failure.at)}`;
    report('HA_CONF_SHELL', entry, message);
    return null;
  }
  const expected = {
    quote: 'closing quotes',
    many: 'fewer words',
    empty: 'yes, no, a number or a command',
  }[failure.kind];
  return bad(entry, expected, report);
}

function checkText(entry: IniEntry, type: string, report: Report): string | null {
  const text = entry.raw;
  switch (type) {
    case 'name':
      if (isName(text)) return text;
      report('HA_CONF_BAD_NAME', entry, `${entry.key} expected a name, found ${quote(text)}`);
      return null;
    case 'address':
      return isAddress(text) ? text : bad(entry, 'an IPv4 address as 192.168.1.10', report);
    case 'group': {
      const hint = 'Write a group of 239.0.0.0/8, as 239.192.71.1.';
      return isGroup(text) ? text : bad(entry, 'an IPv4 multicast group', report, hint);
    }
    case 'path':
      if (isPath(text)) return text;
      report(
        'HA_CONF_RELATIVE_PATH',
        entry,
        `${entry.key} expected an absolute path, found ${quote(text)}`,
      );
      return null;
    case 'file':
      if (isPath(text) || isName(text)) return text;
      report(
        'HA_CONF_RELATIVE_PATH',
        entry,
        `${entry.key} expected an absolute path or a file name in SERVICE.d, found ${quote(text)}`,
      );
      return null;
    case 'text':
      return text === '' ? bad(entry, 'a text', report) : text;
    default:
      return /^\S+$/.test(text) ? text : bad(entry, 'one word', report);
  }
}

/** Absolute, and no part of it leads back up. */
export function isPath(text: string): boolean {
  return text.startsWith('/') && text.length > 1 && !text.split('/').includes('..');
}
