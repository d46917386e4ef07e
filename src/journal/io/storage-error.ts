/**
 * One wording for what a disk can refuse. Storage fails in ordinary life (full, read-only after an
 * error, gone), so these are values with a remedy and never exceptions.
 */

import type {HaError} from '../../kernel/result.ts';

const hints: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  ENOSPC: ['HA_STORAGE_FULL', 'Free some space; the daemon goes on by itself.'],
  EDQUOT: ['HA_STORAGE_FULL', 'Raise the quota; the daemon goes on by itself.'],
  EROFS: ['HA_STORAGE_READ_ONLY', 'Remount it writable; the daemon goes on by itself.'],
  EACCES: ['HA_STORAGE_NOT_PERMITTED', 'Give the directory to the user that runs the daemon.'],
  EPERM: ['HA_STORAGE_NOT_PERMITTED', 'Give the directory to the user that runs the daemon.'],
  EIO: ['HA_STORAGE_IO', 'Look for disk errors in the kernel log.'],
};

/** `doing`: "append to", "write" ...; `path`: what it was done to. */
export function storageError(doing: string, path: string, cause: unknown): HaError {
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const [code, hint] = hints[errno] ?? ['HA_STORAGE_IO', 'Look at the state directory.'];
  const detail = cause instanceof Error ? cause.message : String(cause);
  return {code, message: `can not ${doing} ${path}: ${detail}`, hint};
}
