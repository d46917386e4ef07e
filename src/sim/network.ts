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

interface Route {
  readonly to: NodeName;
  readonly path: PathState;
  readonly chance: Chance;
}

/** Packets that an eavesdropper keeps. */
const recordedMax = 256;
const lanDelayMs = 0.2;

export class Network {
  readonly #clock: VirtualClock;
  readonly #deliver: (packet: Packet) => void;
  /** By link and sender, in the order of the nodes: asked for with every packet. */
  readonly #routes = new Map<LinkId, Map<NodeName, readonly Route[]>>();
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
    this.#deliver = options.deliver;
    for (const link of options.links) {
      const senders = new Map<NodeName, readonly Route[]>();
      this.#routes.set(link, senders);
      for (const from of options.nodes) {
        const others = options.nodes.filter((to) => to !== from);
        const routes = others.map((to) => ({to, path: goodPath(), chance: options.chance.fork()}));
        senders.set(from, routes);
      }
    }
  }

  path(link: LinkId, from: NodeName, to: NodeName): PathState {
    return this.#routesOf(link, from).find((route) => route.to === to)!.path;
  }

  /** All paths as new. */
  heal(): void {
    for (const senders of this.#routes.values()) {
      for (const {path} of [...senders.values()].flat()) Object.assign(path, goodPath());
    }
  }

  send(link: LinkId, from: NodeName, bytes: Uint8Array): void {
    const sentMs = this.#clock.nowMs();
    for (const route of this.#routesOf(link, from)) {
      const packet = {link, from, to: route.to, bytes, sentMs};
      this.#recorded[this.#recordAt] = packet;
      this.#recordAt = (this.#recordAt + 1) % recordedMax;
      this.#travel(packet, route);
    }
  }

  /** Something an eavesdropper heard; null where nothing was sent yet. */
  recorded(chance: Chance): Packet | null {
    return this.#recorded.length === 0 ? null : chance.pick(this.#recorded);
  }

  #routesOf(link: LinkId, from: NodeName): readonly Route[] {
    return this.#routes.get(link)!.get(from)!;
  }

  #travel(packet: Packet, route: Route): void {
    const {path, chance} = route;
    if (path.cut) return;
    if (path.lossPercent > 0 && chance.percent(path.lossPercent)) return;
    this.#arrive(packet, route);
    if (path.duplicatePercent > 0 && chance.percent(path.duplicatePercent)) {
      this.#arrive(packet, route);
    }
  }

  #arrive(packet: Packet, {path, chance}: Route): void {
    const jitterMs = path.jitterMs > 0 ? chance.between(0, path.jitterMs) : 0;
    const dueMs = packet.sentMs + path.delayMs + jitterMs;
    this.#clock.at(dueMs, () => this.#deliver(packet));
  }
}

function goodPath(): PathState {
  return {cut: false, lossPercent: 0, duplicatePercent: 0, delayMs: lanDelayMs, jitterMs: 0};
}
