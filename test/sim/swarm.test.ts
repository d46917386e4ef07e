/** Seeds with the engine as it is, and with defects planted: the checkers must be able to fail. */

import {describe, expect, it} from 'vitest';
import {step as engineStep} from '../../src/engine/index.ts';
import type {Effect} from '../../src/engine/index.ts';
import {runSchedule, shrink} from '../../src/sim/explore.ts';
import type {StepFunction} from '../../src/sim/daemon.ts';
import {formatSchedule} from '../../src/sim/schedule.ts';
import {drawSchedule} from '../../src/sim/swarm.ts';

/** Bounded: about ten seconds of one core. More: npm run sim -- --seeds 10000. */
const seedsInCi = 120;
const seedsForPlanted = 150;

const isAction = (effect: Effect): boolean => effect.type === 'run-plan';

/** Each breaks one promise of the engine from outside, as a slip in its code would. */
const planted: Readonly<Record<string, StepFunction>> = {
  'the plan runs before the record is durable': (engine, input, nowMs) => {
    const effects = engineStep(engine, input, nowMs);
    return [...effects.filter(isAction), ...effects.filter((effect) => !isAction(effect))];
  },
  'the record of the verdict is left out': (engine, input, nowMs) =>
    engineStep(engine, input, nowMs).filter(
      (effect) => effect.type !== 'record' || effect.entry.kind !== 'verdict',
    ),
  'the stall barrier is skipped': (engine, input, nowMs) => {
    engine.dueMs = Math.max(engine.dueMs, nowMs);
    return engineStep(engine, input, nowMs);
  },
  'silence passes for proof': (engine, input, nowMs) => {
    for (const service of engine.services) {
      service.config = {...service.config, serviceClass: 'none'};
    }
    return engineStep(engine, input, nowMs);
  },
  'epochs do not grow': (engine, input, nowMs) =>
    engineStep(engine, input, nowMs).map((effect) =>
      effect.type === 'run-plan' ? {...effect, plan: {...effect.plan, epoch: 1}} : effect,
    ),
};

describe('the swarm', () => {
  it(`finds nothing in ${seedsInCi} seeds`, {timeout: 120_000}, () => {
    for (let seed = 1; seed <= seedsInCi; seed += 1) {
      const schedule = drawSchedule(seed, {nodes: null});
      const violation = runSchedule(schedule);
      const text = violation === null ? '' : `seed ${seed}: ${violation.rule} ${violation.text}`;
      expect(text).toBe('');
    }
  });

  it('gives the same run for the same seed', () => {
    const text = (seed: number): string => formatSchedule(drawSchedule(seed, {nodes: 2}));
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  it.each(Object.entries(planted))('notices that %s', {timeout: 120_000}, (_name, step) => {
    let found = 0;
    for (let seed = 1; seed <= seedsForPlanted && found === 0; seed += 1) {
      if (runSchedule(drawSchedule(seed, {nodes: 2}), {step}) !== null) found = seed;
    }
    expect(found).toBeGreaterThan(0);
  });

  it('shrinks what fails, and the short one still fails', {timeout: 120_000}, () => {
    const step = planted['the plan runs before the record is durable']!;
    for (let seed = 1; seed <= seedsForPlanted; seed += 1) {
      const schedule = drawSchedule(seed, {nodes: 2});
      const violation = runSchedule(schedule, {step});
      if (violation === null) continue;
      const short = shrink(schedule, violation.rule, {step});
      expect(short.actions.length).toBeLessThanOrEqual(schedule.actions.length);
      expect(runSchedule(short, {step})?.rule).toBe(violation.rule);
      return;
    }
    throw new Error('no seed failed');
  });
});
