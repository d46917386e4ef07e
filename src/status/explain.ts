/**
 * `ha explain SVC`: for each node what the state is, why, by which clauses and on which evidence,
 * and what would change it. A node speaks for itself where its daemon answered; of the others this
 * node says only what it heard.
 */

import {arbiterText} from './arbiter.ts';
import type {InstanceView, LocalInstanceView, ServiceView, VerdictView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import {reasons} from '../kernel/reasons.ts';
import {causeSentence, peerOf} from './abnormal-services.ts';
import {freezeSentence} from './freeze.ts';
import {blank, dim, faded, pageWidth, strong} from './lines.ts';
import type {Line, Piece} from './lines.ts';
import {instanceCell, nodeTones} from './matrix.ts';
import {formatWait, isRunning, runningNodes} from './model.ts';
import type {Stale, StatusView} from './model.ts';
import {staleLines} from './overview.ts';
import {progressText} from './progress.ts';
import {remediesFor} from './remedies.ts';
import {table} from './table.ts';
import {wrap} from './text.ts';
import {watchdogText} from './watchdog.ts';

export interface Explanation {
  /** The view of the node that was asked. */
  readonly view: StatusView;
  readonly service: ServiceView;
  readonly stale: Stale | null;
  /** Views of other nodes' daemons, by node, where they answered. */
  readonly others: ReadonlyMap<string, StatusView>;
  /** Why a node's daemon could not be asked, by node. */
  readonly silent: ReadonlyMap<string, string>;
}

/** What a takeover of each class waits for, in words. */
const classNeeds: Readonly<Record<ServiceView['serviceClass'], string>> = {
  none: 'needs no proof (P0): silence is enough',
  address: 'needs P1: the outside sees us and not the other node',
  exclusive: 'needs P2: a lease that ran out, a goodbye, fencing or an operator',
  data: 'needs P3: a lease with an armed watchdog, a goodbye, fencing or an operator',
};

export function explain(explanation: Explanation): readonly Line[] {
  const {service, stale} = explanation;
  const head: readonly Line[] = [
    [
      strong(service.name),
      ` ${whereItRuns(explanation)}; class ${service.serviceClass}, epoch ${service.epoch}`,
    ],
    [dim(`a takeover ${classNeeds[service.serviceClass]}`)],
  ];
  const body = service.nodes.flatMap((node) => [blank, ...nodeLines(explanation, node)]);
  if (stale === null) return [...head, ...body];
  return [...staleLines(stale), blank, ...faded([...head, ...body])];
}

/** By the word of each node where it answered: one that is not heard here may still say so. */
function whereItRuns(explanation: Explanation): string {
  const instances = explanation.service.nodes.flatMap((node) => {
    const {instance} = spoken(explanation, node);
    return instance === undefined ? [] : [instance];
  });
  const nodes = (found: readonly InstanceView[]): string =>
    found.map((instance) => instance.node).join(' and ');
  const running = instances.filter(isRunning);
  if (running.length > 0) return `runs on ${nodes(running)}`;
  const stuck = instances.filter((instance) => instance.state === 'STOP_FAILED');
  if (stuck.length > 0) return `may still run on ${nodes(stuck)}`;
  const unknown = instances.filter((instance) => instance.state === 'UNKNOWN');
  return unknown.length > 0 ? `may run on ${nodes(unknown)} (UNKNOWN there)` : 'runs nowhere';
}

/** What is said of a node: by itself where its daemon answered, else by the one that was asked. */
function spoken(
  {view: asked, others, service: wanted}: Explanation,
  node: string,
): {
  readonly view: StatusView;
  readonly service: ServiceView | undefined;
  readonly instance: InstanceView | undefined;
} {
  const view = (node === asked.node ? asked : others.get(node)) ?? asked;
  const service = view.services.find((candidate) => candidate.name === wanted.name);
  return {view, service, instance: service?.instances.find((each) => each.node === node)};
}

function nodeLines(explanation: Explanation, node: string): readonly Line[] {
  const {view, service, instance} = spoken(explanation, node);
  if (service === undefined || instance === undefined) {
    return [[strong(node), ' does not know the service'], ...field('try', ['ha check'])];
  }
  const here = node === explanation.view.node ? ' (here)' : '';
  const title: Line = [
    strong(`${node}${here}`),
    ' ',
    instanceCell(instance),
    dim(` for ${formatAge(instance.stateAgeMs)}`),
  ];
  if (instance.local === null) return [title, ...heardLines(explanation, node)];
  return [title, ...localLines(view, service, instance, instance.local)];
}

/** A node that could not be asked: what is known of it from its beats. */
function heardLines(explanation: Explanation, node: string): readonly Line[] {
  const seen = explanation.view.nodes.find((candidate) => candidate.name === node);
  const why = explanation.silent.get(node);
  const heard =
    seen === undefined || seen.heardAgeMs === null
      ? 'never heard'
      : `heard ${formatAge(seen.heardAgeMs)} ago`;
  const state: Line = [
    label('node'),
    seen === undefined ? 'unknown' : {text: seen.state, tone: nodeTones[seen.state]},
    `, ${heard}`,
  ];
  return [state, ...(why === undefined ? [] : field('asked', [why]))];
}

function localLines(
  view: StatusView,
  service: ServiceView,
  instance: InstanceView,
  local: LocalInstanceView,
): readonly Line[] {
  const progress = progressText(instance);
  const guard = service.serviceClass === 'data' ? watchdogText(view) : null;
  const isLeased = service.serviceClass === 'data' || service.serviceClass === 'exclusive';
  const third = isLeased ? arbiterText(view) : null;
  return [
    ...field('why', [`${local.cause.reason}: ${reasons[local.cause.reason]}`]),
    ...field('', local.cause.detail === '' ? [] : [local.cause.detail]),
    ...(local.freeze === null ? [] : field('freeze', [freezeSentence(local.freeze)])),
    ...(progress === null ? [] : field('step', [progress])),
    ...field('probe', [probeText(local)]),
    ...(guard === null ? [] : field('guard', [guard])),
    ...(third === null ? [] : field('arbiter', [third])),
    ...waitingLines(view, service, instance, local),
    ...local.verdicts.flatMap(verdictLines),
    ...field('try', remedies(view, service, instance, local)),
  ];
}

function waitingLines(
  view: StatusView,
  service: ServiceView,
  instance: InstanceView,
  local: LocalInstanceView,
): readonly Line[] {
  if (local.waiting === null) return [];
  const peer = peerOf(local, local.waiting, view);
  const about = peer === null || peer === instance.node ? '' : ` (${peer})`;
  const next =
    local.waitMs === null
      ? 'This does not pass by itself with time.'
      : `It is looked at again by itself in ${formatWait(local.waitMs)}.`;
  const resting = isRunning(instance) || runningNodes(service).length > 0;
  return [
    ...field('waits', [`${local.waiting.reason}${about}: ${reasons[local.waiting.reason]}`]),
    ...field('', local.waiting.detail === '' ? [] : causeSentence(local.waiting)),
    ...field('', resting && local.waitMs === null ? [] : [next]),
  ];
}

function probeText(local: LocalInstanceView): string {
  if (local.probe === null) return 'not probed yet';
  const age = local.probeAgeMs === null ? '' : `, ${formatAge(local.probeAgeMs)} ago`;
  if (!local.verified) return `cannot be asked; the last completed action counts${age}`;
  const parts = local.probe.resources.map((resource) => `${resource.rid} ${resource.state}`);
  const each = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `${local.probe.state}${age}${each}`;
}

/** What this node thinks of another one: may it act as if that one were out? */
function verdictLines(entry: VerdictView): readonly Line[] {
  const {verdict} = entry;
  const clauses = verdict.clauses.length === 0 ? '' : ` by ${verdict.clauses.join(', ')}`;
  const until = verdict.waitMs === null ? '' : `, again in ${formatWait(verdict.waitMs)}`;
  const summary = `${entry.node}: ${verdict.decision}, proof ${verdict.proof}${clauses}${until}`;
  const rows = verdict.evidence.map((evidence): readonly Piece[] => [
    evidence.medium,
    evidence.says,
    evidence.ageMs === null ? '' : formatAge(evidence.ageMs),
  ]);
  return [
    ...field('verdict', [`${summary} (${verdict.cause.reason})`]),
    ...table(rows, {indent: labelWidth + 2}),
  ];
}

function remedies(
  view: StatusView,
  service: ServiceView,
  instance: InstanceView,
  local: LocalInstanceView,
): readonly string[] {
  const cause = local.waiting ?? local.cause;
  const peer = local.waiting === null ? null : peerOf(local, local.waiting, view);
  const context = {service: service.name, node: instance.node, peer};
  const self = `ha explain ${service.name}`;
  return remediesFor(cause.reason, context).filter((command) => command !== self);
}

const labelWidth = 10;

function label(name: string): string {
  return `  ${name}`.padEnd(labelWidth);
}

/** `  why     text`, broken at the page's width under itself; nothing for no texts. */
function field(name: string, texts: readonly string[]): readonly Line[] {
  const lines = texts.flatMap((text) => wrap(text, pageWidth - labelWidth));
  return lines.map((line, index): Line => [label(index === 0 ? name : ''), line]);
}
