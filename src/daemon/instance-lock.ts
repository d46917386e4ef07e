/**
 * One daemon per state directory. On Linux the lock is a socket in the abstract name space, named
 * after the directory's device and inode: the kernel gives it to one process and takes it back
 * however that one ends. Elsewhere the control socket, which is asked whether somebody answers,
 * must do.
 */

import {createServer} from 'node:net';
import type {Server} from 'node:net';
import {readFile, rename, stat, unlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';

export interface InstanceLock {
  release(): void;
}

/** `HA_ALREADY_RUNNING` where another daemon holds the directory. */
export async function lockState(directory: string, pidFile: string): Promise<Result<InstanceLock>> {
  if (process.platform !== 'linux') return ok({release: () => undefined});
  const {dev, ino} = await stat(directory, {bigint: true});
  const server = createServer((socket) => socket.destroy());
  const taken = await listen(server, `\0understudy-state-${dev}-${ino}`);
  if (!taken) return err(await alreadyRunning(directory, pidFile));
  server.unref();
  return ok({release: () => void server.close()});
}

/** The same words for either way of finding out. */
export async function alreadyRunning(
  directory: string,
  pidFile: string,
): Promise<{readonly code: string; readonly message: string; readonly hint: string}> {
  const pid = await readPid(pidFile);
  return {
    code: 'HA_ALREADY_RUNNING',
    message: `another daemon${pid === null ? '' : ` (pid ${pid})`} runs with ${directory}`,
    hint: 'Stop it with "ha daemon stop", or give this one its own --state and --run.',
  };
}

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({path}, () => resolve(true));
  });
}

export function pidFilePath(runDirectory: string): string {
  return join(runDirectory, 'daemon.pid');
}

/**
 * The boot id tells whoever reads it after a crash of the machine that the number means nothing.
 */
export async function writePid(path: string, bootId: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, `${process.pid}\n${bootId}\n`, {mode: 0o600});
  await rename(temporary, path);
}

/** Null where there is none. */
async function readPid(path: string): Promise<number | null> {
  try {
    const pid = Number((await readFile(path, 'utf8')).split('\n', 1)[0]);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null; // It is only for a message.
  }
}

export async function removePid(path: string): Promise<void> {
  if ((await readPid(path)) === process.pid) await unlink(path);
}
