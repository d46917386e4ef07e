/**
 * The plan runner of a simulated daemon: the rules of failover/io (probe before and after, a start
 * is undone in reverse, a stop goes on past a failure, three-valued outcomes) over simulated
 * scripts. It lives in the daemon's process: it stands still with it and dies with it, while the
 * scripts go on.
 */

import type {ServiceConfig} from '../config/types.ts';
import {mergeProbes} from '../failover/merge-probes.ts';
import {stopTriesMax} from '../failover/plan.ts';
import type {
  ActionPlan,
  PlanOutcome,
  PlanProgress,
  PlanStep,
  ProbeOutcome,
  ServiceProbe,
  StepOutcome,
} from '../failover/types.ts';
import type {ResourceId, ServiceName} from '../kernel/ids.ts';
import {plansParallelMax} from '../kernel/limits.ts';
import {SimEarlyLooks} from './early-looks.ts';
import type {Ahead} from './early-looks.ts';
import type {SimLeftovers} from './leftovers.ts';
import type {Resource} from './resource.ts';
import {Signal, callScript, outcomeOf} from './script-call.ts';
import type {Ending} from './script-call.ts';
import {drive, wait} from './work.ts';
import type {Work} from './work.ts';

/** The daemon's process, as what runs inside it sees it. */
export interface Life {
  nowMs(): number;
  /** A timer of this process: late where it stood still, never where it died. */
  later(ms: number, run: () => void): () => void;
  /** Something from outside (an exit, a completed write): waits where the process stands still. */
  event(run: () => void): void;
  /**
   * Something the machine does by itself: it happens though the daemon is gone, with the power on.
   */
  outside(ms: number, run: () => void): void;
}

export interface RunnerPorts {
  readonly life: Life;
  resource(service: ServiceName, rid: ResourceId): Resource;
  onProgress(progress: PlanProgress): void;
  onResult(plan: ActionPlan, outcome: PlanOutcome): void;
  onProbe(service: ServiceName, probe: ServiceProbe): void;
  /** Resources with a process that cannot be ended: never probed clean in this life. */
  readonly lingering: Set<Resource>;
  /** What a former daemon left here. */
  readonly leftovers: Pick<SimLeftovers, 'has' | 'settled'>;
  /** Shut while the daemon looks again after a stall. */
  readonly gate: Gate;
  /** A script of ours is called now. */
  onAction(plan: ActionPlan, action: 'start' | 'stop', rid: ResourceId): void;
}

/** Time one call of a status script takes, ms. */
const lookTakesMs = 15;
/** Pauses between two looks while a program is still coming up or going down, ms. */
const lookMsMin = 10;
const lookMsMax = 1_000;

/** Share of the places that starts may take, as in failover/io: the rest is kept for stops. */
const startShare = 7 / 8;

interface Job {
  readonly plan: ActionPlan;
  readonly service: ServiceConfig;
  readonly signal: Signal;
  readonly seenAhead: () => Ahead | null;
}

export class SimRunner {
  readonly #ports: RunnerPorts;
  readonly #parallelMax: number;
  readonly #running = new Map<ServiceName, Job>();
  readonly #waiting: Job[] = [];
  readonly #gate = new Gate();
  readonly #early: SimEarlyLooks;

  /** `parallelMax`: plans at once. */
  constructor(ports: Omit<RunnerPorts, 'lingering' | 'gate'>, parallelMax = plansParallelMax) {
    this.#ports = {...ports, lingering: new Set(), gate: this.#gate};
    this.#parallelMax = parallelMax;
    this.#early = new SimEarlyLooks(ports.life);
  }

