/**
 * What the service manager is told (sd_notify(3)): ready, stopping, still alive. Node has no unix
 * datagrams, so the message goes out through koffi where that is installed, at a few microseconds,
 * and through the program systemd-notify where it is not.
 */

import {run} from './run.ts';

/** Sends lines such as `READY=1`. Never throws, never waits. */
export type Notify = (text: string) => void;

/** From socket(2), send(2) on Linux, the only system with this protocol. */
const afUnix = 1;
const sockDatagramCloseOnExec = 2 | 0o2000000;
const dontWaitNoSignal = 0x40 | 0x4000;
const spawnDeadlineMs = 5_000;

/** `path` as in NOTIFY_SOCKET: absolute, or `@name` for an abstract one. */
export async function openNotify(path: string): Promise<Notify> {
  return (await throughKoffi(path)) ?? throughProgram(path);
}

async function throughKoffi(path: string): Promise<Notify | null> {
  try {
    const {load} = await import('koffi');
    const libc = load(null);
    const socket = libc.func('int socket(int, int, int)') as (...args: number[]) => number;
    const sendto = libc.func(
      'long sendto(int, const void *, size_t, int, const void *, unsigned int)',
    );
    const fd = socket(afUnix, sockDatagramCloseOnExec, 0);
    if (fd < 0) return null;
    const address = socketAddress(path);
    return (text) => {
      const message = Buffer.from(text);
      sendto(fd, message, message.length, dontWaitNoSignal, address, address.length);
    };
  } catch {
    return null; // Not installed, or not for this system: there is the program.
  }
}

/** struct sockaddr_un: the family, then the path; an abstract name starts with a zero byte. */
export function socketAddress(path: string): Buffer {
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`;
  const family = Buffer.alloc(2);
  // The family is in the byte order of the machine; every one that Node runs on here is little.
  family.writeUInt16LE(afUnix);
  return Buffer.concat([family, Buffer.from(name)]);
}

function throughProgram(path: string): Notify {
  return (text) => {
    const argv = ['systemd-notify', ...text.split('\n').filter((line) => line !== '')];
    // Not awaited: it reports to somebody who has a time-out of his own.
    void run({argv, deadlineMs: spawnDeadlineMs, environment: {NOTIFY_SOCKET: path}});
  };
}
