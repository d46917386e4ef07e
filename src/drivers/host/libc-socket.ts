/**
 * The calls of the C library for sockets that Node has none of, through koffi. None of them is made
 * to wait: they are called with `dontWait`, on the loop.
 */

export interface SocketCalls {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, size: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, bytes: number): number;
  sendto(fd: number, data: Buffer, bytes: number, flags: number, to: Buffer, size: number): number;
  recv(fd: number, into: Buffer, bytes: number, flags: number): number;
  close(fd: number): number;
  errno(): number;
}

/** Linux: SOCK_CLOEXEC, MSG_DONTWAIT. FreeBSD has the same two in other numbers. */
export const closeOnExec = process.platform === 'freebsd' ? 0x10000000 : 0o2000000;
export const dontWait = process.platform === 'freebsd' ? 0x80 : 0x40;

/** Null where koffi is missing. */
export async function loadSocketCalls(): Promise<SocketCalls | null> {
  try {
    const koffi = await import('koffi');
    const libc = koffi.load(null);
    const bytes = 'const void *, size_t';
    const address = 'const void *, unsigned int';
    return {
      socket: libc.func('int socket(int, int, int)') as SocketCalls['socket'],
      bind: libc.func(`int bind(int, ${address})`) as SocketCalls['bind'],
      setsockopt: libc.func(
        `int setsockopt(int, int, int, ${address})`,
      ) as SocketCalls['setsockopt'],
      sendto: libc.func(`long sendto(int, ${bytes}, int, ${address})`) as SocketCalls['sendto'],
      recv: libc.func('long recv(int, _Out_ void *, size_t, int)') as SocketCalls['recv'],
      close: libc.func('int close(int)') as SocketCalls['close'],
      errno: () => koffi.errno(),
    };
  } catch {
    return null; // Not installed, or not for this system: there are programs for it.
  }
}
