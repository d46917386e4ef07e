/** Runs schedules, and finds the shortest one that still fails. */

import type {StepFunction} from './daemon.ts';
import {createChecks, isSameDefect} from './checks/index.ts';
import type {Checks, Violation} from './checks/index.ts';
import {Runaway} from './pace.ts';
import type {PaceLimits} from './pace.ts';
import type {Schedule, TimedAction} from './schedule.ts';
import {World} from './world.ts';

export interface RunOptions {
  /** Wraps the engine's step: how tests plant a defect. */
  readonly step?: StepFunction;
  readonly limits?: PaceLimits;
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
  const broken = (): boolean => violations.length > 0;
  const thrown = guarded(world, () => {
    for (const {atMs, action} of schedule.actions) {
      runTo(world, atMs, broken);
      if (broken()) return;
      world.apply(action);
    }
    runTo(world, schedule.endMs, broken);
    if (!broken()) checks!.checkEnd(schedule.endMs - schedule.quietFromMs);
  });
  return violations[0] ?? thrown;
}

/**
 * What the work threw, as a violation: X1 where it goes round in circles, X2 where an assertion
 * failed. The world is of no use afterwards.
 */
export function guarded(world: World, work: () => void): Violation | null {
  try {
    work();
    return null;
  } catch (error) {
    const common = {atMs: world.clock.nowMs(), service: null};
    if (error instanceof Runaway) {
      const {atMs, message: text} = error;
      return {...common, rule: 'X1', atMs, node: null, text, kind: error.kind};
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {...common, rule: 'X2', node: null, text: text.split('\n').slice(0, 4).join(' ')};
  }
}

/** How far the clock runs before it looks whether a rule was broken, ms. */
const strideMs = 1_000;

function runTo(world: World, atMs: number, broken: () => boolean): void {
  while (world.clock.nowMs() < atMs && !broken()) {
    world.runUntil(Math.min(atMs, world.clock.nowMs() + strideMs));
  }
}

/** Runs tried while shrinking: a failure is worth some seconds. */
const shrinkRunsMax = 400;

/**
 * Leaves actions out, many at once and then one by one, as long as the same defect shows. The
 * repair at the end stays: without it a cluster that is still broken would pass for a failure.
 */
export function shrink(
  schedule: Schedule,
  violation: Violation,
  options: RunOptions = {},
): Schedule {
  let best = schedule;
  const budget = {runs: shrinkRunsMax};
  const stillFails = (actions: readonly TimedAction[]): boolean => {
    budget.runs -= 1;
    const found = runSchedule({...best, actions}, options);
    return found !== null && isSameDefect(found, violation);
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
