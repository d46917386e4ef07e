/** `ha config print SVC`, `get` and `validate`: nothing is written, and no daemon is asked. */

import {findKey, type KeyPath} from '../../config/edit-ini.ts';
import {silent} from '../../config/findings.ts';
import {readIni, unquote} from '../../config/ini.ts';
import {parseKeyPath} from '../../config/key-path.ts';
import type {LanguageFailure} from '../../config/language/language.ts';
import {
  evaluateKey,
  evaluateService,
  readers,
  type EvaluatedSection,
} from '../../config/service-values.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {printable} from '../../status/text.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import {printJson, printLines} from '../print.ts';
import {openServiceFile, type ServiceFile} from './service-file.ts';

export async function readService(invocation: Invocation): Promise<number> {
  const {operands, flags, world} = invocation;
  if (operands[0] === 'validate') return validate(invocation);
  const opened = await openServiceFile(invocation);
  if (typeof opened === 'number') return opened;
  const evaluates = flags['eval'] === true || flags['impersonate'] !== undefined;
  if (operands[0] === 'print' && !evaluates) return printWritten(invocation, opened);
  const node = nodeOf(invocation, opened);
  if (node === null) return exitCodes.noSuch;
  if (operands[0] === 'get') return get(invocation, opened, evaluates ? node : null);
  const sections = evaluateService(opened.loaded.files, opened.service, node);
  if (flags['json'] === true) printJson(world, objectOf(sections));
  else world.stdout.write(textOf(sections));
  const failures = sections.flatMap(({keys}) => keys.flatMap(({failure}) => failure ?? []));
  return complain(invocation, failures);
}

/** Without SVC all files; with it, what is said of its file. 78 where an error is among it. */
async function validate(invocation: Invocation): Promise<number> {
  const {world, paths, flags, operands} = invocation;
  const service = operands[1];
  const opened = service === undefined ? null : await openServiceFile(invocation);
  if (typeof opened === 'number') return opened;
  const {findings} = opened === null ? await loadConfiguration(paths) : opened.loaded;
  const own = opened === null ? findings : findings.filter(({file}) => file === opened.file);
  if (flags['json'] === true) printJson(world, {findings: own});
  else printLines(world, findingLines(opened?.path ?? paths.conf, own));
  const refused = own.some(({severity}) => severity === 'error');
  return refused ? exitCodes.configuration : exitCodes.done;
}

function printWritten({world, flags}: Invocation, {file, text}: ServiceFile): number {
  if (flags['json'] !== true) {
    world.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return exitCodes.done;
  }
  const {sections} = readIni(file, text, silent);
  const keysOf = ({entries}: (typeof sections)[number]): object =>
    Object.fromEntries(
      entries.map(({key, scope, raw}) => [scope === null ? key : `${key}@${scope}`, unquote(raw)]),
    );
  printJson(world, Object.fromEntries(sections.map((section) => [section.name, keysOf(section)])));
  return exitCodes.done;
}

/** The node that reads; null after it was said that there is none of that name. */
function nodeOf({flags, world}: Invocation, {loaded, service}: ServiceFile): string | null {
  const wanted = flags['impersonate'];
  if (typeof wanted !== 'string') return loaded.files.facts.nodeName;
  const known = readers(loaded.files, service);
  const found = known.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  world.stderr.write(`ha: no node is called "${printable(wanted)}". Known: ${known.join(', ')}\n`);
  return null;
}

/** One line per `--kw`; `node` null: as written. */
function get(invocation: Invocation, opened: ServiceFile, node: string | null): number {
  const {world, flags} = invocation;
  const sections = readIni(opened.file, opened.text, silent).sections.map(({name}) => name);
  const values: Record<string, string> = {};
  const failures: LanguageFailure[] = [];
  for (const name of flags['kw'] as readonly string[]) {
    const path = parseKeyPath(name, sections);
    if (!path.ok) {
      world.stderr.write(`ha: ${printable(path.error.message)}. ${path.error.hint ?? ''}\n`);
      return exitCodes.usage;
    }
    const value = valueOf(opened, path.value, node);
    if (value === null) {
      world.stderr.write(`ha: ${printable(`${opened.file} has no ${name}`)}\n`);
      return exitCodes.noSuch;
    }
    if (value.failure !== null) failures.push(value.failure);
    values[name] = value.value;
  }
  if (flags['json'] === true) printJson(world, values);
  else
    world.stdout.write(
      Object.values(values)
        .map((value) => `${printable(value)}\n`)
        .join(''),
    );
  return complain(invocation, failures);
}

function valueOf(
  {loaded, service, text}: ServiceFile,
  path: KeyPath,
  node: string | null,
): {readonly value: string; readonly failure: LanguageFailure | null} | null {
  if (node !== null) return evaluateKey(loaded.files, service, {path, node});
  const entry = findKey(text, path);
  return entry === null ? null : {value: unquote(entry.raw), failure: null};
}

function complain({world}: Invocation, failures: readonly LanguageFailure[]): number {
  for (const {file, line, message, hint, code} of failures) {
    const more = hint === undefined ? '' : ` ${hint}`;
    world.stderr.write(`${printable(`${file}:${line}: ${message} (${code})${more}`)}\n`);
  }
  return failures.length === 0 ? exitCodes.done : exitCodes.configuration;
}

function textOf(sections: readonly EvaluatedSection[]): string {
  const blocks = sections.map(({name, keys}) =>
    [`[${name}]`, ...keys.map(({key, value}) => `${key} = ${value}`)]
      .map((line) => `${printable(line)}\n`)
      .join(''),
  );
  return blocks.join('\n');
}

function objectOf(sections: readonly EvaluatedSection[]): object {
  return Object.fromEntries(
    sections.map(({name, keys}) => [
      name,
      Object.fromEntries(keys.map(({key, value}) => [key, value])),
    ]),
  );
}
