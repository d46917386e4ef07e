/**
 * Dangerous orders: a person at a terminal is asked and must type `yes`; where nobody can be asked
 * the order needs its flag, so that no script does by accident what nobody decided.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {Invocation} from './invocation.ts';

export interface Danger {
  /** Without the dashes: `yes`, `i-have-checked`. */
  readonly flag: string;
  /** What will happen and what must be true before, one or two sentences. */
  readonly warning: string;
}

/** null: go on. A number is the exit code of a refusal that was explained. */
export async function confirm(invocation: Invocation, danger: Danger): Promise<number | null> {
  const {flags, world} = invocation;
  if (flags[danger.flag] === true || flags['dry-run'] === true) return null;
  if (world.canAsk && flags['json'] !== true) {
    world.stderr.write(`${danger.warning}\n`);
    const answer = await world.ask('Type yes to go on: ');
    if (answer?.trim().toLowerCase() === 'yes') return null;
    world.stderr.write('Nothing was done.\n');
    return exitCodes.unsafe;
  }
  world.stderr.write(`ha: refused: ${danger.warning}\n`);
  world.stderr.write(`Where nobody can be asked, this needs --${danger.flag}.\n`);
  return exitCodes.unsafe;
}
