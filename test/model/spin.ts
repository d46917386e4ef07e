/** Searches the model with spin: generated, compiled and run in a directory of its own. */

import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {projectRoot} from '../tidy/files.ts';

export interface Search {
  /** Every state within the bounds was seen. */
  readonly complete: boolean;
  readonly states: number;
  /** The assertion that does not hold, or null. */
  readonly violated: string | null;
}

export const modelPath = join(projectRoot, 'model/takeover.pml');
/** Megabytes that a search may take: it fails rather than take more. */
const memoryMb = 600;
const searchMs = 100_000;
/** Steps of the longest path; a longer one is cut off, and counts as incomplete. */
const depthMax = 200_000;

/** Why the model can not be searched here, or null. */
export function spinObstacle(): string | null {
  for (const [program, option] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ] as const) {
    const {status} = spawnSync(program, [option]);
    if (status !== 0) return `${program} is not installed`;
  }
  return null;
}

/** The names that a comment of the model calls planted. */
export function plantedNames(): readonly string[] {
  const text = readFileSync(modelPath, 'utf8');
  return [...text.matchAll(/(?:#ifdef (\w+)|defined\((\w+)\)) *\/\* planted: /g)].map(
    (match) => match[1] ?? match[2]!,
  );
}

/** `-O0` compiles in a second, which is all that a search with few states takes; `-O1` searches. */
export function search(defines: readonly string[], level: '-O0' | '-O1'): Search {
  const directory = mkdtempSync(join(tmpdir(), 'ha-model-'));
  const run = (program: string, ...args: readonly string[]): string => {
    const child = spawnSync(program, args, {cwd: directory, encoding: 'utf8', timeout: searchMs});
    const said = `${child.stdout}${child.stderr}`;
    if (child.status !== 0) throw new Error(`${program} ended with ${child.status}: ${said}`);
    return said;
  };
  try {
    const flags = defines.map((name) => `-D${name}`);
    run('spin', ...flags, '-a', modelPath);
    run('gcc', level, '-DSAFETY', '-DCOLLAPSE', `-DMEMLIM=${memoryMb}`, '-o', 'pan', 'pan.c');
    return read(run('./pan', `-m${depthMax}`, '-w22'));
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}

function read(said: string): Search {
  const violated = /assertion violated (.*) \(at depth/.exec(said)?.[1] ?? null;
  const states = Number(/(\d+) states, stored/.exec(said)?.[1] ?? 0);
  const cutOff = /Search not completed|max search depth too small|out of memory/.test(said);
  return {complete: !cutOff && violated === null && states > 0, states, violated};
}
