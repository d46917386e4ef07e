/**
 * `ha config set`, `unset` and `edit`: the new text is judged with all other files before it takes
 * the place of the old one, and refused where it would bring an error that was not there. No daemon
 * is needed; where one runs, it is told to read again.
 */

import {findKey, setKey, unsetKey} from '../../config/edit-ini.ts';
import {silent} from '../../config/findings.ts';
import {readIni, unquote} from '../../config/ini.ts';
import {reparse} from '../../config/io/read-directory.ts';
import {assignedValue, parseAssignment, parseKeyPath} from '../../config/key-path.ts';
import {newErrors, newFindings} from '../../config/service-values.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {HaError, Result} from '../../kernel/result.ts';
import {printable} from '../../status/text.ts';
import {ask} from '../ask.ts';
import {findingLines} from '../config-lines.ts';
import type {Invocation} from '../invocation.ts';
import {printLines} from '../print.ts';
import {replaceFile} from '../replace-file.ts';
import {openServiceFile, type ServiceFile} from './service-file.ts';

export async function changeService(invocation: Invocation): Promise<number> {
  const {operands} = invocation;
  const opened = await openServiceFile(invocation);
  if (typeof opened === 'number') return opened;
  if (operands[0] === 'edit') {
    const {editService} = await import('./edit-service.ts');
    return editService(invocation, opened);
  }
  const keys = invocation.flags['kw'] as readonly string[];
  const change = operands[0] === 'set' ? assigned : without;
  let text = opened.text;
  for (const key of keys) {
    const edited = change(text, key);
    if (!edited.ok) return explain(invocation, edited.error);
    text = edited.value;
  }
  return install(invocation, opened, text);
}

function sectionNames(text: string): readonly string[] {
  return readIni('', text, silent).sections.map(({name}) => name);
}

function assigned(text: string, word: string): Result<string> {
  const change = parseAssignment(word, sectionNames(text));
  if (!change.ok) return change;
  const old = findKey(text, change.value);
  const value = assignedValue(change.value, old === null ? null : unquote(old.raw));
  return value.ok ? setKey(text, change.value, value.value) : value;
}

function without(text: string, word: string): Result<string> {
  const path = parseKeyPath(word, sectionNames(text));
  return path.ok ? unsetKey(text, path.value) : path;
}

function explain({world}: Invocation, {code, message, hint}: HaError): number {
  world.stderr.write(`ha: ${printable(message)} (${code})\n`);
  if (hint !== undefined) world.stderr.write(`${printable(hint)}\n`);
  return code === 'HA_CONF_NO_SUCH_KEY' ? exitCodes.noSuch : exitCodes.usage;
}

/** True where the text was taken, or would be; else it was said why not. */
export async function accepts(
  invocation: Invocation,
  opened: ServiceFile,
  text: string,
): Promise<boolean> {
  const {world} = invocation;
  const after = await reparse(opened.loaded.files, new Map([[opened.file, text]]));
  const errors = newErrors(opened.loaded, after);
  const shown = errors.length > 0 ? errors : newFindings(opened.loaded, after);
  if (shown.length > 0) {
    printLines({...world, stdout: world.stderr}, findingLines(opened.path, shown));
  }
  return errors.length === 0;
}

/** Replaces the file, if nothing gets worse by it, and tells the daemon. */
export async function install(
  invocation: Invocation,
  opened: ServiceFile,
  text: string,
): Promise<number> {
  const {world, flags} = invocation;
  if (text === opened.text) {
    world.stdout.write(`${printable(opened.path)}: nothing to change\n`);
    return exitCodes.done;
  }
  if (!(await accepts(invocation, opened, text))) {
    world.stderr.write(`${printable(opened.path)}: left as it is\n`);
    return exitCodes.configuration;
  }
  if (flags['dry-run'] === true) {
    world.stdout.write(`${printable(opened.path)}: would be changed\n`);
    return exitCodes.done;
  }
  const failure = await replaced(opened, text);
  if (failure !== null) {
    world.stderr.write(`${printable(`${opened.path}: ${failure}`)}\n`);
    return exitCodes.failed;
  }
  world.stdout.write(`${printable(opened.path)}: changed\n`);
  return reload(invocation);
}

/** null, or why it was not replaced: somebody else's change since it was read is never lost. */
async function replaced(opened: ServiceFile, text: string): Promise<string | null> {
  const {readFile, stat} = await import('node:fs/promises');
  try {
    const now = await readFile(opened.path);
    if (now.toString('utf8') !== opened.text) {
      return 'it was changed by somebody else meanwhile; try again';
    }
    if (!now.equals(Buffer.from(opened.text))) {
      return 'it is not UTF-8, and its other lines would not stay as they are; use an editor';
    }
    const {mode} = await stat(opened.path);
    await replaceFile(opened.path, text, mode & 0o777);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A daemon that refuses the new files keeps the old ones in force, and says why. */
async function reload(invocation: Invocation): Promise<number> {
  const {world} = invocation;
  const answer = await ask(invocation, {op: 'reload', node: null});
  if (answer.ok) {
    const {exit, text} = answer.value;
    const said = text === '' ? 'the daemon has read it' : text;
    (exit === exitCodes.done ? world.stdout : world.stderr).write(`${printable(said)}\n`);
    return exit;
  }
  if (answer.error.code === 'HA_DAEMON_UNREACHABLE') {
    world.stdout.write('no daemon runs here; the next one reads it\n');
    return exitCodes.done;
  }
  world.stderr.write(`${printable(answer.error.message)}\n`);
  return exitCodes.unreachable;
}
