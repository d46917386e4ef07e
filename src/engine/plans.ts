/**
 * From intent to running plan. The journal has the plan BEFORE the runner gets it.
 */

import {buildPlan} from '../failover/plan.ts';
import type {ServiceIntent} from '../fsm/types.ts';
import {cause, persistChanged, record} from './emit.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import {lacksWatchdog} from './watchdog.ts';

/** Starts what the machine asked for. `repair` restarts failed resources in place. */
export function startPlan(
  engine: Engine,
  service: ServiceRuntime,
  intent: ServiceIntent,
  repair = false,
): void {
  service.planCount += 1;
  const unguarded = intent.type === 'start' && !repair ? lacksWatchdog(engine, service) : null;
  if (unguarded !== null) {
    persistChanged(engine, service);
    engine.internal.push({service, event: {type: 'plan.failed', clean: true, cause: unguarded}});
    return;
  }
  const built = buildPlan(service.config, {
    kind: intent.type,
    epoch: service.epoch,
    count: service.planCount,
  });
  if (!built.ok) {
    const why = cause('plan-impossible', built.error.message);
    const clean = intent.type === 'start';
    persistChanged(engine, service);
    engine.internal.push({service, event: {type: 'plan.failed', clean, cause: why}});
    return;
  }
  const plan = built.value;
  service.plan = {
    id: plan.id,
    kind: plan.kind,
    startedMs: engine.nowMs,
    budgetMs: plan.budgetMs,
    repair,
    aborted: false,
  };
  service.progress = null;
  // From its first script on it counts as running here, whatever becomes of this daemon.
  service.lastAction = 'started';
  service.bootId = engine.bootId;
  persistChanged(engine, service);
  record(engine, {
    kind: 'plan',
    service: service.config.name,
    cause: intent.cause,
    data: {
      plan: plan.id,
      kind: plan.kind,
      epoch: plan.epoch,
      steps: plan.steps.map((step) => `${step.action} ${step.rid}`),
      budgetMs: plan.budgetMs,
      repair,
    },
  });
  engine.out.push({type: 'run-plan', plan});
}

/** Ends the plan that runs, if one does; what it has touched is undone. */
export function abortPlan(engine: Engine, service: ServiceRuntime): void {
  const {plan} = service;
  if (plan === null || plan.aborted) return;
  service.plan = {...plan, aborted: true};
  engine.out.push({type: 'abort-plan', plan: plan.id, service: service.config.name});
}

/** Asks for a probe unless one is under way. */
export function requestProbe(engine: Engine, service: ServiceRuntime): void {
  // What is seen while an action of the last daemon may still run is not worth asking for.
  if (service.probing || service.leftover !== null) return;
  service.probing = true;
  engine.out.push({type: 'probe', service: service.config.name});
}
