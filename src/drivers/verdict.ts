/**
 * What an exit code of a status call says. Not every non-zero code is a "down": 126 and 127 mean
 * that the question was never asked, and a takeover must not rest on that.
 */

import type {ProbeOutcome} from '../failover/types.ts';
import {sentence} from './outcome.ts';
import type {RunResult} from './host/run.ts';

/** `lsb`: 0 up, 1 and 3 down, others unknown. `launcher`: 0 up, others down, but 126 and 127. */
export type CodeTable = 'lsb' | 'launcher';

/**
 * LSB 3.1, "Init Script Actions": 1 dead with a pid file, 2 dead with a lock file, 3 not running,
 * 4 unknown. Two is no "down" here: a lock file left behind may mean a half-ended program.
 */
const lsbTexts: Readonly<Record<number, string>> = {
  2: 'status says it is dead but its lock file is there (LSB code 2)',
  4: 'status says it does not know (LSB code 4)',
};

/** The probe's answer for one status call. */
export function verdictOf(asked: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
  readonly table: CodeTable;
}): ProbeOutcome {
  const text = sentence(asked);
  const {code} = asked.result;
  if (asked.result.kind !== 'exited' || code === null) return answer('unknown', text);
  if (code === 0) return answer('up', text);
  if (code === 126 || code === 127) {
    return answer('unknown', `${text} (the command was not found or not executable)`);
  }
  if (asked.table === 'launcher' || code === 1 || code === 3) return answer('down', text);
  return answer(
    'unknown',
    `${text}: ${lsbTexts[code] ?? `code ${code} means neither up nor down`}`,
  );
}

/** By a table of the operator: what is not in it is no answer, and nor are 126 and 127. */
export function verdictByCodes(asked: {
  readonly program: string;
  readonly result: RunResult;
  readonly deadlineMs: number;
  readonly codes: ReadonlyMap<number, ProbeOutcome['state']>;
}): ProbeOutcome {
  const text = sentence(asked);
  const {kind, code} = asked.result;
  if (kind !== 'exited' || code === null) return answer('unknown', text);
  const state = code === 126 || code === 127 ? undefined : asked.codes.get(code);
  return state === undefined
    ? answer('unknown', `${text}: retcodes does not say what ${code} means`)
    : answer(state, text);
}

export function answer(state: ProbeOutcome['state'], detail: string): ProbeOutcome {
  return {state, verifiable: true, detail};
}

/** What takes the place of an answer where nothing can be asked. */
export const lastActionCounts = 'the last completed action counts';

/** For what has no way to be asked: never taken for down. */
export function unverifiable(detail: string): ProbeOutcome {
  return {state: 'unknown', verifiable: false, detail};
}
