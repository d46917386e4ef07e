/** Runs schedules, and finds the shortest one that still fails. */

import type {StepFunction} from './daemon.ts';
import {createChecks} from './checks/index.ts';
import type {Checks, Violation} from './checks/index.ts';
import type {Schedule, TimedAction} from './schedule.ts';
import {World} from './world.ts';

export interface RunOptions {
  /** Wraps the engine's step: how tests plant a defect. */
  readonly step?: StepFunction;
}

/** The first broken rule of a run, or null. Ends at once where one is broken. */
export function runSchedule(schedule: Schedule, options: RunOptions = {}): Violation | null {
  let checks: Checks | null = null;
  const world: World = new World({
    shape: schedule.shape,
    seed: schedule.seed,
    noise: true,
    observers: (self) => {
      checks = createChecks(self);
      return checks.observers;
    },
    ...options,
  });
  const {violations} = checks!;
  for (const {atMs, action} of schedule.actions) {
    if (!runTo(world, atMs, violations)) return violations[0]!;
    world.apply(action);
  }
  if (!runTo(world, schedule.endMs, violations)) return violations[0]!;
  checks!.checkEnd(schedule.endMs - schedule.quietFromMs);
  return violations[0] ?? null;
}

/** How far the clock runs before it looks whether a rule was broken, ms. */
const strideMs = 1_000;

function runTo(world: World, atMs: number, violations: readonly Violation[]): boolean {
  while (world.clock.nowMs() < atMs && violations.length === 0) {
    world.runUntil(Math.min(atMs, world.clock.nowMs() + strideMs));
  }
  return violations.length === 0;
}

/** Runs tried while shrinking: a failure is worth some seconds. */
const shrinkRunsMax = 400;

/**
 * Leaves actions out, many at once and then one by one, as long as the same rule stays broken. The
 * repair at the end stays: without it a cluster that is still broken would pass for a failure.
 */
export function shrink(schedule: Schedule, rule: string, options: RunOptions = {}): Schedule {
  let best = schedule;
  const budget = {runs: shrinkRunsMax};
  const stillFails = (actions: readonly TimedAction[]): boolean => {
    budget.runs -= 1;
    return runSchedule({...best, actions}, options)?.rule === rule;
  };
  for (let size = Math.ceil(best.actions.length / 2); size >= 1; size = nextSize(size)) {
    for (let from = 0; from < best.actions.length && budget.runs > 0;) {
      const gone = best.actions.slice(from, from + size);
      const kept = gone.filter(({action}) => action.verb === 'repair-all');
      const rest = best.actions.toSpliced(from, size, ...kept);
      if (kept.length < gone.length && stillFails(rest)) best = {...best, actions: rest};
      else from += size;
    }
  }
  return best;
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}
