/**
 * Children by way of Node's own spawn: works everywhere, but copies the page tables of this process
 * (fork(2)), which costs one to three milliseconds in which the loop stands still.
 */

import {spawn} from 'node:child_process';
import type {Child, ChildOrder, Exit, StartChild} from './child.ts';

/** Not async: it is made before this returns, in the turn that the caller has chosen. */
export const forkChild: StartChild = (order) => {
  try {
    return Promise.resolve(fork(order));
  } catch (error) {
    return Promise.reject(error);
  }
};

function fork({path, args, environment, input}: ChildOrder): Child {
  const child = spawn(path, args, {
    shell: false,
    detached: true,
    cwd: '/',
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: {...environment},
  });
  // A child that ends without reading it all is judged by its exit, not by its reading.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  let seen: Exit | null = null;
  const exited = new Promise<Exit>((resolve) => {
    const settle = (exit: Exit): void => {
      seen ??= exit;
      resolve(seen);
    };
    child.once('exit', (code, signal) => settle({code, signal, error: null}));
    child.once('error', (error) => settle({code: null, signal: null, error}));
  });
  return {
    pid: child.pid,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    exit: () => seen,
    unref: () => child.unref(),
  };
}
