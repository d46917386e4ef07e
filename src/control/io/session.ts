/**
 * One connection of the control socket or of the peer channel: lines in, requests to the handler,
 * answers out. Whoever is at the other end may be broken or hostile, so every dimension has a
 * limit: the length of a line, the time it may take, requests at once, idle time, bytes that wait
 * to be read.
 */

import type {Duplex} from 'node:stream';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {LineSplitter} from '../line-splitter.ts';
import {parseRequest} from '../parse-request.ts';
import {lineBytesMax, requestBytesMax} from '../types.ts';
import type {ReplyLine, Request} from '../types.ts';

export interface SessionLimits {
  /** Requests under way at once on this connection. */
  readonly requestsMax: number;
  /** A request line must be complete within this time of its first byte, ms. */
  readonly lineMs: number;
  /** A connection without a request under way is closed after this silence, ms. */
  readonly idleMs: number;
  /** Bytes that may wait for a client that does not read; then it is dropped. */
  readonly queueBytesMax: number;
}

/** One request and the way back to whoever asked. */
export interface Exchange {
  /** Lines after `end`, or after the client went away, are dropped. */
  reply(line: Reply): void;
  /** Each is called once when the client goes away before the end. */
  onGone(listener: () => void): void;
}

/** A reply without its id, which the session knows. */
export type Reply = ReplyLine extends infer Line
  ? Line extends ReplyLine
    ? Omit<Line, 'id'>
    : never
  : never;

export type RequestHandler = (request: Request, exchange: Exchange) => void;

export interface SessionOptions {
  readonly handler: RequestHandler;
  readonly limits: SessionLimits;
  /** True where all connections together hold too much that is not read. */
  readonly crowded: () => boolean;
}

/** Less than this may always wait for a client. */
const queueBytesSmall = 256 * 1_024;
/** How long a refused client may still read why. */
const lingerMs = 1_000;

/** A request under way: who wants to know when its client is gone. */
type Open = (() => void)[];

export class Session {
  readonly #stream: Duplex;
  readonly #handler: RequestHandler;
  readonly #limits: SessionLimits;
  readonly #crowded: () => boolean;
  readonly #splitter = new LineSplitter(requestBytesMax);
  readonly #open = new Map<number, Open>();
  #lineTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(stream: Duplex, options: SessionOptions) {
    this.#stream = stream;
    this.#handler = options.handler;
    this.#limits = options.limits;
    this.#crowded = options.crowded;
    stream.on('data', (bytes: Uint8Array) => this.#onData(bytes));
    stream.on('end', () => this.#onEnd());
    stream.on('error', () => stream.destroy());
    stream.on('close', () => this.#onClose());
    this.#restIdle();
  }

  /** Bytes that wait for the other end to read. */
  get queuedBytes(): number {
    return this.#stream.writableLength;
  }

  /** Ends the connection; what was written before is still sent where the other end reads. */
  close(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #onData(bytes: Uint8Array): void {
    const lines = this.#splitter.push(bytes);
    for (const line of lines) this.#onLine(line);
    if (this.#splitter.broken) {
      this.#giveUp(`expected a request of at most ${requestBytesMax} bytes, found a longer line`);
      return;
    }
    this.#watchLine(lines.length > 0);
  }

  /** From the first byte of a line, not from its last: a byte now and then buys no time. */
  #watchLine(fresh: boolean): void {
    if (fresh && this.#lineTimer !== null) {
      clearTimeout(this.#lineTimer);
      this.#lineTimer = null;
    }
    if (this.#splitter.pendingBytes === 0) return;
    this.#lineTimer ??= setTimeout(() => {
      this.#giveUp(`expected a whole line within ${this.#limits.lineMs} ms`);
    }, this.#limits.lineMs);
  }

  /** Says why and ends; reads on for a moment, because a reset would take the sentence with it. */
  #giveUp(text: string): void {
    this.#refuse(0, text);
    this.#stream.end();
    this.#stream.removeAllListeners('data');
    this.#stream.resume();
    this.#clearTimers();
    this.#idleTimer = setTimeout(() => this.#stream.destroy(), lingerMs);
  }

  #onLine(line: string): void {
    if (line.trim() === '') return;
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      const {message, hint} = parsed.error;
      this.#refuse(idOf(line), hint === undefined ? message : `${message}. ${hint}`);
      return;
    }
    const {id} = parsed.value;
    if (this.#open.has(id)) {
      this.#refuse(id, `request ${id} is under way already: expected another id`);
      return;
    }
    if (this.#open.size >= this.#limits.requestsMax) {
      const text = `${this.#open.size} requests are under way on this connection: wait for one`;
      this.#write({id, kind: 'end', exit: exitCodes.busy, text, data: null});
      return;
    }
    this.#open.set(id, []);
    this.#restIdle();
    this.#handler(parsed.value, {
      reply: (reply) => this.#reply(id, reply),
      onGone: (listener) => void this.#open.get(id)?.push(listener),
    });
  }

  #reply(id: number, reply: Reply): void {
    if (!this.#open.has(id)) return;
    if (reply.kind === 'end') this.#open.delete(id);
    this.#write({id, ...reply});
    this.#restIdle();
    if (this.#ended && this.#open.size === 0) this.#stream.end();
  }

  #refuse(id: number, text: string): void {
    this.#write({id, kind: 'end', exit: exitCodes.usage, text, data: null});
  }

  #write(line: ReplyLine): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    let text = JSON.stringify(line);
    if (text.length > lineBytesMax) {
      const why = `the answer has ${text.length} characters, more than ${lineBytesMax}`;
      const end = {id: line.id, kind: 'end', exit: exitCodes.failed, text: why, data: null};
      text = JSON.stringify(end);
    }
    this.#stream.write(`${text}\n`);
    const queued = this.#stream.writableLength;
    const crowded = queued > queueBytesSmall && this.#crowded();
    if (queued > this.#limits.queueBytesMax || crowded) this.#stream.destroy();
  }

  #restIdle(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    if (this.#open.size > 0 || this.#stream.destroyed) return;
    this.#idleTimer = setTimeout(() => this.#stream.destroy(), this.#limits.idleMs);
  }

  /** The client sends no more; what it asked for is still answered. */
  #onEnd(): void {
    this.#ended = true;
    if (this.#open.size === 0) this.#stream.end();
  }

  #onClose(): void {
    this.#clearTimers();
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const listener of open.flat()) listener();
  }

  #clearTimers(): void {
    if (this.#lineTimer !== null) clearTimeout(this.#lineTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#lineTimer = null;
    this.#idleTimer = null;
  }
}

/**
 * The id of a line that is no valid request, where it has one: the client can match the refusal.
 */
function idOf(line: string): number {
  const match = /"id"\s*:\s*(\d{1,15})/.exec(line);
  return match === null ? 0 : Number(match[1]);
}
