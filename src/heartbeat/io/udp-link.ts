/**
 * This node's end of a heartbeat link over the network.
 *
 * A multicast link has one socket per group, bound to the group (Linux hands the packets of every
 * joined group to every socket that is bound to the port alone), and one socket bound to the own
 * address and the same port. The latter sends, and it receives what the others send as unicast
 * copies: a socket bound to a group never gets those. So a switch that forgets the group after
 * minutes takes nothing away but the group's half.
 *
 * Only a link that loops back (two daemons on one machine) shares its group and port; those two
 * cannot both bind one address, so there are no copies there, and no switch that could forget.
 */

import {isIPv6} from 'node:net';
import type {Endpoint, LinkConfig, LinkEnd} from '../../config/types.ts';
import {assert} from '../../kernel/assert.ts';
import type {NodeName} from '../../kernel/ids.ts';
import {nodesMax} from '../../kernel/limits.ts';
import {InterfaceWatch} from './interface-watch.ts';
import type {InterfaceState} from './interface-watch.ts';
import {UdpSocket} from './udp-socket.ts';

export interface UdpLinkOptions {
  readonly link: LinkConfig;
  readonly node: NodeName;
  /** Bytes that nobody else holds, and the address they came from. */
  readonly onPacket: (bytes: Uint8Array, from: string) => void;
  /** What is wrong with our own end, or null; called when it changes. */
  readonly onFault: (fault: string | null) => void;
  /** Time between two looks at carrier and address, ms. */
  readonly watchMs?: number;
}

export interface UdpLinkStats {
  readonly sentCount: number;
  readonly sendErrorCount: number;
  readonly receivedCount: number;
  /** Those among receivedCount that came by the group. */
  readonly groupCount: number;
  /** Why copies cannot be received here; null: they can, or the link has none. */
  readonly copyFault: string | null;
}

const watchMsDefault = 1_000;
/** A switch without a querier forgets a member after about 260 s (RFC 3376, 8.4). */
const rejoinMs = 60_000;

export class UdpLink {
  readonly #options: UdpLinkOptions;
  readonly #end: LinkEnd;
  readonly #family: 4 | 6;
  readonly #watch: InterfaceWatch;
  /** Receive: the groups of a multicast link, the own endpoints of a unicast one. */
  readonly #listeners: readonly UdpSocket[];
  /** Send, and receive copies. The listeners themselves on a unicast link. */
  readonly #senders: readonly UdpSocket[];
  readonly #rejoinTimer: NodeJS.Timeout;
  readonly #peers = new Map<NodeName, string>();
  /** Error code of the last send to each of sendTo; null: it went. */
  readonly #sendErrors: (string | null)[];
  readonly #listenFaults: (string | null)[];
  readonly #copyFaults: (string | null)[];
  #watchFault: string | null;
  #fault: string | null = null;
  #sentCount = 0;
  #sendErrorCount = 0;
  #receivedCount = 0;
  #groupCount = 0;
  #groupMs = performance.now();
  #copyMs = -Infinity;
  #closed = false;

