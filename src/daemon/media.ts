/** This node's heartbeat media, opened and closed as the configuration says. */

import {performance} from 'node:perf_hooks';
import type {ClusterConfig, DiskConfig, LinkConfig} from '../config/types.ts';
import type {Input} from '../engine/types.ts';
import type {EngineView} from '../engine/view.ts';
import {DiskClient} from '../heartbeat/io/disk-client.ts';
import {UdpLink} from '../heartbeat/io/udp-link.ts';
import {recordBytes} from '../heartbeat/layout.ts';
import type {DiskId, LinkId, NodeName} from '../kernel/ids.ts';
import type {Log} from './log.ts';

export interface MediaOptions {
  readonly node: NodeName;
  readonly give: (input: Input) => void;
  readonly log: Log;
}

interface OpenLink {
  readonly key: string;
  readonly link: UdpLink;
  /** Addresses from which anything came; not proven to be anybody's. */
  readonly sources: Set<string>;
}

interface OpenDisk {
  readonly key: string;
  readonly disk: DiskClient;
  readonly slotBytes: number;
  /** When the last slot was handed over, and when the last one that came to an end had been. */
  handedMs: number;
  endedMs: number;
}

/** Addresses remembered per link: every member and a few strays. */
const sourcesMax = 32;
/** How long the goodbye may take to get to the disks, ms. */
const lastWriteMsMax = 1_000;

export class Media {
  readonly #options: MediaOptions;
  readonly #links = new Map<LinkId, OpenLink>();
  readonly #disks = new Map<DiskId, OpenDisk>();

  constructor(options: MediaOptions) {
    this.#options = options;
  }

  /** Media that are the same stay open. */
  apply(config: ClusterConfig): void {
    const {node} = this.#options;
    const links = config.links.filter((link) => link.ends.has(node));
    const disks = config.disks.filter((disk) => disk.device.has(node) && disk.slotBlock.has(node));
    for (const [id, open] of this.#links) {
      if (links.some((link) => link.id === id && linkKey(link) === open.key)) continue;
      open.link.close();
      this.#links.delete(id);
    }
    for (const [id, open] of this.#disks) {
      if (disks.some((disk) => disk.id === id && diskKey(disk) === open.key)) continue;
      open.disk.close();
      this.#disks.delete(id);
    }
    for (const link of links) {
      if (!this.#links.has(link.id)) this.#links.set(link.id, this.#openLink(link));
    }
    for (const disk of disks) {
      if (!this.#disks.has(disk.id)) this.#disks.set(disk.id, this.#openDisk(disk));
    }
  }

  send(link: LinkId, bytes: Uint8Array): void {
    this.#links.get(link)?.link.send(bytes);
  }

  writeSlot(id: DiskId, bytes: Uint8Array): void {
    const open = this.#disks.get(id);
    // Between a reload and the engine's turn the slot may still have its former size.
    if (open === undefined || bytes.length !== open.slotBytes) return;
    open.handedMs = performance.now();
    open.disk.write(bytes);
  }

  /** Process ids by medium: of the child for a disk, ours for a link. */
  pids(): Readonly<Record<string, number>> {
    const pids: Record<string, number> = {};
    for (const id of this.#links.keys()) pids[id] = process.pid;
    for (const [id, {disk}] of this.#disks) if (disk.pid !== null) pids[id] = disk.pid;
    return pids;
  }

  /** Who was heard, authenticated, from an address that this link knows gets copies there. */
  learn(view: EngineView): void {
    for (const {link, sources} of this.#links.values()) {
      for (const {name, address} of view.nodes) {
        if (address !== null && sources.has(address)) link.learnPeer(name, address);
      }
    }
  }

  /** The last words reach the disks first, as far as these answer. */
  async close(): Promise<void> {
    const endMs = performance.now() + lastWriteMsMax;
    while (performance.now() < endMs && [...this.#disks.values()].some(isWriting)) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    for (const {link} of this.#links.values()) link.close();
    for (const {disk} of this.#disks.values()) disk.close();
  }

  #openLink(config: LinkConfig): OpenLink {
    const {give, node} = this.#options;
    const sources = new Set<string>();
    const link = new UdpLink({
      link: config,
      node,
      onPacket: (bytes, from) => {
        noteSource(sources, from);
        give({type: 'packet', link: config.id, bytes, from});
      },
      onFault: (fault) => give({type: 'link-state', link: config.id, fault}),
    });
    return {key: linkKey(config), link, sources};
  }

  #openDisk(config: DiskConfig): OpenDisk {
    const {give, node, log} = this.#options;
    const {id} = config;
    const disk = new DiskClient({
      disk: config,
      node,
      nowMs: () => performance.now(),
      onSlot: (peer, bytes) => give({type: 'slot', disk: id, node: peer, bytes}),
      onState: (state) => {
        if (state.action === 'write') open.endedMs = state.issuedMs;
        give({type: 'disk-state', disk: id, ...state});
      },
      onNote: (text) => log.warn(`${id}: ${text}`),
    });
    const slotBytes = config.slotBlocks * recordBytes;
    const open: OpenDisk = {key: diskKey(config), disk, slotBytes, handedMs: 0, endedMs: 0};
    return open;
  }
}

/**
 * The oldest makes room: whoever sends under many addresses must not push a member out for good.
 */
function noteSource(sources: Set<string>, from: string): void {
  if (sources.has(from)) return;
  const [oldest] = sources;
  if (sources.size >= sourcesMax && oldest !== undefined) sources.delete(oldest);
  sources.add(from);
}

function isWriting(open: OpenDisk): boolean {
  return open.endedMs < open.handedMs;
}

function linkKey(link: LinkConfig): string {
  return JSON.stringify({...link, ends: [...link.ends], place: null});
}

function diskKey(disk: DiskConfig): string {
  const maps = {device: [...disk.device], slotBlock: [...disk.slotBlock]};
  return JSON.stringify({...disk, ...maps, place: null});
}
