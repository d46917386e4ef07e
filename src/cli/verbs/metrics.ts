/** `ha metrics`: an unreachable daemon still makes a valid page, with `ha_up 0`. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {metricsText} from '../../status/metrics.ts';
import {ask, nodeFlag, viewOf} from '../ask.ts';
import type {Invocation} from '../invocation.ts';

export async function metrics(invocation: Invocation): Promise<number> {
  const answer = await ask(invocation, {op: 'view', node: nodeFlag(invocation)});
  const view = answer.ok ? viewOf(answer.value) : null;
  invocation.world.stdout.write(metricsText(view));
  return view === null ? exitCodes.unreachable : exitCodes.done;
}
