/**
 * `ha status SVC` and `SVC print status`: the tree that users of OpenSVC read, column for column:
 * rid, four flags (Monitored, Disabled, Optional, Encapsulated), state, label, and log lines that
 * begin with `#` under the label.
 */

import type {ServiceView} from '../engine/view.ts';
import type {Line, Tone} from './lines.ts';
import type {TreeState} from './merge.ts';
import type {StatusView} from './model.ts';
import {padTo, printable, wrap} from './text.ts';
import {treeOf, type Leaf} from './tree-model.ts';

const treeTones: Readonly<Record<TreeState, Tone>> = {
  'up': 'good',
  'down': 'bad',
  'warn': 'warn',
  'n/a': 'dim',
  'stdby up': 'good',
  'stdby down': 'warn',
};

/** Columns at which a log line is broken. */
const logColumnMax = 78;
/** Columns before the flags: what the stem leaves is for the resource id. */
const headWidth = 20;

export function tree(view: StatusView, service: ServiceView): readonly Line[] {
  const {leaves, ...states} = treeOf(view, service);
  return [
    [service.name],
    columns('overall', '', states.overall, ''),
    columns('|- avail', '', states.avail, ''),
    ...leaves.avail.flatMap((leaf, index) => leafLines(leaf, '|  ', leaves.avail[index + 1])),
    columns('|- sync', '', states.sync, ''),
    ...leaves.sync.flatMap((leaf, index) => leafLines(leaf, '|  ', leaves.sync[index + 1])),
    columns("'- hb", '', states.hb, ''),
    ...leaves.hb.flatMap((leaf, index) => leafLines(leaf, '   ', leaves.hb[index + 1])),
  ];
}

/** `head flags state label`, as the widths of the tree have it. */
function columns(head: string, flags: string, state: TreeState, label: string): Line {
  const tone = treeTones[state];
  return [
    `${padTo(head, headWidth)} ${padTo(flags, 4)} `,
    {text: padTo(state, 8), tone},
    ` ${label}`,
  ];
}

/** A resource, what it has to say, and what runs inside of it. `next`: none, and it is the last. */
function leafLines(leaf: Leaf, stem: string, next: Leaf | undefined): readonly Line[] {
  const isLast = next === undefined;
  const below = `${stem}${isLast ? '   ' : '|  '}`;
  const inner = `${stem}|  `;
  return [
    columns(`${stem}${isLast ? "'- " : '|- '}${leaf.rid}`, leaf.flags, leaf.state, leaf.label),
    ...leaf.logs.flatMap((log) => logLines(log, below)),
    ...leaf.inside.flatMap((one, index) => leafLines(one, inner, leaf.inside[index + 1])),
  ];
}

function logLines(log: string, stem: string): readonly Line[] {
  const start = padTo(stem, headWidth + 1 + 4 + 1 + 8 + 1);
  return wrap(log, logColumnMax - start.length - 2).map((line): Line => [
    `${start}# ${printable(line)}`,
  ]);
}
