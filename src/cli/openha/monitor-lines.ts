/**
 * The lines of OpenHA's monitor file, each with the link that it became, so that `hb -s` lists
 * senders and receivers in their order. Where there is no such file, the links of cluster.conf are
 * listed as that file would have had them: all of the first node, then all of the second.
 */

import {readMonitor} from '../../config/openha-lines.ts';
import type {MonitorLine} from '../../config/openha-lines.ts';
import type {ClusterConfig} from '../../config/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {OpenhaLine} from '../../status/openha.ts';

export function monitorLines(
  config: ClusterConfig,
  monitor: string | undefined,
): readonly OpenhaLine[] {
  const known = config.nodes.flatMap((node) => nodeLines(config, node));
  if (monitor === undefined) return known;
  return readMonitor(monitor, () => undefined).map((line) => {
    const label = labelOf(line);
    const found = known.find((one) => one.node === line.node && one.label === label);
    return found ?? {node: line.node, medium: '', label};
  });
}

function labelOf(line: MonitorLine): string {
  return 'device' in line
    ? `${line.device}:${line.block}`
    : `${line.iface}:${line.address}:${line.port}`;
}

function nodeLines(config: ClusterConfig, node: NodeName): readonly OpenhaLine[] {
  const links = config.links.flatMap((link) => {
    const end = link.ends.get(node);
    const to = end?.sendTo[0];
    if (end === undefined || to === undefined) return [];
    const label = `${end.iface ?? 'any'}:${to.address}:${to.port}`;
    return [{node, medium: link.id, label}];
  });
  const disks = config.disks.flatMap((disk) => {
    const device = disk.device.get(node);
    const block = disk.slotBlock.get(node);
    if (device === undefined || block === undefined) return [];
    return [{node, medium: disk.id, label: `${device}:${block}`}];
  });
  return [...links, ...disks];
}
