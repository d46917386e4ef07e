/** A file system of a chosen size, to be full or read-only in earnest. Needs root. */

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

export interface SmallDisk {
  readonly path: string;
  readOnly(on: boolean): void;
  remove(): void;
}

export const canMount = process.getuid?.() === 0 && process.platform === 'linux';

export function smallDisk(sizeKb: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'ha-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k,mode=0700`, 'tmpfs', path]);
  return {
    path,
    readOnly: (on) => {
      execFileSync('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, path]);
    },
    remove: () => {
      execFileSync('umount', ['-l', path]);
      rmdirSync(path);
    },
  };
}
