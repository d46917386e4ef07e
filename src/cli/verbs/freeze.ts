/**
 * Freezes: of a service on all its nodes or on one, of a node, of the cluster. A freeze is kept by
 * each daemon for itself, so each is asked; one that cannot be reached is named, because a freeze
 * that holds only on half of the cluster is worse than none that one relies on.
 */

import type {Command, FreezeInfo, Scope} from '../../engine/types.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {StatusView} from '../../status/model.ts';
import {askView, nodeFlag} from '../ask.ts';
import {confirm} from '../confirm.ts';
import {findService} from '../find-service.ts';
import {freezeInfo} from '../freeze-info.ts';
import type {Invocation} from '../invocation.ts';
import {needDaemon} from '../need-daemon.ts';
import {runSteps} from '../order.ts';
import type {Step} from '../order.ts';
import {misuse} from '../usage.ts';

/** What is to be frozen or unfrozen, and on which nodes. */
interface Reach {
  readonly scope: Scope;
  readonly nodes: readonly NodeName[];
  /** `web`, `node node2`, `the cluster`. */
  readonly what: string;
  readonly view: StatusView;
}

export async function freeze(invocation: Invocation): Promise<number> {
  const info = freezeInfo(invocation, await invocation.world.actor());
  if (typeof info === 'number') return info;
  const reach = await reachOf(invocation);
  if (typeof reach === 'number') return reach;
  if (reach.scope.kind === 'cluster') {
    const warning =
      'This freezes the whole cluster: nothing is started, stopped or taken over meanwhile.';
    const refused = await confirm(invocation, {flag: 'yes', warning});
    if (refused !== null) return refused;
  }
  const until = info.until === null ? 'until it is lifted' : `until ${info.until}`;
  return carryOut(invocation, reach, {verb: 'freeze', scope: reach.scope, freeze: info}, until);
}

export async function unfreeze(invocation: Invocation): Promise<number> {
  const reach = await reachOf(invocation);
  if (typeof reach === 'number') return reach;
  return carryOut(invocation, reach, {verb: 'unfreeze', scope: reach.scope}, '');
}

function carryOut(
  invocation: Invocation,
  reach: Reach,
  command: Command,
  note: string,
): Promise<number> {
  const {what} = reach;
  const steps = reach.nodes.map((node): Step => ({
    // By name, also here: asked without one, a daemon spreads the order to all nodes.
    node,
    command,
    title: `${command.verb} ${what} on ${node}`,
    duty: 'each',
  }));
  const back = reach.scope.kind === 'cluster' ? '--all' : what.replace(/^node /, '--node ');
  const lift = `Frozen ${note}. Lift it with: ha unfreeze ${back}`;
  return runSteps(invocation, steps, () => (command.verb === 'freeze' ? lift : ''));
}

async function reachOf(invocation: Invocation): Promise<Reach | number> {
  const {flags, operands, command, world} = invocation;
  const [name] = operands;
  const node = nodeFlag(invocation);
  const all = flags['all'] === true;
  if (all && (name !== undefined || node !== null)) {
    return misuse(world, command, 'expected SVC, --node NODE or --all, found more than one');
  }
  if (!all && name === undefined && node === null) {
    return misuse(world, command, 'expected SVC, --node NODE or --all, found nothing');
  }
  const local = {...invocation, flags: {...flags, node: undefined}};
  const view = needDaemon(invocation, await askView(local));
  if (typeof view === 'number') return view;
  const nodes = view.nodes.map((each) => each.name);
  if (all) return {scope: {kind: 'cluster'}, nodes, what: 'the cluster', view};
  if (node !== null && !nodes.includes(node)) return noSuchNode(invocation, node, nodes);
  if (name === undefined) {
    return {scope: {kind: 'node'}, nodes: [node!], what: `node ${node!}`, view};
  }
  const service = findService(world, view, name);
  if (typeof service === 'number') return service;
  const where = node === null ? service.nodes : [node];
  const scope = {kind: 'service', service: service.name} as const;
  return {scope, nodes: where, what: service.name, view};
}

function noSuchNode({world}: Invocation, node: string, nodes: readonly string[]): number {
  world.stderr.write(`ha: no node is called "${node}". Known: ${nodes.join(', ')}\n`);
  return exitCodes.noSuch;
}

export async function freezeStop(invocation: Invocation): Promise<number> {
  return onOneNode(invocation, 'freeze-stop');
}

export async function freezeStart(invocation: Invocation): Promise<number> {
  return onOneNode(invocation, 'freeze-start');
}

async function onOneNode(
  invocation: Invocation,
  verb: 'freeze-stop' | 'freeze-start',
): Promise<number> {
  const info: FreezeInfo | number = freezeInfo(invocation, await invocation.world.actor());
  if (typeof info === 'number') return info;
  const node = nodeFlag(invocation);
  const service = invocation.operands[0]! as ServiceName;
  const where = node === null ? 'here' : `on ${node}`;
  const step = {
    node,
    command: {verb, service, freeze: info},
    title: `${verb} ${service} ${where}`,
    duty: 'needed',
  } as const;
  const lift = `ha unfreeze ${service}${node === null ? '' : ` --node ${node}`}`;
  return runSteps(invocation, [step], () => `Lift it with: ${lift}`);
}
