/**
 * The watchdog of a Linux host: opening it arms it, a write feeds it, `V` before the close disarms
 * it (linux/watchdog.h). The time-out is set and read back by ioctl(2) through koffi where that is
 * installed, else read from /sys. A FIFO stands for a watchdog that somebody else runs. Any call
 * may block in the driver: none is made on the loop, and whoever calls sets a deadline.
 */

import {constants} from 'node:fs';
import {open, readFile, stat, type FileHandle} from 'node:fs/promises';

export interface WatchdogDevice {
  /** Time without a feed after which it fires, as read back; of a FIFO as was asked, ms. */
  readonly timeoutMs: number;
  /** As the driver names itself; empty where it does not. */
  readonly identity: string;
  readonly isDriver: boolean;
  /** False where the driver says that it goes on after `V` (nowayout, or no magic close). */
  readonly mayRelease: boolean;
  feed(): Promise<void>;
  /** Disarms and closes it. */
  release(): Promise<void>;
  /** The shortest time-out that it takes: for who wants to be reset soon. */
  shorten(): Promise<void>;
  /** Closes it without `V`, and does not wait: it stays armed. */
  abandon(): void;
}

/** _IOR('W', 0, struct watchdog_info), _IOWR('W', 6, int), _IOR('W', 7, int). */
const getSupport = 0x80285700;
const setTimeoutRequest = 0xc0045706;
const getTimeoutRequest = 0x80045707;
const magicClose = 0x0100;
/** Architectures whose ioctl numbers are those of asm-generic. */
const genericArchitectures = ['x64', 'ia32', 'arm', 'arm64', 'riscv64', 'loong64', 's390x'];
/** /dev/watchdog is this one; it has no folder in /sys of its own. */
const miscMajor = 10;

export async function openWatchdog(path: string, timeoutMs: number): Promise<WatchdogDevice> {
  if (process.platform !== 'linux') throw new Error('watchdogs are used on Linux alone');
  const found = await stat(path);
  if (found.isFIFO()) return openFifo(path, timeoutMs);
  if (!found.isCharacterDevice()) throw new Error(`${path} is no character device`);
  const call = await loadIoctl();
  const handle = await open(path, constants.O_WRONLY);
  try {
    return await describeDevice({handle, call, folder: sysFolder(found.rdev)}, timeoutMs);
  } catch (error) {
    await disarm(handle);
    throw error;
  }
}

interface OpenDevice {
  readonly handle: FileHandle;
  readonly call: Ioctl | null;
  readonly folder: string;
}

async function describeDevice(device: OpenDevice, timeoutMs: number): Promise<WatchdogDevice> {
  const {handle, call, folder} = device;
  const info = Buffer.alloc(64);
  const hasInfo = call !== null && (await call(handle.fd, getSupport, info));
  const nowayout = (await textIn(`${folder}/nowayout`)) === '1';
  const hasMagicClose = !hasInfo || (info.readUInt32LE(0) & magicClose) !== 0;
  const named = hasInfo ? cString(info.subarray(8, 40)) : await textIn(`${folder}/identity`);
  const seconds = Math.ceil(timeoutMs / 1_000);
  return {
    timeoutMs: (await setSeconds(device, seconds)) * 1_000,
    identity: named ?? '',
    isDriver: true,
    mayRelease: hasMagicClose && !nowayout,
    ...handleCalls(handle),
    shorten: async () => void (await setSeconds(device, 1)),
  };
}

/** What is then in force, read back. A driver that cannot be told keeps its own. */
async function setSeconds({handle, call, folder}: OpenDevice, seconds: number): Promise<number> {
  const value = Buffer.alloc(64);
  if (call !== null) {
    value.writeInt32LE(seconds);
    await call(handle.fd, setTimeoutRequest, value);
    if (await call(handle.fd, getTimeoutRequest, value)) return value.readInt32LE(0);
  }
  const text = await textIn(`${folder}/timeout`);
  const read = Number(text ?? 'none');
  if (Number.isSafeInteger(read) && read > 0) return read;
  throw new Error('its time-out can not be read back');
}

async function openFifo(path: string, timeoutMs: number): Promise<WatchdogDevice> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const calls = handleCalls(handle);
  // Whoever reads it counts from the first byte at the latest.
  await calls.feed();
  const shorten = (): Promise<void> => Promise.resolve();
  return {
    timeoutMs,
    identity: `FIFO ${path}`,
    isDriver: false,
    mayRelease: true,
    ...calls,
    shorten,
  };
}

function handleCalls(handle: FileHandle): Pick<WatchdogDevice, 'feed' | 'release' | 'abandon'> {
  return {
    feed: async () => void (await handle.write('\0')),
    release: async () => disarm(handle),
    // The process may be about to end, or the driver stuck: nobody waits.
    abandon: () => void handle.close().catch(() => undefined),
  };
}

async function disarm(handle: FileHandle): Promise<void> {
  await handle.write('V');
  await handle.close();
}

/** True where the call succeeded; on a thread of the pool, since a driver may block. */
type Ioctl = (fd: number, request: number, data: Buffer) => Promise<boolean>;

async function loadIoctl(): Promise<Ioctl | null> {
  if (!genericArchitectures.includes(process.arch)) return null;
  try {
    const koffi = await import('koffi');
    const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');
    return (fd, request, data) =>
      new Promise((resolve) => {
        ioctl.async(fd, request, data, (error: unknown, result: number) => {
          resolve(error === null && result >= 0);
        });
      });
  } catch {
    return null; // Not installed: /sys says what is in force.
  }
}

function sysFolder(rdev: number): string {
  const major = (rdev >> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
  return major === miscMajor ? '/sys/class/watchdog/watchdog0' : `/sys/dev/char/${major}:${minor}`;
}

async function textIn(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null; // A kernel without these files.
  }
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}
