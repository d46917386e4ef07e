/** What is out of the ordinary with services. */

import type {InstanceView, LocalInstanceView, ServiceView} from '../engine/view.ts';
import {reasons} from '../kernel/reasons.ts';
import type {Cause} from '../kernel/words.ts';
import {freezeSentence} from './freeze.ts';
import {isDown} from './headline.ts';
import type {Item} from './item.ts';
import {formatWait, isFailed, isFrozenInstance, isMoving, runningNodes} from './model.ts';
import type {StatusView} from './model.ts';
import {progressText} from './progress.ts';
import {remediesFor} from './remedies.ts';

export function serviceItems(view: StatusView): readonly Item[] {
  return view.services.flatMap((service) => [
    ...dualItem(service),
    ...service.instances.filter(isFailed).map((instance) => failedItem(service, instance)),
    ...downItem(view, service),
    ...service.instances.filter(isMoving).map((instance) => movingItem(service, instance)),
    ...service.instances.flatMap((instance) => restartItem(service, instance)),
    ...frozenItem(service),
    ...unprobedItem(service),
  ]);
}

function dualItem(service: ServiceView): readonly Item[] {
  const nodes = runningNodes(service);
  if (nodes.length < 2) return [];
  return [
    {
      kind: 'DUAL_ACTIVE',
      severity: 'critical',
      subject: service.name,
      title: `${service.name} runs on ${nodes.join(' and ')}`,
      ageMs: null,
      sentences: ['Choose the node whose data is right, and stop the other:'],
      commands: nodes.map((node) => `ha freeze-stop ${service.name} --node ${node}`),
    },
  ];
}

function failedItem(service: ServiceView, instance: InstanceView): Item {
  const stop = instance.state === 'STOP_FAILED';
  const flag = stop ? ' --confirm-stopped' : '';
  return {
    kind: instance.state,
    severity: 'critical',
    subject: service.name,
    title: `${service.name} is ${instance.state} on ${instance.node}`,
    ageMs: instance.stateAgeMs,
    sentences: [
      ...causeSentence(instance.local?.cause ?? null),
      ...(stop ? ['It may still run there: no other node starts it before that is settled.'] : []),
    ],
    commands: [`ha explain ${service.name}`, `ha clear ${service.name}${flag}`],
  };
}

/** Nobody runs it, nobody is about to: with what this node waits for, if it waits. */
function downItem(view: StatusView, service: ServiceView): readonly Item[] {
  if (view.joining || !isDown(service) || service.instances.some(isFailed)) return [];
  const own = service.instances.find((instance) => instance.local !== null);
  const waiting = own?.local?.waiting ?? null;
  const common = {kind: 'DOWN', severity: 'critical' as const, subject: service.name};
  if (own === undefined || own.local === null || waiting === null) {
    const title = `${service.name} runs nowhere`;
    const commands = [`ha explain ${service.name}`, `ha start ${service.name}`];
    return [{...common, title, ageMs: null, sentences: [], commands}];
  }
  const peer = peerOf(own.local, waiting, view);
  const context = {service: service.name, node: own.node, peer};
  return [
    {
      ...common,
      kind: `DOWN ${waiting.reason}`,
      title: `${service.name} is down: ${reasons[waiting.reason]}`,
      ageMs: Math.min(...service.instances.map((instance) => instance.stateAgeMs)),
      sentences: [...causeSentence(waiting), ...waitSentence(own.local.waitMs)],
      commands: remediesFor(waiting.reason, context),
    },
  ];
}

/** The node that a waiting cause is about: the one whose verdict gave it, else a silent one. */
export function peerOf(
  local: LocalInstanceView,
  waiting: Cause,
  view: Pick<StatusView, 'nodes'>,
): string | null {
  const judged = local.verdicts.find((entry) => entry.verdict.cause.reason === waiting.reason);
  const silent = view.nodes.find((node) => node.state === 'silent' || node.state === 'dead');
  return judged?.node ?? silent?.name ?? null;
}

function waitSentence(waitMs: number | null): readonly string[] {
  return waitMs === null ? [] : [`It is looked at again by itself in ${formatWait(waitMs)}.`];
}

function movingItem(service: ServiceView, instance: InstanceView): Item {
  const waiting = instance.local?.waiting ?? null;
  const progress = progressText(instance);
  return {
    kind: `MOVING ${instance.state}`,
    severity: 'note',
    subject: service.name,
    title: `${service.name} is ${instance.state} on ${instance.node}`,
    ageMs: instance.stateAgeMs,
    sentences: [
      ...(progress === null ? causeSentence(waiting ?? instance.local?.cause ?? null) : [progress]),
      ...(progress === null ? waitSentence(instance.local?.waitMs ?? null) : []),
    ],
    commands: [],
  };
}

/** A running service whose resource is being restarted in place. */
function restartItem(service: ServiceView, instance: InstanceView): readonly Item[] {
  const progress = instance.state === 'STARTED' ? progressText(instance) : null;
  if (progress === null) return [];
  return [
    {
      kind: 'RESTARTING',
      severity: 'warning',
      subject: service.name,
      title: `${service.name} restarts a resource on ${instance.node}`,
      ageMs: null,
      sentences: [progress],
      commands: [`ha explain ${service.name}`],
    },
  ];
}

function frozenItem(service: ServiceView): readonly Item[] {
  const frozen = service.instances.filter(isFrozenInstance);
  if (frozen.length === 0 || runningNodes(service).length > 1) return [];
  const everywhere = frozen.length === service.instances.length;
  const where = frozen.map((instance) => instance.node).join(' and ');
  const freeze = frozen.find((instance) => instance.local?.freeze)?.local?.freeze ?? null;
  const effect = everywhere ? 'nothing happens to it by itself' : 'not taken over there';
  const target = everywhere ? '' : frozen.length === 1 ? ` --node ${where}` : '';
  return [
    {
      kind: everywhere ? 'FROZEN' : `FROZEN ${where}`,
      severity: 'warning',
      subject: service.name,
      title: `${service.name} is frozen on ${where}: ${effect}`,
      ageMs: null,
      sentences: freeze === null ? [] : [freezeSentence(freeze)],
      commands: [`ha unfreeze ${service.name}${target}`],
    },
  ];
}

function unprobedItem(service: ServiceView): readonly Item[] {
  const own = service.instances.find((instance) => instance.local !== null);
  if (own?.local?.probe?.partial !== true || isMoving(own)) return [];
  const down = own.local.probe.resources.filter((resource) => resource.state === 'down');
  return [
    {
      kind: 'PARTIAL',
      severity: 'warning',
      subject: service.name,
      title: `${service.name} is only partly up on ${own.node}`,
      ageMs: own.local.probeAgeMs,
      sentences: down.map((resource) => `${resource.rid} is down. ${resource.detail}`),
      commands: [`ha status ${service.name}`, `ha restart ${service.name}`],
    },
  ];
}

/** The facts of a cause as a sentence; its general meaning where it has no facts. */
export function causeSentence(cause: Cause | null): readonly string[] {
  if (cause === null) return [];
  const text = cause.detail === '' ? reasons[cause.reason] : cause.detail;
  return [/[.!?]$/.test(text) ? text : `${text}.`];
}
