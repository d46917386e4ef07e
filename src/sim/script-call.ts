/** One call of a simulated script: its deadline, its end before that, and what it came to. */

import type {StepOutcome} from '../failover/types.ts';
import {actionMsMax} from '../kernel/ending.ts';
import type {Exit, Resource} from './resource.ts';
import type {Life} from './runner.ts';

/** What AbortSignal is to the real runner. */
export class Signal {
  #aborted = false;
  readonly #listeners: (() => void)[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    for (const listener of this.#listeners) listener();
  }

  onAbort(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

/** How one script ended; `unended`: it hangs in the kernel. */
export type Ending = Exit | 'timed-out' | 'aborted' | 'unended';

export interface ScriptCall {
  readonly life: Life;
  readonly resource: Resource;
  readonly action: 'start' | 'stop';
  readonly deadlineMs: number;
  readonly signal: Signal;
}

/** Ends it at its deadline or when cancelled, and gives up on what cannot be ended. */
export function callScript(call: ScriptCall, resume: (ending: Ending) => void): void {
  const {life, resource, action, deadlineMs, signal} = call;
  let killedFor: 'timed-out' | 'aborted' | null = null;
  let open = true;
  const settle = (ending: Ending): void => {
    if (!open) return;
    open = false;
    if (ending !== 'unended') resource.noteEnded(process);
    resume(ending);
  };
  const process = resource.run(action, (exit) => {
    life.event(() => settle(exit === 'killed' ? (killedFor ?? 'killed') : exit));
  });
  const end = (why: 'timed-out' | 'aborted'): void => {
    if (!open || killedFor !== null) return;
    killedFor = why;
    process.kill();
    life.later(actionMsMax(deadlineMs) - deadlineMs, () => settle('unended'));
  };
  life.later(deadlineMs, () => end('timed-out'));
  signal.onAbort(() => end('aborted'));
}

export function outcomeOf(action: string, ending: Ending, durationMs: number): StepOutcome {
  switch (ending) {
    case 'ok':
      return {kind: 'done', detail: `${action}: exit code 0`, durationMs};
    case 'failed':
      return {kind: 'failed', detail: `${action}: exit code 1`, durationMs};
    case 'refused':
      return {
        kind: 'failed',
        detail: 'the check script refused the start',
        durationMs,
        untouched: true,
      };
    case 'killed':
    case 'aborted':
      return {kind: 'unknown', detail: `${action}: cancelled`, durationMs};
    case 'timed-out':
      return {kind: 'unknown', detail: `${action}: killed at its deadline`, durationMs};
    case 'unended':
      return {
        kind: 'unknown',
        detail: `${action}: hangs in the kernel`,
        durationMs,
        lingering: true,
      };
  }
}
