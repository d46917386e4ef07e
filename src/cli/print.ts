/** How commands write: text in colour where it is wanted, or JSON. */

import {toText, wantsColour} from '../status/lines.ts';
import type {Line} from '../status/lines.ts';
import type {Output, World} from './world.ts';

export function colourOf(world: World, output: Output = world.stdout): boolean {
  const {env} = world;
  return wantsColour({
    isTerminal: output.isTerminal,
    noColor: env['NO_COLOR'],
    term: env['TERM'],
  });
}

export function printLines(world: World, lines: readonly Line[]): void {
  world.stdout.write(toText(lines, {colour: colourOf(world)}));
}

export function printJson(world: World, value: unknown): void {
  world.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
