/**
 * OpenHA's monitor lines to heartbeats. In OpenHA each line is one direction: its node sends, all
 * others listen. Here the lines of all nodes that share an interface (or a device) form one
 * heartbeat: the first line of each node the first one, the second the second, and so on. Lines
 * that are left because the nodes name their interfaces differently are paired in file order.
 * Ids: `hb#net1`, `hb#unicast1`, `hb#disk1`, counted per kind in the order of the file.
 */

import {diskId, linkId, nodeName, type NodeName} from '../kernel/ids.ts';
import {diskConfig} from './disk-lease.ts';
import type {DiskDraft, LinkDraft, MediaDraft} from './drafts.ts';
import {quote, type Report} from './findings.ts';
import type {DiskLine, MonitorLine, NetLine} from './openha-lines.ts';
import type {Endpoint, LinkEnd} from './types.ts';

export interface OpenhaMediaOptions {
  readonly nodes: readonly string[];
  readonly report: Report;
  /** D of the profile: a short TIMEOUT lowers it, so that I2 holds where it can. */
  readonly ioMs: number;
  readonly clockErrorRatio: number;
}

/** TTL of OpenHA's multicast. */
const ttl = 6;
/** Below this no shared disk can be expected to answer in time. */
const ioMsMin = 250;
/** I2 with R = 2D asks for a dead time of 8 D. */
const ioPerDead = 8;

export function openhaMedia(
  lines: readonly MonitorLine[],
  options: OpenhaMediaOptions,
): MediaDraft {
  const known = lines.filter((line) => isKnownNode(line, options));
  const nets = known.filter((line): line is NetLine => line.kind === 'net');
  const unicasts = known.filter((line): line is NetLine => line.kind === 'unicast');
  const disks = known.filter((line): line is DiskLine => 'device' in line);
  return {
    links: [
      ...netGroups(nets, options).map((group, index) => netLink(group, index + 1, options.report)),
      ...unicastGroups(unicasts, options).map((group, index) => unicastLink(group, index + 1)),
    ],
    disks: completeGroups(disks, (line) => line.device, options).map((group, index) =>
      diskDraft(group, index + 1, options),
    ),
  };
}

/** One line per node, in the order of the nodes. */
type Group<Line> = ReadonlyMap<NodeName, Line>;

function isKnownNode(line: MonitorLine, options: OpenhaMediaOptions): boolean {
  if (options.nodes.length === 0 || options.nodes.includes(line.node)) return true;
  const message = `expected a node of the cluster, found ${quote(line.node)}`;
  options.report('HA_CONF_UNKNOWN_NODE', line, message);
  return false;
}

/** The k-th lines of each node with the same key, whether or not every node has one. */
function groupsByKey<Line extends MonitorLine>(
  lines: readonly Line[],
  keyOf: (line: Line) => string,
): readonly Group<Line>[] {
  const groups: {key: string; lines: Map<NodeName, Line>}[] = [];
  for (const line of lines) {
    const node = nodeName(line.node);
    const key = keyOf(line);
    const open = groups.find((group) => group.key === key && !group.lines.has(node));
    if (open === undefined) groups.push({key, lines: new Map([[node, line]])});
    else open.lines.set(node, line);
  }
  return groups.map((group) => group.lines);
}

/** Groups that every node has a line in; the lines of the others are reported. */
function completeGroups<Line extends MonitorLine>(
  lines: readonly Line[],
  keyOf: (line: Line) => string,
  options: OpenhaMediaOptions,
): readonly Group<Line>[] {
  const complete: Group<Line>[] = [];
  for (const group of groupsByKey(lines, keyOf)) {
    const missing = options.nodes.filter((node) => !group.has(nodeName(node)));
    if (missing.length === 0) complete.push(group);
    else reportMissing([...group.values()], missing, options.report);
  }
  return complete;
}

/** By interface first; what is left over, in file order. */
function netGroups(
  lines: readonly NetLine[],
  options: OpenhaMediaOptions,
): readonly Group<NetLine>[] {
  const groups = groupsByKey(lines, (line) => line.iface);
  const whole = groups.filter((group) => group.size === options.nodes.length);
  const rest = groups.filter((group) => group.size !== options.nodes.length);
  const left = rest.flatMap((group) => [...group.values()]);
  left.sort((first, second) => first.line - second.line);
  return [...whole, ...completeGroups(left, () => '', options)].sort(
    (first, second) => firstLine(first) - firstLine(second),
  );
}

/** OpenHA's unicast knows one other node: with three, nobody can tell whom a line addresses. */
function unicastGroups(
  lines: readonly NetLine[],
  options: OpenhaMediaOptions,
): readonly Group<NetLine>[] {
  if (options.nodes.length <= 2) return netGroups(lines, options);
  for (const line of lines) {
    const message = `expected two nodes for unicast lines, found ${options.nodes.length}`;
    const hint = 'Write [hb#N] with type = unicast and address@NODE in cluster.conf instead.';
    options.report('HA_CONF_MONITOR_LINE', line, message, hint);
  }
  return [];
}

