/**
 * The links between the machines. Each direction of each link is a path of its own: it can be cut,
 * lose, delay, reorder and duplicate. Whoever records what passes can play it again later.
 */

import type {Chance} from '../kernel/chance.ts';
import type {LinkId, NodeName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';

export interface PathState {
  cut: boolean;
  lossPercent: number;
  duplicatePercent: number;
  delayMs: number;
  /** Added at random: packets overtake each other. */
  jitterMs: number;
}

/** A packet as it was on the wire. */
export interface Packet {
  readonly link: LinkId;
  readonly from: NodeName;
  readonly to: NodeName;
  readonly bytes: Uint8Array;
  readonly sentMs: number;
}

/** Packets that an eavesdropper keeps. */
const recordedMax = 256;
const lanDelayMs = 0.2;

export class Network {
  readonly #clock: VirtualClock;
  readonly #nodes: readonly NodeName[];
  readonly #deliver: (packet: Packet) => void;
  readonly #paths = new Map<string, PathState & {readonly chance: Chance}>();
  readonly #recorded: Packet[] = [];
  #recordAt = 0;

  constructor(options: {
    readonly clock: VirtualClock;
    readonly chance: Chance;
    readonly links: readonly LinkId[];
    readonly nodes: readonly NodeName[];
    readonly deliver: (packet: Packet) => void;
  }) {
    this.#clock = options.clock;
    this.#nodes = options.nodes;
    this.#deliver = options.deliver;
    const pairs = options.nodes.flatMap((from) =>
      options.nodes.filter((to) => to !== from).map((to) => ({from, to})),
    );
    for (const link of options.links) {
      for (const {from, to} of pairs) {
        this.#paths.set(pathKey(link, from, to), {...goodPath(), chance: options.chance.fork()});
      }
    }
  }

  path(link: LinkId, from: NodeName, to: NodeName): PathState {
    return this.#paths.get(pathKey(link, from, to))!;
  }

  /** All paths as new. */
  heal(): void {
    for (const path of this.#paths.values()) Object.assign(path, goodPath());
  }

  send(link: LinkId, from: NodeName, bytes: Uint8Array): void {
    const sentMs = this.#clock.nowMs();
    for (const to of this.#nodes) {
      if (to === from) continue;
      const packet = {link, from, to, bytes, sentMs};
      this.#recorded[this.#recordAt] = packet;
      this.#recordAt = (this.#recordAt + 1) % recordedMax;
      this.#travel(packet);
    }
  }

  /** Something an eavesdropper heard; null where nothing was sent yet. */
  recorded(chance: Chance): Packet | null {
    return this.#recorded.length === 0 ? null : chance.pick(this.#recorded);
  }

  #travel(packet: Packet): void {
    const path = this.#paths.get(pathKey(packet.link, packet.from, packet.to))!;
    if (path.cut) return;
    const {chance} = path;
    if (path.lossPercent > 0 && chance.percent(path.lossPercent)) return;
    this.#arrive(packet, path);
    if (path.duplicatePercent > 0 && chance.percent(path.duplicatePercent)) {
      this.#arrive(packet, path);
    }
  }

  #arrive(packet: Packet, path: PathState & {readonly chance: Chance}): void {
    const jitterMs = path.jitterMs > 0 ? path.chance.between(0, path.jitterMs) : 0;
    const dueMs = packet.sentMs + path.delayMs + jitterMs;
    this.#clock.at(dueMs, () => this.#deliver(packet));
  }
}

function goodPath(): PathState {
  return {cut: false, lossPercent: 0, duplicatePercent: 0, delayMs: lanDelayMs, jitterMs: 0};
}

function pathKey(link: LinkId, from: NodeName, to: NodeName): string {
  return `${link} ${from}>${to}`;
}
