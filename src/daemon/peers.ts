/** The peer channel of this node: one listener for all, one client per other member. */

import {PeerClient} from '../control/io/peer-client.ts';
import type {PeerAddress} from '../control/io/peer-client.ts';
import {listenPeers} from '../control/io/peer-server.ts';
import type {PeerServer, PeerServerOptions} from '../control/io/peer-server.ts';
import type {PeerIdentity} from '../control/io/peer-tls.ts';
import type {ClusterConfig} from '../config/types.ts';
import type {EngineView} from '../engine/view.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {Log} from './log.ts';

/** Time between two attempts to get the port. */
const retryMs = 10_000;

export interface PeersOptions {
  readonly config: ClusterConfig;
  readonly identity: PeerIdentity;
  readonly log: Log;
  view(): EngineView;
  readonly handle: PeerServerOptions['handle'];
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #clients = new Map<NodeName, PeerClient>();
  #config: ClusterConfig;
  #server: PeerServer | null = null;
  #port = 0;
  #timer: NodeJS.Timeout | null = null;
  #refusedCount = 0;
  #closed = false;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** Handshakes that failed since the start. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  get(node: NodeName): PeerClient | null {
    return this.#clients.get(node) ?? null;
  }

  /** Follows the configuration: members that came and went, and our own port. */
  async apply(config: ClusterConfig): Promise<void> {
    this.#config = config;
    const {node} = this.#options.identity;
    for (const [name, client] of this.#clients) {
      if (config.nodes.includes(name)) continue;
      client.close();
      this.#clients.delete(name);
    }
    for (const name of config.nodes) {
      if (name !== node && !this.#clients.has(name)) this.#clients.set(name, this.#open(name));
    }
    const port = config.peerPort.get(node) ?? 0;
    if (port === this.#port) return;
    this.#port = port;
    await this.#server?.close();
    this.#server = null;
    await this.#listen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const client of this.#clients.values()) client.close();
    await this.#server?.close();
  }

  #open(node: NodeName): PeerClient {
    const addresses = (): readonly PeerAddress[] => this.#addresses(node);
    return new PeerClient({node, identity: this.#options.identity, addresses});
  }

  /** Where it was heard from last, then where the configuration has it. */
  #addresses(node: NodeName): readonly PeerAddress[] {
    const seen = this.#options.view().nodes.find((one) => one.name === node);
    const port = seen?.peerPort || (this.#config.peerPort.get(node) ?? 0);
    if (port === 0) return [];
    const hosts = new Set<string>();
    if (seen?.address) hosts.add(seen.address);
    for (const link of this.#config.links) {
      const address = link.ends.get(node)?.address;
      if (address) hosts.add(address);
    }
    return [...hosts].map((host) => ({host, port}));
  }

  async #listen(): Promise<void> {
    if (this.#closed || this.#port === 0) return;
    const result = await listenPeers({
      port: this.#port,
      identity: this.#options.identity,
      isMember: (node) => this.#config.nodes.some((name) => name === node),
      handle: this.#options.handle,
      onRefused: () => {
        this.#refusedCount += 1;
      },
    });
    if (result.ok) {
      this.#server = result.value;
      return;
    }
    this.#options.log.warn(`${result.error.message}; it is tried again every ${retryMs} ms`);
    this.#timer = setTimeout(() => void this.#listen(), retryMs);
  }
}
