/** `[hb#N]` of cluster.conf to heartbeats. */

import {diskId, linkId, nodeName, type NodeName} from '../kernel/ids.ts';
import {diskConfig} from './disk-lease.ts';
import type {DiskDraft, LinkDraft, MediaDraft} from './drafts.ts';
import {quote, type Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import {diskKeys, multicastKeys, unicastKeys} from './keys.ts';
import {slotBlocksMax} from './limits.ts';
import {isLoopback} from './openha-media.ts';
import {readSection, type Section} from './section.ts';
import type {LinkEnd, Place} from './types.ts';

export interface HbOptions {
  readonly nodes: readonly string[];
  readonly report: Report;
  /** Dead time of links that have none of their own. */
  readonly deadMs: number;
  /** D of the profile. */
  readonly ioMs: number;
  readonly clockErrorRatio: number;
}

/**
 * UDP port of heartbeat N where none is written: each has its own, so that no two of them meet on
 * one address.
 */
function portDefault(number: number): number {
  return 10_000 + number - 1;
}

export function hbSections(sections: readonly IniSection[], options: HbOptions): MediaDraft {
  const links: LinkDraft[] = [];
  const disks: DiskDraft[] = [];
  for (const section of sections) {
    const number = sectionNumber(section, options.report);
    if (number === null) continue;
    switch (typeOf(section, options.report)) {
      case 'multicast':
        links.push(multicastLink(section, number, options));
        break;
      case 'unicast':
        links.push(...unicastLink(section, number, options));
        break;
      case 'disk':
        disks.push(...disk(section, options));
        break;
      case null:
        break;
    }
  }
  return {links, disks};
}

/** N of `[hb#N]`, 1 to 254: it is also the last byte of the default group. */
function sectionNumber(section: IniSection, report: Report): number | null {
  const match = /^hb#([1-9]\d{0,2})$/.exec(section.name);
  const number = match === null ? 0 : Number(match[1]);
  if (number >= 1 && number <= 254) return number;
  const message = `expected [hb#1] to [hb#254], found ${quote(`[${section.name}]`)}`;
  report('HA_CONF_BAD_VALUE', section, message, 'Number the heartbeats from 1 on.');
  return null;
}

type HbType = 'multicast' | 'unicast' | 'disk';

/** The key `type` is the same in the tables of all types; the other keys wait for their table. */
function typeOf(section: IniSection, report: Report): HbType | null {
  const entries = section.entries.filter((entry) => entry.key === 'type');
  const keys = {type: multicastKeys.type};
  const type = readSection({...section, entries}, keys, {report, nodes: []}).get('type');
  if (type === null && entries.length === 0) {
    const message = `[${section.name}] expected the key type, found none`;
    report('HA_CONF_MISSING_KEY', section, message, 'Write type = multicast, unicast or disk.');
  }
  return type;
}

/** The section without its type, which was checked already. */
function sectionOf<Keys extends typeof multicastKeys | typeof unicastKeys | typeof diskKeys>(
  section: IniSection,
  keys: Keys,
  options: HbOptions,
): Section<Keys> {
  const entries = section.entries.filter((entry) => entry.key !== 'type' || entry.scope !== null);
  return readSection({...section, entries}, keys, options);
}

function everyNode<Value>(
  options: HbOptions,
  valueOf: (node: NodeName, rank: number) => Value,
): ReadonlyMap<NodeName, Value> {
  const entries = options.nodes.map((name, rank): [NodeName, Value] => [
    nodeName(name),
    valueOf(nodeName(name), rank),
  ]);
  return new Map(entries);
}

function multicastLink(section: IniSection, number: number, options: HbOptions): LinkDraft {
  const values = sectionOf(section, multicastKeys, options);
  const group = values.get('group') ?? `239.192.71.${number}`;
  const endpoints = [{address: group, port: values.get('port') ?? portDefault(number)}];
  const ends = everyNode(options, (node): LinkEnd => {
    const iface = values.get('iface', node);
    return {iface, address: values.get('address', node), listen: endpoints, sendTo: endpoints};
  });
  const onLoopback = [...ends.values()].every((end) => isLoopback(end.iface));
  return {
    places: everyNode(options, () => values.placeOf('group')),
    config: {
      id: linkId(section.name),
      kind: 'multicast',
      deadMs: values.get('dead') ?? options.deadMs,
      ttl: values.get('ttl') ?? 1,
      loopback: values.get('loopback') ?? (onLoopback && ends.size > 0),
      ends,
      place: values.place,
    },
  };
}

function unicastLink(
  section: IniSection,
  number: number,
  options: HbOptions,
): readonly LinkDraft[] {
  const values = sectionOf(section, unicastKeys, options);
  const own = everyNode(options, (node) => {
    const address = values.get('address', node);
    if (!values.has('address', node)) missing(section, `address@${node}`, options.report);
    return {address: address ?? '', port: values.get('port', node) ?? portDefault(number)};
  });
  if ([...own.values()].some((end) => end.address === '')) return [];
  const ends = everyNode(options, (node): LinkEnd => {
    const end = own.get(node)!;
    const others = [...own].filter(([other]) => other !== node).map(([, other]) => other);
    const iface = values.get('iface', node);
    return {iface, address: end.address, listen: [end], sendTo: others};
  });
  const config = {
    id: linkId(section.name),
    kind: 'unicast' as const,
    deadMs: values.get('dead') ?? options.deadMs,
    ttl: 1,
    loopback: false,
    ends,
    place: values.place,
  };
  return [{config, places: everyNode(options, (node) => values.placeOf('address', node))}];
}

function missing(section: IniSection, key: string, report: Report): void {
  const message = `[${section.name}] expected the key ${key}, found none`;
  report('HA_CONF_MISSING_KEY', section, message, `Write ${key} = ...`);
}

function disk(section: IniSection, options: HbOptions): readonly DiskDraft[] {
  const values = sectionOf(section, diskKeys, options);
  const devices = everyNode(options, (node) => {
    const device = values.get('device', node);
    if (!values.has('device', node)) missing(section, `device@${node}`, options.report);
    return device ?? '';
  });
  const slots = slotsOf(section, values, options);
  if (slots === null || [...devices.values()].includes('')) return [];
  const config = diskConfig(
    {id: diskId(section.name), device: devices, slotBlock: slots, place: values.place},
    {
      ioMs: values.get('io') ?? options.ioMs,
      renewMs: values.get('renew'),
      leaseMs: values.get('lease'),
      deadMs: values.get('dead'),
      slotBlocks: values.get('slot_blocks'),
    },
    options.clockErrorRatio,
  );
  const places = everyNode(options, (node): Place => values.placeOf('slot', node));
  return [{config, places}];
}

/** As written for every node, or side by side in the order of the nodes where none is written. */
function slotsOf(
  section: IniSection,
  values: Section<typeof diskKeys>,
  options: HbOptions,
): ReadonlyMap<NodeName, number> | null {
  const blocks = values.get('slot_blocks') ?? slotBlocksMax;
  if (!section.entries.some((entry) => entry.key === 'slot')) {
    return everyNode(options, (_, rank) => rank * blocks);
  }
  const slots = everyNode(options, (node) => values.get('slot', node) ?? -1);
  const without = [...slots.keys()].filter((node) => !values.has('slot', node));
  for (const node of without) missing(section, `slot@${node}`, options.report);
  return [...slots.values()].includes(-1) ? null : slots;
}
