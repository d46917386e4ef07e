/**
 * One key of an ini file set or taken away, as `ha config set` and `unset` do: all other lines stay
 * byte for byte, and of the line itself its indentation, its spelling and its comment. What was
 * written is read back before it counts.
 */

import {err, ok, type Result} from '../kernel/result.ts';
import type {ConfigCode} from './codes.ts';
import {quote, silent} from './findings.ts';
import {readIni, stripComment, unquote, type IniEntry, type IniSection} from './ini.ts';
import {valueCharsMax} from './limits.ts';

/** Where a value stands: `[section]`, `key` or `key@scope`. */
export interface KeyPath {
  readonly section: string;
  readonly key: string;
  readonly scope: string | null;
}

interface Lines {
  /** Each with its end of line. */
  readonly lines: readonly string[];
  readonly end: string;
}

const linePattern = /[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g;

/** The text with that value; the section is made at the end of the file where there is none. */
export function setKey(text: string, path: KeyPath, value: string): Result<string> {
  const fault = faultOf(path, value);
  if (fault !== null) return fault;
  const written = quoted(value);
  if (written === null) {
    return refusal('HA_CONF_BAD_VALUE', 'expected a value that one pair of quotes can hold');
  }
  const found = find(text, path);
  const edited =
    found.entry === null
      ? inserted(text, found.section, {path, written})
      : replaced(text, found.entry, written);
  const back = find(edited, path).entry;
  const others = rest(edited, path) === rest(text, path);
  if (others && back !== null && unquote(back.raw) === value) return ok(edited);
  const name = `${path.section}.${nameOf(path)}`;
  return refusal('HA_CONF_SYNTAX', `expected to read ${quote(value)} back from ${name}`);
}

/** The text without that key, and without its continuation lines. */
export function unsetKey(text: string, path: KeyPath): Result<string> {
  const {entry} = find(text, path);
  if (entry === null) {
    const name = `${path.section}.${nameOf(path)}`;
    return refusal('HA_CONF_NO_SUCH_KEY', `expected ${name} in the file, found no such key`);
  }
  const {lines} = split(text);
  const gone = linesOf(lines, entry.line);
  const edited = lines.filter((_, index) => !gone.includes(index)).join('');
  if (rest(edited, path) === rest(text, path) && find(edited, path).entry === null) {
    return ok(edited);
  }
  const name = `${path.section}.${nameOf(path)}`;
  return refusal('HA_CONF_SYNTAX', `expected the file without ${name} to say the same of all else`);
}

/** All values but one, to see that an edit changed no other. */
function rest(text: string, path: KeyPath): string {
  const {sections} = readIni('', text, silent);
  const lines = sections.flatMap(({name, entries}) =>
    entries
      .filter((one) => name !== path.section || nameOf(one) !== nameOf(path))
      .map(({key, scope, raw}) => JSON.stringify([name, key, scope, raw])),
  );
  return lines.join('\n');
}

/** The entry in force of exactly this path, or null. */
export function findKey(text: string, path: KeyPath): IniEntry | null {
  return find(text, path).entry;
}

function find(
  text: string,
  {section: name, key, scope}: KeyPath,
): {readonly section: IniSection | null; readonly entry: IniEntry | null} {
  const {sections} = readIni('', text, silent);
  const section = sections.find((one) => one.name === name) ?? null;
  const entry = section?.entries.find(
    (one) => one.key === key && one.scope?.toLowerCase() === scope?.toLowerCase(),
  );
  return {section, entry: entry ?? null};
}

function nameOf({key, scope}: Pick<KeyPath, 'key' | 'scope'>): string {
  return scope === null ? key : `${key}@${scope.toLowerCase()}`;
}

function faultOf(path: KeyPath, value: string): Result<never> | null {
  if (!/^[^[\]\s#;](?:[^[\]\p{Cc};]*[^[\]\s;])?$/u.test(path.section)) {
    return refusal(
      'HA_CONF_BAD_NAME',
      `expected the name of a section, found ${quote(path.section)}`,
    );
  }
  if (!/^[a-z_][a-z0-9_.+-]*$/.test(path.key) || !/^[\w.-]+$/.test(path.scope ?? 'x')) {
    return refusal(
      'HA_CONF_BAD_NAME',
      `expected a key as key or key@node, found ${quote(nameOf(path))}`,
    );
  }
  if (/\p{Cc}/u.test(value) || value.length > valueCharsMax || value !== value.trim()) {
    const expected = `one line of at most ${valueCharsMax} characters without blanks around it`;
    return refusal('HA_CONF_BAD_VALUE', `expected ${expected}, found ${quote(value)}`);
  }
  return null;
}

function refusal(
  code: ConfigCode,
  message: string,
): {readonly ok: false; readonly error: {code: string; message: string}} {
  return err({code, message});
}

/** As it is, where it is read back so; else in quotes; null where neither can hold it. */
function quoted(value: string): string | null {
  for (const text of [value, `"${value}"`, `'${value}'`]) {
    if (stripComment(`k = ${text}`) === `k = ${text}`.trimEnd() && unquote(text) === value)
      return text;
  }
  return null;
}

function split(text: string): Lines {
  const lines = text.match(linePattern) ?? [];
  return {lines, end: /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'};
}

/** Indices of the line of an entry (counted from 1) and of the deeper ones that continue it. */
function linesOf(lines: readonly string[], line: number): readonly number[] {
  const indices = [line - 1];
  const depth = depthOf(lines[line - 1]!);
  for (let at = line; at < lines.length; at += 1) {
    const text = lines[at]!.trim();
    if (text === '') break;
    if (stripComment(text) === '') continue;
    if (depthOf(lines[at]!) <= depth) break;
    indices.push(at);
  }
  return indices;
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}

function replaced(text: string, entry: IniEntry, written: string): string {
  const {lines} = split(text);
  const more = linesOf(lines, entry.line).slice(1);
  return lines
    .map((line, index) => (index === entry.line - 1 ? withValue(line, written) : line))
    .filter((_, index) => !more.includes(index))
    .join('');
}

/** The comment keeps its column where the value leaves it room. */
function withValue(line: string, written: string): string {
  const [, head = '', body = '', end = ''] =
    /^(\s*[A-Za-z_][\w.+-]*(?:@[\w.-]+)?\s*[=:][ \t]*)([^\r\n]*)([\r\n]*)$/.exec(line) ?? [];
  const kept = stripComment(`k = ${body}`).slice('k = '.length);
  if (kept === written) return line;
  const comment = body.slice(kept.length);
  const gap = comment.trimStart() === '' ? '' : comment;
  const spare = kept.length - written.length;
  const blanks = gap.length - gap.trimStart().length;
  const filled = gap === '' ? '' : ' '.repeat(Math.max(1, blanks + spare)) + gap.trimStart();
  return `${head}${written}${filled}${end}`;
}

function inserted(
  text: string,
  section: IniSection | null,
  {path, written}: {readonly path: KeyPath; readonly written: string},
): string {
  const {lines, end} = split(text);
  const name = path.scope === null ? path.key : `${path.key}@${path.scope}`;
  const line = `${name} = ${written}`.trimEnd() + end;
  const whole = [...lines];
  const last = whole.at(-1);
  if (last !== undefined && !/[\r\n]$/.test(last)) whole[whole.length - 1] = last + end;
  if (section === null) {
    const gap = whole.length === 0 || whole.at(-1)!.trim() === '' ? [] : [end];
    return [...whole, ...gap, `[${path.section}]${end}`, line].join('');
  }
  const after = section.entries.at(-1)?.line ?? section.line;
  const used = section.entries.length === 0 ? [after - 1] : linesOf(whole, after);
  const indent = /^[ \t]*/.exec(whole[after - 1]!)![0];
  return whole.toSpliced(used.at(-1)! + 1, 0, indent + line).join('');
}
