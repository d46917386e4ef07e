/** The functional core: `step` and what is made from and read off an engine. */

import {buildEngine} from './create.ts';
import type {EngineOptions} from './ports.ts';
import type {Engine} from './state.ts';
import type {ServiceName} from '../kernel/ids.ts';
import {takeStep} from './step.ts';
import type {Effect, Input} from './types.ts';
import {buildView} from './view-builder.ts';
import type {EngineView} from './view.ts';

export type {Engine} from './state.ts';
export type * from './ports.ts';
export type * from './types.ts';
export type * from './view.ts';

/**
 * A new engine and the effects of its first turn: probes, the first beat, the record of its birth.
 */
export function createEngine(options: EngineOptions): {
  readonly engine: Engine;
  readonly effects: readonly Effect[];
} {
  const engine = buildEngine(options);
  const born = engine.out;
  return {engine, effects: [...born, ...takeStep(engine, {type: 'tick'}, options.nowMs)]};
}

/**
 * Synchronous, total, bounded and deterministic. `nowMs` is monotonic; a smaller one than before
 * counts as no time passed.
 */
export function step(engine: Engine, input: Input, nowMs: number): readonly Effect[] {
  return takeStep(engine, input, nowMs);
}

/** Absolute time at which the next tick is wanted; ask after every step. */
export function nextDueMs(engine: Engine): number {
  return engine.dueMs;
}

/** The epoch under which a service runs on this node, frozen or not; null where it does not run. */
export function runningEpoch(engine: Engine, name: ServiceName): number | null {
  const service = engine.byName.get(name);
  if (service === undefined) return null;
  const runs = service.state === 'STARTED' || service.state === 'FROZEN_START';
  return runs ? service.epoch : null;
}

/** Plain data for status, control and checkers; changes nothing. */
export function view(engine: Engine, nowMs: number): EngineView {
  engine.nowMs = Math.max(engine.nowMs, nowMs);
  return buildView(engine);
}
