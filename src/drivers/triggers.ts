/**
 * OpenSVC's commands around the start and the stop of a resource: `pre_start`, `blocking_pre_start`
 * and so on. A blocking one that fails keeps a start from going on; a stop goes on all the same,
 * because it may be what safety asks for.
 */

import type {Trigger} from '../config/resources/base.ts';
import type {ResourceConfig} from '../config/types.ts';
import type {Driver, DriverContext, StepOutcome} from '../failover/types.ts';
import {commandLine} from '../kernel/shell-word.ts';
import {call, withRest, type DriverHost} from './call.ts';
import {outcomeOf} from './outcome.ts';

type Action = 'start' | 'stop';

interface Order {
  readonly host: DriverHost;
  readonly driver: Driver;
  readonly resource: ResourceConfig;
  readonly context: DriverContext;
  readonly action: Action;
}

/** What runs before a stop may take so much of its deadline, and no more. */
const preStopShare = 1 / 2;

/** The driver with the commands around it; itself where there are none. */
export function withTriggers(host: DriverHost, driver: Driver, resource: ResourceConfig): Driver {
  if (resource.triggers.length === 0) return driver;
  const act =
    (action: Action): Driver['start'] =>
    (one, context) =>
      actBetween({host, driver, resource: one, context, action});
  return {
    type: driver.type,
    label: (one) => driver.label(one),
    describe: (one, action) => [
      ...linesOf(one, action, 'pre'),
      ...driver.describe(one, action),
      ...linesOf(one, action, 'post'),
    ],
    probe: (one, context) => driver.probe(one, context),
    start: act('start'),
    stop: act('stop'),
  };
}

/** Those of one side, in the order of their calls: the blocking one is the later. */
function triggersOf(
  {triggers}: ResourceConfig,
  action: Action,
  side: 'pre' | 'post',
): readonly Trigger[] {
  return ([side, `blocking_${side}`] as const).flatMap((moment) =>
    triggers.filter((one) => one.action === action && one.moment === moment),
  );
}

function nameOf({moment, action}: Trigger): string {
  return `${moment}_${action}`;
}

function linesOf(one: ResourceConfig, action: Action, side: 'pre' | 'post'): readonly string[] {
  return triggersOf(one, action, side).map(
    (trigger) => `${nameOf(trigger)}: ${commandLine(trigger.command)}`,
  );
}

async function actBetween(order: Order): Promise<StepOutcome> {
  const {driver, resource, context, action} = order;
  const sinceMs = performance.now();
  const rest = (): DriverContext => withRest(context, sinceMs);
  const share = action === 'stop' ? preStopShare : 1;
  const before = {...context, deadlineMs: context.deadlineMs * share};
  const refusal = await runSide({...order, context: before}, 'pre');
  if (refusal !== null) {
    return {
      kind: 'failed',
      detail: refusal,
      durationMs: performance.now() - sinceMs,
      untouched: true,
    };
  }
  const outcome = await driver[action](resource, rest());
  if (outcome.kind !== 'done') return {...outcome, durationMs: performance.now() - sinceMs};
  const fault = await runSide({...order, context: rest()}, 'post');
  const durationMs = performance.now() - sinceMs;
  if (fault === null) return {...outcome, durationMs};
  return {kind: 'failed', detail: `${outcome.detail}; ${fault}`, durationMs};
}

/** Null, or why the action must not go on: only a start is kept from it. */
async function runSide(order: Order, side: 'pre' | 'post'): Promise<string | null> {
  const sinceMs = performance.now();
  for (const trigger of triggersOf(order.resource, order.action, side)) {
    const context = withRest(order.context, sinceMs);
    const fault = await runOne({...order, context}, trigger);
    if (fault === null) continue;
    const isBlocking = trigger.moment.startsWith('blocking_') && order.action === 'start';
    if (isBlocking) return `${nameOf(trigger)} failed: ${fault}`;
    order.context.log(`${nameOf(trigger)} failed, and that changes nothing: ${fault}`);
  }
  return null;
}

async function runOne(order: Order, trigger: Trigger): Promise<string | null> {
  const {host, resource, context, action} = order;
  const {command} = trigger;
  context.log(`${nameOf(trigger)}: ${commandLine(command)}`);
  const result = await call({host, resource, context, action, argv: command});
  const {deadlineMs} = context;
  const outcome = outcomeOf({program: command[0] ?? '', result, deadlineMs});
  return outcome.kind === 'done' ? null : outcome.detail;
}
