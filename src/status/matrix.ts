/** Services against nodes, in the users' words: the middle of the overview. */

import type {InstanceView, NodeState, NodeView, ServiceView} from '../engine/view.ts';
import type {ServiceState} from '../kernel/words.ts';
import type {Line, Piece, Tone} from './lines.ts';
import {blank, dim, pageWidth, strong} from './lines.ts';
import {isFailed, isMoving} from './model.ts';
import type {StatusView} from './model.ts';
import {isDown} from './headline.ts';
import {table} from './table.ts';

/** Services listed in full; beyond that only those out of the ordinary, and a count of the rest. */
export const servicesShownMax = 40;

export const stateTones: Readonly<Record<ServiceState, Tone>> = {
  UNKNOWN: 'warn',
  STOPPED: 'plain',
  START_READY: 'warn',
  STARTING: 'warn',
  STARTED: 'good',
  STOPPING: 'warn',
  START_FAILED: 'bad',
  STOP_FAILED: 'bad',
  FROZEN_STOP: 'warn',
  FROZEN_START: 'warn',
};

export const nodeTones: Readonly<Record<NodeState, Tone>> = {
  alive: 'good',
  degraded: 'warn',
  silent: 'bad',
  left: 'warn',
  dead: 'bad',
  joining: 'warn',
};

/** Narrowest useful column of a node: the longest state word and its gap. */
const nodeColumnMin = 14;
const nameColumnMax = 26;

export function matrix(view: StatusView, options: {readonly all: boolean}): readonly Line[] {
  const shown = servicesToShow(view.services, options.all);
  const perBlock = Math.max(1, Math.floor((pageWidth - nameColumnMax) / nodeColumnMin));
  const lines: Line[] = [];
  for (let first = 0; first < view.nodes.length; first += perBlock) {
    if (first > 0) lines.push(blank);
    lines.push(...block(view.nodes.slice(first, first + perBlock), shown));
  }
  const rest = view.services.length - shown.length;
  if (rest > 0) lines.push([dim(`and ${rest} more as they should be: ha status --all`)]);
  return lines;
}

function servicesToShow(services: readonly ServiceView[], all: boolean): readonly ServiceView[] {
  if (all || services.length <= servicesShownMax) return services;
  return services.filter(isUnusual).slice(0, servicesShownMax);
}

function isUnusual(service: ServiceView): boolean {
  const uneasy = service.instances.some((instance) => isFailed(instance) || isMoving(instance));
  return uneasy || isDown(service) || service.frozen;
}

function block(nodes: readonly NodeView[], services: readonly ServiceView[]): readonly Line[] {
  const header: Piece[] = [dim('service'), ...nodes.map((node) => strong(nodeTitle(node)))];
  const states: Piece[] = [dim('(node)'), ...nodes.map(nodeCell)];
  const rows = services.map((service) => [
    service.name as string,
    ...nodes.map((node) =>
      instanceCell(service.instances.find((instance) => instance.node === node.name)),
    ),
  ]);
  return table([header, states, ...rows], {elastic: 0, gap: 3});
}

function nodeTitle(node: NodeView): string {
  return node.local ? `${node.name} (here)` : node.name;
}

function nodeCell(node: NodeView): Piece {
  const notes = [
    node.frozen ? 'frozen' : '',
    node.drained ? 'drained' : '',
    node.leaving ? 'leaving' : '',
    node.keeping ? 'maintenance' : '',
  ].filter((note) => note !== '');
  const text = [node.state, ...notes].join(', ');
  return {text, tone: notes.length > 0 && node.state === 'alive' ? 'warn' : nodeTones[node.state]};
}

/** A resting state that rests on the journal's word, since its resources can not be asked. */
function isUnverified(instance: InstanceView): boolean {
  const resting = instance.state === 'STARTED' || instance.state === 'STOPPED';
  return resting && instance.local?.verified === false;
}

/** `STARTED`, `STARTING 2/4`, `STOPPED, unverified`; `-` where the node is none of its nodes. */
export function instanceCell(instance: InstanceView | undefined): Piece {
  if (instance === undefined) return dim('-');
  const tone = stateTones[instance.state];
  const progress = instance.local?.progress ?? null;
  const step = progress === null ? '' : ` ${progress.step}/${progress.steps}`;
  const doubt = isUnverified(instance) ? ', unverified' : '';
  return {text: `${instance.state}${step}${doubt}`, tone};
}
