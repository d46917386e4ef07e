/**
 * A raw socket for ICMP (icmp(7), raw(7)) through koffi. Nothing here waits: what cannot be sent or
 * is not there yet is said so at once, so it may be used on the loop.
 */

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
/** Linux: SOCK_CLOEXEC, MSG_DONTWAIT. FreeBSD has the same two in other numbers. */
const closeOnExec = process.platform === 'freebsd' ? 0x10000000 : 0o2000000;
const dontWait = process.platform === 'freebsd' ? 0x80 : 0x40;
/** Linux, raw(7): of all ICMP that this host receives, only echo replies (type 0) are for us. */
const solRaw = 255;
const icmpFilter = 1;
const allButReplies = 0xfffffffe;
const packetBytesMax = 256;

/** Null where koffi is missing; a sentence where the system refuses (no root). */
export async function openIcmp(): Promise<IcmpSocket | string | null> {
  const calls = await load();
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

interface Calls {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, bytes: number): number;
  sendto(fd: number, data: Buffer, bytes: number, flags: number, to: Buffer, size: number): number;
  recv(fd: number, into: Buffer, bytes: number, flags: number): number;
  close(fd: number): number;
  errno(): number;
}

async function load(): Promise<Calls | null> {
  try {
    const koffi = await import('koffi');
    const libc = koffi.load(null);
    const bytes = 'const void *, size_t';
    return {
      socket: libc.func('int socket(int, int, int)') as Calls['socket'],
      setsockopt: libc.func(
        'int setsockopt(int, int, int, const void *, unsigned int)',
      ) as Calls['setsockopt'],
      sendto: libc.func(
        `long sendto(int, ${bytes}, int, const void *, unsigned int)`,
      ) as Calls['sendto'],
      recv: libc.func('long recv(int, _Out_ void *, size_t, int)') as Calls['recv'],
      close: libc.func('int close(int)') as Calls['close'],
      errno: () => koffi.errno(),
    };
  } catch {
    return null; // Not installed, or not for this system: there is the program ping.
  }
}

/** struct sockaddr_in: BSD begins with its length, Linux with the family in host order. */
function socketAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (process.platform === 'freebsd') bytes.set([bytes.length, afInet]);
  else bytes.writeUInt16LE(afInet);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}
