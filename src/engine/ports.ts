/** What an engine is built from. `step` and `view` take the engine and never anything else. */

import type {ClusterConfig} from '../config/types.ts';
import type {Authenticator} from '../heartbeat/types.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {DurableFacts} from './types.ts';

/** What of the last daemon was never seen to end: a start, a stop, or the run of a task. */
export type LeftoverKind = 'start' | 'stop' | 'run';

export interface EngineOptions {
  readonly config: ClusterConfig;
  readonly node: NodeName;
  /** Durable and already bumped: it is on disk BEFORE the engine exists. */
  readonly incarnation: number;
  /** Random 32 bits of this life. */
  readonly nonce: number;
  /** Identity of this boot of the machine, for resources that can not be probed. */
  readonly bootId: string;
  readonly facts: DurableFacts;
  /** Actions of former daemons of this boot that nobody saw end: each gets its `leftover` input. */
  readonly leftovers?: ReadonlyMap<ServiceName, LeftoverKind>;
  readonly auth: Authenticator;
  /** Wall clock at engine time 0, ms since 1970: only to write dates for people. */
  readonly wallOffsetMs: number;
  readonly nowMs: number;
}
