/**
 * Starts a program that goes on by itself: in a process group of its own, its output in a file. Not
 * for actions of services, which have a deadline: those go through `run`.
 */

import {spawn} from 'node:child_process';
import {open} from 'node:fs/promises';
import {err, ok, type Result} from '../../kernel/result.ts';

export interface ProgramOptions {
  readonly argv: readonly string[];
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Standard output and standard error are appended to it. */
  readonly outputFile: string;
}

export interface Program {
  /** Leader of the process group of the same number. */
  readonly pid: number;
  /** How it ended, in words: `exit code 0`, `signal SIGKILL`. */
  readonly ended: Promise<string>;
}

/** `HA_SPAWN` where it can not be started. */
export async function startProgram(options: ProgramOptions): Promise<Result<Program>> {
  const [command = '', ...rest] = options.argv;
  const output = await open(options.outputFile, 'a', 0o600);
  try {
    const child = spawn(command, rest, {
      shell: false,
      detached: true,
      cwd: '/',
      stdio: ['ignore', output.fd, output.fd],
      env: options.environment,
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
      child.once('error', (error) => resolve(error.message));
    });
    if (child.pid !== undefined) return ok({pid: child.pid, ended});
    return err({code: 'HA_SPAWN', message: `${command} can not be started: ${await ended}`});
  } finally {
    await output.close();
  }
}
