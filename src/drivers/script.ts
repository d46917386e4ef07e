/**
 * OpenHA's resource: a script that knows `start` and `stop`, and perhaps a check script that is
 * asked before the start (line format: OpenHA's services file). Such a script can not be asked
 * how it is unless the operator says that it knows `status`.
 */

import type {ScriptResource} from '../config/resources/script.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {call, withRest, type DriverHost} from './call.ts';
import {outcomeOf} from './outcome.ts';
import {lastActionCounts, unverifiable, verdictOf} from './verdict.ts';

export function createScriptDriver(host: DriverHost): Driver<ScriptResource> {
  return {
    type: 'script',
    label: (resource) => resource.script,
    describe(resource, action) {
      const own = `${resource.script} ${action}`;
      return action === 'start' && hasGuard(resource)
        ? [`${resource.checkScript} start`, own]
        : [own];
    },
    probe: (resource, context) => probe(host, {resource, context}),
    start: (resource, context) => start(host, {resource, context}),
    stop: (resource, context) => act(host, {resource, context}, 'stop'),
  };
}

interface Order {
  readonly resource: ScriptResource;
  readonly context: DriverContext;
}

/** OpenHA's users write `/bin/true` (or nothing) where they want no check: no process is spent. */
function hasGuard(resource: ScriptResource): boolean {
  return resource.checkScript !== '' && resource.checkScript !== '/bin/true';
}

async function start(host: DriverHost, order: Order): Promise<StepOutcome> {
  const sinceMs = performance.now();
  if (hasGuard(order.resource)) {
    const refusal = await guard(host, order);
    if (refusal !== null) return refusal;
  }
  const context = withRest(order.context, sinceMs);
  const outcome = await act(host, {...order, context}, 'start');
  return {...outcome, durationMs: performance.now() - sinceMs};
}

/** Null where the check script lets the start go on. It only looks: nothing was touched by then. */
async function guard(host: DriverHost, order: Order): Promise<StepOutcome | null> {
  const {resource, context} = order;
  const argv = [resource.checkScript, 'start'];
  const result = await call({host, resource, context, action: 'start', argv});
  const {deadlineMs} = context;
  const outcome = outcomeOf({program: resource.checkScript, result, deadlineMs});
  if (outcome.kind === 'done') return null;
  const detail = `the check script refused the start: ${outcome.detail}`;
  return {...outcome, detail, ...(outcome.kind === 'failed' ? {untouched: true} : {})};
}

async function act(host: DriverHost, order: Order, action: 'start' | 'stop'): Promise<StepOutcome> {
  const {resource, context} = order;
  const result = await call({host, ...order, action, argv: [resource.script, action]});
  return outcomeOf({program: resource.script, result, deadlineMs: context.deadlineMs});
}

async function probe(host: DriverHost, order: Order): Promise<ProbeOutcome> {
  const {resource, context} = order;
  if (resource.probe === 'none') {
    return unverifiable(`it has no status command (probe = none); ${lastActionCounts}`);
  }
  const result = await call({host, ...order, action: 'status', argv: [resource.script, 'status']});
  const {deadlineMs} = context;
  return verdictOf({program: `${resource.script} status`, result, deadlineMs, table: 'lsb'});
}
