import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ResourceConfig, ServiceConfig} from '../../src/config/types.ts';
import {
  buildPlan,
  deadlineMsMax,
  describePlan,
  planStepsMax,
  stopTriesMax,
  type PlanIntent,
} from '../../src/failover/plan.ts';
import type {ActionPlan} from '../../src/failover/types.ts';
import {actionMsMax, killGraceMs} from '../../src/kernel/ending.ts';
import {resourceId, serviceName} from '../../src/kernel/ids.ts';
import {appResource, scriptResource, serviceOf} from '../drivers/scripts.ts';

function planOf(service: ServiceConfig, intent: PlanIntent): ActionPlan {
  const built = buildPlan(service, intent);
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

const start = {kind: 'start', epoch: 3, count: 1} as const;
const stop = {kind: 'stop', epoch: 3, count: 2} as const;
const rids = (plan: ActionPlan): readonly string[] => plan.steps.map((step) => step.rid);
const app = (number: number, changes: Partial<ResourceConfig> = {}): ResourceConfig =>
  ({...appResource(), rid: resourceId(`app#${number}`), ...changes}) as ResourceConfig;

const resource = fc.record({
  isScript: fc.boolean(),
  disabled: fc.boolean(),
  optional: fc.boolean(),
  startMs: fc.integer({min: 1, max: deadlineMsMax}),
  stopMs: fc.integer({min: 1, max: deadlineMsMax}),
  probeMs: fc.integer({min: 1, max: deadlineMsMax}),
});
const service = fc.array(resource, {maxLength: planStepsMax}).map((list) =>
  serviceOf(
    list.map(({isScript, ...changes}, index) => {
      const rid = resourceId(`r#${index}`);
      return isScript ? scriptResource('/s', {...changes, rid}) : appResource({...changes, rid});
    }),
  ),
);
const startable = service.filter((one) => one.resources.some((each) => !each.disabled));

describe('a plan', () => {
  test('starts the families in their order and each in the order of the file', () => {
    const script = scriptResource('/s');
    const mixed = serviceOf([app(10), app(2), script, app(1, {disabled: true})]);
    expect(rids(planOf(mixed, start))).toEqual(['script', 'app#10', 'app#2']);
    expect(rids(planOf(mixed, stop))).toEqual(['app#2', 'app#10', 'script']);
  });

  test('that stops undoes the one that starts, step by step', () => {
    fc.assert(
      fc.property(startable, (one) => {
        const up = planOf(one, start);
        const down = planOf(one, stop);
        expect(rids(down)).toEqual(rids(up).toReversed());
        expect(down.steps.every((step) => step.action === 'stop')).toBe(true);
      }),
    );
  });

  test('interrupted after any step is undone in reverse by the end of the stop plan', () => {
    fc.assert(
      fc.property(startable, fc.nat(), (one, cut) => {
        const up = rids(planOf(one, start));
        const prefix = up.slice(0, cut % (up.length + 1));
        const undo = rids(planOf(one, stop)).filter((rid) => prefix.includes(rid));
        expect(undo).toEqual(prefix.toReversed());
      }),
    );
  });

  test('leaves out what is disabled, keeps what is optional, and invents nothing', () => {
    fc.assert(
      fc.property(startable, (one) => {
        const {steps} = planOf(one, start);
        const enabled = one.resources.filter((each) => !each.disabled);
        expect(rids(planOf(one, start)).toSorted()).toEqual(enabled.map((e) => e.rid).toSorted());
        for (const step of steps) {
          const from = one.resources.find((each) => each.rid === step.rid)!;
          expect(step).toMatchObject({
            deadlineMs: from.startMs,
            probeMs: from.probeMs,
            optional: from.optional,
          });
        }
      }),
    );
  });

  test('has an id that no other plan of the daemon has', () => {
    const intent = fc.record({
      name: fc.constantFrom('a', 'b', 'a-1', 'a.1'),
      kind: fc.constantFrom('start' as const, 'stop' as const),
      epoch: fc.nat(20),
      count: fc.nat(20),
    });
    fc.assert(
      fc.property(intent, intent, (left, right) => {
        const idOf = ({name, ...rest}: typeof left): string =>
          planOf(serviceOf([app(1)], {name: serviceName(name)}), rest).id;
        const isSame = JSON.stringify(left) === JSON.stringify(right);
        expect(idOf(left) === idOf(right)).toBe(isSame);
      }),
    );
  });

  test('budgets the worst case, the undo of a start included', () => {
    const one = serviceOf([app(1, {startMs: 8_000, stopMs: 4_000, probeMs: 400})]);
    const probeMs = 400 + 200 + 1_000;
    const stopMs = stopTriesMax * (4_000 + 1_000 + 1_000 + probeMs);
    expect(planOf(one, stop).budgetMs).toBe(probeMs + stopMs);
    const startMs = 8_000 + 2_000 + 1_000;
    expect(planOf(one, start).budgetMs).toBe(probeMs + startMs + probeMs + probeMs + stopMs);
  });

  test('to stop nothing has no steps and takes no time', () => {
    const plan = planOf(serviceOf([app(1, {disabled: true})]), stop);
    expect(plan).toMatchObject({steps: [], budgetMs: 0, id: 'web/3/stop/2'});
  });

  test('is described line by line', () => {
    const one = serviceOf([app(1, {startMs: 30_000}), app(2, {optional: true, probeMs: 1_500})]);
    expect(describePlan(planOf(one, start)).join('\n')).toMatchInlineSnapshot(`
      "start web: epoch 3, 2 steps, at most 3m5.375s
        1. start app#1 within 30s, probed within 10s
        2. start app#2 within 10s, probed within 1.5s, optional"
    `);
    const two = serviceOf([app(1)]);
    expect(describePlan(planOf(two, stop))[0]).toBe('stop web: epoch 3, 1 step, at most 1m7.5s');
  });
});

describe('no plan is made', () => {
  const many = Array.from({length: planStepsMax + 1}, (_, index) => app(index));
  test.each<readonly [string, ServiceConfig, string, RegExp]>([
    ['to start nothing', serviceOf([]), 'HA_PLAN_EMPTY', /found none that is enabled/],
    [
      'to start only what is disabled',
      serviceOf([app(1, {disabled: true})]),
      'HA_PLAN_EMPTY',
      /found none that is enabled/,
    ],
    ['of too many steps', serviceOf(many), 'HA_PLAN_STEPS', /at most 64 resources, found 65/],
    ['with a deadline of 0', serviceOf([app(1, {stopMs: 0})]), 'HA_PLAN_DEADLINE', /stop time-out/],
    [
      'with a deadline of days',
      serviceOf([app(1, {startMs: deadlineMsMax + 1})]),
      'HA_PLAN_DEADLINE',
      /start time-out between 1ms and 24h, found 86400001 ms/,
    ],
    [
      'with a deadline that is no number',
      serviceOf([app(1, {probeMs: Number.NaN})]),
      'HA_PLAN_DEADLINE',
      /probe time-out/,
    ],
    [
      'with an id twice',
      serviceOf([app(1), app(1)]),
      'HA_PLAN_DUPLICATE',
      /found one of them twice/,
    ],
  ])('%s', (_name, one, code, message) => {
    const built = buildPlan(one, start);
    expect(built).toMatchObject({ok: false, error: {code}});
    if (!built.ok) expect(built.error.message).toMatch(message);
  });

  test('for an epoch or a count that is none: that is a defect of ours', () => {
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => buildPlan(serviceOf([app(1)]), {...start, epoch: wrong})).toThrow('plan: epoch');
      expect(() => buildPlan(serviceOf([app(1)]), {...start, count: wrong})).toThrow('plan: count');
    }
  });
});

describe('the grace between TERM and KILL', () => {
  test.each([
    [1, 200],
    [800, 200],
    [1_000, 250],
    [20_000, 5_000],
    [86_400_000, 5_000],
  ])('of a deadline of %i ms is %i ms', (deadlineMs, graceMs) => {
    expect(killGraceMs(deadlineMs)).toBe(graceMs);
    expect(actionMsMax(deadlineMs)).toBe(deadlineMs + graceMs + 1_000);
  });
});
