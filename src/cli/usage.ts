/** Complaints about a line: what is wrong with it, then what to write. */

import {exitCodes} from '../kernel/exit-codes.ts';
import {printable} from '../status/text.ts';
import type {CommandSpec} from './commands.ts';
import type {World} from './world.ts';

export function misuse(world: World, command: CommandSpec, text: string): number {
  const example = command.examples[0]?.[0] ?? `ha ${command.name}`;
  world.stderr.write(`ha ${command.name}: ${printable(text)}\n`);
  world.stderr.write(`Write, for example: ${example}\nMore: ha help ${command.name}\n`);
  return exitCodes.usage;
}
