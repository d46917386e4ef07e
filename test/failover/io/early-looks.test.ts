import {afterEach, describe, expect, test} from 'vitest';
import type {ProbeOutcome, StepOutcome} from '../../../src/failover/types.ts';
import {buildPlan} from '../../../src/failover/plan.ts';
import type {ActionPlan} from '../../../src/failover/types.ts';
import {appResource, serviceOf, until} from '../../drivers/scripts.ts';
import {driverOf, makeRig, type Rig} from './rig.ts';

let rig: Rig;
afterEach(() => rig.runner.close());

const service = serviceOf([appResource({})]);
const done: StepOutcome = {kind: 'done', detail: 'done', durationMs: 0};
const seen = (state: ProbeOutcome['state']): ProbeOutcome => ({
  state,
  verifiable: true,
  detail: state,
});

function planOf(count: number, kind: 'start' | 'stop' = 'start'): ActionPlan {
  const built = buildPlan(service, {kind, epoch: 1, count});
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

/** A driver that notes what it is asked, and is up once started. */
function noting(before: ProbeOutcome['state'] = 'down'): readonly string[] {
  const asked: string[] = [];
  let state = before;
  rig = makeRig({
    driverFor: () =>
      driverOf({
        probe: () => {
          asked.push('probe');
          return Promise.resolve(seen(state));
        },
        start: () => {
          asked.push('start');
          state = 'up';
          return Promise.resolve(done);
        },
      }),
  });
  return asked;
}

describe('a look ahead', () => {
  test('touches nothing, and saves the look before the start', async () => {
    const asked = noting();
    rig.runner.lookAhead(planOf(1), service);
    await until('it looked', () => asked.length > 0);
    expect(asked).toEqual(['probe']);
    expect(rig.story()).toEqual([]);
    await rig.begin(service).outcome;
    expect(asked).toEqual(['probe', 'start', 'probe']);
  });

  test('that saw it up is not believed: it is looked at again', async () => {
    const asked = noting('up');
    rig.runner.lookAhead(planOf(1), service);
    await rig.begin(service).outcome;
    expect(asked).toEqual(['probe', 'probe']);
  });

  test('is forgotten with a cancelled plan, and taken for none but its own', async () => {
    const asked = noting();
    rig.runner.lookAhead(planOf(1), service);
    rig.runner.abort(planOf(1).id);
    await rig.begin(service).outcome;
    expect(asked).toEqual(['probe', 'probe', 'start', 'probe']);
  });

  test('is taken for at most four plans at once, and for no stop', async () => {
    const asked = noting();
    rig.runner.lookAhead(planOf(9, 'stop'), service);
    for (let count = 1; count <= 8; count += 1) rig.runner.lookAhead(planOf(count), service);
    await until('they looked', () => asked.length >= 4);
    expect(asked).toEqual(['probe', 'probe', 'probe', 'probe']);
  });
});
