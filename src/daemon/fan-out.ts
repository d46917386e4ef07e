/**
 * Orders that mean a service, or the cluster, rather than one node: whoever freezes `web` wants it
 * frozen wherever it could start. The engine decides for one node only, so the shell asks each.
 */

import type {Command} from '../engine/types.ts';
import type {EngineView, NodeState, ServiceView} from '../engine/view.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';

export interface FanOut {
  /** Nodes to ask, group after group; those of a group at once. */
  readonly groups: readonly (readonly NodeName[])[];
  /** Nodes it would mean but that are not there. */
  readonly missed: readonly {readonly node: NodeName; readonly state: NodeState}[];
}

/** Null where the command is for this node alone. */
export function fanOutOf(command: Command, view: EngineView): FanOut | null {
  const service = serviceOf(command, view);
  const nodes = service?.nodes ?? (isClusterWide(command) ? view.nodes.map((one) => one.name) : []);
  if (nodes.every((node) => node === view.node)) return null;
  const present: NodeName[] = [];
  const missed: {node: NodeName; state: NodeState}[] = [];
  for (const node of nodes) {
    const state = view.nodes.find((one) => one.name === node)?.state ?? 'joining';
    if (node === view.node || state === 'alive' || state === 'degraded') present.push(node);
    else missed.push({node, state});
  }
  if (command.verb !== 'stop' || service === undefined) return {groups: [present], missed};
  // First where it does not run, so that nobody takes it over when it stops where it does.
  const running = present.filter((node) => runsOn(service, node));
  const others = present.filter((node) => !runsOn(service, node));
  return {groups: [others, running].filter((group) => group.length > 0), missed};
}

function serviceOf(command: Command, view: EngineView): ServiceView | undefined {
  const named =
    command.verb === 'stop'
      ? command.service
      : (command.verb === 'freeze' || command.verb === 'unfreeze') &&
          command.scope.kind === 'service'
        ? command.scope.service
        : null;
  return view.services.find((one) => one.name === named);
}

function isClusterWide(command: Command): boolean {
  const scoped = command.verb === 'freeze' || command.verb === 'unfreeze';
  return scoped && command.scope.kind === 'cluster';
}

function runsOn(service: ServiceView, node: NodeName): boolean {
  const state = service.instances.find((one) => one.node === node)?.state;
  return state === 'STARTED' || state === 'STARTING' || state === 'FROZEN_START';
}

/** True where everybody but the runners is known here to keep off a service that is to stop. */
export function othersKeepOff(service: ServiceView, nodes: readonly NodeName[]): boolean {
  return nodes.every((node) => {
    const state = service.instances.find((one) => one.node === node)?.state;
    return state === 'FROZEN_STOP' || state === 'STOP_FAILED' || state === 'START_FAILED';
  });
}

/** What one node answered. */
export interface NodeAnswer {
  readonly node: NodeName;
  readonly exit: number;
  readonly text: string;
}

/** One answer of all: done only where everybody is done; who was not asked is named. */
export function mergeAnswers(
  answers: readonly NodeAnswer[],
  missed: FanOut['missed'],
): {readonly exit: number; readonly text: string} {
  const failed = answers.find((one) => one.exit !== 0 && one.exit !== exitCodes.running);
  const running = answers.find((one) => one.exit === exitCodes.running);
  const lines = answers.map((one) =>
    one.text.includes(one.node) ? one.text : `${one.node}: ${one.text}`,
  );
  for (const {node, state} of missed) lines.push(`${node} is ${state} and was not asked`);
  return {exit: (failed ?? running)?.exit ?? exitCodes.done, text: lines.join('\n')};
}
