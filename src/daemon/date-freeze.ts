/**
 * A freeze as it comes in a request says how long from now; by whom and since when is ours to say,
 * because the client's clock and word are not.
 */

import type {Command, FreezeInfo} from '../engine/types.ts';
import type {BothClocks} from './facts-format.ts';

/** The command with its freeze on the clocks of this daemon; other commands as they are. */
export function dateFreeze(command: Command, by: string, clocks: BothClocks): Command {
  if (!('freeze' in command)) return command;
  return {...command, freeze: date(command.freeze, by, clocks)};
}

function date(freeze: FreezeInfo, by: string, clocks: BothClocks): FreezeInfo {
  const {nowMs, wallMs} = clocks;
  const forMs = freeze.untilMs;
  return {
    by,
    why: freeze.why,
    since: new Date(wallMs).toISOString(),
    untilMs: forMs === null ? null : nowMs + forMs,
    until: forMs === null ? null : new Date(wallMs + forMs).toISOString(),
  };
}
