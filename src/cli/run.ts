/** One command line, from the name it was called by to its exit code. */

import {findCommand} from './commands.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import {runCommand} from './run-command.ts';
import type {World} from './world.ts';

/** Our own name, and those under which the program is run from a checkout. */
const ownNames = new Set(['ha', 'main.js', 'main.ts']);

export async function run(world: World): Promise<number> {
  if (!ownNames.has(world.programName)) {
    const {runAs} = await import('./program-names.ts');
    return runAs(world);
  }
  const at = await commandAt(world.args);
  if (at < 0) return withoutCommand(world);
  const name = world.args[at]!;
  const rest = world.args.toSpliced(at, 1);
  if (name === 'service' || name === 'openha' || isOpenhaHb(name, rest)) {
    const {runOpenha} = await import('./openha/run-openha.ts');
    return runOpenha(world, name, rest);
  }
  const command = findCommand(name);
  if (command !== undefined) return runCommand(world, command, rest);
  const {unknownCommand} = await import('./unknown-command.ts');
  return unknownCommand(world, name);
}

/** Where the command stands; options may come before it. */
async function commandAt(args: readonly string[]): Promise<number> {
  if (args[0]?.startsWith('-') === false) return 0;
  const {commandIndex} = await import('./parse.ts');
  return commandIndex(args);
}

/** `ha hb` alone is ours; with one of OpenHA's options it is OpenHA's. */
function isOpenhaHb(name: string, args: readonly string[]): boolean {
  return name === 'hb' && args.some((word) => /^-[sar]/.test(word));
}

async function withoutCommand(world: World): Promise<number> {
  if (world.args.includes('--version')) {
    const {versionText} = await import('./verbs/version.ts');
    world.stdout.write(versionText());
    return exitCodes.done;
  }
  const {overviewHelp} = await import('./help.ts');
  const asked = world.args.includes('--help') || world.args.includes('-h');
  (asked ? world.stdout : world.stderr).write(overviewHelp());
  return asked ? exitCodes.done : exitCodes.usage;
}
