/** A file with a secret as its first line, read at every use so that it can be changed. */

import {constants} from 'node:fs';
import {open} from 'node:fs/promises';

export type Secret =
  {readonly ok: true; readonly text: string} | {readonly ok: false; readonly fault: string};

const secretBytesMax = 1_024;

/** Never rejects. On a file system that hangs it never ends either: the caller has a deadline. */
export async function readSecret(path: string): Promise<Secret> {
  let file;
  try {
    // A pipe would wait for its writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) return {ok: false, fault: `${path}: it is no file`};
    if ((found.mode & 0o077) !== 0) {
      return {ok: false, fault: `${path}: others can read it: chmod 600 ${path}`};
    }
    const {buffer, bytesRead} = await file.read(Buffer.alloc(secretBytesMax), 0, null, 0);
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
    if (line === '') return {ok: false, fault: `${path}: its first line is empty`};
    return {ok: true, text: line};
  } catch (error) {
    return {ok: false, fault: `${path}: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`};
  } finally {
    await file?.close();
  }
}
