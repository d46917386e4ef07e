/**
 * `secret.key`: the cluster key, the same file on every node. Text, mode 0600, one or two lines
 * `KEYID HEX64`; the first key signs, both are accepted, which is how a key is changed without a
 * pause (docs/wire-format.md). Anything odd about the file is refused: a key that others may have
 * read is no key.
 */

import {randomBytes} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import type {FileHandle} from 'node:fs/promises';
import {err, ok} from '../../kernel/result.ts';
import type {HaError, Result} from '../../kernel/result.ts';

/** One generation of the cluster key. */
export interface ClusterKey {
  /** 1 to 65,535; travels in every frame. */
  readonly id: number;
  /** 32 random bytes. Never log it. */
  readonly secret: Uint8Array;
}

const secretBytes = 32;
const keyIdMax = 0xffff;
const keysMax = 2;
/** Two keys and a comment; whatever is longer is not this file. */
const fileBytesMax = 4_096;
/** 32 random bytes have fewer different values than this once in 10^20 keys; a typed one has. */
const distinctBytesMin = 12;

/** What can be wrong with the file, and what to type. Codes are stable (docs/errors.md). */
export const keyErrors = {
  HA_KEY_MISSING: 'Type "ha init" on one node and copy secret.key to the others.',
  HA_KEY_UNREADABLE: 'Make it a regular file that the daemon may read.',
  HA_KEY_KIND: 'Put the file itself there, not a link, a directory or a pipe.',
  HA_KEY_MODE: 'Type "chmod 600 secret.key"; if others could read it, make a new key.',
  HA_KEY_OWNER: 'Type "chown root secret.key"; if its owner could read it, make a new key.',
  HA_KEY_FORMAT: 'Write one or two lines of a key id and 64 hexadecimal digits, as "ha init" does.',
  HA_KEY_WEAK: 'Move it away, type "ha init", and copy the new one to the other nodes.',
} as const;
export type KeyErrorCode = keyof typeof keyErrors;

/** A new random key. */
export function generateKey(id: number): ClusterKey {
  return {id, secret: new Uint8Array(randomBytes(secretBytes))};
}

/** The content of the file: write it with mode 0600. The first key signs. */
export function renderKeyFile(keys: readonly ClusterKey[]): string {
  const lines = keys.map((key) => `${key.id} ${Buffer.from(key.secret).toString('hex')}`);
  const head = '# Cluster key: the same file on every node, mode 0600. The first key signs.';
  return [head, ...lines, ''].join('\n');
}

/** Reads and checks the file: its keys, the signing one first, or the one thing that is wrong. */
export async function readKeyFile(path: string): Promise<Result<readonly ClusterKey[]>> {
  let handle: FileHandle;
  try {
    // Neither a link nor a pipe may stand in for the file: the one would point elsewhere tomorrow,
    // the other would block the start.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return openFailure(path, error);
  }
  try {
    return await readOpenFile(handle, path);
  } catch (error) {
    return failure('HA_KEY_UNREADABLE', `${path}: expected a readable file, got ${text(error)}`);
  } finally {
    await handle.close();
  }
}

/** The keys in the text of the file; `path` is for messages. */
export function parseKeyFile(content: string, path: string): Result<readonly ClusterKey[]> {
  if (content.includes('\r')) {
    return failure('HA_KEY_FORMAT', `${path}: expected Unix line ends, found carriage returns`);
  }
  const keys: ClusterKey[] = [];
  for (const [index, line] of content.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const key = parseLine(line, `${path}:${index + 1}`);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  if (keys.length === 0) return failure('HA_KEY_FORMAT', `${path}: expected a key, found none`);
  if (keys.length > keysMax) {
    return failure('HA_KEY_FORMAT', `${path}: expected at most 2 keys, found ${keys.length}`);
  }
  if (keys.length === keysMax && keys[0]!.id === keys[1]!.id) {
    const {id} = keys[0]!;
    return failure('HA_KEY_FORMAT', `${path}: expected two different key ids, found ${id} twice`);
  }
  return ok(keys);
}

async function readOpenFile(
  handle: FileHandle,
  path: string,
): Promise<Result<readonly ClusterKey[]>> {
  const stat = await handle.stat();
  if (!stat.isFile()) {
    return failure('HA_KEY_KIND', `${path}: expected a regular file, found something else`);
  }
  const mode = stat.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const found = mode.toString(8).padStart(4, '0');
    return failure('HA_KEY_MODE', `${path}: expected mode 0600, found ${found}`);
  }
  const uid = process.getuid?.() ?? 0;
  if (stat.uid !== 0 && stat.uid !== uid) {
    return failure('HA_KEY_OWNER', `${path}: expected uid ${uid} as owner, found ${stat.uid}`);
  }
  if (stat.size > fileBytesMax) {
    const message = `${path}: expected at most ${fileBytesMax} bytes, found ${stat.size}`;
    return failure('HA_KEY_FORMAT', message);
  }
  return parseKeyFile(await handle.readFile('utf8'), path);
}

function parseLine(line: string, place: string): Result<ClusterKey> {
  const match = /^(\d{1,5}) ([0-9a-fA-F]+)$/.exec(line);
  const id = Number(match?.[1]);
  if (match === null || id < 1 || id > keyIdMax) {
    const message = `${place}: expected a key id (1 to 65535), a blank, 64 hexadecimal digits`;
    return failure('HA_KEY_FORMAT', message);
  }
  const digits = match[2]!;
  if (digits.length !== 2 * secretBytes) {
    const message = `${place}: expected 64 hexadecimal digits, found ${digits.length}`;
    return failure('HA_KEY_FORMAT', message);
  }
  const secret = new Uint8Array(Buffer.from(digits, 'hex'));
  if (new Set(secret).size < distinctBytesMin || /0123456789abcdef/i.test(digits)) {
    return failure('HA_KEY_WEAK', `${place}: expected a random key, found a pattern`);
  }
  return ok({id, secret});
}

function openFailure(path: string, error: unknown): Result<never> {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    return failure('HA_KEY_MISSING', `${path}: expected the cluster key, found no such file`);
  }
  if (code === 'ELOOP' || code === 'EMLINK') {
    return failure('HA_KEY_KIND', `${path}: expected a regular file, found a symbolic link`);
  }
  return failure('HA_KEY_UNREADABLE', `${path}: expected a readable file, got ${text(error)}`);
}

function failure(code: KeyErrorCode, message: string): Result<never> {
  return err({code, message, hint: keyErrors[code]} satisfies HaError);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
