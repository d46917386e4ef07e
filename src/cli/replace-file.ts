/**
 * A file replaced as a whole: written beside and renamed, so that a reader sees the old file or the
 * new one, and durable before anybody is told. A link stays a link.
 */

import {randomBytes} from 'node:crypto';
import {open, realpath, rename, stat, unlink} from 'node:fs/promises';
import {basename, dirname} from 'node:path';

/** `mode` of the new file. The file beside it begins with a dot, which no reader takes for ours. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const target = await targetOf(path);
  const beside = `${dirname(target)}/.${basename(target)}.${randomBytes(6).toString('hex')}`;
  const file = await open(beside, 'wx', mode);
  try {
    await keepOwner(target, file);
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(beside, target);
  } catch (error) {
    await file.close();
    await unlink(beside);
    throw error;
  }
  const directory = await open(dirname(target));
  await directory.sync();
  await directory.close();
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path; // It is not there yet.
  }
}

async function keepOwner(target: string, file: Awaited<ReturnType<typeof open>>): Promise<void> {
  try {
    const {uid, gid} = await stat(target);
    await file.chown(uid, gid);
  } catch {
    // Not there yet, or not ours to give away: the file is then ours, as any that we make.
  }
}
