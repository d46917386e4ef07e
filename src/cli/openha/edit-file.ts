/**
 * One of OpenHA's files, changed by one line: written beside and renamed, so that a reader sees the
 * old file or the new one. The daemon is then told to read again; where none runs, the next will.
 */

import {readFile, stat} from 'node:fs/promises';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {Result} from '../../kernel/result.ts';
import {printable} from '../../status/text.ts';
import {ask} from '../ask.ts';
import {replaceFile} from '../replace-file.ts';
import type {OpenhaLine} from './openha-line.ts';

export interface Edit {
  /** `services` or `monitor`. */
  readonly file: string;
  edit(text: string): Result<string>;
  /** OpenHA's words for success and failure, on stdout. */
  readonly done: string;
  readonly failed: string;
}

export async function editFile(line: OpenhaLine, change: Edit): Promise<number> {
  const {world, paths} = line;
  const path = `${paths.conf}/${change.file}`;
  const complain = (reason: string): number => {
    world.stdout.write(change.failed);
    world.stderr.write(`${printable(`${path}: ${reason}`)}\n`);
    return exitCodes.failed;
  };
  try {
    const {text, mode} = await contentOf(path);
    const edited = change.edit(text);
    if (!edited.ok) {
      const {message, hint} = edited.error;
      return complain(hint === undefined ? message : `${message}. ${hint}`);
    }
    await replaceFile(path, edited.value, mode);
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
  world.stdout.write(change.done);
  return reload(line);
}

/** A file that is not there yet is empty. */
async function contentOf(path: string): Promise<{text: string; mode: number}> {
  try {
    return {text: await readFile(path, 'utf8'), mode: (await stat(path)).mode & 0o777};
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) throw error;
    return {text: '', mode: 0o644};
  }
}

/** A daemon that refuses the new files keeps the old ones: the change is there, but not alive. */
async function reload(line: OpenhaLine): Promise<number> {
  const answer = await ask(line, {op: 'reload', node: null});
  if (!answer.ok) {
    if (answer.error.code === 'HA_DAEMON_UNREACHABLE') return exitCodes.done;
    line.world.stderr.write(`${printable(answer.error.message)}\n`);
    return exitCodes.unreachable;
  }
  const {exit, text} = answer.value;
  if (exit !== exitCodes.done) line.world.stderr.write(`${printable(text)}\n`);
  return exit;
}
