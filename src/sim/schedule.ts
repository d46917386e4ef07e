/** What happens when: a shape, and actions at their times. From it a run is the same every time. */

import type {Action} from './actions.ts';
import {formatAction} from './actions.ts';
import {formatShape} from './shape-text.ts';
import type {ClusterShape} from './shape.ts';

export interface TimedAction {
  readonly atMs: number;
  readonly action: Action;
}

export interface Schedule {
  readonly seed: number;
  readonly shape: ClusterShape;
  /** In order of time. */
  readonly actions: readonly TimedAction[];
  /** From here on nothing is broken any more. */
  readonly quietFromMs: number;
  readonly endMs: number;
}

/** As a scenario that can be run again and kept (docs/simulator.md). */
export function formatSchedule(schedule: Schedule): string {
  const lines = [...formatShape(schedule.shape), `noise ${schedule.seed}`];
  let nowMs = 0;
  for (const {atMs, action} of schedule.actions) {
    if (atMs > nowMs) lines.push(`run ${Math.round(atMs - nowMs)}ms`);
    nowMs = Math.max(nowMs, atMs);
    lines.push(formatAction(action));
  }
  lines.push(`run ${Math.round(schedule.endMs - nowMs)}ms`);
  lines.push(`settled ${Math.round(schedule.endMs - schedule.quietFromMs)}ms`);
  return `${lines.join('\n')}\n`;
}
