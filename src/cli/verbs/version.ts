/** `ha version`: the client's, and the daemon's where one answers. */

import {readFileSync} from 'node:fs';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {ask, viewOf} from '../ask.ts';
import type {Invocation} from '../invocation.ts';
import {printJson} from '../print.ts';

/** `ha 0.1.0` and a newline. */
export function versionText(): string {
  return `ha ${ownVersion()}\n`;
}

function ownVersion(): string {
  const path = new URL('../../../package.json', import.meta.url);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as {version: string};
  return manifest.version;
}

export async function version(invocation: Invocation): Promise<number> {
  const {world, flags} = invocation;
  const answer = await ask(invocation, {op: 'view', node: null});
  const daemon = answer.ok ? (viewOf(answer.value)?.version ?? null) : null;
  if (flags['json'] === true) printJson(world, {client: ownVersion(), daemon});
  else {
    world.stdout.write(versionText());
    world.stdout.write(daemon === null ? 'no daemon answers here\n' : `daemon ${daemon}\n`);
  }
  return exitCodes.done;
}
