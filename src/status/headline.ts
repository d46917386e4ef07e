/**
 * The first line of every status: may I go home? One word, then the counts that back it, then
 * whether a takeover would happen by itself. Scripts read the word, so the words are a closed list
 * (docs/status.md).
 */

import type {ServiceView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import {reasons} from '../kernel/reasons.ts';
import {
  countLinks,
  formatWait,
  isFailed,
  isFrozenInstance,
  isMoving,
  isPresent,
  isRestingOnPurpose,
  runningNodes,
} from './model.ts';
import type {Stale, StatusView} from './model.ts';

/** Worst first: the first that holds is the word of the line. */
export const levels = [
  'UNKNOWN',
  'DUAL_ACTIVE',
  'DOWN',
  'ALARM',
  'JEOPARDY',
  'CHANGING',
  'JOINING',
  'FROZEN',
  'DEGRADED',
  'UNPROTECTED',
  'OK',
] as const;
export type Level = (typeof levels)[number];

export interface Headline {
  readonly level: Level;
  /** What follows the word. */
  readonly text: string;
}

type Rule = (view: StatusView) => string | null;

const rules: readonly (readonly [Level, Rule])[] = [
  ['DUAL_ACTIVE', dualActive],
  ['DOWN', down],
  ['ALARM', criticalAlarm],
  ['JEOPARDY', jeopardy],
  ['CHANGING', changing],
  ['JOINING', (view) => (view.joining ? 'this node still listens for the others' : null)],
  ['FROZEN', frozen],
  ['DEGRADED', (view) => (isDegraded(view) ? '' : null)],
  ['UNPROTECTED', (view) => (isProtected(view) ? null : '')],
];

export function headline(view: StatusView, stale: Stale | null): Headline {
  if (stale !== null) {
    const age = formatAge(stale.ageMs);
    const text = `no answer from the daemon on ${view.node}; this was ${age} ago`;
    return {level: 'UNKNOWN', text};
  }
  for (const [level, rule] of rules) {
    const found = rule(view);
    if (found !== null) return {level, text: found === '' ? counts(view) : found};
  }
  return {level: 'OK', text: counts(view)};
}

/** `cluster blue: OK - 2/2 nodes, ...`, the same on the screen, in `--check` and on the page. */
export function headlineText(view: StatusView, line: Headline): string {
  return `cluster ${view.cluster}: ${line.level} - ${line.text}`;
}

/** `2/2 nodes, 3/3 links, takeover possible (proof: disk lease, worst case 19 s)`. */
function counts(view: StatusView): string {
  return `${presence(view)}, ${takeoverText(view)}`;
}

function presence(view: StatusView): string {
  const present = view.nodes.filter(isPresent).length;
  const links = countLinks(view);
  return `${present}/${view.nodes.length} nodes, ${links.up}/${links.total} links`;
}

function takeoverText({takeover, nodes}: StatusView): string {
  if (nodes.length > 1 && !nodes.some((node) => !node.local && isPresent(node))) {
    return 'no other node left to take over';
  }
  if (!takeover.possible) return 'no takeover by itself';
  const worst = takeover.worstMs === null ? '' : `, worst case ${formatWait(takeover.worstMs)}`;
  return `takeover possible (proof: ${takeover.source}${worst})`;
}

function dualActive(view: StatusView): string | null {
  const both = view.services.find((service) => runningNodes(service).length > 1);
  if (both !== undefined) {
    return `${both.name} runs on ${runningNodes(both).join(' and ')}; a person must choose`;
  }
  return view.alarms.find((alarm) => alarm.code === 'DUAL_ACTIVE')?.text ?? null;
}

/**
 * Up nowhere, though it should be, and nobody is about to start it. What a daemon in maintenance
 * left running is unwatched, but not down.
 */
export function isDown(service: ServiceView): boolean {
  if (runningNodes(service).length > 0) return false;
  if (service.instances.some(isFailed)) return true;
  const kept = service.instances.some(({local}) => local?.waiting?.reason === 'peer-maintenance');
  if (kept) return false;
  return !isRestingOnPurpose(service) && !service.instances.some(isMoving);
}

function down(view: StatusView): string | null {
  if (view.joining) return null;
  const services = view.services.filter(isDown);
  const [first] = services;
  if (first === undefined) return null;
  const names = someOf(services.map((service) => service.name));
  const which =
    services.length === 1
      ? `${names}${downReason(first)}`
      : `${services.length} services: ${names}`;
  return `${which}; ${presence(view)}`;
}

/** `, waits 6.8 s`: the one fact that says whether to get up. */
function downReason(service: ServiceView): string {
  const failed = service.instances.find(isFailed);
  if (failed !== undefined) return `, ${failed.state} on ${failed.node}`;
  const own = service.instances.find((instance) => instance.local !== null)?.local ?? null;
  if (own === null || own.waiting === null) return '';
  const until = own.waitMs === null ? '' : `, ${formatWait(own.waitMs)}`;
  return `, ${reasons[own.waiting.reason]}${until}`;
}

/** Alarms that have a word of their own in this line. */
const worded = new Set(['DUAL_ACTIVE', 'STOP_FAILED', 'JEOPARDY']);

function criticalAlarm(view: StatusView): string | null {
  const first = view.alarms.find(
    (candidate) => candidate.severity === 'critical' && !worded.has(candidate.code),
  );
  return first === undefined ? null : `${first.code}: ${first.text}; ${presence(view)}`;
}

function jeopardy(view: StatusView): string | null {
  if (!view.alarms.some((alarm) => alarm.code === 'JEOPARDY')) return null;
  const links = countLinks(view);
  const left = links.left ?? links.up;
  return `${left} of ${links.total} links left, ${takeoverText(view)}`;
}

function changing(view: StatusView): string | null {
  const moving = view.services.flatMap((service) =>
    service.instances
      .filter(isMoving)
      .map((instance) => `${service.name} ${instance.state} on ${instance.node}`),
  );
  return moving.length === 0 ? null : `${someOf(moving)}; ${presence(view)}`;
}

function frozen(view: StatusView): string | null {
  if (view.clusterFrozen !== null) return `the whole cluster; ${presence(view)}`;
  const nodes = view.nodes.filter((node) => node.frozen).map((node) => `node ${node.name}`);
  const services = view.services
    .filter((service) => service.frozen || service.instances.some(isFrozenInstance))
    .map((service) => service.name);
  const what = [...nodes, ...services];
  if (what.length === 0) return null;
  const others = nodes.length === 0 && services.length < view.services.length;
  const rest = others ? `, the others: ${takeoverText(view)}` : '';
  return `${someOf(what)}; ${presence(view)}${rest}`;
}

function isDegraded(view: StatusView): boolean {
  const links = countLinks(view);
  const nodesWell = view.nodes.every((node) => node.state === 'alive' && !node.drained);
  return !nodesWell || links.up < links.total || view.alarms.length > 0;
}

/**
 * True where nothing at all is out of the ordinary, so that `abnormal` would be empty: a healthy
 * cluster is the common case, and is shown without loading how to say what is wrong.
 */
export function isQuiet(view: StatusView): boolean {
  if (headline(view, null).level !== 'OK') return false;
  const nodesQuiet = view.nodes.every((node) => !node.configSkew && !node.keeping);
  const linksQuiet = view.media.every((medium) => medium.peers.every(({state}) => state === 'up'));
  return nodesQuiet && linksQuiet && view.services.every(isQuietService);
}

function isQuietService(service: ServiceView): boolean {
  return service.instances.every(
    ({local}) => local === null || (local.progress === null && local.probe?.partial !== true),
  );
}

/** A cluster of one node, or one without services, has nothing to take over. */
export function isProtected(view: StatusView): boolean {
  return view.takeover.possible || view.nodes.length < 2 || view.services.length === 0;
}

/** Names as far as a line holds them. */
const namesShownMax = 3;

function someOf(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).join(', ');
  const rest = names.length - namesShownMax;
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
