/**
 * `ha config edit`: an editor over a copy, which takes the place of the file once nothing gets
 * worse by it. What was typed is never lost: a copy that is refused can be edited again, or stays.
 */

import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {splitWords} from '../../config/words.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {printable} from '../../status/text.ts';
import type {Invocation} from '../invocation.ts';
import {misuse} from '../usage.ts';
import {accepts, install} from './change-service.ts';
import type {ServiceFile} from './service-file.ts';

/** Tries of one call: whoever needs more begins again. */
const triesMax = 20;

export async function editService(invocation: Invocation, opened: ServiceFile): Promise<number> {
  const {world, command} = invocation;
  const editor = splitWords(world.env['VISUAL'] ?? world.env['EDITOR'] ?? 'vi');
  if (!world.canAsk) return misuse(world, command, 'edit expected a terminal, found none');
  if (!editor.ok) return misuse(world, command, 'expected the words of a program in EDITOR');
  const folder = await mkdtemp(join(tmpdir(), 'ha-config-'));
  const copy = join(folder, opened.file);
  await writeFile(copy, opened.text, {mode: 0o600});
  for (let count = 1; ; count += 1) {
    const failure = await world.runAtTerminal([...editor.value, copy]);
    if (failure !== null) return keep(invocation, copy, failure);
    const text = await readFile(copy, 'utf8');
    if (await accepts(invocation, opened, text)) {
      const exit = await install(invocation, opened, text);
      if (exit === exitCodes.failed) return keep(invocation, copy, 'it was not written');
      await rm(folder, {recursive: true});
      return exit;
    }
    const answer = count === triesMax ? null : await world.ask('Edit again? (yes/no) ');
    if (!/^y/i.test(answer ?? '')) return keep(invocation, copy, 'it has new errors');
  }
}

function keep({world}: Invocation, copy: string, why: string): number {
  world.stderr.write(`${printable(`not changed: ${why}. What you wrote is in ${copy}`)}\n`);
  return exitCodes.configuration;
}
