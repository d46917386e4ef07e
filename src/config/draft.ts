/**
 * From the texts to a cluster as it would be if every finding were corrected by its default. The
 * checks then run over this draft, so that one read reports what is wrong in all of it.
 */

import {nodeName, type NodeName} from '../kernel/ids.ts';
import {mediaMax} from '../kernel/limits.ts';
import {readArbitrator} from './arbitrator.ts';
import {clusterFile, readClusterFile, type ClusterSections} from './cluster-file.ts';
import {clusterDigest} from './digest.ts';
import type {MediaDraft} from './drafts.ts';
import {readFences} from './fence.ts';
import type {Report} from './findings.ts';
import {hbSections} from './hb-sections.ts';
import {clusterKeys} from './keys.ts';
import {clusterNodes} from './node-list.ts';
import {readMonitor, readNodes} from './openha-lines.ts';
import {openhaMedia} from './openha-media.ts';
import {readPings} from './ping.ts';
import {readQuorum} from './quorum.ts';
import {readSection, type Section} from './section.ts';
import {readServiceList} from './service-list.ts';
import {defaultDeadMs, defaultIoMs, defaultTtlMs, readTiming} from './timing.ts';
import type {ClusterConfig, ConfigFiles, Place} from './types.ts';
import {readWatchdogs} from './watchdog.ts';

export interface ClusterDraft {
  readonly config: ClusterConfig;
  readonly media: MediaDraft;
  /** Of `[cluster]`, for what concerns the cluster as a whole. */
  readonly place: Place;
}

/** Name of a cluster that is not given one: OpenHA's clusters have none. */
const nameDefault = 'ha';
/** TCP port of the peer channel, not registered for anything else. */
const peerPortDefault = 7_717;

export function draftCluster(files: ConfigFiles, report: Report): ClusterDraft {
  const sections = readClusterFile(files.texts.get(clusterFile), report);
  const scopes = {report, nodes: knownNames(files, sections)};
  const cluster = readSection(sections.cluster, clusterKeys, scopes);
  const nodesText = files.texts.get('nodes');
  const openha = nodesText === undefined ? null : readNodes(nodesText, report);
  const nodes = clusterNodes({cluster, openha, ownName: files.facts.nodeName}, report);
  const media = readMedia({files, sections, cluster, nodes, report});
  const links = media.links.map((link) => link.config);
  const linkDeadMs = links.map((link) => link.deadMs);
  const timing = readTiming(cluster, linkDeadMs);
  reportLogFacility(files, report);
  const name = cluster.get('name') ?? nameDefault;
  const list = {files, cluster: name, clusterNodes: nodes, overrides: sections.services, report};
  const members: Omit<ClusterConfig, 'digest' | 'quorum'> = {
    name,
    nodes: nodes.map(nodeName),
    takeover: cluster.get('takeover') ?? 'proven',
    stopFailed: cluster.get('stop_failed') ?? 'fence',
    timing,
    links,
    disks: media.disks.map((disk) => disk.config),
    services: readServiceList(list),
    fences: readFences(sections.fences, nodes, report),
    watchdogs: readWatchdogs(sections.watchdog, nodes, report),
    pings: readPings({section: sections.ping, nodes, timing, deadMs: linkDeadMs}, report),
    arbiter: readArbitrator(sections.arbitrators, {nodes, report, ttlMs: defaultTtlMs(cluster)}),
    peerPort: peerPorts(cluster, nodes),
    freezeSecondaryOnStart: cluster.get('freeze_secondary_on_start') ?? false,
  };
  const policy = cluster.get('no_quorum');
  const quorum = readQuorum({policy, config: members, place: cluster.placeOf('no_quorum')}, report);
  const config: Omit<ClusterConfig, 'digest'> = {...members, quorum};
  return {config: {...config, digest: clusterDigest(config)}, media, place: cluster.place};
}

/** What may stand behind `@` in `[cluster]` itself, before the list of nodes was checked. */
function knownNames(files: ConfigFiles, sections: ClusterSections): readonly string[] {
  const entries = 'entries' in sections.cluster ? sections.cluster.entries : [];
  const written = entries.find((entry) => entry.key === 'nodes' && entry.scope === null);
  const text = written?.raw ?? files.texts.get('nodes') ?? '';
  return text.split(/\s+/).filter((name) => name !== '');
}

interface MediaSources {
  readonly files: ConfigFiles;
  readonly sections: ClusterSections;
  readonly cluster: Section<typeof clusterKeys>;
  readonly nodes: readonly string[];
  readonly report: Report;
}

/** OpenHA's links come in beside `[hb#N]`; all of them together stay within one limit. */
function readMedia(sources: MediaSources): MediaDraft {
  const {files, sections, cluster, nodes, report} = sources;
  const {clockErrorRatio} = readTiming(cluster, []);
  const ioMs = defaultIoMs(cluster);
  const own = hbSections(sections.heartbeats, {
    nodes,
    report,
    deadMs: defaultDeadMs(cluster),
    ioMs,
    clockErrorRatio,
  });
  const lines = readMonitor(files.texts.get('monitor') ?? '', report);
  const theirs = openhaMedia(lines, {nodes, report, ioMs, clockErrorRatio});
  const links = [...own.links, ...theirs.links];
  const disks = [...own.disks, ...theirs.disks];
  const excess = [...links, ...disks][mediaMax];
  if (excess === undefined) return {links, disks};
  const message = `expected at most ${mediaMax} heartbeats, found ${links.length + disks.length}`;
  report('HA_CONF_TOO_MANY', excess.config.place, message);
  const kept = links.slice(0, mediaMax);
  return {links: kept, disks: disks.slice(0, mediaMax - kept.length)};
}

function peerPorts(
  cluster: Section<typeof clusterKeys>,
  nodes: readonly string[],
): ReadonlyMap<NodeName, number> {
  return new Map(
    nodes.map((node) => [nodeName(node), cluster.get('peer_port', node) ?? peerPortDefault]),
  );
}

function reportLogFacility(files: ConfigFiles, report: Report): void {
  if (!files.texts.has('logfacility')) return;
  const place = {file: 'logfacility', line: 0};
  report('HA_CONF_NOT_USED', place, 'logfacility is not used: the daemon logs to its output');
}
