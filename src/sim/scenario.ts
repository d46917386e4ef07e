/**
 * A scenario: a cluster and what happens to it, as text, and the transcript of what the nodes
 * decided (docs/simulator.md). The same words print the schedule of a seed that broke a rule, so
 * that a failure can be kept as a scenario by copying it.
 */

import {parseDuration} from '../kernel/duration.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';
import {createChecks} from './checks/index.ts';
import {guarded} from './explore.ts';
import {parseAction} from './parse-action.ts';
import type {Action} from './actions.ts';
import {parseCluster, parseService} from './shape-text.ts';
import type {ClusterShape} from './shape.ts';
import {Transcript} from './transcript.ts';
import {World} from './world.ts';

type Step =
  | {readonly kind: 'run'; readonly ms: number}
  /** Nothing has been broken for so long: what must have come about is looked at. */
  | {readonly kind: 'settled'; readonly ms: number}
  | {readonly kind: 'do'; readonly action: Action};

interface Line {
  readonly text: string;
  readonly step: Step;
}

interface Scenario {
  readonly shape: ClusterShape;
  /** Seed of the noise of clocks and timers; null: everything is exact. */
  readonly noise: number | null;
  readonly lines: readonly Line[];
}

/** Longest time one `run` may take: a day of virtual time is a typing error. */
const runMsMax = 86_400_000;

/** The error is one sentence per line that is not understood. */
export function parseScenario(text: string): Result<Scenario, string> {
  const faults: string[] = [];
  let shape: ClusterShape = parseCluster('', faults);
  let noise: number | null = null;
  const lines: Line[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const [word = '', ...rest] = line.split(/\s+/);
    if (word === 'cluster') shape = {...parseCluster(rest.join(' '), faults), services: []};
    else if (word === 'service') {
      shape = {...shape, services: [...shape.services, parseService(rest.join(' '), faults)]};
    } else if (word === 'noise') noise = Number(rest[0]);
    else {
      const step = parseStep(line);
      if (step === null) faults.push(`line ${index + 1}: expected an action, found "${line}"`);
      else lines.push({text: line, step});
    }
  });
  if (shape.services.length === 0) faults.push('expected a service line');
  return faults.length > 0 ? err(faults.join('\n')) : ok({shape, noise, lines});
}

function parseStep(line: string): Step | null {
  const [word = '', time = ''] = line.split(/\s+/);
  if (word === 'run' || word === 'settled') {
    const ms = parseDuration(time);
    return ms === null || ms > runMsMax ? null : {kind: word, ms};
  }
  const action = parseAction(line);
  return action === null ? null : {kind: 'do', action};
}

/** The transcript: each line of the scenario, and under it what the nodes said and did. */
export function playScenario(scenario: Scenario): string {
  const transcript = new Transcript();
  let checks: ReturnType<typeof createChecks> | null = null;
  const world: World = new World({
    shape: scenario.shape,
    seed: scenario.noise ?? 0,
    noise: scenario.noise !== null,
    observers: (self) => {
      checks = createChecks(self);
      return [...checks.observers, transcript];
    },
  });
  const {violations} = checks!;
  const thrown = guarded(world, () => {
    for (const {text, step} of scenario.lines) {
      transcript.command(text);
      if (step.kind === 'do') world.apply(step.action);
      else if (step.kind === 'settled') checks!.checkEnd(step.ms);
      else world.runUntil(world.clock.nowMs() + step.ms);
    }
  });
  for (const {rule, atMs, text} of thrown === null ? violations : [...violations, thrown]) {
    transcript.note(`BROKEN ${rule}: ${text}`, atMs);
  }
  return transcript.text();
}
