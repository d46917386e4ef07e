/**
 * Seeds in which all rests on etcd: owners that lose it, their links, or their power. With the
 * engine as it is nothing is found; with its rules about etcd broken one by one, something is.
 */

import {describe, expect, it} from 'vitest';
import {step as engineStep} from '../../src/engine/index.ts';
import type {Engine} from '../../src/engine/index.ts';
import {Chance} from '../../src/kernel/chance.ts';
import type {StepFunction} from '../../src/sim/daemon.ts';
import {runSchedule} from '../../src/sim/explore.ts';
import {etcdFaultKinds} from '../../src/sim/faults.ts';
import type {Schedule, TimedAction} from '../../src/sim/schedule.ts';
import {defaultService, defaultShape} from '../../src/sim/shape.ts';
import type {ClusterShape} from '../../src/sim/shape.ts';

const seedsInCi = 60;
const seedsForPlanted = 60;
const quietFromMs = 200_000;
const endMs = 300_000;

function shapeOf(chance: Chance): ClusterShape {
  const isGuarded = chance.percent(40);
  const service = {
    ...defaultService,
    serviceClass: isGuarded ? ('data' as const) : ('exclusive' as const),
    stopMs: chance.pick([20, 300, 2_500]),
  };
  return {
    ...defaultShape,
    nodes: chance.pick([2, 3, 3]),
    disks: 0,
    etcd: true,
    dampingMs: 0,
    services: [service],
    ...(isGuarded ? {watchdogMs: 3_000} : {}),
  };
}

function scheduleOf(seed: number): Schedule {
  const chance = new Chance(seed);
  const shape = shapeOf(chance);
  const nodes = Array.from({length: shape.nodes}, (_, index) => `node${index + 1}`);
  const actions: TimedAction[] = nodes.map((node) => ({atMs: 0, action: {verb: 'boot', node}}));
  const count = chance.between(1, 5);
  for (let index = 0; index < count; index += 1) {
    const atMs = 20_000 + chance.between(0, quietFromMs - 60_000);
    const node = chance.pick(nodes);
    if (chance.percent(25)) {
      actions.push({atMs, action: {verb: 'crash', node}});
      actions.push({atMs: atMs + chance.between(5_000, 60_000), action: {verb: 'boot', node}});
      continue;
    }
    const kind = chance.percent(70) ? etcdFaultKinds.at(-1)! : chance.pick(etcdFaultKinds);
    actions.push(...kind({chance: chance.fork(), shape, nodes, atMs, deadMs: 5_000}));
  }
  const early = actions.filter(({atMs}) => atMs < quietFromMs);
  early.sort((left, right) => left.atMs - right.atMs);
  early.push({atMs: quietFromMs, action: {verb: 'repair-all'}});
  return {seed, shape, actions: early, quietFromMs, endMs};
}

/** What an engine believes of etcd, changed from outside after each turn. */
const after =
  (change: (engine: Engine) => void): StepFunction =>
  (engine, input, nowMs) => {
    const effects = engineStep(engine, input, nowMs);
    change(engine);
    return effects;
  };

const planted: Readonly<Record<string, StepFunction>> = {
  'a lease counts for ever once it was given': after(({arbiter}) => {
    if (arbiter.leaseId !== null) arbiter.heldUntilMs = Infinity;
  }),
  'a lease counts from its answer, and a second longer': after(({arbiter, nowMs}) => {
    if (arbiter.leaseId !== null && arbiter.answeredMs !== null) {
      arbiter.heldUntilMs = Math.max(arbiter.heldUntilMs, nowMs + 7_000);
    }
  }),
  'no answer of etcd is taken for a mark': after((engine) => {
    const {arbiter, nowMs, peers} = engine;
    if (arbiter.fault === null) return;
    arbiter.fault = null;
    arbiter.leaseId ??= 'made up';
    arbiter.heldUntilMs = nowMs + 10_000;
    const {leaseId} = arbiter;
    for (const peer of peers.keys()) arbiter.marks.set(peer, {revision: 1, leaseId, atMs: nowMs});
  }),
};

describe('the swarm with etcd', () => {
  it(`finds nothing in ${seedsInCi} seeds`, {timeout: 120_000}, () => {
    for (let seed = 1; seed <= seedsInCi; seed += 1) {
      const violation = runSchedule(scheduleOf(seed));
      const text = violation === null ? '' : `seed ${seed}: ${violation.rule} ${violation.text}`;
      expect(text).toBe('');
    }
  });

  it.each(Object.entries(planted))('notices that %s', {timeout: 120_000}, (_name, step) => {
    let found = 0;
    for (let seed = 1; seed <= seedsForPlanted && found === 0; seed += 1) {
      if (runSchedule(scheduleOf(seed), {step}) !== null) found = seed;
    }
    expect(found).toBeGreaterThan(0);
  });
});
