import type {NodeName, ServiceName} from '../../kernel/ids.ts';

/** Rules of docs/simulator.md. */
export type RuleId =
  'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S8' | 'S9' | 'S10' | 'S12' | 'L1' | 'L2' | 'L4' | 'L5';

/** One broken rule: the run is a failure and ends. */
export interface Violation {
  readonly rule: RuleId;
  readonly atMs: number;
  readonly node: NodeName | null;
  readonly service: ServiceName | null;
  readonly text: string;
}

export type Report = (violation: Omit<Violation, 'atMs'>) => void;
