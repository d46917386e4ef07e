/** The bad day of each class: when its services would run twice, or stay down. */

import {formatDuration} from '../kernel/duration.ts';
import {leasesOf} from './inequalities.ts';
import type {NodeName} from '../kernel/ids.ts';
import {takeoverOf, waitOf} from './takeover.ts';
import {serviceClasses} from './types.ts';
import type {ClusterConfig, ServiceClass} from './types.ts';

export interface Scenario {
  /** `split`: it could run twice; `down`: it would stay down until a person acts. */
  readonly kind: 'split' | 'down';
  readonly text: string;
}

export function scenariosOf(
  config: ClusterConfig,
  weak: ReadonlySet<NodeName>,
): readonly Scenario[] {
  if (config.nodes.length < 2) return [{kind: 'down', text: 'There is no second node.'}];
  if (config.takeover === 'manual') {
    const text =
      'A node dies: with takeover = manual its services stay down until an operator types ' +
      '"ha confirm-dead".';
    return [{kind: 'down', text}];
  }
  const present = serviceClasses.filter((serviceClass) =>
    config.services.some((service) => service.serviceClass === serviceClass),
  );
  const classes = present.length > 0 ? present : (['exclusive'] as const);
  return classes.map((serviceClass) => scenarioOf(config, serviceClass, weak));
}

function scenarioOf(
  config: ClusterConfig,
  serviceClass: ServiceClass,
  weak: ReadonlySet<NodeName>,
): Scenario {
  const takeover = takeoverOf(config, serviceClass, {weak});
  if (!takeover.possible) {
    const text =
      `A node falls silent: services of class ${serviceClass} stay down until an operator types ` +
      `"ha confirm-dead": they need ${takeover.proofNeeded}, and ${takeover.proof} is the best.`;
    return {kind: 'down', text};
  }
  if (takeover.source === 'fencing') {
    const text =
      `A node falls silent and no level of its fencing can verify that it is off: services of ` +
      `class ${serviceClass} stay down until an operator types "ha confirm-dead".`;
    return {kind: 'down', text};
  }
  if (takeover.proofNeeded === 'P3') return {kind: 'split', text: watchedSplit(config)};
  if (takeover.proofNeeded === 'P2') return {kind: 'split', text: leaseSplit(config)};
  const hasDisk = config.disks.length > 0;
  const text =
    `${hasDisk ? 'All links and the disk' : 'All links'} are cut while both nodes live: services ` +
    `of class ${serviceClass} start a second time within ${formatDuration(takeover.worstMs!)}; ` +
    `when the links heal, one of them stops.`;
  return {kind: 'split', text};
}

/** What a node must lose, with its links, before it has no right to run left. */
function mainstay({disks, arbiter}: ClusterConfig): string {
  const names = [disks.length > 0 ? 'its disk' : '', arbiter === null ? '' : 'etcd'];
  return names.filter((name) => name !== '').join(' and ');
}

function lastWaitMs(config: ClusterConfig, waits: readonly number[]): number {
  return Math.max(...waits, config.arbiter?.ttlMs ?? 0);
}

function watchedSplit(config: ClusterConfig): string {
  const waits = config.disks.map((disk) => waitOf(config, disk));
  const wait = formatDuration(lastWaitMs(config, waits));
  return (
    `A node loses its links and ${mainstay(config)} and its watchdog does not reset it ` +
    `(a broken watchdog, or a virtual machine that is paused): the other node starts services ` +
    `of class data ${wait} after the last renewal. Only fencing closes this.`
  );
}

function leaseSplit(config: ClusterConfig): string {
  const waits = config.disks.map((disk) => disk.waitMs);
  const wait = formatDuration(lastWaitMs(config, waits));
  const half = Math.min(...leasesOf(config).map(({leaseMs}) => leaseMs)) / 2;
  return (
    `A node loses its links and ${mainstay(config)}, and a stop takes longer than ` +
    `${formatDuration(half)}, half its lease (a slow or hung script, a paused machine): the ` +
    `other node starts it ${wait} after the last renewal. For a service that needs longer to ` +
    `stop, write a lease of twice that; the rest only a watchdog or fencing closes.`
  );
}
