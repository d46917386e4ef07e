/**
 * TLS with a pre-shared key (RFC 5489): no certificates to renew at the worst moment, and forward
 * secrecy by ECDHE. The key of a connection is derived from the cluster key and both names, so that
 * nobody can hand a node its own words back. The identity is `NODE#KEYID`: with two keys during a
 * rotation each side knows which one the other means.
 */

import {hkdfSync} from 'node:crypto';
import type {NodeName} from '../../kernel/ids.ts';
import {isName} from '../../kernel/ids.ts';

/** One generation of the cluster key. */
export interface ClusterKey {
  readonly id: number;
  readonly secret: Uint8Array;
}

/** Who this node is on the peer channel. */
export interface PeerIdentity {
  readonly cluster: string;
  readonly node: NodeName;
  /** Asked at each handshake, the key that signs first: a rotation needs no restart. */
  keys(): readonly ClusterKey[];
}

/** TLS 1.2, because Node's pre-shared keys do not reach 1.3; its one cipher with AEAD and ECDHE. */
export const tlsOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
} as const;

/** 32 bytes for connections from `client` to `server`. */
export function derivePeerKey(
  key: ClusterKey,
  names: {readonly cluster: string; readonly client: string; readonly server: string},
): Buffer {
  const info = `understudy peer channel 1\0${names.client}\0${names.server}`;
  return Buffer.from(hkdfSync('sha256', key.secret, names.cluster, info, 32));
}

export function formatIdentity(node: NodeName, keyId: number): string {
  return `${node}#${keyId}`;
}

/** Null for anything that formatIdentity does not make. */
export function parseIdentity(
  text: string,
): {readonly node: string; readonly keyId: number} | null {
  const match = /^([^#]{1,64})#(\d{1,10})$/.exec(text);
  if (match === null || !isName(match[1]!)) return null;
  return {node: match[1]!, keyId: Number(match[2])};
}
