/** `ha completion SHELL`; `services` and `nodes` give the names that the scripts complete with. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {printable} from '../../status/text.ts';
import {askView} from '../ask.ts';
import {bashScript, fishScript, zshScript} from '../completion-scripts.ts';
import type {Invocation} from '../invocation.ts';
import {misuse} from '../usage.ts';

const scripts: Readonly<Record<string, () => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export async function completion(invocation: Invocation): Promise<number> {
  const {world, operands, command} = invocation;
  const what = operands[0]!;
  if (what === 'services' || what === 'nodes') return names(invocation, what);
  const script = Object.hasOwn(scripts, what) ? scripts[what] : undefined;
  if (script === undefined) {
    return misuse(world, command, `expected bash, zsh or fish, found "${what}"`);
  }
  world.stdout.write(script());
  return exitCodes.done;
}

/** Quiet in every case: nothing is worse than an error message in the middle of a command line. */
async function names(invocation: Invocation, what: 'services' | 'nodes'): Promise<number> {
  const {world} = invocation;
  const stderr = {...world.stderr, write: () => undefined};
  const seen = await askView({...invocation, world: {...world, stderr}});
  if (typeof seen === 'number') return exitCodes.done;
  for (const {name} of seen.view[what]) world.stdout.write(`${printable(name)}\n`);
  return exitCodes.done;
}
