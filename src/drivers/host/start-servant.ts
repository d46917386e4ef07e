/**
 * Starts a Node process that serves this one over its standard input and output, line by line, and
 * may be stuck in the kernel for ever: nothing here waits for it, its end least of all.
 */

import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';

export interface ServantOptions {
  /** The file that it runs. */
  readonly script: URL;
  /** Options of Node itself. */
  readonly flags: readonly string[];
  readonly argument: string;
  /** Called with each piece of its standard output, as latin1. */
  readonly onText: (text: string) => void;
  /** It ended, or could not be started: how, and the error that it named. */
  readonly onEnd: (how: string) => void;
}

export interface Servant {
  /** Null where it could not be started. */
  readonly pid: number | null;
  /** Writes to its standard input; lost where it has ended, which `onEnd` tells. */
  tell(text: string): void;
  /** Kills it and does not wait. No callback comes after this. */
  kill(): void;
}

/** What is kept of its standard error. */
const complaintCharsMax = 4_000;

export function startServant(options: ServantOptions): Servant {
  const {script, flags, argument, onText, onEnd} = options;
  let over = false;
  let complaint = '';
  const child = spawn(process.execPath, [...flags, fileURLToPath(script), argument], {
    shell: false,
    // A session of its own: Ctrl-C at a terminal is for the daemon, which says goodbye first.
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const end = (how: string): void => {
    if (over) return;
    over = true;
    const reason = /^\w*Error\b.*$/m.exec(complaint)?.[0];
    onEnd(reason === undefined ? how : `${how}: ${reason}`);
  };
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  const kill = (): void => {
    over = true;
    child.kill('SIGKILL');
    child.unref();
  };
  // Out of descriptors, say: Node has made no pipes then.
  if (child.pid === undefined) return {pid: null, tell: () => undefined, kill};
  // A pipe breaks when the process ends, which 'exit' tells.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on('error', () => undefined);
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    if (!over) onText(text);
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, complaintCharsMax);
  });
  return {
    pid: child.pid,
    tell: (text) => void child.stdin.write(text),
    kill() {
      kill();
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
    },
  };
}
