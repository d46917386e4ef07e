/**
 * What the service machine hears and what it says: events are dotted lower case; intents are all
 * that the machine can ask of the world.
 */

import type {Cause, ProbeState} from '../kernel/words.ts';

export type ServiceEvent =
  | {readonly type: 'probe.done'; readonly probed: ProbeState; readonly cause: Cause}
  | {readonly type: 'ready'; readonly cause: Cause}
  | {readonly type: 'yield'; readonly cause: Cause}
  | {readonly type: 'go'; readonly epoch: number; readonly cause: Cause}
  /**
   * `failed`: the resources died under us; rest in START_FAILED afterwards, so that a peer starts.
   */
  | {readonly type: 'stop'; readonly failed: boolean; readonly cause: Cause}
  | {readonly type: 'plan.done'; readonly cause: Cause}
  /** `clean`: every undo was confirmed by probe; nothing is left running. */
  | {readonly type: 'plan.failed'; readonly clean: boolean; readonly cause: Cause}
  | {readonly type: 'plan.unknown'; readonly cause: Cause}
  | {readonly type: 'freeze'; readonly cause: Cause}
  | {readonly type: 'freeze.stop'; readonly cause: Cause}
  | {readonly type: 'unfreeze'; readonly probed: ProbeState; readonly cause: Cause}
  /** Operator: forget a failure. `confirmStopped` is the operator's word that nothing runs. */
  | {readonly type: 'clear'; readonly confirmStopped: boolean; readonly cause: Cause}
  /** Operator: take this state without calling a script (OpenHA's force-start, force-stop). */
  | {readonly type: 'declare'; readonly running: boolean; readonly cause: Cause};

/** What the machine asks for; the engine turns an intent into records, plans and frames. */
export type ServiceIntent = {readonly type: 'start' | 'stop'; readonly cause: Cause};
