/**
 * How resource states add up to a service's state, by the table that OpenSVC's users know. `n/a` is
 * neutral and `warn` absorbs; the table is commutative and associative, so order never matters.
 */

import {assert} from '../kernel/assert.ts';

/** What a resource or a group of them can be; the last two are the standby forms. */
export const treeStates = ['up', 'down', 'warn', 'n/a', 'stdby up', 'stdby down'] as const;
export type TreeState = (typeof treeStates)[number];

/**
 * U up, D down, W warn, S standby up, s standby down, A standby up and up, B standby up and down:
 * the last two exist only while adding up and are shown as up and as standby up.
 */
type Code = 'U' | 'D' | 'W' | 'S' | 's' | 'A' | 'B';

const order = 'UDWSsAB';
/** Row plus column gives the sum. */
const sums: Readonly<Record<Code, string>> = {
  U: 'UWWAWAW',
  D: 'WDWBsWB',
  W: 'WWWWWWW',
  S: 'ABWSWAB',
  s: 'WsWWsWW',
  A: 'AWWAWAW',
  B: 'WBWBWWB',
};

const codeOf: Readonly<Record<Exclude<TreeState, 'n/a'>, Code>> = {
  'up': 'U',
  'down': 'D',
  'warn': 'W',
  'stdby up': 'S',
  'stdby down': 's',
};

const shown: Readonly<Record<Code, TreeState>> = {
  U: 'up',
  D: 'down',
  W: 'warn',
  S: 'stdby up',
  s: 'stdby down',
  A: 'up',
  B: 'stdby up',
};

/** The sum of any number of states; `n/a` where there are none. */
export function mergeStates(states: readonly TreeState[]): TreeState {
  let sum: Code | null = null;
  for (const state of states) {
    if (state === 'n/a') continue;
    const code = codeOf[state];
    sum = sum === null ? code : addCodes(sum, code);
  }
  return sum === null ? 'n/a' : shown[sum];
}

function addCodes(left: Code, right: Code): Code {
  const sum = sums[left][order.indexOf(right)];
  assert(sum !== undefined, `no sum for ${left} and ${right}`);
  return sum as Code;
}

/**
 * A stopped instance is `down` and not `warn` because its heartbeat or its copies have a problem:
 * that is what users of the tree see in their documents, and what tells them more. For the same
 * reason a node with nothing of the service is `n/a`, however well its links do.
 */
export function overallState(groups: {
  readonly avail: TreeState;
  readonly sync: TreeState;
  readonly hb: TreeState;
}): TreeState {
  if (groups.avail === 'down' || groups.avail === 'n/a') return groups.avail;
  const sync = groups.sync === 'up' || groups.sync === 'n/a' ? 'n/a' : 'warn';
  return mergeStates([groups.avail, groups.hb, sync]);
}
