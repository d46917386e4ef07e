/** `ha hb`: the links. With -s, -a or -r the line is OpenHA's and never comes here. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {blank, faded} from '../../status/lines.ts';
import {links} from '../../status/links.ts';
import {aged} from '../../status/model.ts';
import {staleLines} from '../../status/overview.ts';
import {askView} from '../ask.ts';
import type {Invocation} from '../invocation.ts';
import {printJson, printLines} from '../print.ts';

export async function hb(invocation: Invocation): Promise<number> {
  const seen = await askView(invocation);
  if (typeof seen === 'number') return seen;
  const {view, stale} = seen;
  if (invocation.flags['json'] === true) {
    const {cluster, node, at} = view;
    printJson(invocation.world, {cluster, node, at, stale, links: view.media});
  } else if (stale === null) printLines(invocation.world, links(view));
  else {
    const known = links(aged(view, stale.ageMs));
    printLines(invocation.world, [...staleLines(stale), blank, ...faded(known)]);
  }
  return stale === null ? exitCodes.done : exitCodes.unreachable;
}
