/** Seeds with the engine as it is, and with defects planted: the checkers must be able to fail. */

import {describe, expect, it} from 'vitest';
import {step as engineStep} from '../../src/engine/index.ts';
import type {Effect} from '../../src/engine/index.ts';
import {assert} from '../../src/kernel/assert.ts';
import {nodeName, serviceName} from '../../src/kernel/ids.ts';
import {isSameDefect} from '../../src/sim/checks/index.ts';
import type {Violation} from '../../src/sim/checks/index.ts';
import {runSchedule, shrink} from '../../src/sim/explore.ts';
import {paceLimits} from '../../src/sim/pace.ts';
import type {PaceLimits} from '../../src/sim/pace.ts';
import type {StepFunction} from '../../src/sim/daemon.ts';
import {formatSchedule} from '../../src/sim/schedule.ts';
import {denseDensity, drawSchedule} from '../../src/sim/swarm.ts';

/** Bounded: about fifteen seconds of one core. More: npm run sim -- --seeds 10000. */
const seedsInCi = 120;
const denseInCi = 40;
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
  it.each([
    ['seeds', seedsInCi, 1],
    ['dense seeds', denseInCi, denseDensity],
  ])('finds nothing in %s', {timeout: 300_000}, (_name, count, density) => {
    for (let seed = 1; seed <= count; seed += 1) {
      const violation = runSchedule(drawSchedule(seed, {nodes: null, density}));
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

  it('ends a run that goes round in circles, and says in what', () => {
    const echo: StepFunction = (engine, input, nowMs) => {
      const effects = engineStep(engine, input, nowMs);
      if (input.type !== 'packet') return effects;
      return [...effects, {type: 'send', link: input.link, bytes: input.bytes}];
    };
    const limits = {...paceLimits, stepsPerSecond: 5_000};
    const violation = runSchedule(drawSchedule(1, {nodes: 3}), {step: echo, limits});
    expect(violation?.rule).toBe('X1');
    expect(violation?.text).toMatch(
      /^no way is made at \d+ ms: 5001 steps in one second; the last turns: \d+ x node\d packet/,
    );
  });

  it('ends a run that has too many steps or timers', () => {
    const endOf = (limits: Partial<PaceLimits>): string =>
      runSchedule(drawSchedule(1, {nodes: 2}), {limits: {...paceLimits, ...limits}})?.text ?? '';
    expect(endOf({stepsPerRun: 5_000})).toMatch(
      /: 5001 steps in a run; the last turns: \d+ x node/,
    );
    expect(endOf({timers: 5})).toMatch(/: \d timers wait; the last turns/);
  });

  it('says where an assertion failed', () => {
    const step: StepFunction = (engine, input, nowMs) => {
      assert(nowMs < 60_000, 'planted');
      return engineStep(engine, input, nowMs);
    };
    const violation = runSchedule(drawSchedule(1, {nodes: 2}), {step});
    expect(violation).toMatchObject({rule: 'X2', text: expect.stringContaining('planted')});
  });

  it('shrinks what fails, and the short one still fails', {timeout: 120_000}, () => {
    const step = planted['the plan runs before the record is durable']!;
    for (let seed = 1; seed <= seedsForPlanted; seed += 1) {
      const schedule = drawSchedule(seed, {nodes: 2});
      const violation = runSchedule(schedule, {step});
      if (violation === null) continue;
      const short = shrink(schedule, violation, {step});
      expect(short.actions.length).toBeLessThanOrEqual(schedule.actions.length);
      expect(isSameDefect(runSchedule(short, {step})!, violation)).toBe(true);
      return;
    }
    throw new Error('no seed failed');
  });

  it('tells one defect from another while it shrinks', () => {
    const one: Violation = {rule: 'S1', atMs: 1, node: null, service: null, text: 'node1 x 5 at 7'};
    const isSame = (other: Partial<Violation>): boolean => isSameDefect(one, {...one, ...other});
    expect(isSame({atMs: 2, text: 'node1 x 55 at 7.25'})).toBe(true);
    expect(isSame({text: 'node2 x 5 at 7'})).toBe(false);
    expect(isSame({text: 'node1 y 5 at 7'})).toBe(false);
    expect(isSame({rule: 'S2'})).toBe(false);
    expect(isSame({node: nodeName('node1')})).toBe(false);
    expect(isSame({service: serviceName('s1')})).toBe(false);
    expect(isSame({kind: 'other'})).toBe(false);
  });

  it('draws more faults where it is told to, over the same cluster', () => {
    const [thin, dense] = [1, denseDensity].map((density) =>
      drawSchedule(7, {nodes: null, density}),
    );
    expect(dense!.shape).toEqual(thin!.shape);
    expect(dense!.actions.length).toBeGreaterThan(thin!.actions.length);
  });
});
