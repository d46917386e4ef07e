/**
 * From what became of a child to the three-valued outcome of a step, with a sentence for a person.
 * Only an exit code is certain knowledge: a program that was killed may have done anything before.
 */

import type {StepOutcome} from '../failover/types.ts';
import {unreachable} from '../kernel/assert.ts';
import {formatDuration} from '../kernel/duration.ts';
import {lastLine, printable} from './host/output.ts';
import type {RunResult} from './host/run.ts';

/** An outcome before it is known how long it took. */
export type Untimed = Omit<StepOutcome, 'durationMs'>;

export async function timed(work: () => Promise<Untimed>): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const outcome = await work();
  return {...outcome, durationMs: performance.now() - sinceMs};
}

/** Nothing was begun: there is nothing to undo. */
export function refused(detail: string): Untimed {
  return {kind: 'failed', detail, untouched: true};
}

/** The outcome of an action that was one call of `program` with the given deadline. */
export function outcomeOf(call: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
}): StepOutcome {
  const {result} = call;
  const base = {detail: sentence(call), durationMs: result.durationMs};
  if (!result.began) return {...base, kind: 'failed', untouched: true};
  if (!result.ended) return {...base, kind: 'unknown', lingering: true};
  if (result.kind === 'exited') return {...base, kind: result.code === 0 ? 'done' : 'failed'};
  return {...base, kind: 'unknown'};
}

/** What happened, in one sentence: code, signal or deadline, and the last line of output. */
export function sentence(call: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
}): string {
  const {result} = call;
  // A fault names its program itself.
  if (result.fault !== '') return printable(result.fault, 400);
  const said = lastLine(result.stderr) || lastLine(result.stdout);
  const quote = said === '' ? '' : `, last output "${said}"`;
  return `${printable(call.program, 200)}: ${happening(result, call.deadlineMs)}${quote}`;
}

function happening(result: RunResult, deadlineMs: number): string {
  const tookMs = formatDuration(result.durationMs);
  const left = result.ended ? '' : ', and it can not be ended: it hangs in the kernel';
  switch (result.kind) {
    case 'exited':
      return `exit code ${result.code} after ${tookMs}`;
    case 'signalled':
      return `killed by ${result.signal ?? 'an unknown signal'} after ${tookMs}`;
    case 'timed-out':
      return result.began
        ? `not done within ${formatDuration(deadlineMs)}, so its process group was killed${left}`
        : `not begun within ${formatDuration(deadlineMs)}`;
    case 'aborted':
      return result.began ? `cancelled after ${tookMs}${left}` : 'cancelled before it began';
    case 'spawn-failed':
      return 'it could not be started';
    default:
      return unreachable(result.kind);
  }
}
