/**
 * Start, stop, restart, switch, takeover and clear. A daemon acts on its own instance only; what an
 * operator means by "stop web" is put together here, from the view and one order per node.
 */

import type {ServiceView} from '../../engine/view.ts';
import type {NodeName} from '../../kernel/ids.ts';
import {isFailed, isFrozenInstance, isPresent} from '../../status/model.ts';
import type {StatusView} from '../../status/model.ts';
import {askView, nodeFlag} from '../ask.ts';
import {confirm} from '../confirm.ts';
import {findService} from '../find-service.ts';
import {freezeInfo} from '../freeze-info.ts';
import type {Invocation} from '../invocation.ts';
import {runSteps} from '../order.ts';
import type {Step} from '../order.ts';
import {needDaemon} from '../need-daemon.ts';

/** The service that the line names, as this node sees it now. */
interface Target {
  readonly view: StatusView;
  readonly service: ServiceView;
  /** `--node`, else null. */
  readonly asked: NodeName | null;
}

async function targetOf(invocation: Invocation): Promise<Target | number> {
  // The plan is made from this node's view; `--node` says where it is carried out.
  const local = {...invocation, flags: {...invocation.flags, node: undefined}};
  const seen = needDaemon(invocation, await askView(local));
  if (typeof seen === 'number') return seen;
  const service = findService(invocation.world, seen, invocation.operands[0]!);
  if (typeof service === 'number') return service;
  return {view: seen, service, asked: nodeFlag(invocation)};
}

/** Unfreezes where it shall run, starts it there, then unfreezes the others. */
export async function start(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service} = target;
  const node = target.asked ?? bestNode(view, service);
  const frozen = service.instances.filter(isFrozenInstance).map((instance) => instance.node);
  const unfreeze = (where: NodeName): Step => ({
    node: where,
    command: {verb: 'unfreeze', scope: {kind: 'service', service: service.name}},
    title: `unfreeze ${service.name} on ${where}`,
    duty: where === node ? 'needed' : 'finally',
  });
  return runSteps(invocation, [
    ...frozen.filter((where) => where === node).map(unfreeze),
    {
      node,
      command: {verb: 'start', service: service.name},
      title: `start ${service.name} on ${node}`,
      duty: 'needed',
    },
    ...frozen.filter((where) => where !== node).map(unfreeze),
  ]);
}

/** Where it runs, else the first living node in its order that may take it, else this one. */
export function bestNode(view: StatusView, service: ServiceView): NodeName {
  const able = service.nodes.filter((name) => {
    const node = view.nodes.find((candidate) => candidate.name === name);
    return node !== undefined && isPresent(node) && !node.frozen && !node.drained;
  });
  const last = service.instances.find((instance) => instance.owner)?.node;
  if (service.owner !== null) return service.owner;
  return able.find((name) => name === last) ?? able[0] ?? view.node;
}

/** Freezes the other nodes first, so that none takes over what is being stopped. */
export async function stop(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service, asked} = target;
  const freeze = freezeInfo(invocation, await invocation.world.actor());
  if (typeof freeze === 'number') return freeze;
  const owner = asked ?? service.owner ?? view.node;
  const others = asked === null ? service.nodes.filter((name) => name !== owner) : [];
  const reachable = new Set(view.nodes.filter(isPresent).map((node) => node.name));
  const steps = [...others, owner].map((node): Step => ({
    node,
    command: {verb: 'freeze-stop', service: service.name, freeze},
    title: `${node === owner ? 'stop' : 'freeze'} ${service.name} on ${node}`,
    duty: node === owner || reachable.has(node) ? 'needed' : 'wanted',
  }));
  return runSteps(invocation, steps, (failed) => {
    const nodes = failed.flatMap((step) => step.node ?? []);
    if (asked !== null) return `It is frozen on ${asked}; another node may run it now.`;
    if (nodes.length === 0) return `It stays so until: ha start ${service.name}`;
    const later = nodes.map((node) => `ha freeze ${service.name} --node ${node}`);
    return `Not frozen on ${nodes.join(', ')}, which may start it. Type then: ${later.join('; ')}`;
  });
}

export async function restart(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service, asked} = target;
  const node = asked ?? service.owner ?? view.node;
  return runSteps(invocation, [
    {
      node,
      command: {verb: 'restart', service: service.name},
      title: `restart ${service.name} on ${node}`,
      duty: 'needed',
    },
  ]);
}

/** The owner carries it out: it stops, confirms, and names who goes on. */
export async function switchOver(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service, asked} = target;
  const to = invocation.flags['to'];
  const toNode = typeof to === 'string' && to !== '' ? (to as NodeName) : null;
  const node = asked ?? service.owner ?? view.node;
  return runSteps(invocation, [
    {
      node,
      command: {verb: 'switch', service: service.name, to: toNode},
      title: `switch ${service.name} from ${node}${toNode === null ? '' : ` to ${toNode}`}`,
      duty: 'needed',
    },
  ]);
}

export async function takeover(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service, asked} = target;
  const node = asked ?? view.node;
  const refused = await confirm(invocation, {
    flag: 'yes',
    warning:
      `This starts ${service.name} on ${node} without asking the node that ran it. ` +
      `Where that one is alive, use: ha switch ${service.name}`,
  });
  if (refused !== null) return refused;
  return runSteps(invocation, [
    {
      node,
      command: {verb: 'takeover', service: service.name},
      title: `take over ${service.name} on ${node}`,
      duty: 'needed',
    },
  ]);
}

/** On each node that shows a failure; on this one where none does. */
export async function clear(invocation: Invocation): Promise<number> {
  const target = await targetOf(invocation);
  if (typeof target === 'number') return target;
  const {view, service, asked} = target;
  const confirmStopped = invocation.flags['confirm-stopped'] === true;
  if (confirmStopped) {
    const warning =
      `You declare that nothing of ${service.name} runs where its stop failed: no process, ` +
      'mount or address. Another node may start it at once.';
    const refused = await confirm(invocation, {flag: 'yes', warning});
    if (refused !== null) return refused;
  }
  const failed = service.instances.filter(isFailed).map((instance) => instance.node);
  const nodes = asked === null ? (failed.length > 0 ? failed : [view.node]) : [asked];
  return runSteps(
    invocation,
    nodes.map((node) => ({
      node,
      command: {verb: 'clear', service: service.name, confirmStopped},
      title: `clear ${service.name} on ${node}`,
      duty: 'each',
    })),
  );
}
