/** What the runner says of a plan, turned into an event of the machine. */

import type {PlanOutcome, PlanProgress} from '../failover/types.ts';
import type {ServiceEvent} from '../fsm/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import {cause, notice, persistChanged, record} from './emit.ts';
import {sendEvent} from './machine.ts';
import {requestProbe} from './plans.ts';
import {markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';

export function onPlanProgress(engine: Engine, progress: PlanProgress): void {
  const service = engine.byName.get(progress.service);
  if (service?.plan?.id !== progress.plan) return;
  service.progress = progress;
  for (const order of engine.orders.values()) {
    if (order.service !== progress.service) continue;
    const {action, rid, step, steps, phase} = progress;
    const text = `${action} ${rid} (${step}/${steps}) ${phase}`;
    engine.out.push({type: 'progress', id: order.id, text});
  }
  if (progress.phase === 'begin') return;
  record(engine, {
    kind: 'step',
    service: progress.service,
    cause: cause(stepReason(progress), progress.detail),
    data: {...progress},
  });
}

function stepReason(
  progress: PlanProgress,
): 'start-done' | 'stop-done' | 'stop-failed' | 'start-failed-clean' {
  const start = progress.action === 'start';
  if (progress.phase === 'done') return start ? 'start-done' : 'stop-done';
  return start ? 'start-failed-clean' : 'stop-failed';
}

/** An outcome of a plan that is not the running one is old news and changes nothing. */
export function onPlanResult(
  engine: Engine,
  input: {readonly plan: string; readonly service: ServiceName; readonly outcome: PlanOutcome},
): void {
  const service = engine.byName.get(input.service);
  const running = service?.plan;
  if (service === undefined || running?.id !== input.plan) return;
  const {outcome} = input;
  service.plan = null;
  service.progress = null;
  const event = eventOf(running.kind, outcome);
  record(engine, {
    kind: 'plan-end',
    service: service.config.name,
    cause: event.cause,
    data: {plan: input.plan, ...outcome},
  });
  if (running.repair) onRepaired(engine, service, outcome, event);
  else sendEvent(engine, service, event);
  persistChanged(engine, service);
  requestProbe(engine, service);
  markDirty(engine, service);
}

function onRepaired(
  engine: Engine,
  service: ServiceRuntime,
  outcome: PlanOutcome,
  event: ServiceEvent,
): void {
  if (outcome.kind === 'done') {
    notice(engine, 'info', service, cause('restarting-resource', 'the failed resource runs again'));
    return;
  }
  const why = cause('resource-failed', `restart in place: ${outcome.detail}`);
  sendEvent(engine, service, {...event, cause: why});
}

function eventOf(kind: 'start' | 'stop', outcome: PlanOutcome): ServiceEvent {
  const start = kind === 'start';
  const {detail} = outcome;
  if (outcome.kind === 'done') {
    return {type: 'plan.done', cause: cause(start ? 'start-done' : 'stop-done', detail)};
  }
  if (outcome.kind === 'unknown' && !outcome.clean) {
    return {type: 'plan.unknown', cause: cause('outcome-unknown', detail)};
  }
  const clean = start && outcome.clean;
  const reason = clean ? 'start-failed-clean' : start ? 'undo-failed' : 'stop-failed';
  return {type: 'plan.failed', clean, cause: cause(reason, detail)};
}
