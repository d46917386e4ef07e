/**
 * Carries one plan out. A start is a saga: before a resource is touched it is entered in the list
 * of what must be undone, so that a start that breaks off half-way, is cancelled, or ends without
 * a certain outcome is taken back as far as it may have come. A stop goes on past a failure,
 * because what can be stopped should be.
 */

import type {ResourceConfig, ServiceConfig} from '../../config/types.ts';
import type {ResourceId} from '../../kernel/ids.ts';
import {stopTriesMax} from '../plan.ts';
import type {
  ActionPlan,
  Driver,
  PlanOutcome,
  PlanProgress,
  PlanStep,
  ProbeOutcome,
  StepOutcome,
} from '../types.ts';
import {lingeringKey, look, lookText, startOnce, stopOnce} from './act.ts';
import type {Actor, Lingering} from './act.ts';
import type {StartGate} from './start-gate.ts';

export interface Execution {
  readonly plan: ActionPlan;
  readonly service: ServiceConfig;
  readonly driverFor: (resource: ResourceConfig) => Driver;
  readonly onProgress: (progress: PlanProgress) => void;
  readonly log: (rid: ResourceId, line: string) => void;
  /** Ends the running action; the undo that follows is not cut short by it. */
  readonly signal: AbortSignal;
  /** Nothing is started while it is shut. */
  readonly gate: StartGate;
  /** Kept over all plans of this daemon: what hangs in the kernel does not end with its plan. */
  readonly lingering: Lingering & {add(key: string): unknown};
  /** What was seen of the first step before the plan was run; null: look now. */
  readonly seenAhead: () => Promise<ProbeOutcome | null> | null;
}

/** Who acts on a step; null where the service has no such resource any more. */
export function actorOf(execution: Execution, step: Pick<PlanStep, 'rid'>): Actor | null {
  const {service, plan, log, driverFor, lingering} = execution;
  const resource = service.resources.find((one) => one.rid === step.rid);
  if (resource === undefined) return null;
  return {
    driver: driverFor(resource),
    resource,
    service,
    epoch: plan.epoch,
    log: (line) => log(step.rid, line),
    lingering,
  };
}

/** Never rejects for anything that a driver does. */
export async function executePlan(execution: Execution): Promise<PlanOutcome> {
  const begunMs = performance.now();
  const run = new PlanRun(execution);
  const outcome = execution.plan.kind === 'start' ? await run.start() : await run.stop();
  return {...outcome, durationMs: performance.now() - begunMs};
}

type Ended = Omit<PlanOutcome, 'durationMs'>;
type Action = PlanProgress['action'];

/** What is known of a step of a start once its turn is over. */
interface Touch {
  readonly step: PlanStep;
  /** `certain`: an exit code told how it ended; else only a probe can tell that it is down. */
  readonly certain: boolean;
  readonly lingering: boolean;
}

