/**
 * From an intent to the plan that carries it out. A plan is data: it can be shown before it runs
 * (`--dry-run`), recorded before its first call, and interrupted after any step, because the undo
 * of every prefix is the stop of what that prefix touched, in reverse.
 */

import type {ResourceConfig, ServiceConfig} from '../config/types.ts';
import {assert} from '../kernel/assert.ts';
import {formatDuration} from '../kernel/duration.ts';
import {actionMsMax} from '../kernel/ending.ts';
import {familyRank, isTask} from '../kernel/families.ts';
import {resourceId} from '../kernel/ids.ts';
import {err, ok} from '../kernel/result.ts';
import type {HaError, Result} from '../kernel/result.ts';
import type {Selection} from '../kernel/selection.ts';
import type {PlanErrorCode} from './errors.ts';
import {selectResources} from './selection.ts';
import type {ActionPlan, PlanStep} from './types.ts';

/** Steps of one plan: a service with more resources is split by hand before it gets here. */
export const planStepsMax = 64;

/** Longest deadline of one action, ms: above it a timer would wrap, and nobody waits that long. */
export const deadlineMsMax = 86_400_000;

/** Tries of a stop: a stop that failed once is tried again, then a person or a fence is needed. */
export const stopTriesMax = 2;

export interface PlanIntent {
  readonly kind: 'start' | 'stop';
  /** Epoch the service runs under, 0 or more. */
  readonly epoch: number;
  /** A part of the service; absent: all of it. Such a plan is shown, and not carried out. */
  readonly selection?: Selection;
  /** Number of this plan in the life of the daemon: what makes its id unique. */
  readonly count: number;
}

/** The steps of a start or a stop; an error where no plan can be made, never a shortened plan. */
export function buildPlan(service: ServiceConfig, intent: PlanIntent): Result<ActionPlan> {
  assert(Number.isInteger(intent.epoch) && intent.epoch >= 0, `plan: epoch ${intent.epoch}`);
  assert(Number.isInteger(intent.count) && intent.count >= 0, `plan: count ${intent.count}`);
  const enabled = service.resources.filter(
    ({disabled, type}) => !disabled && !(intent.kind === 'start' && isTask(type)),
  );
  const impossible = faultOf(service, enabled, intent.kind);
  if (impossible !== null) return err(impossible);
  // Stable: within a family the order of the service counts, which its file gave.
  const ordered = enabled.toSorted((a, b) => familyRank(a.type) - familyRank(b.type));
  if (intent.kind === 'stop') ordered.reverse();
  const {selection = null} = intent;
  const part = selection === null ? ok(ordered) : selectResources(ordered, intent.kind, selection);
  if (!part.ok) return part;
  const steps = part.value.map((resource) => stepOf(resource, service, intent.kind));
  return ok({
    id: `${service.name}/${intent.epoch}/${intent.kind}/${intent.count}`,
    service: service.name,
    kind: intent.kind,
    epoch: intent.epoch,
    steps,
    budgetMs: steps.reduce((sumMs, step, at) => sumMs + budgetMs(part.value[at]!, step), 0),
  });
}

/** The plan for a person, one line per step, first the whole of it. */
export function describePlan(plan: ActionPlan): readonly string[] {
  const most = `at most ${formatDuration(plan.budgetMs)}`;
  const head = `${plan.kind} ${plan.service}: epoch ${plan.epoch}, ${stepCount(plan)}, ${most}`;
  const lines = plan.steps.map((step, index) => {
    const within = `within ${formatDuration(step.deadlineMs)}`;
    const probe = `probed within ${formatDuration(step.probeMs)}`;
    const optional = step.optional ? ', optional' : '';
    const needs = step.requires.map(({rid, states}) => `, requires ${rid} ${states.join(' or ')}`);
    const rest = [optional, ...needs].join('');
    return `  ${index + 1}. ${step.action} ${step.rid} ${within}, ${probe}${rest}`;
  });
  return [head, ...lines];
}

function stepCount(plan: ActionPlan): string {
  return plan.steps.length === 1 ? '1 step' : `${plan.steps.length} steps`;
}

function stepOf(
  resource: ResourceConfig,
  service: ServiceConfig,
  action: 'start' | 'stop',
): PlanStep {
  return {
    rid: resource.rid,
    action,
    deadlineMs: action === 'start' ? resource.startMs : resource.stopMs,
    probeMs: resource.probeMs,
    optional: resource.optional,
    requires: action === 'start' ? conditionsOf(resource, service) : [],
  };
}

/** What the service lacks is refused by the configuration; here it is never met. */
function conditionsOf(resource: ResourceConfig, service: ServiceConfig): PlanStep['requires'] {
  return resource.requires.map(({rid, states}) => {
    const name = rid ?? 'impossible';
    const needed = service.resources.find((one) => one.rid === name);
    return {rid: resourceId(name), states, probeMs: needed?.probeMs ?? resource.probeMs};
  });
}

/** The worst case of one step: look, act, look again, and for a start the same way back. */
function budgetMs(resource: ResourceConfig, {action, requires}: PlanStep): number {
  const probeMs = actionMsMax(resource.probeMs);
  const stopMs = stopTriesMax * (actionMsMax(resource.stopMs) + probeMs);
  if (action === 'stop') return probeMs + stopMs;
  const lookMs = requires.reduce((sumMs, one) => sumMs + actionMsMax(one.probeMs), probeMs);
  // An agent may say that it failed: it is stopped then before it is started.
  const clearMs = mayBreak(resource) ? stopMs : 0;
  return lookMs + clearMs + actionMsMax(resource.startMs) + probeMs + probeMs + stopMs;
}

function mayBreak({type}: ResourceConfig): boolean {
  return type === 'app.ocf' || type === 'app.systemd';
}

function faultOf(
  service: ServiceConfig,
  enabled: readonly ResourceConfig[],
  kind: 'start' | 'stop',
): HaError | null {
  const where = `${service.place.file}:${service.place.line}: service ${service.name}`;
  if (enabled.length === 0 && kind === 'start') {
    return fault('HA_PLAN_EMPTY', {
      message: `${where}: expected a resource to start, found none that is enabled`,
      hint: 'give it a script or an [app#1] section, or take out its "disable"',
    });
  }
  if (enabled.length > planStepsMax) {
    return fault('HA_PLAN_STEPS', {
      message: `${where}: expected at most ${planStepsMax} resources, found ${enabled.length}`,
      hint: 'split it into several services',
    });
  }
  if (new Set(enabled.map((resource) => resource.rid)).size !== enabled.length) {
    return fault('HA_PLAN_DUPLICATE', {
      message: `${where}: expected each resource id once, found one of them twice`,
      hint: 'rename one of the sections',
    });
  }
  return deadlineFault(enabled);
}

function deadlineFault(enabled: readonly ResourceConfig[]): HaError | null {
  for (const resource of enabled) {
    for (const key of ['startMs', 'stopMs', 'probeMs'] as const) {
      const valueMs = resource[key];
      if (Number.isFinite(valueMs) && valueMs >= 1 && valueMs <= deadlineMsMax) continue;
      const where = `${resource.place.file}:${resource.place.line}: [${resource.rid}]`;
      const what = `${key.slice(0, -2)} time-out`;
      return fault('HA_PLAN_DEADLINE', {
        message: `${where}: expected a ${what} between 1ms and 24h, found ${valueMs} ms`,
        hint: 'write a duration such as "30s"',
      });
    }
  }
  return null;
}

function fault(code: PlanErrorCode, text: {readonly message: string; hint: string}): HaError {
  return {code, ...text};
}
