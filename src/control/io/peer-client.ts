/**
 * The calling end of the peer channel: one connection per peer, kept open, so that an order for
 * the other node costs one round trip. A lost connection answers everything that was under way,
 * with the honest sentence that the order may have been carried out.
 */

import {connect} from 'node:tls';
import type {TLSSocket} from 'node:tls';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {NodeName} from '../../kernel/ids.ts';
import {LineSplitter} from '../line-splitter.ts';
import {lineBytesMax, protocolVersion} from '../types.ts';
import type {ReplyLine, Request} from '../types.ts';
import {derivePeerKey, formatIdentity, tlsOptions} from './peer-tls.ts';
import type {PeerIdentity} from './peer-tls.ts';
import type {Reply} from './session.ts';

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface PeerClientOptions {
  readonly node: NodeName;
  readonly identity: PeerIdentity;
  /** Where the peer may be, best first; asked before each attempt. */
  addresses(): readonly PeerAddress[];
}

export interface PeerLimits {
  /** One attempt to connect, handshake included, ms. */
  readonly connectMs: number;
  /** Pause after a failed attempt, doubling from the first to the last, ms. */
  readonly backOffMs: readonly [first: number, last: number];
  /** Silence after which the peer is asked whether it is there, and how long it may take, ms. */
  readonly pingMs: readonly [after: number, within: number];
}

const defaultLimits: PeerLimits = {
  connectMs: 3_000,
  backOffMs: [1_000, 15_000],
  pingMs: [20_000, 5_000],
};
/** Requests under way at once. */
const requestsMax = 256;

type Listener = (reply: Reply) => void;

interface Connection {
  readonly socket: TLSSocket;
  readonly splitter: LineSplitter;
}

export class PeerClient {
  readonly node: NodeName;
  readonly #options: PeerClientOptions;
  readonly #limits: PeerLimits;
  readonly #open = new Map<number, Listener>();
  #connection: Connection | null = null;
  #connecting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #backOffMs = 0;
  #nextId = 1;
  #lastError = 'no attempt was made yet';
  #closed = false;

  constructor(options: PeerClientOptions, limits: Partial<PeerLimits> = {}) {
    this.node = options.node;
    this.#options = options;
    this.#limits = {...defaultLimits, ...limits};
    this.#later(0);
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  /** Why there is no connection, for messages. */
  get lastError(): string {
    return this.#lastError;
  }

  /**
   * Sends the request; its lines come to `listener`, the last one of kind `end`. Without a
   * connection one attempt is made at once; exit 3 says that the peer was not reached and did
   * nothing.
   */
  request(request: Request, listener: Listener): void {
    if (this.#open.size >= requestsMax) {
      const text = `${requestsMax} requests to ${this.node} are under way: try again`;
      listener({kind: 'end', exit: exitCodes.busy, text, data: null});
      return;
    }
    if (this.#connection !== null) {
      this.#send(request, listener);
      return;
    }
    void this.#connect().then(() => {
      if (this.#connection !== null) this.#send(request, listener);
      else listener(this.#unreached());
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#connection?.socket.destroy();
  }

  #unreached(): Reply {
    const text = `${this.node} is not reachable over the peer channel: ${this.#lastError}`;
    return {kind: 'end', exit: exitCodes.unreachable, text, data: null};
  }

  #send(request: Request, listener: Listener): void {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#open.set(id, listener);
    this.#connection!.socket.write(`${JSON.stringify({...request, id, node: null})}\n`);
  }

  #later(afterMs: number): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#connection === null) void this.#connect();
      else this.#ping(this.#connection);
    }, afterMs);
  }

  /** Ends when there is a connection or every address was tried; shared by all who wait. */
  #connect(): Promise<void> {
    this.#connecting ??= this.#tryAll().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #tryAll(): Promise<void> {
    const addresses = this.#options.addresses();
    if (addresses.length === 0) this.#lastError = 'its address is not known yet';
    for (const address of addresses) {
      if (this.#closed) break;
      const socket = await this.#tryOne(address);
      if (socket === null) continue;
      this.#connected(socket);
      return;
    }
    const [first, last] = this.#limits.backOffMs;
    this.#backOffMs = Math.min(Math.max(first, 2 * this.#backOffMs), last);
    this.#later(this.#backOffMs);
  }

  #tryOne(address: PeerAddress): Promise<TLSSocket | null> {
    const {identity, node} = this.#options;
    const key = identity.keys()[0];
    if (key === undefined) return Promise.resolve(null);
    const names = {cluster: identity.cluster, client: identity.node, server: node};
    return new Promise((resolve) => {
      const socket = connect({
        ...tlsOptions,
        host: address.host,
        port: address.port,
        // There is no certificate: the peer proves itself by the key of exactly this pair.
        checkServerIdentity: () => undefined,
        pskCallback: () => ({
          psk: derivePeerKey(key, names),
          identity: formatIdentity(identity.node, key.id),
        }),
      });
      const fail = (why: string): void => {
        this.#lastError = `${address.host}:${address.port}: ${why}`;
        socket.destroy();
        resolve(null);
      };
      const {connectMs} = this.#limits;
      const deadline = setTimeout(() => fail(`no answer within ${connectMs} ms`), connectMs);
      socket.on('error', (error) => fail(error.message));
      socket.once('close', () => {
        clearTimeout(deadline);
        resolve(null);
      });
      socket.once('secureConnect', () => {
        clearTimeout(deadline);
        resolve(socket);
      });
    });
  }

  #connected(socket: TLSSocket): void {
    if (this.#closed || socket.destroyed) {
      socket.destroy();
      this.#later(this.#limits.backOffMs[0]);
      return;
    }
    const connection = {socket, splitter: new LineSplitter(lineBytesMax)};
    this.#connection = connection;
    this.#backOffMs = 0;
    this.#lastError = '';
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#onData(connection, bytes));
    socket.on('close', () => this.#onClose());
    this.#later(this.#limits.pingMs[0]);
  }

  #onData(connection: Connection, bytes: Uint8Array): void {
    for (const text of connection.splitter.push(bytes)) this.#onLine(text);
    if (connection.splitter.broken) connection.socket.destroy();
  }

  #onLine(text: string): void {
    const line = readLine(text);
    const listener = line === null ? undefined : this.#open.get(line.id);
    if (line === null || listener === undefined) return;
    if (line.kind === 'end') this.#open.delete(line.id);
    const {id: _id, ...reply} = line;
    listener(reply);
  }

  #onClose(): void {
    this.#connection = null;
    this.#lastError = 'the connection was lost';
    const open = [...this.#open.values()];
    this.#open.clear();
    const text = `the connection to ${this.node} was lost: the order may have been carried out`;
    for (const listener of open) {
      listener({kind: 'end', exit: exitCodes.failed, text, data: null});
    }
    this.#later(this.#limits.backOffMs[0]);
  }

  /** A node that lost its power closes nothing: only asking shows it. */
  #ping(connection: Connection): void {
    const [afterMs, withinMs] = this.#limits.pingMs;
    const deadline = setTimeout(() => connection.socket.destroy(), withinMs);
    const hello = {v: protocolVersion, id: 0, node: null, actor: '', op: 'hello'} as const;
    this.#send(hello, () => {
      clearTimeout(deadline);
      if (this.#connection === connection) this.#later(afterMs);
    });
  }
}

function readLine(text: string): ReplyLine | null {
  try {
    const line = JSON.parse(text) as ReplyLine;
    return typeof line === 'object' && line !== null && typeof line.id === 'number' ? line : null;
  } catch {
    return null; // The other end proved its key and still sent rubbish: no request waits for it.
  }
}
