/** Parses the rest of a line for one command of the table and runs it. */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {CommandSpec} from './commands.ts';
import type {ParsedLine} from './parse.ts';
import {pathsOf} from './paths.ts';
import type {World} from './world.ts';

export async function runCommand(
  world: World,
  command: CommandSpec,
  args: readonly string[],
): Promise<number> {
  const line = await parse(command, args);
  if (typeof line === 'string') return complain(world, command, line);
  const {flags, operands} = line;
  if (flags['help'] === true) {
    const {commandHelp} = await import('./help.ts');
    world.stdout.write(commandHelp(command));
    return exitCodes.done;
  }
  const wrong = operandFault(command, operands);
  if (wrong !== null) return complain(world, command, wrong);
  const verb = await command.load();
  return verb({command, operands, flags, paths: pathsOf(world, flags), world});
}

/** A bare command needs no parser, and `ha status` is mostly typed bare. */
async function parse(command: CommandSpec, args: readonly string[]): Promise<ParsedLine | string> {
  if (args.length === 0) return {flags: {}, operands: []};
  const {parseLine} = await import('./parse.ts');
  return parseLine(command, args);
}

async function complain(world: World, command: CommandSpec, text: string): Promise<number> {
  const {misuse} = await import('./usage.ts');
  return misuse(world, command, text);
}

function operandFault(command: CommandSpec, operands: readonly string[]): string | null {
  if (operands.length < command.needed) {
    return `expected ${command.operands.slice(operands.length).join(' ')}, found nothing`;
  }
  const surplus = operands[command.operands.length];
  if (surplus === undefined) return null;
  const most = command.operands.length === 0 ? 'no operand' : command.operands.join(' ');
  return `expected ${most}, found "${surplus}" as well`;
}
