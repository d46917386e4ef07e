/** The checkers of what must not happen too often can fail: each defect is planted from outside. */

import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {step as engineStep} from '../../src/engine/index.ts';
import type {Effect} from '../../src/engine/index.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import type {StepFunction} from '../../src/sim/daemon.ts';
import {runSchedule} from '../../src/sim/explore.ts';
import {parseScenario} from '../../src/sim/scenario.ts';
import type {Schedule, TimedAction} from '../../src/sim/schedule.ts';
import {drawSchedule} from '../../src/sim/swarm.ts';

/** A golden scenario as a schedule: a defect can be planted into its engines. */
function scheduleOf(name: string): Schedule {
  const path = new URL(`../scenarios/${name}.txt`, import.meta.url);
  const parsed = parseScenario(readFileSync(path, 'utf8').split('----\n')[0]!);
  if (!parsed.ok) throw new Error(parsed.error);
  const actions: TimedAction[] = [];
  let atMs = 0;
  for (const {step} of parsed.value.lines) {
    if (step.kind === 'run') atMs += step.ms;
    else if (step.kind === 'do') actions.push({atMs, action: step.action});
  }
  return {seed: 1, shape: parsed.value.shape, actions, quietFromMs: atMs, endMs: atMs};
}

const cause = {reason: 'lease-lost', detail: 'planted'} as const;

const forgetful: StepFunction = (engine, input, nowMs) => {
  for (const service of engine.services) service.takenOverAtMs = null;
  return engineStep(engine, input, nowMs);
};

const talkative: StepFunction = (engine, input, nowMs) => {
  const effects = engineStep(engine, input, nowMs);
  if (nowMs < 60_000 || !effects.some(({type}) => type === 'send')) return effects;
  return [{type: 'self-fence', method: 'watchdog', cause}, ...effects];
};

/** Gives a service up when a disk fails, whoever hears it. */
const timid: StepFunction = (engine, input, nowMs) => {
  const effects = engineStep(engine, input, nowMs);
  if (input.type !== 'disk-state' || input.fault === null) return effects;
  const entry = {kind: 'transition', service: serviceName('web'), node: engine.node} as const;
  const data = {from: 'STARTED', to: 'STOPPING'};
  const lost: Effect = {type: 'record', entry: {...entry, atMs: nowMs, cause, data}};
  return [...effects, lost];
};

describe('the checkers notice', () => {
  it('L3: a takeover within the damping window', () => {
    const schedule = scheduleOf('damping');
    expect(runSchedule(schedule)?.rule).not.toBe('L3');
    expect(runSchedule(schedule, {step: forgetful})?.rule).toBe('L3');
  });

  it('L6: a lease that is given up though all hear each other', () => {
    const schedule = scheduleOf('disk-fails-link-healthy');
    expect(runSchedule(schedule)?.rule).not.toBe('L6');
    expect(runSchedule(schedule, {step: timid})?.rule).toBe('L6');
  });

  it('S11: a beat of a node that has decided to end itself', () => {
    expect(runSchedule(drawSchedule(1, {nodes: 2}), {step: talkative})?.rule).toBe('S11');
  });
});
