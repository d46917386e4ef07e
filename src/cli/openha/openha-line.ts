/** A line of OpenHA's programs, our own options taken out. */

import type {Flags} from '../parse.ts';
import type {Paths} from '../paths.ts';
import type {World} from '../world.ts';

export interface OpenhaLine {
  readonly world: World;
  readonly paths: Paths;
  readonly flags: Flags;
  /** Options and operands as OpenHA knows them. */
  readonly words: readonly string[];
}
