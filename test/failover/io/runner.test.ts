import {afterEach, describe, expect, test} from 'vitest';
import type {ServiceConfig} from '../../../src/config/types.ts';
import type {Driver, ProbeOutcome, StepOutcome} from '../../../src/failover/types.ts';
import {resourceId, serviceName} from '../../../src/kernel/ids.ts';
import {appResource, serviceOf, until} from '../../drivers/scripts.ts';
import {driverOf, makeRig, type Rig, type RigOptions} from './rig.ts';

let rig: Rig;

function use(driver: Driver, options: RigOptions = {}): Rig {
  rig = makeRig({driverFor: () => driver, ...options});
  return rig;
}

afterEach(() => rig.runner.close());

const named = (name: string, count = 1): ServiceConfig =>
  serviceOf(
    Array.from({length: count}, (_, index) => appResource({rid: resourceId(`app#${index + 1}`)})),
    {name: serviceName(name)},
  );

const done: StepOutcome = {kind: 'done', detail: 'done', durationMs: 0};

/** Starts that wait until they are let go or cancelled. */
function gate(): {readonly driver: Driver; readonly open: () => void; readonly begun: string[]} {
  const waiting: (() => void)[] = [];
  const begun: string[] = [];
  let isOpen = false;
  const driver = driverOf({
    start: (_resource, {signal, service}) =>
      new Promise<StepOutcome>((resolve) => {
        begun.push(service.name);
        if (isOpen) resolve(done);
        waiting.push(() => resolve(done));
        signal.addEventListener('abort', () =>
          resolve({...done, kind: 'unknown', detail: 'ended'}),
        );
      }),
    stop: (_resource, {service}) => {
      begun.push(`stop ${service.name}`);
      return Promise.resolve(done);
    },
  });
  const open = (): void => {
    isOpen = true;
    for (const resolve of waiting.splice(0)) resolve();
  };
  return {driver, open, begun};
}