function firstLine(group: Group<MonitorLine>): number {
  return Math.min(...[...group.values()].map((line) => line.line));
}

function reportMissing(
  lines: readonly MonitorLine[],
  missing: readonly string[],
  report: Report,
): void {
  const line = lines[0]!;
  const message = `expected a line of every node, found none of ${missing.join(' and ')}`;
  report('HA_CONF_LINK_INCOMPLETE', line, message, `Write "${lineToWrite(lines, missing[0]!)}".`);
}

function lineToWrite(lines: readonly MonitorLine[], node: string): string {
  const line = lines[0]!;
  const timeout = line.deadMs / 1_000;
  if (!('device' in line)) {
    const {kind, iface, port} = line;
    const address = kind === 'net' ? line.address : 'ADDRESS-OF-THE-OTHER-NODE';
    return [node, kind, iface, address, Math.min(65_535, port + 1), timeout].join(' ');
  }
  const blocks = lines.map((other) => ('block' in other ? other.block : 0));
  return [node, line.kind, line.device, Math.max(...blocks) + 64, timeout].join(' ');
}

function placesOf<Line extends MonitorLine>(group: Group<Line>): LinkDraft['places'] {
  return new Map([...group].map(([node, {file, line}]) => [node, {file, line}]));
}

function deadMsOf(group: Group<MonitorLine>): number {
  return Math.max(...[...group.values()].map((line) => line.deadMs));
}

function netLink(group: Group<NetLine>, number: number, report: Report): LinkDraft {
  const places = placesOf(group);
  const endpoints = new Map([...group].map(([node, {address, port}]) => [node, {address, port}]));
  warnShared(group, report);
  warnUneven(group, report);
  const ends = [...group].map(([node, line]): [NodeName, LinkEnd] => [
    node,
    {
      iface: line.iface,
      address: null,
      listen: unique([...endpoints].filter(([other]) => other !== node).map(([, end]) => end)),
      sendTo: [endpoints.get(node)!],
    },
  ]);
  return {
    places,
    config: {
      id: linkId(`hb#net${number}`),
      kind: 'multicast',
      deadMs: deadMsOf(group),
      ttl,
      loopback: [...group.values()].every((line) => isLoopback(line.iface)),
      ends: new Map(ends),
      place: [...places.values()][0]!,
    },
  };
}

/** Linux calls it lo, FreeBSD lo0. */
export function isLoopback(iface: string | null): boolean {
  return iface !== null && /^lo\d*$/.test(iface);
}

function unique(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const seen = new Map(endpoints.map((end) => [`${end.address}:${end.port}`, end]));
  return [...seen.values()];
}

function warnShared(group: Group<NetLine>, report: Report): void {
  const first = new Map<string, NetLine>();
  for (const line of group.values()) {
    const name = `${line.address}:${line.port}`;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, line);
    else {
      const message = `expected a group or port of its own, found that of line ${earlier.line}`;
      report('HA_CONF_SHARED_ENDPOINT', line, message);
    }
  }
}

function warnUneven(group: Group<NetLine>, report: Report): void {
  const [first, ...others] = group.values();
  for (const line of others) {
    if (line.iface === first!.iface) continue;
    const message = `expected ${first!.iface} as in line ${first!.line}, found ${line.iface}`;
    report('HA_CONF_LINK_UNEVEN', line, message);
  }
}

/** A unicast line names whom its node sends to, which is the address the other one listens on. */
function unicastLink(group: Group<NetLine>, number: number): LinkDraft {
  const places = placesOf(group);
  const ends = [...group].map(([node, line]): [NodeName, LinkEnd] => {
    const others = [...group].filter(([other]) => other !== node).map(([, other]) => other);
    const listen = others.map(({address, port}) => ({address, port}));
    return [
      node,
      {
        iface: line.iface,
        address: listen[0]?.address ?? null,
        listen,
        sendTo: [{address: line.address, port: line.port}],
      },
    ];
  });
  return {
    places,
    config: {
      id: linkId(`hb#unicast${number}`),
      kind: 'unicast',
      deadMs: deadMsOf(group),
      ttl: 1,
      loopback: false,
      ends: new Map(ends),
      place: [...places.values()][0]!,
    },
  };
}

function diskDraft(group: Group<DiskLine>, number: number, options: OpenhaMediaOptions): DiskDraft {
  const places = placesOf(group);
  const deadMs = deadMsOf(group);
  const fittingMs = Math.max(ioMsMin, Math.floor(deadMs / ioPerDead));
  const config = diskConfig(
    {
      id: diskId(`hb#disk${number}`),
      device: new Map([...group].map(([node, line]) => [node, line.device])),
      slotBlock: new Map([...group].map(([node, line]) => [node, line.block])),
      place: [...places.values()][0]!,
    },
    {
      ioMs: Math.min(options.ioMs, fittingMs),
      renewMs: null,
      leaseMs: null,
      deadMs,
      slotBlocks: null,
    },
    options.clockErrorRatio,
  );
  return {config, places};
}
