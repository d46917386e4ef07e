/**
 * Children by way of Node's own spawn: works everywhere, but copies the page tables of this process
 * (fork(2)), which costs one to three milliseconds in which the loop stands still.
 */

import {spawn} from 'node:child_process';
import type {Child, Exit, StartChild} from './child.ts';

export const forkChild: StartChild = ({path, args, environment, input}): Child => {
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
};
