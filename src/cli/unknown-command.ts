/** The answer to a name that is no command. */

import {exitCodes} from '../kernel/exit-codes.ts';
import {printable} from '../status/text.ts';
import {suggestion} from './help.ts';
import type {World} from './world.ts';

export function unknownCommand(world: World, name: string): number {
  world.stderr.write(`ha: no command is called "${printable(name)}"${suggestion(name)}\n`);
  world.stderr.write('All of them: ha help\n');
  return exitCodes.usage;
}
