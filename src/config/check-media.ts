/** Heartbeats against each other and against the number that a cluster needs. */

import type {NodeName} from '../kernel/ids.ts';
import type {ClusterDraft} from './draft.ts';
import type {DiskDraft, LinkDraft} from './drafts.ts';
import type {Report} from './findings.ts';
import type {LinkEnd, Place} from './types.ts';

export function checkMedia(draft: ClusterDraft, report: Report): void {
  checkCount(draft, report);
  checkEndpoints(draft.media.links, report);
  checkSlots(draft.media.disks, report);
}

function checkCount(draft: ClusterDraft, report: Report): void {
  const {links, disks} = draft.media;
  if (draft.config.nodes.length < 2 || links.length + disks.length > 1) return;
  const only = links[0] ?? disks[0];
  if (only === undefined) {
    report('HA_CONF_NO_LINK', draft.place, 'expected at least two heartbeats, found none');
  } else {
    const message = `expected at least two heartbeats, found ${only.config.id} alone`;
    report('HA_CONF_SINGLE_LINK', only.config.place, message);
  }
}

interface Use {
  readonly link: LinkDraft;
  readonly node: NodeName;
  /** `ADDRESS:PORT` that the node listens on. */
  readonly name: string;
}

/** A socket that two links share would get the frames of both. */
function checkEndpoints(links: readonly LinkDraft[], report: Report): void {
  const owners = new Map<string, string>();
  const told = new Set<string>();
  for (const {link, node, name} of links.flatMap(usesOf)) {
    const {id, place} = link.config;
    const owner = owners.get(`${node} ${name}`) ?? id;
    owners.set(`${node} ${name}`, owner);
    if (owner === id || told.has(`${owner} ${id} ${name}`)) continue;
    told.add(`${owner} ${id} ${name}`);
    const message = `expected a group or port of its own, found ${name} in ${owner} too`;
    report('HA_CONF_DUPLICATE_ENDPOINT', link.places.get(node) ?? place, message);
  }
  for (const link of links) if (link.config.kind === 'unicast') checkTwins(link, report);
  checkCopies(links, report);
}

/**
 * A multicast link also takes its port on the own address of its interface, for copies. Where that
 * may be the address of a unicast link, whichever opens first keeps the other one down.
 */
function checkCopies(links: readonly LinkDraft[], report: Report): void {
  const groups = links.filter(({config}) => config.kind === 'multicast' && !config.loopback);
  for (const {config, places} of links) {
    if (config.kind !== 'unicast') continue;
    for (const [node, end] of config.ends) {
      const group = groups.find((one) => mayMeet(one.config.ends.get(node), end));
      if (group === undefined) continue;
      const port = end.listen[0]!.port;
      const message = `expected a port apart from ${group.config.id}, found ${port} in both`;
      const hint = `Write another port for ${config.id}, or the iface of each if they differ.`;
      report('HA_CONF_DUPLICATE_ENDPOINT', places.get(node) ?? config.place, message, hint);
      break;
    }
  }
}

/** True unless port, address or interface keep them apart for certain. */
function mayMeet(group: LinkEnd | undefined, own: LinkEnd): boolean {
  if (group === undefined || (group.iface === null && group.address === null)) return false;
  if (!group.listen.some(({port}) => own.listen.some((end) => end.port === port))) return false;
  if (group.address !== null) return own.listen.some(({address}) => address === group.address);
  return own.iface === null || own.iface === group.iface;
}

function usesOf(link: LinkDraft): readonly Use[] {
  return [...link.config.ends].flatMap(([node, end]) =>
    end.listen.map(({address, port}) => ({link, node, name: `${address}:${port}`})),
  );
}

/** Two nodes of a unicast link with one address and port: both would bind it. */
function checkTwins(link: LinkDraft, report: Report): void {
  const owners = new Map<string, NodeName>();
  for (const {node, name} of usesOf(link)) {
    const owner = owners.get(name) ?? node;
    owners.set(name, owner);
    if (owner === node) continue;
    const message = `expected an address or port of its own for ${node}, found ${name} of ${owner}`;
    report('HA_CONF_DUPLICATE_ENDPOINT', link.places.get(node) ?? link.config.place, message);
  }
}

interface Slot {
  readonly owner: string;
  readonly device: string;
  readonly first: number;
  /** Behind the last block. */
  readonly end: number;
  readonly place: Place;
}

/** Slots are compared by the device path that one and the same node uses. */
function checkSlots(disks: readonly DiskDraft[], report: Report): void {
  const told = new Set<string>();
  const readers = new Set(disks.flatMap((disk) => [...disk.config.device.keys()]));
  for (const reader of readers) {
    const slots = disks.flatMap((disk) => slotsOf(disk, reader));
    slots.sort((left, right) => compare(left.device, right.device) || left.first - right.first);
    for (const [index, slot] of slots.entries()) {
      const before = slots[index - 1];
      if (before === undefined || before.device !== slot.device) continue;
      if (slot.first >= before.end || told.has(`${before.owner} ${slot.owner}`)) continue;
      told.add(`${before.owner} ${slot.owner}`);
      reportOverlap(before, slot, report);
    }
  }
}

function slotsOf(disk: DiskDraft, reader: NodeName): readonly Slot[] {
  const {config} = disk;
  return [...config.slotBlock].map(([node, first]) => ({
    owner: `${node} in ${config.id}`,
    device: config.device.get(reader) ?? '',
    first,
    end: first + config.slotBlocks,
    place: disk.places.get(node) ?? config.place,
  }));
}

function reportOverlap(before: Slot, slot: Slot, report: Report): void {
  const later = slot.place.line >= before.place.line ? slot : before;
  const range = ({first, end, owner}: Slot): string =>
    `${owner}, ${end - first === 1 ? `block ${first}` : `blocks ${first} to ${end - 1}`}`;
  const found = `${range(before)}, and ${range(slot)}`;
  const message = `expected slots apart from each other on ${slot.device}, found ${found}`;
  const hint = `Write a slot of ${Math.max(before.end, slot.end)} or more, or fewer slot_blocks.`;
  report('HA_CONF_SLOT_OVERLAP', later.place, message, hint);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