  /** Plans that run and wait. */
  get planCount(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** The daemon stood still: nothing is started before it has looked again. */
  hold(): void {
    this.#gate.close();
  }

  release(): void {
    this.#gate.open();
  }

  run(plan: ActionPlan, service: ServiceConfig): void {
    const seenAhead = (): Ahead | null => this.#early.take(plan.id);
    this.#waiting.push({plan, service, signal: new Signal(), seenAhead});
    this.#startWhatFits();
  }

  /** Its record is on the way to the disk: looks already at what it starts first. */
  lookAhead(plan: ActionPlan, service: ServiceConfig): void {
    const [step] = plan.steps;
    const isKnown = [...this.#running.values(), ...this.#waiting].some(
      (job) => job.plan.id === plan.id,
    );
    const isCrowded = this.#running.size >= this.#parallelMax || this.#running.has(service.name);
    if (plan.kind !== 'start' || step === undefined || isKnown || isCrowded) return;
    this.#early.begin(plan.id, () => look(this.#ports, service, step));
  }

  abort(id: string): void {
    this.#early.forget(id);
    const index = this.#waiting.findIndex((job) => job.plan.id === id);
    if (index >= 0) {
      const [job] = this.#waiting.splice(index, 1);
      if (job !== undefined) this.#refuse(job.plan, 'cancelled before it began');
    }
    for (const job of this.#running.values()) if (job.plan.id === id) job.signal.abort();
  }

  probe(service: ServiceConfig): void {
    drive(this.#askAll(service), (probe) => this.#ports.onProbe(service.name, probe));
  }

  #refuse(plan: ActionPlan, detail: string): void {
    const outcome: PlanOutcome = {
      kind: 'failed',
      clean: plan.kind === 'start',
      detail,
      durationMs: 0,
    };
    this.#ports.life.later(0, () => this.#ports.onResult(plan, outcome));
  }

  #startWhatFits(): void {
    for (let job = this.#next(); job !== null; job = this.#next()) this.#begin(job);
  }

  /** Stops first, then starts where there is a place for one; never two plans of one service. */
  #next(): Job | null {
    if (this.#running.size >= this.#parallelMax) return null;
    const startsMax = Math.max(1, Math.floor(this.#parallelMax * startShare));
    const starts = [...this.#running.values()].filter((job) => job.plan.kind === 'start').length;
    const kinds = starts < startsMax ? (['stop', 'start'] as const) : (['stop'] as const);
    for (const kind of kinds) {
      const index = this.#waiting.findIndex(
        (job) => job.plan.kind === kind && !this.#running.has(job.service.name),
      );
      if (index >= 0) return this.#waiting.splice(index, 1)[0]!;
    }
    return null;
  }

  #begin(job: Job): void {
    this.#running.set(job.service.name, job);
    const begunMs = this.#ports.life.nowMs();
    drive(this.#runSettled(job), (ended) => {
      this.#running.delete(job.service.name);
      const durationMs = this.#ports.life.nowMs() - begunMs;
      this.#ports.onResult(job.plan, {...ended, durationMs});
      this.#startWhatFits();
    });
  }

  /** Two scripts of one resource would work against each other. */
  *#runSettled(job: Job): Work<Ended> {
    yield* this.#ports.leftovers.settled(job.service.name);
    return yield* new PlanRun(this.#ports, job).run();
  }

  *#askAll(service: ServiceConfig): Work<ServiceProbe> {
    const enabled = service.resources.filter((resource) => !resource.disabled);
    const probes = [];
    for (const {rid, probeMs} of enabled) {
      probes.push({rid, ...(yield* look(this.#ports, service, {rid, probeMs}))});
    }
    return mergeProbes(probes, enabled);
  }
}

type Ended = Omit<PlanOutcome, 'durationMs'>;

interface Touch {
  readonly certain: boolean;
  readonly lingering: boolean;
}

class PlanRun {
  readonly #ports: RunnerPorts;
  readonly #job: Job;
  readonly #touched = new Map<ResourceId, Touch>();

  constructor(ports: RunnerPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
  }

  run(): Work<Ended> {
    return this.#job.plan.kind === 'start' ? this.#start() : this.#stop();
  }

  *#start(): Work<Ended> {
    const {plan, signal} = this.#job;
    for (const [index, step] of plan.steps.entries()) {
      if (signal.aborted) return yield* this.#undo('it was cancelled');
      const outcome = yield* this.#startStep(step, index);
      if (outcome.kind !== 'done') {
        return yield* this.#undo(`${step.rid} could not be started: ${outcome.detail}`);
      }
    }
    if (signal.aborted) return yield* this.#undo('it was cancelled');
    return {kind: 'done', clean: true, detail: counted(plan, 'started')};
  }

  *#stop(): Work<Ended> {
    const {plan, signal} = this.#job;
    const failures: string[] = [];
    for (const [index, step] of plan.steps.entries()) {
      if (signal.aborted) {
        failures.push(`${step.rid} and what follows it: cancelled before it was stopped`);
        break;
      }
      this.#report(step, index, {action: 'stop', phase: 'begin', detail: ''});
      const seen = yield* look(this.#ports, this.#job.service, step);
      const isDown = seen.verifiable && seen.state === 'down';
      const outcome: StepOutcome = isDown
        ? {kind: 'done', detail: 'already down, stop skipped', durationMs: 0}
        : yield* this.#stopTwice(step, step.deadlineMs, signal);
      this.#report(step, index, {action: 'stop', phase: outcome.kind, detail: outcome.detail});
      if (outcome.kind !== 'done') failures.push(`${step.rid}: ${outcome.detail}`);
    }
    if (failures.length === 0) return {kind: 'done', clean: true, detail: counted(plan, 'stopped')};
    return {kind: 'failed', clean: false, detail: `not stopped: ${failures.join('; ')}`};
  }

  *#startStep(step: PlanStep, index: number): Work<StepOutcome> {
    const {signal} = this.#job;
    this.#report(step, index, {action: 'start', phase: 'begin', detail: ''});
    const before = yield* this.#lookBefore(step, index);
    let outcome: StepOutcome;
    if (before.state === 'up') {
      this.#touched.set(step.rid, {certain: true, lingering: false});
      outcome = {kind: 'done', detail: 'already up, start skipped', durationMs: 0};
    } else {
      yield* this.#ports.gate.pass();
      outcome = yield* this.#startDown(step, signal);
    }
    this.#report(step, index, {action: 'start', phase: outcome.kind, detail: outcome.detail});
    return outcome;
  }

  /** What was not seen up; entered as touched BEFORE the call. */
  *#startDown(step: PlanStep, signal: Signal): Work<StepOutcome> {
    if (signal.aborted) return {kind: 'failed', detail: 'cancelled before it began', durationMs: 0};
    this.#touched.set(step.rid, {certain: false, lingering: false});
    const outcome = yield* this.#startOnce(step, signal);
    const lingering = outcome.lingering === true;
    if (outcome.untouched === true) this.#touched.delete(step.rid);
    else this.#touched.set(step.rid, {certain: outcome.kind !== 'unknown', lingering});
    return outcome;
  }

  /** A start follows what was not seen up; what was seen up ahead may have ended since. */
  *#lookBefore(step: PlanStep, index: number): Work<ProbeOutcome> {
    const ahead = index === 0 ? this.#job.seenAhead() : null;
    const seen = ahead === null ? null : yield* ahead.answer();
    if (seen !== null && seen.state !== 'up') return seen;
    return yield* look(this.#ports, this.#job.service, step);
  }

  *#startOnce(step: PlanStep, signal: Signal): Work<StepOutcome> {
    const begunMs = this.#ports.life.nowMs();
    const acted = yield* this.#call('start', step, {deadlineMs: step.deadlineMs, signal});
    if (acted.untouched === true || acted.lingering === true) return acted;
    const wanted = acted.kind === 'done' ? 'up' : null;
    const seen = yield* this.#lookUntil(step, {
      wanted,
      dueMs: begunMs + step.deadlineMs,
      signal,
    });
    const detail = `${acted.detail}; ${lookText(seen)}`;
    if (acted.kind !== 'done') return {...acted, detail};
    if (!seen.verifiable || seen.state === 'up') return {...acted, detail};
    return {...acted, kind: seen.state === 'down' ? 'failed' : 'unknown', detail};
  }

  *#stopTwice(step: PlanStep, deadlineMs: number, signal: Signal): Work<StepOutcome> {
    let outcome = yield* this.#stopOnce(step, deadlineMs, signal);
    for (let tries = 1; tries < stopTriesMax; tries += 1) {
      if (outcome.kind === 'done' || outcome.lingering === true || signal.aborted) return outcome;
      const second = yield* this.#stopOnce(step, deadlineMs, signal);
      outcome = {...second, detail: `tried twice: ${second.detail}`};
    }
    return outcome;
  }

  *#stopOnce(step: PlanStep, deadlineMs: number, signal: Signal): Work<StepOutcome> {
    const begunMs = this.#ports.life.nowMs();
    const acted = yield* this.#call('stop', step, {deadlineMs, signal});
    const wanted = acted.kind === 'done' ? 'down' : null;
    const seen = yield* this.#lookUntil(step, {wanted, dueMs: begunMs + deadlineMs, signal});
    const detail = `${acted.detail}; ${lookText(seen)}`;
    if (acted.lingering === true || !seen.verifiable) return {...acted, detail};
    if (seen.state === 'down') return {...acted, kind: 'done', detail};
    return {...acted, kind: seen.state === 'up' ? 'failed' : 'unknown', detail};
  }

  *#undo(reason: string): Work<Ended> {
    const left: string[] = [];
    for (const [index, step] of [...this.#job.plan.steps.entries()].toReversed()) {
      const fault = yield* this.#undoStep(step, index);
      if (fault !== null) left.push(`${step.rid}: ${fault}`);
    }
    const clean = left.length === 0;
    const text = clean ? 'undone' : `may still run here: ${left.join('; ')}`;
    return {kind: 'failed', clean, detail: `${reason}; ${text}`};
  }

  /** Null: it is down. Else why it may still run. */
  *#undoStep(step: PlanStep, index: number): Work<string | null> {
    const {service} = this.#job;
    const touch = this.#touched.get(step.rid);
    if (touch === undefined) {
      const seen = yield* look(this.#ports, service, step);
      if (!seen.verifiable || seen.state === 'down') return null;
    }
    this.#report(step, index, {action: 'undo', phase: 'begin', detail: ''});
    const stopMs = service.resources.find((one) => one.rid === step.rid)?.stopMs ?? 0;
    const outcome = yield* this.#stopTwice(step, stopMs, new Signal());
    this.#report(step, index, {action: 'undo', phase: outcome.kind, detail: outcome.detail});
    if (touch?.lingering === true) return 'a process of its start can not be ended';
    if (outcome.kind !== 'done') return outcome.detail;
    if (touch === undefined || touch.certain) return null;
    const seen = yield* look(this.#ports, service, step);
    const isDown = seen.verifiable && seen.state === 'down';
    return isDown ? null : `its start ended without a certain outcome; ${lookText(seen)}`;
  }

  *#lookUntil(
    step: PlanStep,
    options: {
      readonly wanted: 'up' | 'down' | null;
      readonly dueMs: number;
      readonly signal: Signal;
    },
  ): Work<ProbeOutcome> {
    const {wanted, dueMs, signal} = options;
    let pauseMs = lookMsMin;
    for (;;) {
      const seen = yield* look(this.#ports, this.#job.service, step);
      const isFinal = wanted === null || !seen.verifiable || this.#isLingering(step);
      const isOver = isFinal || seen.state === wanted;
      const leftMs = dueMs - this.#ports.life.nowMs();
      if (isOver || leftMs <= 0 || signal.aborted) return seen;
      const nextMs = Math.min(pauseMs, leftMs);
      yield* wait<void>((resume) => {
        this.#ports.life.later(nextMs, () => resume());
      });
      pauseMs = Math.min(lookMsMax, pauseMs * 2);
    }
  }

  #isLingering(step: PlanStep): boolean {
    const ports = this.#ports;
    return isLingering(ports, ports.resource(this.#job.service.name, step.rid));
  }

  *#call(
    action: 'start' | 'stop',
    step: PlanStep,
    budget: {readonly deadlineMs: number; readonly signal: Signal},
  ): Work<StepOutcome> {
    const {life} = this.#ports;
    const {plan, service} = this.#job;
    const begunMs = life.nowMs();
    this.#ports.onAction(plan, action, step.rid);
    const resource = this.#ports.resource(service.name, step.rid);
    const ended = yield* wait<Ending>((resume) => {
      callScript({life, resource, action, ...budget}, resume);
    });
    if (ended === 'unended') this.#ports.lingering.add(resource);
    return outcomeOf(action, ended, life.nowMs() - begunMs);
  }

  #report(
    step: PlanStep,
    index: number,
    what: Pick<PlanProgress, 'action' | 'phase' | 'detail'>,
  ): void {
    const {id, service, steps} = this.#job.plan;
    this.#ports.onProgress({
      plan: id,
      service,
      rid: step.rid,
      step: index + 1,
      steps: steps.length,
      durationMs: 0,
      ...what,
    });
  }
}

