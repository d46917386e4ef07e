/**
 * The directories of a daemon that runs as root: whoever could write there could make it do
 * anything, so they are ours alone or the daemon does not start.
 */

import {chmod, lstat, mkdir, stat} from 'node:fs/promises';
import type {Stats} from 'node:fs';
import {storageError} from '../journal/io/storage-error.ts';
import {err, ok} from '../kernel/result.ts';
import type {HaError, Result} from '../kernel/result.ts';

/**
 * Makes the directory with mode 0700 where it is missing; an existing one is made private. Errors:
 * `HA_DIRECTORY` with what to type, or what the file system said.
 */
export async function claimDirectory(path: string): Promise<Result<void>> {
  try {
    await mkdir(path, {recursive: true, mode: 0o700});
    const fault = linkFault(path, await lstat(path)) ?? ownFault(path, await stat(path));
    if (fault !== null) return err(fault);
    await chmod(path, 0o700);
    return ok(undefined);
  } catch (cause) {
    return err(storageError('make the directory', path, cause));
  }
}

/** The configuration directory belongs to the administrator and is only looked at. */
export async function checkConfDirectory(path: string): Promise<Result<void>> {
  try {
    const fault = linkFault(path, await lstat(path)) ?? ownFault(path, await stat(path));
    return fault === null ? ok(undefined) : err(fault);
  } catch {
    return ok(undefined); // Missing or not readable: the reader of the configuration says so.
  }
}

/** A link of somebody else could be pointed elsewhere at any time. */
function linkFault(path: string, entry: Stats): HaError | null {
  if (!entry.isSymbolicLink() || isOurs(entry.uid)) return null;
  return refusal(
    `${path}: expected a directory, found a link of the user ${entry.uid}`,
    `rm ${path}`,
  );
}

function ownFault(path: string, entry: Stats): HaError | null {
  if (!entry.isDirectory()) {
    return refusal(`${path}: expected a directory, found something else`, `Move ${path} away.`);
  }
  if (!isOurs(entry.uid)) {
    const message = `${path}: expected it to belong to root or to the user of this daemon, `;
    return refusal(
      `${message}found the user ${entry.uid}`,
      `chown ${String(process.geteuid?.())} ${path}`,
    );
  }
  if ((entry.mode & 0o002) === 0) return null;
  return refusal(`${path}: expected nobody else to be able to write there`, `chmod o-w ${path}`);
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.();
}

function refusal(message: string, hint: string): HaError {
  return {code: 'HA_DIRECTORY', message, hint};
}
