/**
 * The ini dialect of OpenSVC, read with line numbers: `[section]`, `key = value`, `key@node =
 * value`, comments with `#` and `;` on their own line or after a blank, continuation lines that
 * are indented deeper than their key. Every oddity is a finding; reading goes on after it.
 */

import {quote, type Report} from './findings.ts';
import {sectionsMax, valueCharsMax} from './limits.ts';
import {readLines, type Line} from './lines.ts';
import type {Place} from './types.ts';

/** One `key@scope = raw`. Keys are lower case; raw keeps its quotes, without comments. */
export interface IniEntry extends Place {
  readonly key: string;
  /** The key in its own case, for names that are not ours. Absent: as `key`. */
  readonly written?: string;
  /** Text after `@`, as written, or null. */
  readonly scope: string | null;
  readonly raw: string;
}

export interface IniSection extends Place {
  readonly name: string;
  readonly entries: readonly IniEntry[];
}

export interface IniDocument {
  readonly file: string;
  /** In file order; of a section that stands twice only the first. */
  readonly sections: readonly IniSection[];
}

interface OpenSection extends Place {
  readonly name: string;
  readonly entries: IniEntry[];
}

interface ReaderState {
  readonly sections: OpenSection[];
  section: OpenSection | null;
  /** Indentation of the entry that a deeper line continues; null: none can be continued. */
  indent: number | null;
}

export function readIni(file: string, text: string, report: Report): IniDocument {
  const state: ReaderState = {sections: [], section: null, indent: null};
  for (const line of readLines(file, text, report)) readLine(state, line, report);
  return {file, sections: withoutDuplicates(state.sections, report)};
}

/** The value without the quotes around it, where it is quoted as a whole. */
export function unquote(raw: string): string {
  const match = /^(["'])(.*)\1$/.exec(raw);
  return match !== null && !match[2]!.includes(match[1]!) ? match[2]! : raw;
}

function readLine(state: ReaderState, line: Line, report: Report): void {
  const indent = line.text.length - line.text.trimStart().length;
  const content = stripComment(line.text.trim());
  if (content === '') {
    if (line.text.trim() === '') state.indent = null;
    return;
  }
  if (state.indent !== null && indent > state.indent) {
    continueEntry(state, content, report);
    return;
  }
  state.indent = null;
  if (content.startsWith('[')) openSection(state, {...line, text: content}, report);
  else if (addEntry(state, {...line, text: content}, report)) state.indent = indent;
}

function openSection(state: ReaderState, line: Line, report: Report): void {
  const match = /^\[\s*([^[\]]+?)\s*\]$/.exec(line.text);
  // The keys below a header that can not be used belong to nothing, and not to the section above.
  state.section = {file: line.file, line: line.line, name: match?.[1] ?? '', entries: []};
  if (match === null) {
    report('HA_CONF_SYNTAX', line, `expected "[section]", found ${quote(line.text)}`);
    return;
  }
  if (state.sections.length === sectionsMax) {
    const message = `expected at most ${sectionsMax} sections, found one more`;
    report('HA_CONF_TOO_MANY', line, message);
    return;
  }
  state.sections.push(state.section);
}

function addEntry(state: ReaderState, line: Line, report: Report): boolean {
  const match = /^([A-Za-z_][\w.+-]*)(?:@([\w.-]+))?\s*[=:]\s*(.*)$/.exec(line.text);
  if (match === null) {
    report('HA_CONF_SYNTAX', line, `expected "key = value", found ${quote(line.text)}`);
    return false;
  }
  if (state.section === null) {
    const message = `expected a section before the first key, found ${quote(match[1]!)}`;
    report('HA_CONF_SYNTAX', line, message, 'Write the line "[cluster]" or "[DEFAULT]" above it.');
    return false;
  }
  const {file, line: number} = line;
  const [, written = '', scope = null, raw = ''] = match;
  const key = written.toLowerCase();
  const own = key === written ? {} : {written};
  state.section.entries.push({file, line: number, key, ...own, scope, raw});
  return true;
}

function continueEntry(state: ReaderState, content: string, report: Report): void {
  const entries = state.section!.entries;
  const last = entries.pop()!;
  const raw = `${last.raw} ${content}`.trim();
  entries.push(raw.length <= valueCharsMax ? {...last, raw} : last);
  if (raw.length <= valueCharsMax) return;
  const message = `${last.key} expected at most ${valueCharsMax} characters, found more`;
  report('HA_CONF_VALUE_TOO_LONG', last, message);
}

/** A comment begins with `#` or `;` after a blank, outside quotes that begin and end a word. */
export function stripComment(text: string): string {
  let end = 0;
  while (end < text.length) {
    const char = text[end]!;
    const wordStart = end === 0 || /[\s=]/.test(text[end - 1]!);
    if ((char === '#' || char === ';') && wordStart && text[end - 1] !== '=') break;
    end = wordStart ? endOfQuoted(text, end) : end + 1;
  }
  return text.slice(0, end).trimEnd();
}

/** Behind the quotes that open at `start`; one further where none open, or where none close. */
function endOfQuoted(text: string, start: number): number {
  const pattern = text[start] === '"' ? /"(?:[^"\\]|\\.)*"/y : /'[^']*'/y;
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start + 1;
}

function withoutDuplicates(
  sections: readonly OpenSection[],
  report: Report,
): readonly IniSection[] {
  const first = new Map<string, IniSection>();
  for (const section of sections) {
    const earlier = first.get(section.name);
    if (earlier === undefined) {
      first.set(section.name, {...section, entries: uniqueEntries(section.entries, report)});
      continue;
    }
    const message = `expected [${section.name}] once, found it again after line ${earlier.line}`;
    report('HA_CONF_DUPLICATE_SECTION', section, message);
  }
  return [...first.values()];
}

function uniqueEntries(entries: readonly IniEntry[], report: Report): readonly IniEntry[] {
  const first = new Map<string, IniEntry>();
  for (const entry of entries) {
    const name = entry.scope === null ? entry.key : `${entry.key}@${entry.scope.toLowerCase()}`;
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, entry);
      continue;
    }
    const message = `expected ${quote(name)} once, found it again after line ${earlier.line}`;
    report('HA_CONF_DUPLICATE_KEY', entry, message);
  }
  return [...first.values()];
}
