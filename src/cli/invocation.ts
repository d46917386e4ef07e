/** What a command gets and gives. */

import type {CommandSpec} from './commands.ts';
import type {Flags} from './parse.ts';
import type {Paths} from './paths.ts';
import type {World} from './world.ts';

export interface Invocation {
  readonly command: CommandSpec;
  readonly operands: readonly string[];
  readonly flags: Flags;
  readonly paths: Paths;
  readonly world: World;
}

/** Gives the exit code (docs/exit-codes.md). */
export type Verb = (invocation: Invocation) => Promise<number>;
