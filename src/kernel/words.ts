/**
 * The vocabulary that every room shares: states of a service in the users' upper-case words
 * (docs/states.md), three-valued probes, and the cause that each decision carries.
 */

import type {ReasonCode} from './reasons.ts';

/** In the order of their numbers on the wire; append only. */
export const serviceStates = [
  'UNKNOWN',
  'STOPPED',
  'START_READY',
  'STARTING',
  'STARTED',
  'STOPPING',
  'START_FAILED',
  'STOP_FAILED',
  'FROZEN_STOP',
  'FROZEN_START',
] as const;
export type ServiceState = (typeof serviceStates)[number];

/** Three-valued: what could not be asked is `unknown`, never `down`. */
export type ProbeState = 'up' | 'down' | 'unknown';

/** Why something happened, for the journal and for the person who reads it. */
export interface Cause {
  readonly reason: ReasonCode;
  /** One sentence with the facts: names, ages, who ordered it. */
  readonly detail: string;
}
