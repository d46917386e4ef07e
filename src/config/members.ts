/** Lists of nodes: no node twice, no stranger. */

import type {Report} from './findings.ts';
import {nearest} from './nearest.ts';
import type {Place} from './types.ts';

export interface NamedPlace extends Place {
  readonly name: string;
}

/** Each name once, and only those of `known` where that is not empty; the others are reported. */
export function checkMembers(
  listed: readonly NamedPlace[],
  known: readonly string[],
  report: Report,
): readonly string[] {
  const members = new Set<string>();
  for (const entry of listed) {
    if (members.has(entry.name)) {
      const message = `expected each node once, found ${entry.name} again`;
      report('HA_CONF_DUPLICATE_NODE', entry, message);
    } else if (known.length > 0 && !known.includes(entry.name)) {
      reportStranger(entry, known, report);
    } else members.add(entry.name);
  }
  return [...members];
}

function reportStranger(entry: NamedPlace, known: readonly string[], report: Report): void {
  const near = nearest(entry.name, known);
  const hint = near === null ? `The nodes are: ${known.join(' ')}.` : `Did you mean "${near}"?`;
  const message = `expected a node of the cluster, found ${entry.name}`;
  report('HA_CONF_UNKNOWN_NODE', entry, message, hint);
}
