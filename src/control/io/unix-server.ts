/**
 * The control socket. Who may connect is decided by the file system alone: a private directory and
 * mode 0600. A connect probe tells a living daemon from a socket file that a dead one left behind.
 */

import {randomBytes} from 'node:crypto';
import {chmod, rename, unlink} from 'node:fs/promises';
import {connect, createServer} from 'node:net';
import type {Server, Socket} from 'node:net';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {err, ok} from '../../kernel/result.ts';
import type {HaError, Result} from '../../kernel/result.ts';
import {socketPathCharsMax} from '../paths.ts';
import {Session} from './session.ts';
import type {RequestHandler, SessionLimits, SessionOptions} from './session.ts';

/** Connections at once. More than any number of people and monitors on one node. */
export const clientsMax = 64;
/** Bytes that wait for all clients together; whoever makes it more is dropped. */
const queueBytesMaxAll = 32 * 1_024 * 1_024;
const probeMs = 2_000;

export interface UnixServer {
  readonly clientCount: number;
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

export const defaultSessionLimits: SessionLimits = {
  requestsMax: 16,
  lineMs: 10_000,
  idleMs: 60_000,
  queueBytesMax: 6 * 1_024 * 1_024,
};

/** `HA_SOCKET_BUSY` where a living daemon answers on the path. */
export async function listenUnix(
  path: string,
  handler: RequestHandler,
  limits: Partial<SessionLimits> = {},
): Promise<Result<UnixServer>> {
  if (Buffer.byteLength(path) > socketPathCharsMax) {
    const message = `${path}: a socket path has at most ${socketPathCharsMax} bytes`;
    const hint = 'Choose a shorter directory with --run.';
    return err({code: 'HA_SOCKET_PATH', message, hint});
  }
  const clients = new Set<Session>();
  const crowded = (): boolean =>
    [...clients].reduce((sum, client) => sum + client.queuedBytes, 0) > queueBytesMaxAll;
  const server = createServer({allowHalfOpen: true}, (socket) => {
    if (clients.size >= clientsMax) refuse(socket);
    else accept(socket, clients, {handler, limits: {...defaultSessionLimits, ...limits}, crowded});
  });
  server.maxConnections = 8 * clientsMax;
  const bound = await bind(server, path);
  if (bound !== null) return err(bound);
  await chmod(path, 0o600);
  return ok({
    get clientCount() {
      return clients.size;
    },
    close: () => close(server, clients),
  });
}

function accept(socket: Socket, clients: Set<Session>, options: SessionOptions): void {
  const session = new Session(socket, options);
  clients.add(session);
  socket.on('close', () => clients.delete(session));
}

function refuse(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(1_000, () => socket.destroy());
  const text = `${clientsMax} clients are connected, which is the limit: try again in a moment`;
  const line = {id: 0, kind: 'end', exit: exitCodes.busy, text, data: null};
  socket.end(`${JSON.stringify(line)}\n`);
  socket.resume();
}

/** Null when the server listens; tries again behind each socket file that nobody answers on. */
async function bind(server: Server, path: string): Promise<HaError | null> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const code = await tryListen(server, path);
    if (code === null) return null;
    if (code !== 'EADDRINUSE') {
      return {code: 'HA_SOCKET', message: `can not listen on ${path}: ${code}`};
    }
    if (await answers(path)) return busy(path);
    if (!(await removeStale(path))) return busy(path);
  }
  return {code: 'HA_SOCKET', message: `can not listen on ${path}: it comes back again and again`};
}

function busy(path: string): HaError {
  return {code: 'HA_SOCKET_BUSY', message: `another daemon answers on ${path}`};
}

function tryListen(server: Server, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    server.once('error', failed);
    server.listen(path, () => {
      server.off('error', failed);
      server.on('error', () => undefined); // An accept that failed: the next one may not.
      resolve(null);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(probeMs, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * Takes the file aside before it is removed: two daemons that start at once may both find it stale,
 * and the slower one must not remove the fresh socket of the faster. False where it was fresh.
 */
async function removeStale(path: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return true; // Somebody else took it away.
  }
  if (await answers(aside)) {
    await rename(aside, path);
    return false;
  }
  await unlink(aside);
  return true;
}

async function close(server: Server, clients: ReadonlySet<Session>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const client of clients) client.close();
  const deadline = setTimeout(() => {
    for (const client of clients) client.destroy();
  }, 500);
  await closed;
  clearTimeout(deadline);
}
