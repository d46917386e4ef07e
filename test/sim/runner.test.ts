/** The simulated runner keeps the rules of the real one (test/failover): who goes first, when. */

import {describe, expect, it} from 'vitest';
import type {ServiceConfig} from '../../src/config/types.ts';
import {buildPlan} from '../../src/failover/plan.ts';
import type {ActionPlan} from '../../src/failover/types.ts';
import {VirtualClock} from '../../src/kernel/virtual-clock.ts';
import {Resource} from '../../src/sim/resource.ts';
import {SimRunner} from '../../src/sim/runner.ts';
import type {Life} from '../../src/sim/runner.ts';
import {configOf, defaultService, defaultShape} from '../../src/sim/shape.ts';
import type {Work} from '../../src/sim/work.ts';

function* noRest(): Work<void> {}

class Bench {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly runner: SimRunner;
  readonly #services: readonly ServiceConfig[];
  readonly #resources = new Map<string, Resource>();

  constructor(names: readonly string[], parallelMax: number) {
    const services = names.map((name) => ({...defaultService, name}));
    this.#services = configOf({...defaultShape, services}).services;
    for (const {name} of this.#services) {
      const behaviour = {start: 'ok', stop: 'ok', probe: 'ok', startMs: 500, stopMs: 300} as const;
      this.#resources.set(name, new Resource(this.clock, {...behaviour}, () => undefined));
    }
    const life: Life = {
      nowMs: () => this.clock.nowMs(),
      later: (ms, run) => this.clock.at(this.clock.nowMs() + ms, run),
      event: (run) => run(),
      outside: (ms, run) => void this.clock.at(this.clock.nowMs() + ms, run),
    };
    const say = (text: string): void => {
      this.lines.push(`${Math.round(this.clock.nowMs())} ${text}`);
    };
    this.runner = new SimRunner(
      {
        life,
        resource: (service) => this.#resources.get(service)!,
        leftovers: {has: () => false, settled: noRest},
        onProgress: () => undefined,
        onResult: (plan, {kind}) => say(`${plan.kind} ${plan.service} ${kind}`),
        onProbe: () => undefined,
        onAction: (plan, action) => say(`${plan.service} ${action}s`),
      },
      parallelMax,
    );
  }

  resource(name: string): Resource {
    return this.#resources.get(name)!;
  }

  plan(name: string, kind: 'start' | 'stop'): {plan: ActionPlan; service: ServiceConfig} {
    const service = this.#services.find((one) => one.name === name)!;
    const built = buildPlan(service, {kind, epoch: 1, count: 1});
    if (!built.ok) throw new Error(built.error.message);
    return {plan: built.value, service};
  }

  run(name: string, kind: 'start' | 'stop'): void {
    const {plan, service} = this.plan(name, kind);
    this.runner.run(plan, service);
  }
}

describe('the simulated runner', () => {
  it('lets stops go first, and only so many plans at once', () => {
    const bench = new Bench(['a', 'b', 'c', 'd'], 2);
    bench.resource('d').set(true);
    for (const name of ['a', 'b', 'c']) bench.run(name, 'start');
    bench.run('d', 'stop');
    bench.clock.runUntil(10_000);
    // One place of two is for starts (7/8, rounded down); the other waits for stops alone.
    expect(bench.lines.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'a starts',
      'd stops',
      'stop d done',
      'start a done',
      'b starts',
      'start b done',
      'c starts',
      'start c done',
    ]);
  });

  it('uses what it saw ahead, unless that is old or was up', () => {
    const begunMs = (waitMs: number, up: boolean): string => {
      const bench = new Bench(['a'], 2);
      const {plan, service} = bench.plan('a', 'start');
      bench.resource('a').set(up);
      bench.runner.lookAhead(plan, service);
      bench.clock.runUntil(100);
      bench.resource('a').set(false);
      bench.clock.runUntil(waitMs);
      bench.runner.run(plan, service);
      bench.clock.runUntil(10_000);
      return bench.lines[0] ?? '';
    };
    expect(begunMs(200, false)).toBe('200 a starts');
    expect(begunMs(700, false)).toBe('715 a starts');
    expect(begunMs(200, true)).toBe('215 a starts');
  });

  it('starts nothing while the gate is shut, and goes on with what is up', () => {
    const bench = new Bench(['a', 'b'], 4);
    bench.resource('b').set(true);
    bench.runner.hold();
    bench.run('a', 'start');
    bench.run('b', 'start');
    bench.clock.runUntil(1_000);
    expect(bench.lines).toEqual(['15 start b done']);
    bench.runner.release();
    expect(bench.lines.at(-1)).toBe('1000 a starts');
  });
});
