/**
 * The process of one shared disk: reads and writes slots, and does nothing else. A read that never
 * returns holds its thread for ever, so it must not be a thread of the daemon; here everything is
 * synchronous, there is no event loop, no socket and no timer, and the daemon judges by the age of
 * the last report. It ends when its standard input does.
 *
 * Linux needs O_DIRECT, or a read would show this machine's page cache instead of what the other
 * node wrote. That wants page aligned memory, which a WebAssembly.Memory is.
 */

import {closeSync, constants, fstatSync, openSync, readSync, writeSync} from 'node:fs';
import type {DiskAction, DiskCommand, DiskReport, DiskTask, SlotRange} from './disk-messages.ts';
import {monotonicMs, packSlot, unpackSlot} from './disk-messages.ts';

/** What of it is used; the library of types has it only for browsers. */
declare const WebAssembly: {
  readonly Memory: new (pages: {initial: number; maximum: number}) => {
    readonly buffer: ArrayBuffer;
  };
};

interface OpenDevice {
  readonly fd: number;
  readonly isFile: boolean;
  readonly blockBytes: number;
}

/** A failed system call or a check that did not pass, in words. */
class DiskFailure extends Error {}

const pageBytes = 65_536;
const blockBytesSmall = 512;
const blockBytesLarge = 4_096;
const [, , taskText = ''] = process.argv;
const task = JSON.parse(taskText) as DiskTask;
const parent = process.ppid;
const buffer = alignedBuffer(task);
let device: OpenDevice | null = null;
/** What we wrote last, to see whether somebody else writes our slot. */
let written: Buffer | null = null;

/** The daemon alone ends this process: a signal to its whole group must not, before the goodbye. */
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
  process.on(signal, () => undefined);
}
serve();

function serve(): void {
  report({type: 'ready'});
  const chunk = Buffer.alloc(pageBytes);
  let pending = '';
  for (;;) {
    const count = readSync(0, chunk);
    if (count === 0) return;
    pending += chunk.toString('latin1', 0, count);
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) round(JSON.parse(line) as DiskCommand);
  }
}

/** A write that fails takes no read along: a disk that can only be read still shows the others. */
function round(command: DiskCommand): void {
  const {id, write, untilMs} = command;
  if (write !== null) {
    attempt(id, 'write', (open) => {
      writeOwn(open, unpackSlot(write, task.own.lengthBytes), untilMs);
      report({type: 'wrote', id});
    });
  }
  attempt(id, 'read', (open) => {
    for (const peer of task.peers) {
      const packed = packSlot(readRange(open, peer));
      report({type: 'slot', id, node: peer.node, packed});
    }
  });
  report({type: 'done', id});
}

/** After a failure the device is opened anew: a path that went away needs that to come back. */
function attempt(id: number, action: DiskAction, work: (open: OpenDevice) => void): void {
  try {
    device ??= openDevice();
    work(device);
  } catch (error) {
    if (device !== null) closeQuietly(device.fd);
    device = null;
    report({type: 'failed', id, action, text: textOf(error)});
  }
}

function writeOwn(open: OpenDevice, bytes: Buffer, untilMs: number): void {
  const {offsetBytes} = task.own;
  const start = alignDown(offsetBytes, open.blockBytes);
  const before = readRange(open, task.own);
  const stolen = written !== null && !before.equals(written);
  // The rest of the last blocks is written back as it was read: nobody else's slot lies in them.
  bytes.copy(buffer, offsetBytes - start);
  // A daemon that is gone, or one that waited too long, must not look alive now.
  if (process.ppid !== parent) process.exit(0);
  if (monotonicMs() > untilMs) throw new DiskFailure('the write waited too long and was not done');
  const length = alignUp(offsetBytes + bytes.length, open.blockBytes) - start;
  const count = writeSync(open.fd, buffer, 0, length, start);
  if (count !== length) throw new DiskFailure(`wrote ${count} of ${length} bytes`);
  written = bytes;
  if (stolen) throw new DiskFailure('somebody else wrote the slot of this node');
}

/** The bytes of a slot; the whole blocks around it are left in the buffer. */
function readRange(open: OpenDevice, range: SlotRange): Buffer {
  const {offsetBytes, lengthBytes} = range;
  const start = alignDown(offsetBytes, open.blockBytes);
  const length = alignUp(offsetBytes + lengthBytes, open.blockBytes) - start;
  const count = readSync(open.fd, buffer, 0, length, start);
  // A file may end before a slot that was never written; a device may not.
  if (count < length && !open.isFile) {
    const block = offsetBytes / blockBytesSmall;
    throw new DiskFailure(`the device ends before the slot of ${range.node} at block ${block}`);
  }
  buffer.fill(0, count, length);
  return Buffer.from(buffer.subarray(offsetBytes - start, offsetBytes - start + lengthBytes));
}

function openDevice(): OpenDevice {
  const direct = process.platform === 'linux' ? constants.O_DIRECT : 0;
  const flags = constants.O_RDWR | (constants.O_DSYNC ?? constants.O_SYNC);
  let note: string | null = null;
  let fd: number;
  try {
    fd = openSync(task.device, flags | direct);
  } catch (error) {
    if (direct === 0 || (error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    fd = openSync(task.device, flags);
    note = 'no direct I/O there: good for daemons on one machine, not for a shared disk';
  }
  try {
    const stat = fstatSync(fd);
    const isFile = stat.isFile();
    const isDevice = stat.isBlockDevice() || (direct === 0 && stat.isCharacterDevice());
    if (!isFile && !isDevice) throw new DiskFailure('neither a disk nor a file');
    if (note !== null && !isFile) throw new DiskFailure('the device refuses direct I/O');
    const blockBytes = probeBlockBytes(fd);
    checkNeighbours(blockBytes);
    report({type: 'open', blockBytes, note});
    return {fd, isFile, blockBytes};
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** The smallest unit that the device takes: 512 bytes, or 4,096 on disks that know only that. */
function probeBlockBytes(fd: number): number {
  try {
    readSync(fd, buffer, 0, blockBytesSmall, blockBytesSmall);
    return blockBytesSmall;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    readSync(fd, buffer, 0, blockBytesLarge, 0);
    return blockBytesLarge;
  }
}

/** A write takes whole blocks along: a neighbour in the same one would be put back to its past. */
function checkNeighbours(blockBytes: number): void {
  const start = alignDown(task.own.offsetBytes, blockBytes);
  const end = alignUp(task.own.offsetBytes + task.own.lengthBytes, blockBytes);
  for (const peer of task.peers) {
    if (peer.offsetBytes >= end || peer.offsetBytes + peer.lengthBytes <= start) continue;
    throw new DiskFailure(
      `the slot of ${peer.node} shares a block of ${blockBytes} bytes with the slot of this ` +
        `node: begin slots at multiples of ${blockBytes / blockBytesSmall}`,
    );
  }
}

/** Room for the largest slot with whole blocks around it. */
function alignedBuffer({own, peers}: DiskTask): Buffer {
  const longest = Math.max(...[own, ...peers].map((range) => range.lengthBytes));
  const pages = Math.ceil((longest + 2 * blockBytesLarge) / pageBytes);
  return Buffer.from(new WebAssembly.Memory({initial: pages, maximum: pages}).buffer);
}

function report(message: DiskReport): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`, 'latin1');
  for (let done = 0; done < bytes.length;) done += writeSync(1, bytes, done);
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It is given up because it failed; a second failure says nothing new.
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function alignDown(value: number, unit: number): number {
  return value - (value % unit);
}

function alignUp(value: number, unit: number): number {
  return alignDown(value + unit - 1, unit);
}
