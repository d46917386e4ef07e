import type {NodeName, ServiceName} from '../../kernel/ids.ts';

/** Rules of docs/simulator.md. */
export type RuleId =
  | 'S1'
  | 'S2'
  | 'S3'
  | 'S4'
  | 'S5'
  | 'S6'
  | 'S7'
  | 'S8'
  | 'S9'
  | 'S10'
  | 'S11'
  | 'S12'
  | 'L1'
  | 'L2'
  | 'L3'
  | 'L4'
  | 'L5'
  | 'L6'
  | 'X1'
  | 'X2';

/** One broken rule: the run is a failure and ends. */
export interface Violation {
  readonly rule: RuleId;
  readonly atMs: number;
  readonly node: NodeName | null;
  readonly service: ServiceName | null;
  readonly text: string;
  /** What a shorter run must have in common, where the text says more or less than that. */
  readonly kind?: string;
}

export type Report = (violation: Omit<Violation, 'atMs'>) => void;

/**
 * Whether two violations are one defect, as far as can be told: same rule, service and node, and
 * the same words but for numbers. The numbers of nodes and services count, those of plans, times
 * and epochs do not.
 */
export function isSameDefect(left: Violation, right: Violation): boolean {
  return (
    left.rule === right.rule &&
    left.service === right.service &&
    left.node === right.node &&
    kindOf(left) === kindOf(right)
  );
}

function kindOf({kind, text}: Violation): string {
  return kind ?? text.replaceAll(/(?<![A-Za-z\d])\d+(?:\.\d+)?/g, '#');
}
