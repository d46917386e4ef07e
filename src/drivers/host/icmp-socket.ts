/**
 * A raw socket for ICMP (icmp(7), raw(7)) through koffi. Nothing here waits: what cannot be sent or
 * is not there yet is said so at once, so it may be used on the loop.
 */

import {closeOnExec, dontWait, loadSocketCalls} from './libc-socket.ts';

export interface IcmpSocket {
  /** Null: handed to the network; else why not. */
  send(address: string, bytes: Uint8Array): string | null;
  /** The next packet that has come in, with its IP header; null: none. */
  receive(): Uint8Array | null;
  close(): void;
}

const afInet = 2;
const sockRaw = 3;
const protocolIcmp = 1;
/** Linux, raw(7): of all ICMP that this host receives, only echo replies (type 0) are for us. */
const solRaw = 255;
const icmpFilter = 1;
const allButReplies = 0xfffffffe;
const packetBytesMax = 256;

/** Null where koffi is missing; a sentence where the system refuses (no root). */
export async function openIcmp(): Promise<IcmpSocket | string | null> {
  const calls = await loadSocketCalls();
  if (calls === null) return null;
  const fd = calls.socket(afInet, sockRaw | closeOnExec, protocolIcmp);
  if (fd < 0) return `a raw socket was refused (errno ${calls.errno()})`;
  if (process.platform === 'linux') {
    const mask = Buffer.alloc(4);
    mask.writeUInt32LE(allButReplies);
    calls.setsockopt(fd, solRaw, icmpFilter, mask, mask.length);
  }
  const buffer = Buffer.alloc(packetBytesMax);
  return {
    send: (address, bytes) => {
      const to = socketAddress(address);
      const message = Buffer.from(bytes);
      const sent = calls.sendto(fd, message, message.length, dontWait, to, to.length);
      return sent === message.length ? null : `errno ${calls.errno()}`;
    },
    receive: () => {
      const count = calls.recv(fd, buffer, buffer.length, dontWait);
      return count > 0 ? Uint8Array.from(buffer.subarray(0, count)) : null;
    },
    close: () => void calls.close(fd),
  };
}

/** struct sockaddr_in: BSD begins with its length, Linux with the family in host order. */
function socketAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (process.platform === 'freebsd') bytes.set([bytes.length, afInet]);
  else bytes.writeUInt16LE(afInet);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}
