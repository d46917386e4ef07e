/**
 * One resource, one action, and the look that follows it. Nothing is believed because it exited
 * with 0: a start counts when the resource is up, a stop when it is down; only where it can not be
 * asked does the exit code stand alone.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {ResourceConfig, ServiceConfig} from '../../config/types.ts';
import {actionMsMax} from '../../kernel/ending.ts';
import type {Driver, DriverContext, PlanStep, ProbeOutcome, StepOutcome} from '../types.ts';

/** What acting on one resource needs, beside the signal that may cut it short. */
export interface Actor {
  readonly driver: Driver;
  readonly resource: ResourceConfig;
  readonly service: ServiceConfig;
  readonly epoch: number;
  readonly log: (line: string) => void;
  /** Resources of all services with a process that could not be ended: never seen down. */
  readonly lingering: Lingering;
}

/** By `lingeringKey`. */
export interface Lingering {
  has(key: string): boolean;
}

export function lingeringKey(service: ServiceConfig, resource: ResourceConfig): string {
  return `${service.name}/${resource.rid}`;
}

/** Pauses between two looks while a program is still coming up or going down, ms. */
const lookMsMin = 10;
const lookMsMax = 1_000;
/** A driver that is later than the worst case by this much is broken: we go on without it, ms. */
const driverLateMs = 1_000;

/** Starts and looks. `done` only where it was seen up, or can not be asked. */
export async function startOnce(
  actor: Actor,
  limits: PlanStep,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const begunMs = performance.now();
  const acted = await callDriver(actor, 'start', {deadlineMs: limits.deadlineMs, signal});
  if (acted.untouched === true || acted.lingering === true) return acted;
  const dueMs = begunMs + limits.deadlineMs;
  const seen = await lookUntil(actor, {
    wanted: acted.kind === 'done' ? 'up' : null,
    dueMs,
    probeMs: limits.probeMs,
    signal,
  });
  const durationMs = performance.now() - begunMs;
  const detail = `${acted.detail}; ${lookText(seen)}`;
  if (acted.kind !== 'done') return {...acted, detail, durationMs};
  if (!seen.verifiable || seen.state === 'up') return {kind: 'done', detail, durationMs};
  return {kind: seen.state === 'down' ? 'failed' : 'unknown', detail, durationMs};
}

/**
 * Stops and looks. What is seen down is down, whatever the exit code: `killall` fails where there
 * is nothing to kill. What can not be asked is down only if the stop came out well.
 */
export async function stopOnce(
  actor: Actor,
  limits: {readonly deadlineMs: number; readonly probeMs: number},
  signal: AbortSignal,
): Promise<StepOutcome> {
  const begunMs = performance.now();
  const acted = await callDriver(actor, 'stop', {deadlineMs: limits.deadlineMs, signal});
  const seen = await lookUntil(actor, {
    wanted: acted.kind === 'done' ? 'down' : null,
    dueMs: begunMs + limits.deadlineMs,
    probeMs: limits.probeMs,
    signal,
  });
  const durationMs = performance.now() - begunMs;
  const detail = `${acted.detail}; ${lookText(seen)}`;
  if (acted.lingering === true) return {...acted, detail, durationMs};
  if (!seen.verifiable) return {...acted, detail, durationMs};
  if (seen.state === 'down') return {kind: 'done', detail, durationMs};
  return {kind: seen.state === 'up' ? 'failed' : 'unknown', detail, durationMs};
}

/** One look. A driver that throws or does not answer knows nothing. */
export async function look(
  actor: Actor,
  probeMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  if (isLingering(actor)) {
    const detail = 'a process of it could not be ended: it hangs in the kernel';
    return {state: 'unknown', verifiable: true, detail};
  }
  const context = contextOf(actor, {deadlineMs: probeMs, signal});
  const failed = (detail: string): ProbeOutcome => ({state: 'unknown', verifiable: true, detail});
  return guarded(() => actor.driver.probe(actor.resource, context), probeMs, failed);
}

/** What a look came to, as it stands behind what the action itself said. */
export function lookText(seen: ProbeOutcome): string {
  return seen.verifiable ? `probed ${seen.state}: ${seen.detail}` : `not verified: ${seen.detail}`;
}

function isLingering({lingering, service, resource}: Actor): boolean {
  return lingering.has(lingeringKey(service, resource));
}

interface LookOptions {
  /** Null: one look, whatever it shows. */
  readonly wanted: 'up' | 'down' | null;
  readonly dueMs: number;
  readonly probeMs: number;
  readonly signal: AbortSignal;
}

/**
 * Looks until the wanted state is seen or the deadline of the action is over: many programs return
 * before they listen, and go on for a moment after `killall` has returned.
 */
async function lookUntil(actor: Actor, options: LookOptions): Promise<ProbeOutcome> {
  let pauseMs = lookMsMin;
  for (;;) {
    const seen = await look(actor, options.probeMs, options.signal);
    const isFinal = options.wanted === null || !seen.verifiable || isLingering(actor);
    const isOver = isFinal || seen.state === options.wanted;
    const leftMs = options.dueMs - performance.now();
    if (isOver || leftMs <= 0 || options.signal.aborted) return seen;
    await pause(Math.min(pauseMs, leftMs), options.signal);
    pauseMs = Math.min(lookMsMax, pauseMs * 2);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, {signal});
  } catch {
    // Cancelled: the caller looks at the signal itself.
  }
}

interface Budget {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

function callDriver(actor: Actor, action: 'start' | 'stop', budget: Budget): Promise<StepOutcome> {
  const begunMs = performance.now();
  const context = contextOf(actor, budget);
  const failed = (detail: string): StepOutcome => ({
    kind: 'unknown',
    detail,
    durationMs: performance.now() - begunMs,
  });
  const work = (): Promise<StepOutcome> => actor.driver[action](actor.resource, context);
  return guarded(work, budget.deadlineMs, failed);
}

function contextOf(actor: Actor, budget: Budget): DriverContext {
  const {service, epoch, log} = actor;
  return {service, epoch, log, deadlineMs: budget.deadlineMs, signal: budget.signal};
}

/**
 * Drivers must neither throw nor stay away; one that does is a defect that must not stop a plan.
 */
async function guarded<Value>(
  work: () => Promise<Value>,
  deadlineMs: number,
  failed: (detail: string) => Value,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    const giveUp = (): void => resolve(failed('the driver did not answer within its deadline'));
    timer = setTimeout(giveUp, actionMsMax(deadlineMs) + driverLateMs);
  });
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    return failed(`the driver failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
