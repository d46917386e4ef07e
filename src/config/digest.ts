/**
 * Digests of what must agree on all nodes before any of them acts by itself. They are made from
 * the values in force, never from text: comments, order of sections, paths of commands and names
 * of interfaces may differ. What is compared, and why nothing else: docs/configuration.md.
 */

import {digestText} from '../kernel/hash.ts';
import type {NodeName} from '../kernel/ids.ts';
import {isSecretName} from '../kernel/secret-names.ts';
import {kindOf} from './resources/table.ts';
import type {ClusterConfig, Endpoint, FenceConfig, ResourceConfig, ServiceConfig} from './types.ts';

/** A service as each of its nodes evaluates it: scoped keys may differ, and agree by that. */
export interface ServiceVariant {
  readonly node: NodeName;
  readonly resources: readonly ResourceConfig[];
}

export function serviceDigest(
  service: Omit<ServiceConfig, 'digest'>,
  variants: readonly ServiceVariant[],
): string {
  const lines = [
    `service ${service.name}`,
    `nodes ${service.nodes.join(' ')}`,
    `class ${service.serviceClass}`,
    `orchestrate ${service.orchestrate}`,
    ...variants.flatMap(({node, resources}) =>
      resources.map((resource) => `${node} ${resourceLine(resource)}`),
    ),
  ];
  return digestText(lines.join('\n'));
}

function resourceLine(resource: ResourceConfig): string {
  const {rid, type, startMs, stopMs, optional, disabled} = resource;
  const own = kindOf(resource).digest(resource);
  return [rid, type, startMs, stopMs, optional, disabled, ...own].join(' ');
}

/** Over everything but what is local: the order of nodes, links and services has no meaning. */
export function clusterDigest(config: Omit<ClusterConfig, 'digest'>): string {
  const {timing} = config;
  const lines = [
    `cluster ${config.name}`,
    `nodes ${[...config.nodes].sort().join(' ')}`,
    `takeover ${config.takeover}`,
    `stop_failed ${config.stopFailed}`,
    ...(config.quorum === null ? [] : [`no_quorum ${config.quorum.policy}`]),
    `timing ${timing.beatMs} ${timing.deadMs} ${timing.delayMs} ${timing.stallMs}`,
    `grace ${timing.graceMs} damping ${timing.dampingMs}`,
    ...config.links.map(linkLine).sort(),
    ...config.disks.map(diskLine).sort(),
    ...config.fences.map(fenceLine),
    ...arbiterLines(config.arbiter),
    ...config.services.map(({name, digest}) => `service ${name} ${digest}`).sort(),
  ];
  return digestText(lines.join('\n'));
}

function linkLine(link: ClusterConfig['links'][number]): string {
  const ends = [...link.ends].map(
    ([node, end]) => `${node} ${endpoints(end.listen)} ${endpoints(end.sendTo)}`,
  );
  return [`link ${link.id} ${link.kind} ${link.deadMs}`, ...ends.sort()].join('\n');
}

function endpoints(list: readonly Endpoint[]): string {
  const texts = list.map(({address, port}) => `${address}:${port}`);
  return texts.sort().join(',');
}

function arbiterLines(arbiter: ClusterConfig['arbiter']): readonly string[] {
  if (arbiter === null) return [];
  const {kind, prefix, ttlMs} = arbiter;
  return [`arbiter ${kind} ${prefix} ${ttlMs} ${[...arbiter.endpoints].sort().join(' ')}`];
}

function diskLine(disk: ClusterConfig['disks'][number]): string {
  const numbers = [disk.slotBlocks, disk.ioMs, disk.renewMs, disk.leaseMs, disk.deadMs];
  const slots = [...disk.slotBlock].map(
    ([node, slot]) => `${node} ${disk.device.get(node) ?? ''} ${slot}`,
  );
  return [`disk ${disk.id} ${numbers.join(' ')}`, ...slots.sort()].join('\n');
}

/** Without the path of the agent, which may differ, and without secrets. */
function fenceLine(fence: FenceConfig): string {
  const {node, level, action, timeoutMs, retries, delayMs, method} = fence;
  const words =
    method.kind === 'command'
      ? ['command', method.status === null ? 'exit' : 'status']
      : [
          method.agent.split('/').at(-1)!,
          ...[...method.parameters]
            .filter(([name]) => !isSecretName(name))
            .map(([name, value]) => `${name}=${value}`)
            .sort(),
        ];
  return JSON.stringify(['fence', node, level, action, timeoutMs, retries, delayMs, ...words]);
}
