/**
 * The listening end of the peer channel. A node that proves a member's name with the cluster key
 * may ask what a local client may, for this node only: nothing is forwarded a second time.
 */

import type {Socket} from 'node:net';
import {createServer} from 'node:tls';
import type {TLSSocket} from 'node:tls';
import type {NodeName} from '../../kernel/ids.ts';
import {err, ok} from '../../kernel/result.ts';
import type {Result} from '../../kernel/result.ts';
import {derivePeerKey, parseIdentity, tlsOptions} from './peer-tls.ts';
import type {PeerIdentity} from './peer-tls.ts';
import {Session} from './session.ts';
import type {RequestHandler, SessionLimits} from './session.ts';

export interface PeerServerOptions {
  readonly port: number;
  readonly identity: PeerIdentity;
  /** Members of the cluster as configured now. */
  isMember(node: string): boolean;
  /** The request as the peer sent it; `peer` is its proven name. */
  handle(peer: NodeName, ...request: Parameters<RequestHandler>): void;
  /** A handshake that failed, for the counters. */
  onRefused(why: string): void;
}

export interface PeerServer {
  readonly port: number;
  readonly connectionCount: number;
  close(): Promise<void>;
}

/**
 * Connections at once, before and after the handshake: two per member and room for a few strays.
 */
const connectionsMax = 64;
const handshakeMs = 5_000;
/** A peer asks at least every 20 s whether we are there (peer-client.ts). */
const limits: SessionLimits = {
  requestsMax: 256,
  lineMs: 10_000,
  idleMs: 60_000,
  queueBytesMax: 6 * 1_024 * 1_024,
};

/** `HA_PEER_PORT` where the port can not be had. */
export function listenPeers(options: PeerServerOptions): Promise<Result<PeerServer>> {
  const names = new WeakMap<TLSSocket, NodeName>();
  const sessions = new Set<Session>();
  const sockets = new Set<Socket>();
  const server = createServer(
    {
      ...tlsOptions,
      handshakeTimeout: handshakeMs,
      pskCallback: (socket, identity) => {
        const key = keyFor(identity, options);
        if (key === null) return null;
        names.set(socket, key.node);
        return key.psk;
      },
    },
    (socket) => {
      const peer = names.get(socket);
      if (peer === undefined || !options.isMember(peer)) {
        socket.destroy();
        return;
      }
      socket.setNoDelay(true);
      const handler: RequestHandler = (request, exchange) =>
        options.handle(peer, request, exchange);
      const session = new Session(socket, {handler, limits, crowded: () => false});
      sessions.add(session);
      socket.on('close', () => sessions.delete(session));
    },
  );
  server.maxConnections = connectionsMax;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (error) => options.onRefused(error.message));
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      const where = `TCP port ${options.port}`;
      const message = `the peer channel can not listen on ${where}: ${error.message}`;
      resolve(err({code: 'HA_PEER_PORT', message}));
    };
    server.once('error', failed);
    server.listen(options.port, () => {
      server.off('error', failed);
      server.on('error', (error) => options.onRefused(error.message));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      resolve(
        ok({
          port,
          get connectionCount() {
            return sessions.size;
          },
          close: () =>
            new Promise<void>((done) => {
              server.close(() => done());
              for (const socket of sockets) socket.destroy();
            }),
        }),
      );
    });
  });
}

function keyFor(
  identity: string,
  options: PeerServerOptions,
): {readonly node: NodeName; readonly psk: Buffer} | null {
  const {cluster, node} = options.identity;
  const claimed = parseIdentity(identity);
  if (claimed === null || claimed.node === node || !options.isMember(claimed.node)) return null;
  const key = options.identity.keys().find((one) => one.id === claimed.keyId);
  if (key === undefined) return null;
  const names = {cluster, client: claimed.node, server: node};
  return {node: claimed.node as NodeName, psk: derivePeerKey(key, names)};
}
