/** Which device a path stands for, asked with a deadline: its folder may lie on a hung mount. */

import {readdir, readFile, realpath, stat} from 'node:fs/promises';
import {oneAtATime} from '../host/inspection-lanes.ts';

export interface Identity {
  readonly kind: 'block' | 'file' | 'folder' | 'other';
  /** Without links. */
  readonly path: string;
  /** `MAJOR:MINOR` of a block device, or of the loop devices over a file; else empty. */
  readonly numbers: readonly string[];
  /** Loop devices over the file, as /sys names them: `loop0`. */
  readonly loops: readonly string[];
}

export type IdentityRead = Identity | 'missing' | 'hung';

/** Never rejects. `hung`: no answer within `deadlineMs`, or none that can be used. */
export async function identify(path: string, deadlineMs: number): Promise<IdentityRead> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hung'>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, 'hung');
  });
  const first = await Promise.race([oneAtATime(`device ${path}`, () => look(path)), late]);
  clearTimeout(timer);
  return first;
}

async function look(path: string): Promise<IdentityRead> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    if (found.isBlockDevice()) {
      return {kind: 'block', path: real, numbers: [numbersOf(found.rdev)], loops: []};
    }
    if (found.isDirectory()) return {kind: 'folder', path: real, numbers: [], loops: []};
    if (!found.isFile()) return {kind: 'other', path: real, numbers: [], loops: []};
    const loops = await loopsOver(real);
    const numbers = loops.map((one) => one.numbers);
    return {kind: 'file', path: real, numbers, loops: loops.map((one) => one.name)};
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hung';
  }
}

/** st_rdev as the C library packs it (makedev(3)). */
export function numbersOf(rdev: number): string {
  const wide = BigInt(rdev);
  const major = ((wide >> 8n) & 0xfffn) | ((wide >> 32n) & ~0xfffn);
  const minor = (wide & 0xffn) | ((wide >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

export interface Loop {
  readonly name: string;
  readonly numbers: string;
}

/** Loop devices whose backing file is `file`, from /sys: no device is opened. */
export async function loopsOver(file: string): Promise<readonly Loop[]> {
  const loops: Loop[] = [];
  for (const name of await blockNames()) {
    const backing = await textOf(`/sys/block/${name}/loop/backing_file`);
    if (backing !== file) continue;
    const numbers = await textOf(`/sys/block/${name}/dev`);
    if (numbers !== null) loops.push({name, numbers});
  }
  return loops;
}

async function blockNames(): Promise<readonly string[]> {
  try {
    return (await readdir('/sys/block')).filter((name) => /^loop\d+$/.test(name));
  } catch {
    return []; // No /sys: no loop devices of Linux either.
  }
}

/** Without the line end; null where there is none, as for a loop device without a file. */
async function textOf(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).replace(/\n$/, '');
  } catch {
    return null;
  }
}
