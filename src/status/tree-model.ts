/**
 * What the tree of a service says, before it is drawn: each resource of this node with its flags,
 * state and log lines, and how they add up to `avail`, `sync`, `hb` and `overall`. Text and JSON
 * are two forms of this.
 */

import type {LocalInstanceView, MediumView, ServiceView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import {mergeStates, overallState} from './merge.ts';
import type {TreeState} from './merge.ts';
import {isRunning, peerWorks} from './model.ts';
import type {ResourceLabel, StatusView} from './model.ts';

export interface Leaf {
  readonly rid: string;
  /** Four: Monitored, Disabled, Optional, Encapsulated; a dot where it is not. */
  readonly flags: string;
  readonly state: TreeState;
  readonly label: string;
  readonly logs: readonly string[];
  /** What runs inside of it: resources of a container. */
  readonly inside: readonly Leaf[];
}

export interface ServiceTree {
  readonly overall: TreeState;
  readonly avail: TreeState;
  readonly sync: TreeState;
  readonly hb: TreeState;
  readonly leaves: {
    readonly avail: readonly Leaf[];
    readonly sync: readonly Leaf[];
    readonly hb: readonly Leaf[];
  };
}

/** Families in the order in which OpenSVC lists them; what is not named stands before `app`. */
const printOrder = ['container', 'drbd', 'loop', 'disk', 'pr', 'vg', 'lv', 'pool', 'share', 'fs'];
const lateOrder = ['ip', 'other', 'app', 'task'];
const rankOf = new Map([...printOrder, ...lateOrder].map((family, index) => [family, index]));
const aliases: Readonly<Record<string, string>> = {zpool: 'pool', md: 'disk', raw: 'disk'};

export function treeOf(view: StatusView, service: ServiceView): ServiceTree {
  const all = resourceLeaves(view, service);
  const leaves = {
    avail: all.filter(({rid}) => familyOf(rid) !== 'sync'),
    sync: all.filter(({rid}) => familyOf(rid) === 'sync'),
    hb: view.media.map(mediumLeaf),
  };
  const sum = (group: readonly Leaf[]): TreeState =>
    mergeStates(group.flatMap(({state, inside}) => [state, ...inside.map((one) => one.state)]));
  const states = {avail: sum(leaves.avail), sync: sum(leaves.sync), hb: sum(leaves.hb)};
  return {...states, overall: overallState(states), leaves};
}

/** `vg#1pr` is the reservation of the disks of `vg#1`. */
function familyOf(rid: string): string {
  const name = rid.split('#')[0] ?? '';
  if (/#.*\dpr$/.test(rid)) return 'pr';
  return aliases[name] ?? name;
}

function rankOfLabel({rid}: ResourceLabel): number {
  return rankOf.get(familyOf(rid)) ?? rankOf.get('other') ?? 0;
}

interface Seen {
  readonly local: LocalInstanceView;
  readonly running: boolean;
  readonly labels: readonly ResourceLabel[];
}

function resourceLeaves(view: StatusView, service: ServiceView): readonly Leaf[] {
  const instance = service.instances.find((candidate) => candidate.local !== null);
  const local = instance?.local ?? null;
  if (instance === undefined || local === null) return [];
  const labels = view.resources?.[service.name] ?? labelsFromProbe(local);
  const seen = {local, running: isRunning(instance), labels};
  const ordered = labels.toSorted((left, right) => rankOfLabel(left) - rankOfLabel(right));
  return underContainers(ordered, (label) => leafOf(label, seen));
}

/** What is encapsulated stands under the container before it, where there is one. */
function underContainers(
  labels: readonly ResourceLabel[],
  leaf: (label: ResourceLabel) => Leaf,
): readonly Leaf[] {
  const container = labels.find(({rid}) => familyOf(rid) === 'container');
  const inside = container === undefined ? [] : labels.filter(({encap}) => encap === true);
  return labels
    .filter((label) => !inside.includes(label))
    .map((label) =>
      label === container ? {...leaf(label), inside: inside.map(leaf)} : leaf(label),
    );
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

function leafOf(label: ResourceLabel, seen: Seen): Leaf {
  const flags = [
    label.monitored ? 'M' : '.',
    label.disabled ? 'D' : '.',
    label.optional ? 'O' : '.',
    label.encap === true ? 'E' : '.',
  ].join('');
  const {state, logs} = stateOf(label, seen);
  const shown = label.standby === true ? standbyState(state) : state;
  return {rid: label.rid, flags, state: shown, label: label.label, logs, inside: []};
}

function standbyState(state: TreeState): TreeState {
  if (state === 'up') return 'stdby up';
  return state === 'down' ? 'stdby down' : state;
}

interface Said {
  readonly state: TreeState;
  readonly logs: readonly string[];
}

function stateOf(label: ResourceLabel, seen: Seen): Said {
  if (label.disabled) return {state: 'n/a', logs: ['disabled']};
  if (familyOf(label.rid) === 'task') return {state: 'n/a', logs: []};
  const probe = seen.local.probe?.resources.find(({rid}) => rid === label.rid);
  if (probe === undefined) return {state: 'n/a', logs: ['not probed yet']};
  if (!probe.verifiable) return unverified(probe.detail, seen);
  if (probe.state !== 'up' && isBeforeItsTurn(label, seen)) return {state: 'n/a', logs: []};
  if (probe.state === 'unknown') return {state: 'warn', logs: [probe.detail]};
  // A copy should be good on every node, whether the service runs there or not.
  const wanted = familyOf(label.rid) === 'sync' || seen.running ? 'up' : 'down';
  const surprising = probe.state !== wanted && probe.detail !== '';
  return {state: probe.state, logs: surprising ? [probe.detail] : []};
}

/** Beside others that can be asked it does not count; alone, the last action must do. */
function unverified(detail: string, {local, running}: Seen): Said {
  const others = local.probe?.resources.some(({verifiable}) => verifiable) === true;
  const [why] = detail.split('; ', 1);
  if (others && why !== undefined && why !== '') return {state: 'n/a', logs: [why]};
  return {state: running ? 'up' : 'down', logs: ['not probed: what the last action left']};
}

/**
 * An application cannot be up on disks and addresses that are not: what its script says of itself
 * then is of no interest, but for an "up".
 */
function isBeforeItsTurn(label: ResourceLabel, {local, labels, running}: Seen): boolean {
  if (running || familyOf(label.rid) !== 'app') return false;
  const below = labels.filter(
    ({rid, disabled}) => !disabled && !['app', 'sync', 'task'].includes(familyOf(rid)),
  );
  const states = below.map(
    ({rid}) => local.probe?.resources.find((probe) => probe.rid === rid)?.state,
  );
  return states.some((state) => state !== 'up');
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
    inside: [],
  };
}

/** `ha status SVC --json`, key `tree` of the service: as OpenSVC's `json status` has it. */
export function treeJson(view: StatusView, service: ServiceView): Record<string, unknown> {
  const {leaves, ...states} = treeOf(view, service);
  const all = [...leaves.avail, ...leaves.sync, ...leaves.hb];
  const entries = all.flatMap((leaf) => [leaf, ...leaf.inside]).map(leafEntry);
  return {...states, resources: Object.fromEntries(entries)};
}

function leafEntry({rid, flags, state, label, logs}: Leaf): readonly [string, unknown] {
  const has = (letter: string): boolean => flags.includes(letter);
  return [
    rid,
    {
      status: state,
      label,
      log: logs,
      monitor: has('M'),
      disable: has('D'),
      optional: has('O'),
      encap: has('E'),
    },
  ];
}