function* look(
  ports: RunnerPorts,
  service: ServiceConfig,
  asked: {readonly rid: ResourceId; readonly probeMs: number},
): Work<ProbeOutcome> {
  const resource = ports.resource(service.name, asked.rid);
  if (isLingering(ports, resource)) {
    return {state: 'unknown', verifiable: true, detail: 'a process of it can not be ended'};
  }
  const config = service.resources.find((one) => one.rid === asked.rid);
  if (config?.type === 'script' && config.probe === 'none') {
    return {state: 'unknown', verifiable: false, detail: 'it has no status command'};
  }
  const mode = resource.behaviour.probe;
  const takesMs = mode === 'hang' ? asked.probeMs : lookTakesMs;
  yield* wait<void>((resume) => {
    ports.life.later(takesMs, () => resume());
  });
  const state = resource.up ? 'up' : 'down';
  if (mode === 'lost' && resource.up) {
    const detail = 'held by another node';
    return {state: 'unknown', verifiable: true, detail, lost: true};
  }
  if (mode === 'unknown' || mode === 'hang') {
    return {state: 'unknown', verifiable: true, detail: 'no clear answer'};
  }
  return {state, verifiable: true, detail: `status says ${state}`};
}

function isLingering({lingering, leftovers}: RunnerPorts, resource: Resource): boolean {
  return lingering.has(resource) || leftovers.has(resource);
}

function lookText(seen: ProbeOutcome): string {
  return seen.verifiable ? `probed ${seen.state}` : 'not verified';
}

function counted(plan: ActionPlan, word: string): string {
  const {length} = plan.steps;
  return `${length === 1 ? '1 resource' : `${length} resources`} ${word}`;
}

class Gate {
  #shut = false;
  readonly #waiting: (() => void)[] = [];

  close(): void {
    this.#shut = true;
  }

  open(): void {
    this.#shut = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  *pass(): Work<void> {
    if (!this.#shut) return;
    yield* wait<void>((resume) => {
      this.#waiting.push(() => resume());
    });
  }
}
