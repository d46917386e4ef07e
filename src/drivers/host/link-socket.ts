/**
 * Two sockets of Linux for the neighbours of one interface: ARP packets (packet(7), SOCK_DGRAM, so
 * that the kernel writes the Ethernet header) and ICMPv6 (raw(7), so that it writes the checksum).
 * Nothing here waits.
 */

import {closeOnExec, dontWait, loadSocketCalls, type SocketCalls} from './libc-socket.ts';

export interface LinkSocket {
  /** Null: handed to the interface; else why not. */
  send(packet: Uint8Array): string | null;
  /** The next packet that has come in; null: none. */
  receive(): Uint8Array | null;
  close(): void;
}

const afPacket = 17;
const afInet6 = 10;
const sockDgram = 2;
const sockRaw = 3;
const protocolIcmpv6 = 58;
const ethernetArp = 0x0806;
const ipprotoIpv6 = 41;
const multicastHops = 18;
const multicastInterface = 17;
/** All nodes of the link: ff02::1. */
const allNodes = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const packetBytesMax = 256;

/** ARP on one interface, to and from everybody there. Null where koffi is missing. */
export async function openArp(interfaceIndex: number): Promise<LinkSocket | string | null> {
  const calls = await usable();
  if (calls === null) return null;
  const protocol = ((ethernetArp & 0xff) << 8) | (ethernetArp >> 8);
  const fd = calls.socket(afPacket, sockDgram | closeOnExec, protocol);
  if (fd < 0) return `a packet socket was refused (errno ${calls.errno()})`;
  const address = packetAddress(interfaceIndex);
  if (calls.bind(fd, address, address.length) !== 0) {
    const fault = `the packet socket could not be bound (errno ${calls.errno()})`;
    calls.close(fd);
    return fault;
  }
  return socketOn(calls, fd, address);
}

/** ICMPv6 from `source`, which must be an address of this node, to all nodes of the link. */
export async function openIcmpv6(
  interfaceIndex: number,
  source: readonly number[],
): Promise<LinkSocket | string | null> {
  const calls = await usable();
  if (calls === null) return null;
  const fd = calls.socket(afInet6, sockRaw | closeOnExec, protocolIcmpv6);
  if (fd < 0) return `a raw socket was refused (errno ${calls.errno()})`;
  // RFC 4861, 7.1.2: an advertisement that came through a router is not believed.
  calls.setsockopt(fd, ipprotoIpv6, multicastHops, int32(255), 4);
  calls.setsockopt(fd, ipprotoIpv6, multicastInterface, int32(interfaceIndex), 4);
  const own = ipv6Address(source, interfaceIndex);
  if (calls.bind(fd, own, own.length) !== 0) {
    const fault = `the raw socket could not be bound (errno ${calls.errno()})`;
    calls.close(fd);
    return fault;
  }
  return socketOn(calls, fd, ipv6Address(allNodes, interfaceIndex));
}

async function usable(): Promise<SocketCalls | null> {
  return process.platform === 'linux' ? loadSocketCalls() : null;
}

function socketOn(calls: SocketCalls, fd: number, to: Buffer): LinkSocket {
  const buffer = Buffer.alloc(packetBytesMax);
  return {
    send: (packet) => {
      const bytes = Buffer.from(packet);
      const sent = calls.sendto(fd, bytes, bytes.length, dontWait, to, to.length);
      return sent === bytes.length ? null : `errno ${calls.errno()}`;
    },
    receive: () => {
      const count = calls.recv(fd, buffer, buffer.length, dontWait);
      return count > 0 ? Uint8Array.from(buffer.subarray(0, count)) : null;
    },
    close: () => void calls.close(fd),
  };
}

/** struct sockaddr_ll: family, protocol, index, hardware type, packet type, broadcast address. */
function packetAddress(interfaceIndex: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16LE(afPacket, 0);
  bytes.writeUInt16BE(ethernetArp, 2);
  bytes.writeInt32LE(interfaceIndex, 4);
  bytes.writeUInt16LE(1, 8);
  bytes.writeUInt8(6, 11);
  bytes.fill(0xff, 12, 18);
  return bytes;
}

/** struct sockaddr_in6. */
function ipv6Address(address: readonly number[], scope: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(afInet6, 0);
  bytes.set(address, 8);
  bytes.writeUInt32LE(scope, 24);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
