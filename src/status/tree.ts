/**
 * `ha status SVC` and `SVC print status`: the tree that users of OpenSVC read, column for column:
 * rid, four flags (Monitored, Disabled, Optional, Encapsulated), state, label, and log lines that
 * begin with `#` under the label.
 */

import type {LocalInstanceView, MediumView, ServiceView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import type {Line, Tone} from './lines.ts';
import {isRunning, peerWorks} from './model.ts';
import {mergeStates, overallState} from './merge.ts';
import type {TreeState} from './merge.ts';
import type {ResourceLabel, StatusView} from './model.ts';
import {padTo, printable, wrap} from './text.ts';

interface Leaf {
  readonly rid: string;
  readonly flags: string;
  readonly state: TreeState;
  readonly label: string;
  readonly logs: readonly string[];
}

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

export function tree(view: StatusView, service: ServiceView): readonly Line[] {
  const avail = resourceLeaves(view, service);
  const hb = view.media.map(mediumLeaf);
  const states = {
    avail: mergeStates(avail.map((leaf) => leaf.state)),
    sync: 'n/a' as TreeState,
    hb: mergeStates(hb.map((leaf) => leaf.state)),
  };
  return [
    [service.name],
    columns(padTo('overall', 20), '', overallState(states), ''),
    columns(padTo('|- avail', 20), '', states.avail, ''),
    ...leafLines(avail, '|  '),
    columns(padTo('|- sync', 20), '', states.sync, ''),
    columns(padTo("'- hb", 20), '', states.hb, ''),
    ...leafLines(hb, '   '),
  ];
}

/** `head flags state label`, as the widths of the tree have it. */
function columns(head: string, flags: string, state: TreeState, label: string): Line {
  const tone = treeTones[state];
  return [`${head} ${padTo(flags, 4)} `, {text: padTo(state, 8), tone}, ` ${label}`];
}

function leafLines(leaves: readonly Leaf[], stem: string): readonly Line[] {
  return leaves.flatMap((leaf, index) => {
    const last = index === leaves.length - 1;
    const head = `${stem}${last ? "'- " : '|- '}${padTo(leaf.rid, 14)}`;
    const blanks = ' '.repeat(14 + 1 + 4 + 1 + 8 + 1);
    const logStem = `${stem}${last ? '   ' : '|  '}${blanks}`;
    return [
      columns(head, leaf.flags, leaf.state, leaf.label),
      ...leaf.logs.flatMap((log) =>
        wrap(log, logColumnMax - logStem.length - 2).map((line): Line => [
          `${logStem}# ${printable(line)}`,
        ]),
      ),
    ];
  });
}

function resourceLeaves(view: StatusView, service: ServiceView): readonly Leaf[] {
  const instance = service.instances.find((candidate) => candidate.local !== null);
  const local = instance?.local ?? null;
  if (instance === undefined || local === null) return [];
  const labels = view.resources?.[service.name] ?? labelsFromProbe(local);
  return labels.map((resource) => resourceLeaf(resource, local, isRunning(instance)));
}

/** A daemon that names no resources still probed them. */
function labelsFromProbe(local: LocalInstanceView): readonly ResourceLabel[] {
  const probed = local.probe?.resources ?? [];
  return probed.map(({rid}) => ({
    rid,
    label: rid,
    optional: false,
    disabled: false,
    monitored: false,
  }));
}

function resourceLeaf(resource: ResourceLabel, local: LocalInstanceView, running: boolean): Leaf {
  const flags = [
    resource.monitored ? 'M' : '.',
    resource.disabled ? 'D' : '.',
    resource.optional ? 'O' : '.',
    '.',
  ].join('');
  const base = {rid: resource.rid, flags, label: resource.label};
  if (resource.disabled) return {...base, state: 'n/a', logs: ['disabled']};
  const probe = local.probe?.resources.find((candidate) => candidate.rid === resource.rid);
  if (probe === undefined) return {...base, state: 'n/a', logs: ['not probed yet']};
  if (!probe.verifiable) {
    const logs = ['not probed: what the last action left'];
    return {...base, state: running ? 'up' : 'down', logs};
  }
  if (probe.state === 'unknown') return {...base, state: 'warn', logs: [probe.detail]};
  const surprising = (probe.state === 'up') !== running && probe.detail !== '';
  return {...base, state: probe.state, logs: surprising ? [probe.detail] : []};
}

function mediumLeaf(medium: MediumView): Leaf {
  const logs = medium.peers
    .filter((peer) => !peerWorks(peer))
    .map((peer) => {
      const heard = peer.ageMs === null ? 'never heard' : `heard ${formatAge(peer.ageMs)} ago`;
      return `${peer.node} ${peer.state}, ${heard}`;
    });
  const all = medium.fault === null ? logs : [medium.fault, ...logs];
  return {
    rid: medium.id,
    flags: '....',
    state: all.length === 0 ? 'up' : 'warn',
    label: medium.label,
    logs: all,
  };
}
