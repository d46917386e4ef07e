/**
 * `[task#N]`: a command on a schedule. A stop of the service ends the run that is under way, with
 * its whole process group, before anything that it may use is stopped; there is nothing to start
 * and nothing to ask.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {TaskResource} from '../config/resources/task.ts';
import type {Driver, DriverContext, StepOutcome} from '../failover/types.ts';
import {commandLine} from '../kernel/shell-word.ts';
import {call, withRest, type DriverHost} from './call.ts';
import {outcomeOf} from './outcome.ts';
import {unverifiable} from './verdict.ts';

export interface TaskDriver extends Driver<TaskResource> {
  /** Runs it once, to its end. Never two runs of one task at a time. */
  run(resource: TaskResource, context: DriverContext): Promise<StepOutcome>;
}

interface Run {
  readonly controller: AbortController;
  readonly outcome: Promise<StepOutcome>;
}

const nothing: StepOutcome = {kind: 'done', detail: 'nothing to do', durationMs: 0};

export function createTaskDriver(host: DriverHost): TaskDriver {
  const runs = new Map<string, Run>();
  return {
    type: 'task',
    label: ({command}) => commandLine(command),
    describe: ({rid}, action) => (action === 'start' ? [] : [`end the run of ${rid}, if any`]),
    probe: async () => unverifiable('a task is neither up nor down'),
    start: async () => ({...nothing, untouched: true}),
    async stop(resource, context) {
      const run = runs.get(keyOf(resource, context));
      return run === undefined ? nothing : endRun(run, context);
    },
    async run(resource, context) {
      const key = keyOf(resource, context);
      if (runs.has(key)) {
        return {kind: 'failed', detail: 'it runs already', durationMs: 0, untouched: true};
      }
      const controller = new AbortController();
      const signal = AbortSignal.any([context.signal, controller.signal]);
      const outcome = runOnce(host, resource, {...context, signal});
      runs.set(key, {controller, outcome});
      try {
        return await outcome;
      } finally {
        runs.delete(key);
      }
    },
  };
}

function keyOf({rid}: TaskResource, {service}: DriverContext): string {
  return `${service.name}/${rid}`;
}

/** What can not be ended by then hangs in the kernel, and with it the stop of the service. */
async function endRun(run: Run, context: DriverContext): Promise<StepOutcome> {
  const sinceMs = performance.now();
  run.controller.abort();
  const late = new AbortController();
  const ended = await Promise.race([
    run.outcome,
    sleep(context.deadlineMs, null, {signal: late.signal}).catch(() => null),
  ]);
  late.abort();
  const durationMs = performance.now() - sinceMs;
  if (ended === null || ended.lingering === true) {
    const detail = `its run can not be ended: ${ended?.detail ?? 'it hangs in the kernel'}`;
    return {kind: 'unknown', detail, durationMs, lingering: true};
  }
  return {kind: 'done', detail: `its run was ended: ${ended.detail}`, durationMs};
}

async function runOnce(
  host: DriverHost,
  resource: TaskResource,
  context: DriverContext,
): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const {command, onError} = resource;
  const ran = await callOnce(host, {resource, context, argv: command});
  if (ran.kind === 'done' || onError === null || context.signal.aborted) return ran;
  const rest = withRest(context, sinceMs);
  const told = await callOnce(host, {resource, context: rest, argv: onError});
  const detail = `${ran.detail}; on_error: ${told.detail}`;
  const lingering = ran.lingering === true || told.lingering === true;
  const durationMs = performance.now() - sinceMs;
  return {...ran, detail, durationMs, ...(lingering ? {lingering} : {})};
}

async function callOnce(
  host: DriverHost,
  order: {
    readonly resource: TaskResource;
    readonly context: DriverContext;
    readonly argv: readonly string[];
  },
): Promise<StepOutcome> {
  const result = await call({host, ...order, action: 'run'});
  const {deadlineMs} = order.context;
  return outcomeOf({program: order.argv[0] ?? '', result, deadlineMs});
}
