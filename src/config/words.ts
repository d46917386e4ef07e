/**
 * A command line to an argument vector, without a shell: blanks separate, single quotes keep
 * everything, double quotes keep blanks, a backslash keeps the next character. What only a shell
 * would understand is refused, because passing it on as text would do something else in silence.
 */

import {err, ok, type Result} from '../kernel/result.ts';
import {wordsMax} from './limits.ts';

/** `shell`: needs a shell, with the text that does; `quote`: a quote is not closed. */
export interface WordsFailure {
  readonly kind: 'shell' | 'quote' | 'many' | 'empty';
  readonly at: string;
}

interface Scan {
  readonly words: string[];
  /** The word under way; null between two words. */
  word: string | null;
}

export function splitWords(text: string): Result<readonly string[], WordsFailure> {
  const scan: Scan = {words: [], word: null};
  let index = 0;
  while (index < text.length) {
    const next = scanAt(scan, text, index);
    if (typeof next !== 'number') return err(next);
    index = next;
  }
  endWord(scan);
  if (scan.words.length === 0) return err({kind: 'empty', at: ''});
  if (scan.words.length > wordsMax) return err({kind: 'many', at: `${scan.words.length}`});
  return ok(scan.words);
}

/** Reads one unit at `index`; the index after it, or why it can not be read. */
function scanAt(scan: Scan, text: string, index: number): number | WordsFailure {
  const char = text[index]!;
  if (/\s/.test(char)) {
    endWord(scan);
    return index + 1;
  }
  if (char === "'" || char === '"') return scanQuoted(scan, text, index);
  if (char === '\\' && index + 1 < text.length) {
    append(scan, text[index + 1]!);
    return index + 2;
  }
  const shell = shellSyntax(text, index);
  if (shell !== null) return {kind: 'shell', at: shell};
  append(scan, char);
  return index + 1;
}

function scanQuoted(scan: Scan, text: string, start: number): number | WordsFailure {
  const mark = text[start]!;
  append(scan, '');
  let index = start + 1;
  while (index < text.length) {
    const char = text[index]!;
    if (char === mark) return index + 1;
    const escaped = mark === '"' && char === '\\' && /["\\$`]/.test(text[index + 1] ?? '');
    if (!escaped && mark === '"' && (char === '$' || char === '`')) {
      const shell = shellSyntax(text, index);
      if (shell !== null) return {kind: 'shell', at: shell};
    }
    append(scan, escaped ? text[index + 1]! : char);
    index += escaped ? 2 : 1;
  }
  return {kind: 'quote', at: text.slice(start, start + 20)};
}

/** The operator, substitution or variable that stands at `index`, or null. */
function shellSyntax(text: string, index: number): string | null {
  const match = /^(?:\|\|?|&&?|;|<<?|>>?|`|\$[({A-Za-z_])/.exec(text.slice(index, index + 2));
  return match === null ? null : match[0];
}

function append(scan: Scan, text: string): void {
  scan.word = (scan.word ?? '') + text;
}

function endWord(scan: Scan): void {
  if (scan.word !== null) scan.words.push(scan.word);
  scan.word = null;
}
