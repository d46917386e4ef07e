/** What would become of a service in a fault, with the bounds of every moment in ms. */

import type {ClusterConfig, ServiceConfig} from '../config/types.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {ProofClass} from '../kernel/proof.ts';
import type {ReasonCode} from '../kernel/reasons.ts';

/** A service, who has it, who comes next, and whose watchdog counts for less. */
export interface Ground {
  readonly config: ClusterConfig;
  readonly service: ServiceConfig;
  readonly owner: NodeName;
  readonly contender: NodeName;
  readonly weak: ReadonlySet<NodeName>;
}

/** What the contender still gets of the owner after the fault. */
export interface Signs {
  readonly links: boolean;
  /** The owner writes its slot. */
  readonly disk: boolean;
  /** The contender still hears the other nodes of a majority. */
  readonly others?: true;
  /** The owner renews its lease in the arbiter. */
  readonly arbiter: boolean;
}

/** From the fault; `fromMs`: not before, `untilMs`: not later, null: nothing says when. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number | null;
}

export interface Moment extends Span {
  readonly node: NodeName;
  readonly text: string;
  /** Of a verdict: why. */
  readonly reason: ReasonCode | null;
}

/**
 * `moves`: it starts on the next node, and only there. `stays`: it goes on where it is. `down`: it
 * waits for a person. `split`: it may run twice for a time. `absent`: nothing this could happen to.
 */
export type Outcome = 'moves' | 'stays' | 'down' | 'split' | 'absent';

export interface FaultForecast {
  readonly fault: string;
  readonly title: string;
  readonly outcome: Outcome;
  /** What becomes of it, as a sentence. */
  readonly summary: string;
  /** When the next node begins to start it; null: it does not. */
  readonly start: Span | null;
  readonly proof: ProofClass | null;
  /** In the order of their earliest instant. */
  readonly moments: readonly Moment[];
}

export interface ServiceForecast {
  readonly service: ServiceName;
  readonly owner: NodeName;
  /** Null: it has no other node. */
  readonly contender: NodeName | null;
  readonly faults: readonly FaultForecast[];
}
