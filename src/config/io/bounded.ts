/** Reading files that somebody else wrote: bounded in size and time, never blocked by a pipe. */

import {constants} from 'node:fs';
import {open} from 'node:fs/promises';

/** The bytes of a regular file of at most `bytesMax`, or why not: `missing`, `too-large` ... */
export async function readBounded(
  path: string,
  bytesMax: number,
): Promise<{readonly bytes: Buffer} | {readonly failure: string}> {
  let handle;
  try {
    // O_NONBLOCK: opening a named pipe would otherwise wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return {failure: 'not a regular file'};
    if (stat.size > bytesMax) return {failure: 'too-large'};
    const buffer = Buffer.alloc(stat.size + 1);
    let length = 0;
    while (length < buffer.length) {
      const {bytesRead} = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return {bytes: buffer.subarray(0, length)};
      length += bytesRead;
    }
    return {failure: 'it grew while it was read'};
  } catch (error) {
    return {failure: isMissing(error) ? 'missing' : reasonOf(error)};
  } finally {
    await handle?.close();
  }
}

/** `undefined` where it takes longer: a file system that hangs must not hang the daemon's start. */
export async function within<Value>(
  deadlineMs: number,
  work: Promise<Value>,
): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Maps with at most `parallel` calls under way; the order is kept. */
export async function mapBounded<Item, Value>(
  items: readonly Item[],
  parallel: number,
  map: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = Array.from({length: items.length});
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      values[index] = await map(items[index]!);
    }
  };
  await Promise.all(Array.from({length: Math.min(parallel, items.length)}, worker));
  return values;
}

/** Nothing is there, or a link on the way leads nowhere. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error));
}

/** The errno name, or the message where there is none. */
export function reasonOf(error: unknown): string {
  return codeOf(error) || String(error);
}

/** The errno name, or nothing. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