describe('many plans', () => {
  test('run so many at once, in the order of their arrival, and one per service', async () => {
    const {driver, open, begun} = gate();
    use(driver, {parallelMax: 8});
    const outcomes = Array.from({length: 20}, (_, index) => rig.begin(named(`s${index}`)).outcome);
    const again = rig.begin(named('s0'), 'stop').outcome;
    await until('the places are taken', () => begun.length === 7);
    expect(begun).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
    expect(rig.runner.counts()).toEqual({running: 7, waiting: 14});
    open();
    expect((await Promise.all(outcomes)).every(({kind}) => kind === 'done')).toBe(true);
    expect((await again).kind).toBe('done');
    expect(rig.runningMax()).toBeLessThanOrEqual(8);
    expect(rig.runner.counts()).toEqual({running: 0, waiting: 0});
  });

  test('never keep a stop waiting behind starts', async () => {
    const {driver, open, begun} = gate();
    use(driver, {parallelMax: 8});
    const starts = Array.from({length: 100}, (_, index) => rig.begin(named(`s${index}`)).outcome);
    const stop = await rig.begin(named('lost'), 'stop').outcome;
    expect(stop.kind).toBe('done');
    expect(begun.at(-1)).toBe('stop lost');
    expect(begun).toHaveLength(8);
    open();
    await Promise.all(starts);
  });

  test('that stop go before the starts that came earlier, and keep to the limit', async () => {
    const {driver, open, begun} = gate();
    use({...driver, stop: (...call) => driver.start(...call)}, {parallelMax: 2});
    const outcomes = [
      rig.begin(named('a')).outcome,
      rig.begin(named('b')).outcome,
      rig.begin(named('c'), 'stop').outcome,
      rig.begin(named('d'), 'stop').outcome,
    ];
    await until('the places are taken', () => begun.length === 2);
    expect(rig.runner.counts()).toEqual({running: 2, waiting: 2});
    open();
    await Promise.all(outcomes);
    expect(begun).toEqual(['a', 'c', 'd', 'b']);
    expect(rig.runningMax()).toBe(2);
  });

  test('beyond the queue are refused, with nothing touched', async () => {
    const {driver, open, begun} = gate();
    use(driver, {parallelMax: 1, queueMax: 2});
    const taken = ['a', 'b', 'c'].map((name) => rig.begin(named(name)).outcome);
    const refusedStart = await rig.begin(named('d')).outcome;
    const refusedStop = await rig.begin(named('e'), 'stop').outcome;
    const detail = '2 plans wait already: try again when some have ended';
    expect(refusedStart).toMatchObject({kind: 'failed', clean: true, detail});
    expect(refusedStop).toMatchObject({kind: 'failed', clean: false, detail});
    open();
    await Promise.all(taken);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('with one id run once', async () => {
    let startCount = 0;
    use(driverOf({start: () => Promise.resolve({...done, durationMs: (startCount += 1)})}));
    const web = named('web');
    const {plan, outcome} = rig.begin(web);
    rig.runner.run(plan, web);
    rig.runner.run(plan, web);
    expect((await outcome).kind).toBe('done');
    expect(startCount).toBe(1);
  });

  test('give their result after run has returned', async () => {
    use(driverOf({}));
    let isBack = false;
    const result = rig.begin(named('web')).outcome.then(() => isBack);
    isBack = true;
    expect(await result).toBe(true);
  });
});

describe('cancelling', () => {
  test('a plan that waits takes it out of the queue', async () => {
    const {driver, open, begun} = gate();
    use(driver, {parallelMax: 1});
    const first = rig.begin(named('first')).outcome;
    const second = rig.begin(named('second'));
    expect(rig.runner.abort(second.plan.id)).toBe(true);
    expect(await second.outcome).toMatchObject({
      kind: 'failed',
      clean: true,
      detail: 'cancelled before it began',
    });
    open();
    await first;
    expect(begun).toEqual(['first']);
  });

  test('a plan that ended, or never was, does nothing', async () => {
    use(driverOf({}));
    const {plan, outcome} = rig.begin(named('web'));
    await outcome;
    expect(rig.runner.abort(plan.id)).toBe(false);
    expect(rig.runner.abort('web/9/start/9')).toBe(false);
  });

  test('twice does not cut the undo short', async () => {
    const signals: boolean[] = [];
    const web = named('web', 2);
    use(
      driverOf({
        start: (resource) => {
          if (resource.rid === 'app#2') rig.runner.abort(plan.id);
          return Promise.resolve(done);
        },
        stop: (_resource, {signal}) => {
          rig.runner.abort(plan.id);
          signals.push(signal.aborted);
          return Promise.resolve(done);
        },
      }),
    );
    const {plan, outcome} = rig.begin(web);
    expect(await outcome).toMatchObject({kind: 'failed', clean: true});
    expect(signals).toEqual([false, false]);
  });

  test('a stop leaves the rest unstopped and says so', async () => {
    const web = named('web', 3);
    const stopped: string[] = [];
    use(
      driverOf({
        stop: (resource) => {
          stopped.push(resource.rid);
          rig.runner.abort(plan.id);
          return Promise.resolve(done);
        },
      }),
    );
    const {plan, outcome} = rig.begin(web, 'stop');
    expect(await outcome).toMatchObject({kind: 'failed', clean: false});
    expect((await outcome).detail).toBe(
      'not stopped: app#2 and what follows it: cancelled before it was stopped',
    );
    expect(stopped).toEqual(['app#3']);
  });

  test('everything, on close, waits for the undo and takes nothing more', async () => {
    const {driver, begun} = gate();
    use(driver, {parallelMax: 2});
    const outcomes = ['a', 'b', 'c'].map((name) => rig.begin(named(name)).outcome);
    await until('one runs', () => begun.length === 1);
    await rig.runner.close();
    expect((await Promise.all(outcomes)).map(({clean, detail}) => [clean, detail])).toEqual([
      [false, expect.stringContaining('ended')],
      [true, 'cancelled before it began'],
      [true, 'cancelled before it began'],
    ]);
    expect(begun).toEqual(['a', 'stop a']);
    expect(await rig.begin(named('d')).outcome).toMatchObject({
      kind: 'failed',
      clean: true,
      detail: 'this daemon takes no more plans: it is shutting down',
    });
  });
});

describe('a broken driver', () => {
  const throws = (): never => {
    throw new Error('defect');
  };
  const rejects = (): Promise<never> => Promise.reject(new Error('defect'));

  test.each([throws, rejects])(
    'that fails to start knows nothing, so its start is undone',
    async (bad) => {
      const stopped: string[] = [];
      use(
        driverOf({
          start: bad,
          stop: (resource) => {
            stopped.push(resource.rid);
            return Promise.resolve(done);
          },
        }),
      );
      const outcome = await rig.run(named('web'));
      expect(outcome).toMatchObject({kind: 'failed', clean: false});
      expect(outcome.detail).toContain('the driver failed: defect');
      expect(rig.progress[1]).toMatchObject({action: 'start', phase: 'unknown'});
      expect(stopped).toEqual(['app#1']);
    },
  );

  test('that fails to stop is tried again and leaves the service unstopped', async () => {
    use(driverOf({stop: throws}));
    expect(await rig.run(named('web'), 'stop')).toMatchObject({kind: 'failed', clean: false});
    expect(rig.progress.at(-1)).toMatchObject({action: 'stop', phase: 'unknown'});
  });

  test('that fails to look makes the service unknown, never down', async () => {
    use(driverOf({probe: throws}));
    expect(await rig.runner.probe(named('web'))).toMatchObject({
      state: 'unknown',
      verifiable: true,
      resources: [{detail: 'the driver failed: defect'}],
    });
    const brief = appResource({startMs: 50, stopMs: 50});
    expect(await rig.run(serviceOf([brief]))).toMatchObject({kind: 'failed', clean: false});
  });

  test('that never answers is given up', async () => {
    use(driverOf({start: () => new Promise(() => {})}));
    const resource = appResource({startMs: 10});
    const outcome = await rig.run(serviceOf([resource]));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toContain('the driver did not answer within its deadline');
  });
});

describe('a start that leaves a process which can not be ended', () => {
  test('is never clean, whatever the probe says', async () => {
    const down: ProbeOutcome = {state: 'down', verifiable: true, detail: 'down'};
    const start = (): Promise<StepOutcome> =>
      Promise.resolve({kind: 'unknown', detail: 'stuck', durationMs: 1, lingering: true});
    use(driverOf({start, probe: () => Promise.resolve(down)}));
    const outcome = await rig.run(named('web'));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toContain('a process of its start can not be ended');
  });

  test('nor is a stop that leaves one, which is not tried again', async () => {
    let stopCount = 0;
    const probe = (): Promise<ProbeOutcome> =>
      Promise.resolve({state: stopCount === 0 ? 'up' : 'down', verifiable: true, detail: ''});
    const stop = (): Promise<StepOutcome> => {
      stopCount += 1;
      return Promise.resolve({kind: 'unknown', detail: 'stuck', durationMs: 1, lingering: true});
    };
    use(driverOf({stop, probe}));
    expect(await rig.run(named('web'), 'stop')).toMatchObject({kind: 'failed', clean: false});
    expect(stopCount).toBe(1);
  });
});

describe('a resource with a process that can not be ended', () => {
  test('is never seen down again by this daemon', async () => {
    const down: ProbeOutcome = {state: 'down', verifiable: true, detail: 'down'};
    const stop = (): Promise<StepOutcome> =>
      Promise.resolve({kind: 'unknown', detail: 'stuck', durationMs: 1, lingering: true});
    let isUp = true;
    const probe = (): Promise<ProbeOutcome> =>
      Promise.resolve(isUp ? {...down, state: 'up' as const} : down);
    use(driverOf({stop, probe}));
    const web = named('web');
    expect((await rig.runner.probe(web)).state).toBe('up');
    await rig.run(web, 'stop');
    isUp = false;
    expect((await rig.runner.probe(web)).state).toBe('unknown');
    expect(await rig.run(web, 'stop')).toMatchObject({kind: 'failed', clean: false});
  });
});

describe('while the daemon looks again after it stood still', () => {
  test('nothing is started, and what was decided before goes on afterwards', async () => {
    let startCount = 0;
    const start = (): Promise<StepOutcome> => {
      startCount += 1;
      return Promise.resolve({kind: 'done', detail: '', durationMs: 1});
    };
    use(driverOf({start}));
    rig.runner.hold();
    const begun = rig.begin(named('web'));
    await rig.runner.probe(named('web'));
    await rig.runner.probe(named('web'));
    expect(startCount).toBe(0);
    rig.runner.release();
    expect(await begun.outcome).toMatchObject({kind: 'done'});
    expect(startCount).toBe(1);
  });

  test('a start that has lost its ground is cancelled untouched', async () => {
    let startCount = 0;
    const start = (): Promise<StepOutcome> => {
      startCount += 1;
      return Promise.resolve({kind: 'done', detail: '', durationMs: 1});
    };
    use(driverOf({start}));
    rig.runner.hold();
    const begun = rig.begin(named('web'));
    rig.runner.abort(begun.plan.id);
    rig.runner.release();
    expect(await begun.outcome).toMatchObject({kind: 'failed', clean: true});
    expect(startCount).toBe(0);
  });
});

describe('probes', () => {
  test('that are asked for while one is under way share the next, not the old one', async () => {
    let count = 0;
    const waiting: ((outcome: ProbeOutcome) => void)[] = [];
    use(
      driverOf({
        probe: () =>
          new Promise((resolve) => {
            count += 1;
            waiting.push(resolve);
          }),
      }),
    );
    const web = named('web');
    const first = rig.runner.probe(web);
    const second = rig.runner.probe(web);
    const third = rig.runner.probe(web);
    expect(third).toBe(second);
    waiting[0]!({state: 'down', verifiable: true, detail: 'old'});
    expect((await first).state).toBe('down');
    await until('the next is asked', () => waiting.length === 2);
    waiting[1]!({state: 'up', verifiable: true, detail: 'new'});
    expect((await second).state).toBe('up');
    expect(count).toBe(2);
  });

  test('run sixteen at once, beside the plans', async () => {
    let running = 0;
    let runningMax = 0;
    const {driver, open, begun} = gate();
    const probe = async (): Promise<ProbeOutcome> => {
      running += 1;
      runningMax = Math.max(runningMax, running);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      running -= 1;
      return {state: 'down', verifiable: true, detail: ''};
    };
    use(
      {
        ...driver,
        probe: (resource, context) =>
          context.epoch === 0 ? probe() : driver.probe(resource, context),
      },
      {parallelMax: 1},
    );
    const plan = rig.begin(named('busy')).outcome;
    await until('the plan runs', () => begun.length === 1);
    const asked = Array.from({length: 100}, (_, index) => rig.runner.probe(named(`s${index}`)));
    expect((await Promise.all(asked)).every(({state}) => state === 'down')).toBe(true);
    expect(runningMax).toBe(16);
    open();
    await plan;
  });
});

/** Looks without a plan wait until they are let go; `begun` has how many did begin. */
function probeGate(driver: Driver): {
  readonly driver: Driver;
  readonly open: () => void;
  readonly begun: () => number;
} {
  const gone = Promise.withResolvers<void>();
  let begun = 0;
  const probe: Driver['probe'] = async (resource, context) => {
    if (context.epoch !== 0) return driver.probe(resource, context);
    begun += 1;
    await gone.promise;
    return {state: 'down', verifiable: true, detail: ''};
  };
  return {driver: {...driver, probe}, open: gone.resolve, begun: () => begun};
}

describe('probes where starts wait for a place', () => {
  test('run four at once, and sixteen again once none waits', async () => {
    const plans = gate();
    const probes = probeGate(plans.driver);
    use(probes.driver, {parallelMax: 1});
    const outcomes = ['a', 'b'].map((name) => rig.begin(named(name)));
    const asked = Array.from({length: 30}, (_, index) => rig.runner.probe(named(`s${index}`)));
    await until('one starts', () => plans.begun.length === 1);
    expect(probes.begun()).toBe(4);
    rig.runner.abort(outcomes[1]!.plan.id);
    await until('sixteen are asked', () => probes.begun() === 16);
    probes.open();
    plans.open();
    await Promise.all([...asked, ...outcomes.map(({outcome}) => outcome)]);
    expect(probes.begun()).toBe(30);
  });
});

test('a plan for a resource that the service has no more fails and touches nothing', async () => {
  use(driverOf({start: () => Promise.reject(new Error('never called'))}));
  const outcome = await rig.begin(named('web'), 'start', serviceOf([])).outcome;
  expect(outcome).toMatchObject({kind: 'failed', clean: true});
  expect(outcome.detail).toContain('the service has no such resource any more');
});
