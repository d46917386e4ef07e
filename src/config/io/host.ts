/**
 * What this host says about the things that the configuration names. Everything that it does not
 * say stays out of the answer: unknown is not wrong.
 */

import {constants} from 'node:fs';
import {access, lstat, readFile, realpath, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {isKeyText, isSampleKey} from '../host-facts.ts';
import {detectVirtualMachine} from '../../drivers/host/virtual-machine.ts';
import type {HostFacts} from '../types.ts';
import {codeOf, isMissing, readBounded} from './bounded.ts';

/** A key file is some hundred bytes; more is looked at as far as this. */
const secretBytesMax = 64 * 1_024;
const sectorBytes = 512;

type DeviceFact = {readonly blockBytes: number; readonly bytes: number} | null;

export async function secretFact(path: string): Promise<HostFacts['secret']> {
  try {
    const own = await lstat(path);
    const {mode, size: bytes} = own.isSymbolicLink() ? await stat(path) : own;
    const isLink = !own.isFile();
    const read = isLink ? {failure: ''} : await readBounded(path, secretBytesMax);
    const text = 'bytes' in read ? read.bytes.toString('latin1') : null;
    const isSample = text !== null && isSampleKey(text);
    const isMalformed = text !== null && !isKeyText(text);
    return {mode: mode & 0o777, bytes, isLink, isSample, isMalformed};
  } catch {
    // Missing, or not ours to look at: either way this daemon has no key.
    return null;
  }
}

/** Mode bits of a directory; undefined where it is not there or can not be looked at. */
export async function directoryMode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch {
    return undefined; // The reader of the files says so.
  }
}

/**
 * Interfaces of the network namespace that this process is in; null where there is no /proc.
 * /sys/class/net would show those of the namespace that mounted it.
 */
export async function interfaceNames(): Promise<readonly string[] | null> {
  try {
    const text = await readFile('/proc/self/net/dev', 'utf8');
    return [...text.matchAll(/^\s*([^\s:]+):/gm)].map((match) => match[1]!);
  } catch {
    // FreeBSD has no such file, and its list of addresses would miss interfaces without one.
    return null;
  }
}

/** null: it can not be read; undefined: the host does not say. */
export async function credentialFact(path: string): Promise<{mode: number} | null | undefined> {
  try {
    await access(path, constants.R_OK);
    const found = await stat(path);
    return found.isFile() ? {mode: found.mode & 0o777} : null;
  } catch (error) {
    return isMissing(error) || ['EACCES', 'EPERM'].includes(codeOf(error)) ? null : undefined;
  }
}

/** null: it can not be opened for reading and writing; undefined: the host does not say. */
export async function deviceFact(path: string): Promise<DeviceFact | undefined> {
  try {
    const found = await stat(path, {bigint: true});
    await access(path, constants.R_OK | constants.W_OK);
    if (found.isFile()) return {blockBytes: sectorBytes, bytes: Number(found.size)};
    return found.isBlockDevice() ? await blockDevice(found.rdev) : undefined;
  } catch (error) {
    if (isMissing(error)) return null;
    return ['EACCES', 'EPERM'].includes(codeOf(error)) ? null : undefined;
  }
}

/** Looked at without opening it, which would arm it. */
export async function watchdogFact(path: string): Promise<HostFacts['watchdog']> {
  const isVirtual = await detectVirtualMachine();
  try {
    const found = await stat(path);
    if (!found.isCharacterDevice()) return {kind: 'other', isVirtual};
    const identity = await watchdogIdentity(path);
    return {kind: 'device', isVirtual, ...(identity === null ? {} : {identity})};
  } catch (error) {
    return isMissing(error) ? {kind: 'missing', isVirtual} : undefined;
  }
}

/** Linux: the name of its driver. `/dev/watchdog` is the older name of the first one. */
async function watchdogIdentity(path: string): Promise<string | null> {
  const name = path === '/dev/watchdog' ? 'watchdog0' : path.slice('/dev/'.length);
  if (!/^watchdog\d{1,3}$/.test(name)) return null;
  try {
    return (await readFile(`/sys/class/watchdog/${name}/identity`, 'utf8')).trim() || null;
  } catch {
    return null; // Not told by this kernel; the daemon asks the open device.
  }
}

/** Linux: sizes without opening the device, which could hang. A partition's queue is its disk's. */
async function blockDevice(rdev: bigint): Promise<DeviceFact | undefined> {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  const folder = `/sys/dev/block/${major}:${minor}`;
  const sectors = await numberIn(`${folder}/size`);
  const blockBytes =
    (await numberIn(`${folder}/queue/logical_block_size`)) ??
    (await numberIn(`${await realFolder(folder)}/../queue/logical_block_size`));
  if (sectors === null || blockBytes === null) return undefined;
  return {blockBytes, bytes: sectors * sectorBytes};
}

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // No /sys here: the caller then finds no number either.
    return path;
  }
}

async function numberIn(path: string): Promise<number | null> {
  try {
    const value = Number((await readFile(path, 'utf8')).trim());
    return Number.isSafeInteger(value) && value >= 0 ? value : null;
  } catch {
    // Not there on this kernel: the size stays unknown and is not judged.
    return null;
  }
}

/** Judges scripts; folders on their way are looked at once for all of them. */
export function scriptJudge(): (
  path: string,
  kind: 'file' | 'folder',
) => Promise<string | undefined> {
  const folders = new Map<string, Promise<boolean>>();
  const folderIsOpen = (path: string): Promise<boolean> => {
    const known = folders.get(path) ?? isOpenFolder(path);
    folders.set(path, known);
    return known;
  };
  return async (path, kind) => {
    try {
      const real = await realpath(path);
      const found = await stat(real);
      if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) return 'missing';
      if ((found.mode & 0o002) !== 0 && kind === 'file') return 'writable by others';
      const way = [...ancestors(path), ...ancestors(real), ...(kind === 'folder' ? [real] : [])];
      for (const folder of way) if (await folderIsOpen(folder)) return 'writable by others';
      return kind === 'file' && (found.mode & 0o111) === 0 ? 'not executable' : '';
    } catch (error) {
      return isMissing(error) ? 'missing' : undefined;
    }
  };
}

/** Others may put something in the place of what lies there. A sticky folder protects it. */
async function isOpenFolder(path: string): Promise<boolean> {
  const {mode} = await stat(path);
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
