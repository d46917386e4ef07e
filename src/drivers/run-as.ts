/**
 * Brings a command to its user, folder and limits by the programs of the system, each of which
 * turns into the next (exec): env(1), prlimit(1), setpriv(1).
 */

import type {RunAs} from '../config/resources/run-as.ts';
import {err, ok, type Result} from '../kernel/result.ts';
import {run} from './host/run.ts';
import {sentence} from './outcome.ts';

/** Looking a group up asks the directory of the site. */
const lookUpMs = 5_000;

/** Words before the command; empty where it runs as the daemon. Else why it can not. */
export async function wordsBefore(
  runAs: RunAs,
  {deadlineMs, signal}: {readonly deadlineMs: number; readonly signal: AbortSignal},
): Promise<Result<readonly string[], string>> {
  const {user, group, cwd, limits} = runAs;
  const words: string[] = cwd === null ? [] : ['env', `--chdir=${cwd}`];
  if (limits.size > 0) {
    words.push('prlimit', ...[...limits].map(([name, value]) => `--${name}=${value}:${value}`));
  }
  if (user === null && group === null) return ok(words);
  const limitMs = Math.min(lookUpMs, deadlineMs);
  const gid = group ?? (await firstGroup(user ?? '', {deadlineMs: limitMs, signal}));
  if (typeof gid !== 'string') return err(gid.fault);
  words.push('setpriv', ...(user === null ? [] : [`--reuid=${user}`]), `--regid=${gid}`);
  words.push(user === null ? '--clear-groups' : '--init-groups');
  return ok(words);
}

async function firstGroup(
  user: string,
  limits: {readonly deadlineMs: number; readonly signal: AbortSignal},
): Promise<string | {readonly fault: string}> {
  const result = await run({argv: ['id', '-g', '--', user], ...limits});
  const gid = result.stdout.trim();
  if (result.kind === 'exited' && result.code === 0 && /^\d+$/.test(gid)) return gid;
  return {fault: sentence({program: `id -g ${user}`, result, deadlineMs: limits.deadlineMs})};
}
