/** Text to numbered lines, within the limits: the first step of every reader of this room. */

import type {Report} from './findings.ts';
import {fileBytesMax, lineCharsMax, linesMax} from './limits.ts';
import type {Place} from './types.ts';

export interface Line extends Place {
  readonly text: string;
}

/** The lines of a file; unusable ones are reported and left out, so that nothing shifts. */
export function readLines(file: string, text: string, report: Report): readonly Line[] {
  const whole: Place = {file, line: 0};
  if (text.length > fileBytesMax) {
    const found = `found ${text.length}`;
    report('HA_CONF_FILE_TOO_LARGE', whole, `expected at most ${fileBytesMax} bytes, ${found}`);
    return [];
  }
  const raw = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (raw.length > linesMax + 1) {
    report('HA_CONF_TOO_MANY', whole, `expected at most ${linesMax} lines, found ${raw.length}`);
    return [];
  }
  const lines: Line[] = [];
  for (const [index, content] of raw.entries()) {
    const line = {file, line: index + 1, text: content};
    if (usable(line, report)) lines.push(line);
  }
  return lines;
}

function usable(line: Line, report: Report): boolean {
  if (line.text.length > lineCharsMax) {
    const message = `expected at most ${lineCharsMax} characters, found ${line.text.length}`;
    report('HA_CONF_LINE_TOO_LONG', line, message);
    return false;
  }
  const control = /[^\t\P{Cc}]/u.exec(line.text);
  if (control === null) return true;
  const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
  const column = control.index + 1;
  const message = `expected text, found the control character 0x${code} in column ${column}`;
  report('HA_CONF_BAD_CHARACTER', line, message);
  return false;
}
