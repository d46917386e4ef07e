/**
 * A helper process outside of all nodes with two duties: it notices when the machine itself stood
 * still, and it sweeps the run when the test process ends without having done so.
 */

import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import type {RunNames} from './run-names.ts';

/** A time in which nobody on this machine ran, on CLOCK_MONOTONIC in ms. */
export interface Stall {
  readonly atMs: number;
  readonly lengthMs: number;
}

export interface StallWitness {
  readonly pid: number;
  /** Stalls so far. Complete only after close(). */
  readonly stalls: () => readonly Stall[];
  /** Waits for what the helper still has to say, and ends it. */
  readonly close: () => Promise<readonly Stall[]>;
}

/** Starts the helper; resolves when it watches. */
export async function startStallWitness({tag, directory}: RunNames): Promise<StallWitness> {
  const program = fileURLToPath(new URL('./stall-witness-process.ts', import.meta.url));
  // A group of its own: a Ctrl-C must not end the one that cleans up after it.
  const child = spawn(process.execPath, [program, tag, directory], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let rest = '';
  const ready = Promise.withResolvers<undefined>();
  child.on('error', ready.reject);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    ready.resolve(undefined);
  });
  await ready.promise;
  const ended = Promise.withResolvers<undefined>();
  child.on('close', () => ended.resolve(undefined));
  const stalls = (): readonly Stall[] => lines.slice(1).map((line) => JSON.parse(line) as Stall);
  return {
    pid: child.pid ?? 0,
    stalls,
    close: async () => {
      child.stdin.end();
      await ended.promise;
      return stalls();
    },
  };
}
