/**
 * Children by way of posix_spawn, made to look like those of Node: their outputs are streams, and
 * they are waited for when the kernel says that a child has ended (SIGCHLD). Only our own are
 * waited for, by their numbers, so that Node's children stay Node's.
 */

import {Socket} from 'node:net';
import {constants} from 'node:os';
import {isMainThread} from 'node:worker_threads';
import type {Child, Exit, StartChild} from './child.ts';
import {loadLibcSpawn, type LibcSpawn} from './libc-spawn.ts';

let loaded: Promise<StartChild | null> | null = null;

/** Null where there is no posix_spawn to be had; signals reach the main thread alone. */
export function spawnChildIfAny(): Promise<StartChild | null> {
  loaded ??= isMainThread
    ? loadLibcSpawn().then((libc) => (libc === null ? null : makeSpawnChild(libc)))
    : Promise.resolve(null);
  return loaded;
}

function makeSpawnChild(libc: LibcSpawn): StartChild {
  const running = new Map<number, (exit: Exit) => void>();
  const reap = (pid: number, settle: (exit: Exit) => void): void => {
    const status = libc.wait(pid);
    if (status === null) return;
    running.delete(pid);
    settle(exitOf(status));
  };
  // Signals of one kind merge: each may stand for several children.
  process.on('SIGCHLD', () => {
    for (;;) {
      const pid = libc.ended();
      if (pid === null) return;
      const settle = running.get(pid);
      if (settle === undefined) break;
      reap(pid, settle);
    }
    // The first in the row is Node's, or not entered yet: those behind it must be asked one by one.
    for (const [pid, settle] of running) reap(pid, settle);
  });
  return async ({path, args, environment}): Promise<Child> => {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    refuseNul([path, ...args, ...variables]);
    const {pid, stdoutFd, stderrFd} = await libc.spawn(path, [path, ...args], variables);
    let seen: Exit | null = null;
    const exited = new Promise<Exit>((resolve) => {
      const settle = (exit: Exit): void => {
        seen = exit;
        resolve(exit);
      };
      running.set(pid, settle);
      // It may have ended before it was entered here, and its signal has come and gone.
      reap(pid, settle);
    });
    const [stdout, stderr] = [stdoutFd, stderrFd].map(readFrom);
    return {
      pid,
      stdout: stdout ?? null,
      stderr: stderr ?? null,
      exited,
      exit: () => seen,
      unref: () => {}, // Nothing of it holds the loop but its streams, and those are closed.
    };
  };
}

function readFrom(fd: number): Socket {
  return new Socket({fd, readable: true, writable: false});
}

/** In C a text ends at its first zero byte: what follows would be lost without a word. */
function refuseNul(texts: readonly string[]): void {
  if (!texts.some((text) => text.includes('\0'))) return;
  throw Object.assign(new Error('a NUL byte in an argument'), {code: 'ERR_INVALID_ARG_VALUE'});
}

/** wait(2): the low seven bits are the signal, or 0 and the next eight the code. */
function exitOf(status: number): Exit {
  if (status === -1) return {code: null, signal: null, error: null};
  const number = status & 0x7f;
  if (number === 0) return {code: (status >> 8) & 0xff, signal: null, error: null};
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  // A real-time signal has no name of its own here.
  const signal = (known?.[0] ?? `SIGRT${number}`) as NodeJS.Signals;
  return {code: null, signal, error: null};
}
