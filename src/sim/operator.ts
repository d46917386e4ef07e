/**
 * The operator of a simulated cluster is honest: confirmed dead is what is dead, and stopped what
 * is stopped. An unfreeze is such a word too: it says that what a silent node had frozen or could
 * not stop does not run there.
 */

import type {Command} from '../engine/types.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {World} from './world.ts';

/** False where typing the command on that node would be a lie. */
export function isHonest(world: World, node: NodeName, command: Command): boolean {
  if (command.verb === 'confirm-dead') {
    return !world.nodes.includes(command.node) || !world.machine(command.node).powered;
  }
  const service = serviceOf(command);
  if (service === null) return true;
  if (command.verb === 'clear') {
    return !command.confirmStopped || !runsOn(world, world.nodes, service);
  }
  const others = world.nodes.filter((other) => other !== node && !isWell(world, other, service));
  return command.verb !== 'unfreeze' || !runsOn(world, others, service);
}

function runsOn(world: World, nodes: readonly NodeName[], service: ServiceName): boolean {
  return nodes.some((node) => world.machine(node).isActive(service));
}

/** Its daemon runs, and would say so itself if it had the service. */
function isWell(world: World, node: NodeName, service: ServiceName): boolean {
  const daemon = world.daemon(node);
  if (daemon === null || daemon.paused) return false;
  const state = daemon.engine.byName.get(service)?.state;
  return state !== 'FROZEN_START' && state !== 'STOP_FAILED';
}

function serviceOf(command: Command): ServiceName | null {
  if ('service' in command) return command.service;
  return command.verb === 'unfreeze' && command.scope.kind === 'service'
    ? command.scope.service
    : null;
}
