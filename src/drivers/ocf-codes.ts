/**
 * Exit codes of OCF agents (OCF RA API 1.1, "exit status codes"), and what a monitor's code says
 * about the resource. Only 7 is a "down"; what failed may still hold what it needs.
 */

import type {ProbeOutcome} from '../failover/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import {printable} from './host/output.ts';
import type {RunResult} from './host/run.ts';
import {sentence} from './outcome.ts';
import {answer} from './verdict.ts';

interface OcfCode {
  readonly means: string;
  readonly monitor: ProbeOutcome['state'];
  /** The agent itself says that the resource is of no use: it is stopped before it is started. */
  readonly broken?: true;
}

/** 190 and 191 are Pacemaker's extension, which agents use. */
export const ocfCodes: Readonly<Record<number, OcfCode>> = {
  0: {means: 'it runs', monitor: 'up'},
  1: {means: 'it failed', monitor: 'unknown', broken: true},
  2: {means: 'a parameter is wrong', monitor: 'unknown'},
  3: {means: 'the agent does not know this action', monitor: 'unknown'},
  4: {means: 'the agent may not do it', monitor: 'unknown'},
  5: {means: 'what the agent needs is not installed', monitor: 'unknown'},
  6: {means: 'it is not configured, or in a wrong way', monitor: 'unknown'},
  7: {means: 'it does not run', monitor: 'down'},
  8: {means: 'it runs, promoted', monitor: 'up'},
  9: {means: 'it failed while it was promoted', monitor: 'unknown', broken: true},
  190: {means: 'it runs, degraded: it is expected to fail', monitor: 'up'},
  191: {means: 'it runs, promoted and degraded', monitor: 'up'},
};

export const ocfNotInstalled = 5;
export const ocfUnimplemented = 3;

/** Codes of `validate-all` that promise that a start can not work: 2, 4, 5 and 6. */
export function refusesStart(code: number | null): boolean {
  return code === 2 || (code !== null && code >= 4 && code <= 6);
}

/** What one call of an agent came to, in one sentence. */
export function ocfSentence(call: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
}): string {
  const {result, program} = call;
  if (result.kind !== 'exited' || result.code === null || result.code === 0) return sentence(call);
  const means = ocfCodes[result.code]?.means ?? 'no code of the standard';
  const reason = exitReason(result.stderr);
  // Without a reason of its own, the last line of output must do, which `sentence` quotes.
  if (reason === '') return `${sentence(call)} (${means})`;
  const took = formatDuration(result.durationMs);
  return `${printable(program, 200)}: exit code ${result.code} after ${took} (${means}): ${reason}`;
}

/** What the agent itself gave as its reason: the last line of that form, or empty. */
export function exitReason(stderr: string): string {
  const found = [...stderr.matchAll(/^ocf-exit-reason:(.*)$/gm)].at(-1)?.[1] ?? '';
  return printable(found.trim(), 200);
}

/**
 * `wasUp`: it was seen up and not stopped since. Else the monitor is a first look (a probe), and
 * what is not installed here can not run here: the usual answer on a node whose binaries lie on
 * the file system of the service.
 */
export function ocfVerdict(asked: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
  readonly wasUp: boolean;
}): ProbeOutcome {
  const text = ocfSentence(asked);
  const {kind, code} = asked.result;
  if (kind !== 'exited' || code === null) return answer('unknown', text);
  if (code === ocfNotInstalled && !asked.wasUp) return answer('down', text);
  const known = ocfCodes[code];
  if (known === undefined) return answer('unknown', text);
  const outcome = answer(known.monitor, code === 0 ? sentence(asked) : text);
  return known.broken === true ? {...outcome, broken: true} : outcome;
}
