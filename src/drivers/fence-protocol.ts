/**
 * What is said to a fence agent and what its exit codes mean (FenceAgentAPI of Debian's
 * fence-agents): options as lines on standard input, `status` ends with 0 for on and 2 for off.
 */

import type {RunResult} from './host/run.ts';

export type FenceAction = 'off' | 'on' | 'status';
export type PowerState = 'on' | 'off' | 'unknown';

/** Never in an argument or a variable: those can be read by others (`ps`, /proc). */
export function agentInput(
  parameters: ReadonlyMap<string, string>,
  action: FenceAction,
  password: string | null,
): string {
  const lines = [...parameters].map(([name, value]) => `${name}=${value}`);
  if (password !== null) lines.push(`password=${password}`);
  return `${[...lines, `action=${action}`].join('\n')}\n`;
}

/** Everything but the two codes is unknown, and unknown proves nothing. */
export function powerStateOf({kind, code}: Pick<RunResult, 'kind' | 'code'>): PowerState {
  if (kind !== 'exited') return 'unknown';
  return code === 2 ? 'off' : code === 0 ? 'on' : 'unknown';
}

/** The text with every secret in it hidden, the longest first. */
export function scrub(text: string, secrets: readonly string[]): string {
  const longestFirst = secrets.filter(Boolean).toSorted((a, b) => b.length - a.length);
  return longestFirst.reduce((seen, secret) => seen.replaceAll(secret, '***'), text);
}
