/**
 * The stall barrier (SAFETY, section 7; F04). A daemon that stood still wakes with a late timer
 * first and the waiting packets after it: the naive one accuses the living. Nothing is done before
 * the queue was read for higher epochs and otherwise discarded; then the timers of the peers start
 * anew and the leases are looked at as they are.
 */

import {cause, notice, record} from './emit.ts';
import {Rights} from './rights.ts';
import {markAllDirty} from './state.ts';
import type {Engine} from './state.ts';

/** True where this turn comes so late that the engine must have stood still. */
export function detectStall(engine: Engine, nowMs: number): boolean {
  const lateMs = nowMs - engine.dueMs;
  if (lateMs <= engine.config.timing.stallMs || engine.draining) return false;
  engine.stallCount += 1;
  engine.stallSinceMs = engine.dueMs;
  engine.stallLastMs = nowMs;
  engine.stallWorstMs = Math.max(engine.stallWorstMs, lateMs);
  engine.draining = true;
  const why = cause('stalled', `this daemon stood still for ${Math.round(lateMs)} ms`);
  record(engine, {kind: 'stall', service: null, cause: why, data: {lateMs: Math.round(lateMs)}});
  notice(engine, 'warning', null, why);
  engine.out.push({type: 'drain'});
  return true;
}

/** The queue is empty: believe the world again, starting from now. */
export function onDrained(engine: Engine): void {
  if (!engine.draining) return;
  engine.draining = false;
  engine.peerView.restartTimers({sinceMs: engine.stallSinceMs, nowMs: engine.nowMs});
  for (const medium of engine.media) medium.watchedSinceMs = engine.nowMs;
  engine.unfitUntilMs = engine.nowMs + engine.config.timing.graceMs;
  // Whoever was alive before gets its dead time anew; nobody is accused, nothing is started.
  engine.nextBeatMs = engine.nowMs;
  engine.announce = true;
  const rights = new Rights(engine);
  for (const service of engine.services) service.rightLost = rights.isOver(service);
  markAllDirty(engine);
  engine.reviewLeft = engine.dirty.length;
}

/** From a stall on until the last service was looked at: what is known of them may be over. */
export function isReviewing(engine: Engine): boolean {
  return engine.draining || engine.reviewLeft > 0;
}
