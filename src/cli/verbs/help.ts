/** `ha help [COMMAND]`. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {printable} from '../../status/text.ts';
import {findCommand} from '../commands.ts';
import {commandHelp, overviewHelp, suggestion} from '../help.ts';
import type {Invocation} from '../invocation.ts';

export async function help({world, operands}: Invocation): Promise<number> {
  const [name] = operands;
  if (name === undefined) {
    world.stdout.write(overviewHelp());
    return exitCodes.done;
  }
  const command = findCommand(name);
  if (command === undefined) {
    world.stderr.write(`ha: no command is called "${printable(name)}"${suggestion(name)}\n`);
    return exitCodes.usage;
  }
  world.stdout.write(commandHelp(command));
  return exitCodes.done;
}
