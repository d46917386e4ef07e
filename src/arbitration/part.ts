import type {ReasonCode} from '../kernel/reasons.ts';
import type {ProofClass, Verdict} from './types.ts';

/** A rule's answer before it is dressed with evidence. */
export interface Part {
  readonly decision: Verdict['decision'];
  readonly reason: ReasonCode;
  readonly detail: string;
  readonly clauses: readonly string[];
  readonly proof?: ProofClass;
  readonly waitMs?: number;
}