  constructor(options: UdpLinkOptions) {
    this.#options = options;
    const {link, node} = options;
    const end = link.ends.get(node);
    assert(end !== undefined, 'a link without an end on this node');
    this.#end = end;
    const anyAddress = end.listen[0]?.address ?? end.sendTo[0]?.address ?? '';
    this.#family = isIPv6(anyAddress) ? 6 : 4;
    this.#watch = new InterfaceWatch({
      iface: end.iface,
      address: end.address,
      family: this.#family,
      watchMs: options.watchMs ?? watchMsDefault,
      onChange: (now, before) => this.#interfaceChanged(now, before),
    });
    this.#watchFault = this.#watch.state.fault;
    this.#sendErrors = end.sendTo.map(() => null);
    this.#listenFaults = end.listen.map(() => null);
    this.#listeners = end.listen.map((endpoint, index) => this.#openListener(endpoint, index));
    const copyPorts = link.kind === 'multicast' ? this.#copyPorts() : [];
    this.#copyFaults = copyPorts.map(() => null);
    this.#senders =
      link.kind === 'unicast'
        ? this.#listeners
        : copyPorts.map((port, index) => this.#openSender(port, index));
    this.#rejoinTimer = setInterval(() => this.#rejoin(), rejoinMs);
    this.#tellFault();
  }

  /** What is wrong with our own end, or null. */
  get fault(): string | null {
    return this.#fault;
  }

  get stats(): UdpLinkStats {
    return {
      sentCount: this.#sentCount,
      sendErrorCount: this.#sendErrorCount,
      receivedCount: this.#receivedCount,
      groupCount: this.#groupCount,
      copyFault: this.#copyFaults.find((fault) => fault !== null) ?? null,
    };
  }

  /** True where copies arrive and the group has been silent for its dead time: IGMP is broken. */
  isGroupSilent(): boolean {
    const nowMs = performance.now();
    const {deadMs} = this.#options.link;
    return nowMs - this.#copyMs < deadMs && nowMs - this.#groupMs >= deadMs;
  }

  /** To every endpoint of the link, and to each learned peer directly. Returns at once. */
  send(bytes: Uint8Array): void {
    // Where the own port is taken, the socket of the group sends as well as it can.
    const sockets = [...this.#senders, ...this.#listeners];
    const sender = sockets.find((socket) => socket.isOpen);
    if (sender === undefined) {
      this.#sendErrorCount += 1;
      return;
    }
    this.#end.sendTo.forEach((endpoint, index) => {
      sender.send(bytes, endpoint, (errorCode) => this.#sent(index, errorCode));
    });
    const port = this.#end.sendTo[0]?.port;
    if (port === undefined) return;
    for (const address of this.#peers.values()) {
      // A copy that does not go is no fault: the peer may be gone, and the group is the link.
      sender.send(bytes, {address, port}, () => undefined);
    }
  }

  /** An authentic frame of this peer came from this address: it gets copies from now on. */
  learnPeer(node: NodeName, address: string): void {
    const {kind, loopback} = this.#options.link;
    if (kind !== 'multicast' || loopback || node === this.#options.node) return;
    if (this.#peers.has(node) || this.#peers.size < nodesMax) this.#peers.set(node, address);
  }

  /** No callback comes after this. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#rejoinTimer);
    this.#watch.close();
    for (const socket of new Set([...this.#listeners, ...this.#senders])) socket.close();
  }

  #openListener(endpoint: Endpoint, index: number): UdpSocket {
    const {link} = this.#options;
    const isGroup = link.kind === 'multicast';
    return new UdpSocket({
      bindTo: () => endpoint,
      family: this.#family,
      share: isGroup && link.loopback,
      group: isGroup ? endpoint.address : null,
      multicast: isGroup ? link : null,
      via: () => this.#via(),
      onPacket: (bytes, from) => this.#receive(bytes, from, isGroup ? 'group' : 'own'),
      onFault: (fault) => {
        this.#listenFaults[index] = fault;
        this.#tellFault();
      },
    });
  }

  #openSender(port: number, index: number): UdpSocket {
    return new UdpSocket({
      bindTo: () => ({address: this.#watch.state.address ?? this.#anyAddress(), port}),
      family: this.#family,
      share: false,
      group: null,
      multicast: this.#options.link,
      via: () => this.#via(),
      onPacket: (bytes, from) => this.#receive(bytes, from, 'copy'),
      onFault: (fault) => {
        this.#copyFaults[index] = fault;
        this.#tellFault();
      },
    });
  }

  /**
   * Ports at the own address for copies; 0 where the system chooses one for sending alone. Without
   * a known address the socket would have to take the port on every address, the group's too.
   */
  #copyPorts(): readonly number[] {
    const hasAddress = this.#end.address !== null || this.#end.iface !== null;
    if (this.#options.link.loopback || !hasAddress) return [0];
    return [...new Set(this.#end.listen.map((endpoint) => endpoint.port))];
  }

  #receive(bytes: Uint8Array, from: string, by: 'group' | 'own' | 'copy'): void {
    if (this.#closed) return;
    this.#receivedCount += 1;
    if (by === 'group') {
      this.#groupCount += 1;
      this.#groupMs = performance.now();
    }
    if (by === 'copy') this.#copyMs = performance.now();
    this.#options.onPacket(bytes, from);
  }

  #sent(index: number, errorCode: string | null): void {
    if (errorCode === null) this.#sentCount += 1;
    else this.#sendErrorCount += 1;
    if (this.#sendErrors[index] === errorCode) return;
    this.#sendErrors[index] = errorCode;
    this.#tellFault();
  }

  #interfaceChanged(now: InterfaceState, before: InterfaceState): void {
    this.#watchFault = now.fault;
    // An address that is gone takes nothing along: the sockets wait for its return, or another's.
    const moved = now.address !== before.address || now.iface !== before.iface;
    if (moved && now.address !== null) {
      for (const socket of new Set([...this.#listeners, ...this.#senders])) socket.reopen();
    } else if (now.fault === null) this.#rejoin();
    this.#tellFault();
  }

  #rejoin(): void {
    for (const socket of this.#listeners) socket.rejoin();
  }

  /** The deepest cause first: without its interface no socket works, without a socket no send. */
  #tellFault(): void {
    if (this.#closed) return;
    const {sendTo} = this.#end;
    const failed = sendTo.length > 0 && this.#sendErrors.every((errorCode) => errorCode !== null);
    const sendFault = failed ? `nothing can be sent: ${this.#sendErrors[0]}` : null;
    const listenFault = this.#listenFaults.find((fault) => fault !== null) ?? null;
    const fault = this.#watchFault ?? listenFault ?? sendFault;
    if (fault === this.#fault) return;
    this.#fault = fault;
    this.#options.onFault(fault);
  }

  #via(): string | null {
    const {iface, address} = this.#watch.state;
    return this.#family === 4 ? address : iface && `::%${iface}`;
  }

  #anyAddress(): string {
    return this.#family === 4 ? '0.0.0.0' : '::';
  }
}
