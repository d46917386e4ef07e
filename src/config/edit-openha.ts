/**
 * What `service -a`, `service -r`, `hb -a` and `hb -r` do to OpenHA's files: one line is added or
 * taken away, all others stay byte for byte, comments and odd spacing included.
 */

import {servicesMax} from '../kernel/limits.ts';
import {err, ok, type Result} from '../kernel/result.ts';
import type {ConfigCode} from './codes.ts';
import {quote, silent} from './findings.ts';
import {fieldLines, monitorLine, serviceLine} from './openha-lines.ts';

/** A line of the services file, as `service -a` is given it. */
export interface ServiceFields {
  readonly name: string;
  readonly script: string;
  readonly primary: string;
  readonly secondary: string;
  /** `/bin/true` for none. */
  readonly check: string;
}

const nowhere = {file: '', line: 0};

/** The services file with one more line, tab separated; refused where the name is there already. */
export function addService(text: string, fields: ServiceFields): Result<string> {
  const {name, script, primary, secondary, check} = fields;
  const words = [name, script, primary, secondary, check];
  const parsed = serviceLine(words, nowhere);
  if (words.some(hasBlank))
    return refusal('HA_CONF_SERVICES_LINE', 'expected no blanks in a field');
  if (typeof parsed === 'string') return refusal('HA_CONF_SERVICES_LINE', `expected ${parsed}`);
  if (primary === secondary) {
    return refusal('HA_CONF_DUPLICATE_NODE', `expected two nodes, found ${primary} twice`);
  }
  const lines = fieldLines('services', text, silent);
  if (lines.some((line) => line.fields[0] === name)) {
    return refusal('HA_CONF_DUPLICATE_SERVICE', `service ${name} is defined already`);
  }
  if (lines.length >= servicesMax) {
    return refusal('HA_CONF_TOO_MANY', `expected at most ${servicesMax} services`);
  }
  return ok(withLine(text, words.join('\t')));
}

/** The services file without the line of that service. */
export function removeService(text: string, name: string): Result<string> {
  const lines = fieldLines('services', text, silent);
  const line = lines.find(({fields}) => fields[0] === name);
  if (line === undefined) return refusal('HA_CONF_NO_SUCH_LINE', `no service ${quote(name)}`);
  return ok(withoutLine(text, line.line));
}

/** The monitor file with one more line. `words`: node, type and the rest, as in the file. */
export function addMonitorLine(text: string, words: readonly string[]): Result<string> {
  const parsed = monitorLine(words, nowhere);
  if (words.some(hasBlank)) return refusal('HA_CONF_MONITOR_LINE', 'expected no blanks in a field');
  if (typeof parsed === 'string') return refusal('HA_CONF_MONITOR_LINE', `expected ${parsed}`);
  const written = words.slice(0, -1).join(' ');
  const lines = fieldLines('monitor', text, silent);
  if (lines.some(({fields}) => fields.slice(0, -1).join(' ') === written)) {
    return refusal('HA_CONF_DUPLICATE_ENDPOINT', `${quote(written)} is there already`);
  }
  return ok(withLine(text, words.join(' ')));
}

/** The monitor file without the one line that begins with `words`; the TIMEOUT may be left out. */
export function removeMonitorLine(text: string, words: readonly string[]): Result<string> {
  const wanted = words.join(' ');
  const found = fieldLines('monitor', text, silent).filter(
    ({fields}) => fields.slice(0, words.length).join(' ') === wanted,
  );
  const [line, another] = found;
  if (line === undefined) return refusal('HA_CONF_NO_SUCH_LINE', `no line ${quote(wanted)}`);
  if (another !== undefined) {
    return refusal('HA_CONF_MONITOR_LINE', `${found.length} lines begin with ${quote(wanted)}`);
  }
  return ok(withoutLine(text, line.line));
}

function hasBlank(word: string): boolean {
  return /[\s\p{Cc}]/u.test(word);
}

function refusal(code: ConfigCode, message: string): Result<never> {
  return err({code, message});
}

function withLine(text: string, line: string): string {
  const ends = text === '' || text.endsWith('\n') || text.endsWith('\r');
  return `${text}${ends ? '' : '\n'}${line}\n`;
}

/** `number` counts from 1, with the same line ends as the reader knows. */
function withoutLine(text: string, number: number): string {
  const lines = text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? [];
  return lines.filter((_, index) => index !== number - 1).join('');
}
