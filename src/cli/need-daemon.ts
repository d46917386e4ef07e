/** An order needs a living daemon: a remembered view is refused with what to type. */

import type {DaemonView} from '../control/types.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import {printable} from '../status/text.ts';
import type {SeenView} from './ask.ts';
import type {Invocation} from './invocation.ts';

export function needDaemon(
  {world}: Pick<Invocation, 'world'>,
  seen: SeenView | number,
): DaemonView | number {
  if (typeof seen === 'number') return seen;
  if (seen.stale === null) return seen.view;
  world.stderr.write(`ha: ${printable(seen.stale.why)} Nothing was done.\n`);
  for (const command of seen.stale.commands) world.stderr.write(`   -> ${command}\n`);
  return exitCodes.unreachable;
}
