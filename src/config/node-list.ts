/** The nodes of the cluster, from `[cluster]` or from OpenHA's nodes file; we must be one. */

import {nodesMax} from '../kernel/limits.ts';
import {quote, type Report} from './findings.ts';
import type {clusterKeys} from './keys.ts';
import {checkMembers, type NamedPlace} from './members.ts';
import {nearest} from './nearest.ts';
import type {NodeLine} from './openha-lines.ts';
import type {Section} from './section.ts';
import type {Place} from './types.ts';

export interface NodeSources {
  readonly cluster: Section<typeof clusterKeys>;
  /** Lines of the nodes file; null: there is none. */
  readonly openha: readonly NodeLine[] | null;
  readonly ownName: string;
}

export function clusterNodes(sources: NodeSources, report: Report): readonly string[] {
  const {cluster, openha} = sources;
  const written = cluster.get('nodes');
  const place = cluster.placeOf('nodes');
  const listed = (written ?? []).map((name): NamedPlace => ({...place, name}));
  const fromCluster = checkMembers(listed, [], report);
  const fromOpenha = checkMembers(openha ?? [], [], report);
  if (written !== null && openha !== null) {
    reportDifference(fromCluster, fromOpenha, {place, report});
  }
  const nodes = written === null ? fromOpenha : fromCluster;
  const where = written === null && openha !== null ? {file: 'nodes', line: 0} : place;
  if (nodes.length === 0 && !cluster.has('nodes')) {
    report('HA_CONF_NO_NODES', where, 'expected the names of at least two nodes, found none');
  }
  if (nodes.length > nodesMax) {
    const message = `expected at most ${nodesMax} nodes, found ${nodes.length}`;
    report('HA_CONF_TOO_MANY', where, message);
  }
  if (nodes.length === 1) report('HA_CONF_SINGLE_NODE', where, 'expected two nodes, found one');
  if (nodes.length > 0) reportStranger(nodes, sources.ownName, {place: where, report});
  return nodes.slice(0, nodesMax);
}

interface Where {
  readonly place: Place;
  readonly report: Report;
}

function reportDifference(
  cluster: readonly string[],
  openha: readonly string[],
  {place, report}: Where,
): void {
  const only = [
    ...cluster.filter((name) => !openha.includes(name)),
    ...openha.filter((name) => !cluster.includes(name)),
  ];
  if (only.length === 0) return;
  const found = `${only.join(' and ')} in one only`;
  const message = `expected the same nodes in cluster.conf and nodes, found ${found}`;
  report('HA_CONF_NODES_DIFFER', place, message);
}

/** `uname -n` says NODE1 or node1.example.com where node1 was written: the usual case. */
function reportStranger(nodes: readonly string[], own: string, {place, report}: Where): void {
  if (nodes.includes(own)) return;
  const lower = own.toLowerCase();
  const same = nodes.find(
    (node) =>
      node.toLowerCase() === lower ||
      node.toLowerCase().split('.')[0] === lower ||
      node.toLowerCase() === lower.split('.')[0],
  );
  const meant = same ?? nearest(own, nodes);
  const message = `expected this node, ${quote(own)}, in the nodes, found ${nodes.join(' ')}`;
  const hint =
    meant === null
      ? `Add ${own} to the nodes, or start with --nodename and the name that is listed.`
      : `Write ${own} there, or start with --nodename ${meant}.`;
  report('HA_CONF_NOT_MEMBER', place, message, hint);
}
