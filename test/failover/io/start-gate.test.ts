/** What was decided before the daemon stood still, and what was cancelled late. */

import {afterEach, describe, expect, test} from 'vitest';
import type {ServiceConfig} from '../../../src/config/types.ts';
import type {Driver, StepOutcome} from '../../../src/failover/types.ts';
import {resourceId, serviceName} from '../../../src/kernel/ids.ts';
import {appResource, serviceOf} from '../../drivers/scripts.ts';
import {driverOf, makeRig, type Rig} from './rig.ts';

let rig: Rig;
let started: string[];
let stopped: string[];

afterEach(() => rig.runner.close());

const done: StepOutcome = {kind: 'done', detail: '', durationMs: 1};

/** Drivers that note their calls; `onStart` may do something in the middle of a start. */
function use(onStart: (rid: string) => void = () => undefined): void {
  started = [];
  stopped = [];
  const driver: Driver = driverOf({
    start: (resource) => {
      started.push(resource.rid);
      onStart(resource.rid);
      return Promise.resolve(done);
    },
    stop: (resource) => {
      stopped.push(resource.rid);
      return Promise.resolve(done);
    },
  });
  rig = makeRig({driverFor: () => driver});
}

const named = (name: string, count = 1, optional = false): ServiceConfig =>
  serviceOf(
    Array.from({length: count}, (_, index) =>
      appResource({rid: resourceId(`app#${index + 1}`), optional: optional && index === 0}),
    ),
    {name: serviceName(name)},
  );

/** Everything that could go on has gone on by then: two looks, each behind those of a start. */
async function settled(): Promise<void> {
  await rig.runner.probe(named('other'));
  await rig.runner.probe(named('other'));
}

describe('the gate of the starts', () => {
  test('shut again in the turn in which it was opened lets nothing through', async () => {
    use();
    rig.runner.hold();
    const {outcome} = rig.begin(named('web'));
    await settled();
    rig.runner.release();
    rig.runner.hold();
    await settled();
    expect(started).toEqual([]);
    rig.runner.release();
    expect(await outcome).toMatchObject({kind: 'done'});
  });

  test('shut in the middle of a plan holds up its next resource', async () => {
    use((rid) => {
      if (rid === 'app#1') rig.runner.hold();
    });
    const {outcome} = rig.begin(named('web', 2));
    await settled();
    expect(started).toEqual(['app#1']);
    rig.runner.release();
    expect(await outcome).toMatchObject({kind: 'done'});
    expect(started).toEqual(['app#1', 'app#2']);
  });

  test('holds up no stop', async () => {
    use();
    rig.runner.hold();
    expect(await rig.run(named('web'), 'stop')).toMatchObject({kind: 'done'});
    expect(stopped).toEqual(['app#1']);
  });

  test('does not keep the runner from closing, and nothing is started by it', async () => {
    use();
    rig.runner.hold();
    const {outcome} = rig.begin(named('web'));
    await settled();
    await rig.runner.close();
    expect(await outcome).toMatchObject({kind: 'failed', clean: true});
    expect(started).toEqual([]);
  });
});

describe('a start that is cancelled late', () => {
  test('between two resources does not come to the next one', async () => {
    use(() => rig.runner.abort(plan.id));
    const {plan, outcome} = rig.begin(named('web', 2));
    expect((await outcome).detail).toMatch(/^it was cancelled; undone: app#1$/);
    expect(rig.story()).not.toContain('start app#2 begin');
    expect(started).toEqual(['app#1']);
  });

  test('with its last resource already up is taken back', async () => {
    use((rid) => {
      if (rid === 'app#2') rig.runner.abort(plan.id);
    });
    const {plan, outcome} = rig.begin(named('web', 2));
    expect(await outcome).toMatchObject({kind: 'failed', clean: true});
    expect(stopped).toEqual(['app#2', 'app#1']);
  });

  test('while it waits for the gate has touched nothing', async () => {
    use();
    rig.runner.hold();
    const {plan, outcome} = rig.begin(named('web', 2));
    await settled();
    rig.runner.abort(plan.id);
    rig.runner.release();
    const {kind, clean, detail} = await outcome;
    expect({kind, clean}).toEqual({kind: 'failed', clean: true});
    expect(detail).toContain('app#1 could not be started: cancelled before it began');
    expect([started, stopped]).toEqual([[], []]);
  });

  test('at an optional resource is cancelled as a whole', async () => {
    use();
    rig.runner.hold();
    const {plan, outcome} = rig.begin(named('web', 2, true));
    await settled();
    rig.runner.abort(plan.id);
    rig.runner.release();
    expect((await outcome).detail).not.toContain('optional');
    expect(started).toEqual([]);
  });
});
