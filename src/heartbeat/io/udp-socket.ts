/**
 * One datagram socket that opens itself again. Nothing here throws: what goes wrong is a fault
 * text, and the next attempt comes after a delay that doubles up to a limit. No name is ever
 * resolved.
 */

import {createSocket} from 'node:dgram';
import type {Socket} from 'node:dgram';
import {isIP} from 'node:net';
import type {Endpoint} from '../../config/types.ts';
import {frameBytesMax} from '../../kernel/limits.ts';

export interface UdpSocketOptions {
  /** Asked at each opening: the address may have changed. */
  readonly bindTo: () => Endpoint;
  readonly family: 4 | 6;
  /** Only for two daemons on one machine: it lets any process of any user take our packets. */
  readonly share: boolean;
  /** Group to receive, or null. */
  readonly group: string | null;
  /** How multicast leaves, or null where none is sent. */
  readonly multicast: {readonly ttl: number; readonly loopback: boolean} | null;
  /**
   * Address (IPv4) or `::%iface` (IPv6) of the interface for multicast; null: the routing decides.
   */
  readonly via: () => string | null;
  readonly onPacket: (bytes: Uint8Array, from: string) => void;
  /** The socket cannot be opened or has failed; null: it is open. */
  readonly onFault: (fault: string | null) => void;
}

/** First wait before a socket is opened again, ms; doubles up to the second. */
const reopenMsMin = 250;
const reopenMsMax = 10_000;
/** Room for a burst while the loop is busy; the kernel may grant less. */
const bufferBytes = 256 * 1_024;

export class UdpSocket {
  readonly #options: UdpSocketOptions;
  #socket: Socket | null = null;
  #open = false;
  #timer: NodeJS.Timeout | null = null;
  #attempts = 0;
  #closed = false;

  constructor(options: UdpSocketOptions) {
    this.#options = options;
    this.#start();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The port it is bound to; 0 while it is not open. */
  get port(): number {
    return this.#open ? this.#socket!.address().port : 0;
  }

  /** `done` gets the system's error code, or null when the datagram was handed to the system. */
  send(bytes: Uint8Array, to: Endpoint, done: (errorCode: string | null) => void): void {
    if (this.#socket === null || !this.#open) {
      done('ENOTCONN');
      return;
    }
    try {
      this.#socket.send(bytes, to.port, to.address, (error) => done(error && codeOf(error)));
    } catch (error) {
      done(codeOf(error));
    }
  }

  /** Leaves and joins its group, so that switches which lost track of us learn it again. */
  rejoin(): void {
    const {group} = this.#options;
    if (group === null || !this.#open) return;
    const via = this.#options.via() ?? undefined;
    try {
      this.#socket!.dropMembership(group, via);
    } catch {
      // It was lost already, which is what the next call puts right.
    }
    try {
      this.#socket!.addMembership(group, via);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Closes and opens at once: the address has changed. */
  reopen(): void {
    this.#attempts = 0;
    this.#stop();
    this.#start();
  }

  /** No callback comes after this, but for sends under way. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #start(): void {
    const {family, share, bindTo} = this.#options;
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      reuseAddr: share,
      lookup: literalLookup,
    });
    this.#socket = socket;
    // Every handler asks whether it is still this socket's turn: one that was closed may yet speak.
    socket.on('error', (error) => socket === this.#socket && this.#fail(error));
    socket.on(
      'message',
      (bytes, {address}) => socket === this.#socket && this.#take(bytes, address),
    );
    socket.on('listening', () => socket === this.#socket && this.#prepare(socket));
    const {address, port} = bindTo();
    try {
      socket.bind({address, port, exclusive: true});
    } catch (error) {
      this.#fail(error);
    }
  }

  #prepare(socket: Socket): void {
    const {group, multicast} = this.#options;
    const via = this.#options.via();
    try {
      socket.setRecvBufferSize(bufferBytes);
      if (group !== null) socket.addMembership(group, via ?? undefined);
      if (multicast !== null) {
        socket.setMulticastTTL(multicast.ttl);
        socket.setMulticastLoopback(multicast.loopback);
        if (via !== null) socket.setMulticastInterface(via);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#open = true;
    this.#attempts = 0;
    this.#options.onFault(null);
  }

  /** The view must not outlive its buffer: Node hands each datagram its own. */
  #take(bytes: Buffer, from: string): void {
    // One byte more than allowed is enough to be counted as oversized.
    const length = Math.min(bytes.length, frameBytesMax + 1);
    const own = length === bytes.length ? bytes : Buffer.from(bytes.subarray(0, length));
    this.#options.onPacket(new Uint8Array(own.buffer, own.byteOffset, length), from);
  }

  #fail(error: unknown): void {
    const {address, port} = this.#options.bindTo();
    this.#stop();
    if (this.#closed) return;
    const delayMs = Math.min(reopenMsMax, reopenMsMin * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    this.#timer = setTimeout(() => this.#start(), delayMs);
    this.#options.onFault(`socket ${address}:${port}: ${explain(codeOf(error))}`);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#open = false;
    const socket = this.#socket;
    this.#socket = null;
    try {
      socket?.close();
    } catch {
      // It never got as far as to be open.
    }
  }
}

/** dgram asks for a lookup even of addresses; this one answers at once and knows no names. */
function literalLookup(
  host: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  const family = isIP(host);
  const error = family === 0 ? Object.assign(new Error(host), {code: 'ENOTFOUND'}) : null;
  done(error, host, family);
}

/** What the common codes mean here, in words. */
function explain(code: string): string {
  if (code === 'EADDRINUSE') return 'in use by another process (EADDRINUSE)';
  if (code === 'EADDRNOTAVAIL') return 'no such address on this host (EADDRNOTAVAIL)';
  if (code === 'ENODEV') return 'no such interface (ENODEV)';
  return code;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
