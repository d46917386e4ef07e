/**
 * Which boot of the machine this is. An action that was completed in this boot still holds; after a
 * reboot nothing of it does. Nothing can override it.
 */

import {readFile} from 'node:fs/promises';
import {run} from '../drivers/host/run.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';

const linuxPath = '/proc/sys/kernel/random/boot_id';
const sysctlDeadlineMs = 5_000;

/** Linux: its random boot id. FreeBSD: the second of the boot as the kernel keeps it. */
export async function readBootId(platform: string): Promise<Result<string>> {
  try {
    if (platform === 'linux') return ok((await readFile(linuxPath, 'utf8')).trim());
  } catch (cause) {
    const message = `${linuxPath}: ${cause instanceof Error ? cause.message : String(cause)}`;
    return err({code: 'HA_BOOT_ID', message, hint: 'Mount /proc.'});
  }
  const asked = await run({argv: ['sysctl', '-n', 'kern.boottime'], deadlineMs: sysctlDeadlineMs});
  return parseBootTime(asked.stdout);
}

/** `{ sec = 1795176000, usec = 5021 } Fri Nov 20 ...`, as sysctl(8) prints it. */
export function parseBootTime(text: string): Result<string> {
  const match = /\bsec = (\d+)/.exec(text);
  if (match !== null) return ok(`boottime-${match[1]!}`);
  const message = `expected the boot time from "sysctl -n kern.boottime", found "${text.trim()}"`;
  return err({code: 'HA_BOOT_ID', message});
}