class PlanRun {
  readonly #execution: Execution;
  readonly #touched = new Map<ResourceId, Touch>();
  readonly #notes: string[] = [];

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  async start(): Promise<Ended> {
    for (const [index, step] of this.#execution.plan.steps.entries()) {
      const outcome = await this.#startStep(step, index);
      if (outcome === null) return this.#undo('it was cancelled');
      if (outcome.kind === 'done') continue;
      if (step.optional && !this.#execution.signal.aborted) {
        this.#notes.push(`optional ${step.rid} did not start: ${outcome.detail}`);
        continue;
      }
      return this.#undo(`${step.rid} could not be started: ${outcome.detail}`);
    }
    // Cancelled while the last resource came up: whoever cancelled counts on it being taken back.
    if (this.#execution.signal.aborted) return this.#undo('it was cancelled');
    const {length} = this.#execution.plan.steps;
    const count = length === 1 ? '1 resource' : `${length} resources`;
    return {kind: 'done', clean: true, detail: [`${count} started`, ...this.#notes].join('; ')};
  }

  async stop(): Promise<Ended> {
    const failures: string[] = [];
    const {steps} = this.#execution.plan;
    for (const [index, step] of steps.entries()) {
      const outcome = await this.#stopStep(step, index);
      if (outcome === null) {
        failures.push(`${step.rid} and what follows it: cancelled before it was stopped`);
        break;
      }
      if (outcome.kind !== 'done') failures.push(`${step.rid}: ${outcome.detail}`);
    }
    if (failures.length > 0) {
      return {kind: 'failed', clean: false, detail: `not stopped: ${failures.join('; ')}`};
    }
    const count = steps.length === 1 ? '1 resource' : `${steps.length} resources`;
    return {kind: 'done', clean: true, detail: `${count} stopped`};
  }

  /** Null where the plan was cancelled before the resource was touched. */
  async #startStep(step: PlanStep, index: number): Promise<StepOutcome | null> {
    const {signal} = this.#execution;
    if (signal.aborted) return null;
    const actor = this.#actorOf(step);
    if (actor === null) return this.#missing(step, index);
    this.#report(step, index, {action: 'start', phase: 'begin', detail: '', durationMs: 0});
    const begunMs = performance.now();
    const before = await this.#lookBefore(actor, step, index);
    if (before.state === 'up') {
      // Found up, it still is a part of what must not run here if the start fails.
      this.#touched.set(step.rid, {step, certain: true, lingering: false});
      const detail = `already up, start skipped (${before.detail})`;
      return this.#close(step, index, {
        action: 'start',
        outcome: {kind: 'done', detail, durationMs: performance.now() - begunMs},
      });
    }
    const unmet = step.requires.length === 0 ? null : await this.#unmet(step);
    if (unmet !== null) {
      const durationMs = performance.now() - begunMs;
      const outcome = {kind: 'failed', detail: unmet, durationMs, untouched: true} as const;
      return this.#close(step, index, {action: 'start', outcome});
    }
    // It may be shut again before what waits here has its turn.
    while (this.#execution.gate.isShut) await this.#execution.gate.opened();
    if (signal.aborted) {
      const detail = 'cancelled before it began';
      const durationMs = performance.now() - begunMs;
      return this.#close(step, index, {
        action: 'start',
        outcome: {kind: 'failed', detail, durationMs, untouched: true},
      });
    }
    // Entered BEFORE the call: a start that breaks off half-way is undone too.
    this.#touched.set(step.rid, {step, certain: false, lingering: false});
    const outcome =
      (before.broken === true ? await this.#clearBroken(actor, step) : null) ??
      (await startOnce(actor, step, signal));
    if (outcome.untouched === true) this.#touched.delete(step.rid);
    else {
      const lingering = outcome.lingering === true;
      this.#touched.set(step.rid, {step, certain: outcome.kind !== 'unknown', lingering});
    }
    return this.#close(step, index, {action: 'start', outcome});
  }

