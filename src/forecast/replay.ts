/**
 * `ha replay`: a recorded verdict decided again by today's judge, from the question that the
 * journal kept beside it. Wording may change between versions; decision, proof, reason and clauses
 * may not without being said.
 */

import {judge} from '../arbitration/judge.ts';
import {parseQuestion} from '../arbitration/question.ts';
import type {JudgeQuestion} from '../arbitration/types.ts';

/** What a verdict record of the journal has, as far as it is looked at. */
export interface VerdictRecord {
  readonly seq: number;
  readonly at: string;
  readonly node: string;
  readonly service: string | null;
  readonly cause: {readonly reason: string; readonly detail: string};
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Decided {
  readonly decision: string;
  readonly proof: string;
  readonly reason: string;
  readonly clauses: readonly string[];
}

export type Replayed =
  | {
      readonly outcome: 'same' | 'otherwise';
      readonly recorded: Decided;
      readonly today: Decided;
      readonly question: JudgeQuestion;
    }
  | {readonly outcome: 'not-replayed'; readonly recorded: Decided; readonly why: string};

export function replayVerdict({cause, data}: VerdictRecord): Replayed {
  const recorded: Decided = {
    decision: wordOf(data['decision']),
    proof: wordOf(data['proof']),
    reason: cause.reason,
    clauses: Array.isArray(data['clauses']) ? data['clauses'].map(wordOf) : [],
  };
  const question = parseQuestion(data['question']);
  if (!question.ok) return {outcome: 'not-replayed', recorded, why: question.error};
  const verdict = judge(question.value);
  const today: Decided = {
    decision: verdict.decision,
    proof: verdict.proof,
    reason: verdict.cause.reason,
    clauses: verdict.clauses,
  };
  const outcome = isEqual(recorded, today) ? 'same' : 'otherwise';
  return {outcome, recorded, today, question: question.value};
}

function isEqual(left: Decided, right: Decided): boolean {
  return (
    left.decision === right.decision &&
    left.proof === right.proof &&
    left.reason === right.reason &&
    left.clauses.join() === right.clauses.join()
  );
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '?';
}