  /** Null where the way is free: what failed may still hold what its start needs. */
  async #clearBroken(actor: Actor, step: PlanStep): Promise<StepOutcome | null> {
    actor.log('it says that it failed: it is stopped before it is started');
    const limits = {deadlineMs: actor.resource.stopMs, probeMs: step.probeMs};
    const outcome = await this.#stopTwice(actor, limits, this.#execution.signal);
    if (outcome.kind === 'done') return null;
    return {...outcome, detail: `it failed and could not be stopped: ${outcome.detail}`};
  }

  async #stopStep(step: PlanStep, index: number): Promise<StepOutcome | null> {
    const {signal} = this.#execution;
    if (signal.aborted) return null;
    const actor = this.#actorOf(step);
    if (actor === null) return this.#missing(step, index);
    this.#report(step, index, {action: 'stop', phase: 'begin', detail: '', durationMs: 0});
    const begunMs = performance.now();
    const before = await look(actor, step.probeMs, signal);
    const isDown = before.verifiable && before.state === 'down';
    const outcome: StepOutcome = isDown
      ? {
          kind: 'done',
          detail: `already down, stop skipped (${before.detail})`,
          durationMs: performance.now() - begunMs,
        }
      : await this.#stopTwice(actor, step, signal);
    return this.#close(step, index, {action: 'stop', outcome});
  }

  async #stopTwice(
    actor: Actor,
    limits: {readonly deadlineMs: number; readonly probeMs: number},
    signal: AbortSignal,
  ): Promise<StepOutcome> {
    let outcome = await stopOnce(actor, limits, signal);
    for (let tries = 1; tries < stopTriesMax; tries += 1) {
      const isFinal = outcome.kind === 'done' || outcome.lingering === true || signal.aborted;
      if (isFinal) return outcome;
      actor.log(`stop is tried again: ${outcome.detail}`);
      const second = await stopOnce(actor, limits, signal);
      const durationMs = outcome.durationMs + second.durationMs;
      outcome = {...second, durationMs, detail: `tried twice: ${second.detail}`};
    }
    return outcome;
  }

  /**
   * In reverse over the whole plan, not only over what was touched: a service that failed here must
   * not have a part of it run on, from before or through somebody else, when a peer takes over.
   */
  async #undo(reason: string): Promise<Ended> {
    const {steps} = this.#execution.plan;
    const left: string[] = [];
    const undone: string[] = [];
    for (const [index, step] of [...steps.entries()].toReversed()) {
      const fault = await this.#undoStep(step, index);
      if (fault === null) continue;
      if (fault === '') undone.push(step.rid);
      else left.push(`${step.rid}: ${fault}`);
    }
    const clean = left.length === 0;
    const undoText =
      undone.length === 0 ? 'nothing had to be undone' : `undone: ${undone.join(', ')}`;
    const text = clean ? undoText : `may still run here: ${left.join('; ')}`;
    return {kind: 'failed', clean, detail: [reason, ...this.#notes, text].join('; ')};
  }

  /** Null: nothing to undo. Empty: undone. Else why it may still run. */
  async #undoStep(step: PlanStep, index: number): Promise<string | null> {
    const actor = this.#actorOf(step);
    if (actor === null) return null;
    // Never aborted: half an undo is worth nothing, and each call has its own deadline.
    const {signal} = new AbortController();
    const touch = this.#touched.get(step.rid);
    if (touch === undefined) {
      const seen = await look(actor, step.probeMs, signal);
      if (!seen.verifiable || seen.state === 'down') return null;
    }
    this.#report(step, index, {action: 'undo', phase: 'begin', detail: '', durationMs: 0});
    const limits = {deadlineMs: actor.resource.stopMs, probeMs: step.probeMs};
    const outcome = await this.#stopTwice(actor, limits, signal);
    this.#close(step, index, {action: 'undo', outcome});
    if (touch?.lingering === true) return 'a process of its start can not be ended';
    if (outcome.kind !== 'done') return outcome.detail;
    if (touch === undefined || touch.certain) return '';
    return this.#certainlyDown(actor, step, signal);
  }

  /** A start without a certain outcome is undone only when the resource itself is seen down. */
  async #certainlyDown(actor: Actor, step: PlanStep, signal: AbortSignal): Promise<string> {
    const seen = await look(actor, step.probeMs, signal);
    if (seen.verifiable && seen.state === 'down') return '';
    return `its start ended without a certain outcome; ${lookText(seen)}`;
  }

  #actorOf(step: PlanStep): Actor | null {
    return actorOf(this.#execution, step);
  }

  /** A start follows what was not seen up; what was seen up ahead may have ended since. */
  #lookBefore(actor: Actor, step: PlanStep, index: number): Promise<ProbeOutcome> {
    const lookNow = (): Promise<ProbeOutcome> => look(actor, step.probeMs, this.#execution.signal);
    const ahead = index === 0 ? this.#execution.seenAhead() : null;
    if (ahead === null) return lookNow();
    return ahead.then((seen) => (seen !== null && seen.state !== 'up' ? seen : lookNow()));
  }

  /**
   * The first condition that does not hold, as a sentence; null: all do. Unknown is none of the
   * statuses that a condition names, so it never lets a start go on.
   */
  async #unmet(step: PlanStep): Promise<string | null> {
    for (const {rid, states, probeMs} of step.requires) {
      const needed = states.join(' or ');
      const actor = actorOf(this.#execution, {rid});
      const seen = actor === null ? null : await look(actor, probeMs, this.#execution.signal);
      const state = seen === null ? 'missing' : seen.verifiable ? seen.state : 'unknown';
      if (states.includes(state)) continue;
      const why = seen === null ? '' : ` (${seen.detail})`;
      return `requires on resource ${rid} in state ${needed}, current state ${state}${why}`;
    }
    return null;
  }

  #missing(step: PlanStep, index: number): StepOutcome {
    const detail = 'the service has no such resource any more';
    const outcome: StepOutcome = {kind: 'failed', detail, durationMs: 0, untouched: true};
    return this.#close(step, index, {action: step.action, outcome});
  }

  #close(
    step: PlanStep,
    index: number,
    ended: {readonly action: Action; readonly outcome: StepOutcome},
  ): StepOutcome {
    const {action, outcome} = ended;
    const {kind: phase, detail, durationMs} = outcome;
    if (outcome.lingering === true) this.#noteLingering(step);
    this.#report(step, index, {action, phase, detail, durationMs});
    return outcome;
  }

  #noteLingering(step: PlanStep): void {
    const {service, lingering} = this.#execution;
    const resource = service.resources.find((one) => one.rid === step.rid);
    if (resource !== undefined) lingering.add(lingeringKey(service, resource));
  }

  #report(
    step: PlanStep,
    index: number,
    what: Pick<PlanProgress, 'action' | 'phase' | 'detail' | 'durationMs'>,
  ): void {
    const {plan, onProgress} = this.#execution;
    const {id, service, steps} = plan;
    onProgress({plan: id, service, rid: step.rid, step: index + 1, steps: steps.length, ...what});
  }
}
