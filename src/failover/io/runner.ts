/**
 * Runs plans: so many at once, one per service, the rest in a bounded queue. Stops go before
 * starts and starts never take the last places, because a stop is what safety asks for: a
 * thousand services that come up must not keep one that lost its right to run from going down.
 */

import type {ResourceConfig, ServiceConfig} from '../../config/types.ts';
import type {ResourceId, ServiceName} from '../../kernel/ids.ts';
import {plansParallelMax, servicesMax} from '../../kernel/limits.ts';
import type {
  ActionPlan,
  Driver,
  PlanId,
  PlanOutcome,
  PlanProgress,
  ServiceProbe,
} from '../types.ts';
import {look, type Lingering} from './act.ts';
import {EarlyLooks} from './early-looks.ts';
import {actorOf, executePlan, type Execution} from './execute.ts';
import {Prober} from './prober.ts';
import {StartGate} from './start-gate.ts';

export interface RunnerOptions {
  readonly driverFor: (resource: ResourceConfig) => Driver;
  readonly onProgress: (progress: PlanProgress) => void;
  /** Called exactly once per accepted plan, never from within `run`. */
  readonly onResult: (plan: ActionPlan, outcome: PlanOutcome) => void;
  readonly onLog: (line: ServiceLine) => void;
  /** What a former daemon of this node had begun and nobody saw end. Default: nothing. */
  readonly leftovers?: RunnerLeftovers;
  /** Plans at once. Default: the limit of the kernel. */
  readonly parallelMax?: number;
  /** Plans that wait. Default: two per service a node may have. */
  readonly queueMax?: number;
}

export interface RunnerLeftovers extends Lingering {
  /** Resolves once the first attempt to end what there is of the service is over. */
  settled(service: ServiceName): Promise<void>;
}

/** A line for the log of a service: already printable and bounded. */
export interface ServiceLine {
  readonly service: ServiceName;
  readonly rid: ResourceId;
  readonly line: string;
}

export interface Runner {
  /** Queues the plan. The result comes through `onResult`, also where it is refused. */
  run(plan: ActionPlan, service: ServiceConfig): void;
  /**
   * The plan is decided and will be given to `run` once its record is durable: looks already at
   * what it starts first. Touches nothing; a plan that never comes costs one look.
   */
  lookAhead(plan: ActionPlan, service: ServiceConfig): void;
  /**
   * Ends the running action of the plan; its undo still runs. False where it is not known (any
   * more).
   */
  abort(plan: PlanId): boolean;
  /** Asks every enabled resource. Never rejects; bounded by the probe deadlines and the queue. */
  probe(service: ServiceConfig): Promise<ServiceProbe>;
  /**
   * The daemon stood still: nothing is started any more, neither a plan nor its next resource ...
   */
  hold(): void;
  /** ... before it has looked again. */
  release(): void;
  /** Nothing of the service is about to change, and nothing is held: what runs beside may begin. */
  isQuiet(service: ServiceName): boolean;
  /** Plans that run and plans that wait, for the status. */
  counts(): {readonly running: number; readonly waiting: number};
  /** Cancels everything, waits until all is undone, and takes nothing more. */
  close(): Promise<void>;
}

/** Share of the places that starts may take; the rest is kept for stops. */
const startShare = 7 / 8;
const logCharsMax = 500;

interface Job {
  readonly plan: ActionPlan;
  readonly service: ServiceConfig;
  readonly controller: AbortController;
}

export function createRunner(options: RunnerOptions): Runner {
  return new PlanRunner(options);
}

class PlanRunner implements Runner {
  readonly #options: RunnerOptions;
  readonly #prober: Prober;
  readonly #early = new EarlyLooks();
  readonly #parallelMax: number;
  readonly #queueMax: number;
  /** In order of arrival. */
  readonly #waiting = {stop: new Map<PlanId, Job>(), start: new Map<PlanId, Job>()};
  readonly #running = new Map<PlanId, Job>();
  readonly #busyServices = new Set<ServiceName>();
  readonly #idle: (() => void)[] = [];
  readonly #gate = new StartGate();
  readonly #own = new Set<string>();
  readonly #lingering: Execution['lingering'];
  #runningStarts = 0;
  #isClosed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#parallelMax = options.parallelMax ?? plansParallelMax;
    this.#queueMax = options.queueMax ?? 2 * servicesMax;
    this.#lingering = {
      has: (key) => this.#own.has(key) || options.leftovers?.has(key) === true,
      add: (key) => this.#own.add(key),
    };
    this.#prober = new Prober({
      driverFor: options.driverFor,
      log: (service, rid, line) => this.#log(service, rid, line),
      lingering: this.#lingering,
    });
  }

  run(plan: ActionPlan, service: ServiceConfig): void {
    // The first of two plans with one id answers for both: a plan never runs twice.
    if (this.#isKnown(plan.id)) return;
    const refusal = this.#refusalOf();
    if (refusal !== null) {
      this.#refuse(plan, refusal);
      return;
    }
    this.#waiting[plan.kind].set(plan.id, {plan, service, controller: new AbortController()});
    this.#startWhatFits();
  }

  lookAhead(plan: ActionPlan, service: ServiceConfig): void {
    const [step] = plan.steps;
    const isCrowded =
      this.#running.size >= this.#parallelMax || this.#busyServices.has(plan.service);
    if (plan.kind !== 'start' || step === undefined || isCrowded) return;
    if (this.#isKnown(plan.id)) return;
    const {signal} = new AbortController();
    const actor = actorOf(this.#executionOf({plan, service, signal}), step);
    if (actor === null) return;
    this.#early.begin(plan.id, (ended) => look(actor, step.probeMs, ended));
  }

  abort(id: PlanId): boolean {
    this.#early.forget(id);
    const waiting = this.#waiting.stop.get(id) ?? this.#waiting.start.get(id);
    if (waiting !== undefined) {
      this.#waiting[waiting.plan.kind].delete(id);
      this.#startWhatFits();
      this.#refuse(waiting.plan, 'cancelled before it began');
      return true;
    }
    const running = this.#running.get(id);
    running?.controller.abort();
    return running !== undefined;
  }

  probe(service: ServiceConfig): Promise<ServiceProbe> {
    return this.#prober.probe(service);
  }

  hold(): void {
    this.#gate.shut();
  }

  release(): void {
    this.#gate.open();
  }

  isQuiet(service: ServiceName): boolean {
    if (this.#gate.isShut || this.#isClosed || this.#busyServices.has(service)) return false;
    const waiting = [...this.#waiting.stop.values(), ...this.#waiting.start.values()];
    return waiting.every((job) => job.service.name !== service);
  }

  counts(): {readonly running: number; readonly waiting: number} {
    return {running: this.#running.size, waiting: this.#waitingCount()};
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#gate.open();
    const {stop, start} = this.#waiting;
    for (const id of [...stop.keys(), ...start.keys(), ...this.#running.keys()]) this.abort(id);
    const probesEnded = Promise.all([this.#prober.close(), this.#early.close()]);
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle.push(resolve);
      });
    }
    await probesEnded;
  }

  #isKnown(id: PlanId): boolean {
    return this.#waiting.stop.has(id) || this.#waiting.start.has(id) || this.#running.has(id);
  }

  #waitingCount(): number {
    return this.#waiting.stop.size + this.#waiting.start.size;
  }

  #refusalOf(): string | null {
    if (this.#isClosed) return 'this daemon takes no more plans: it is shutting down';
    if (this.#waitingCount() < this.#queueMax) return null;
    return `${this.#queueMax} plans wait already: try again when some have ended`;
  }

  /** Nothing was touched: a start is clean then; of a stop nothing can be said. */
  #refuse(plan: ActionPlan, detail: string): void {
    const clean = plan.kind === 'start';
    // In a turn of its own: the caller must have left its own handler first.
    setImmediate(() => {
      this.#options.onResult(plan, {kind: 'failed', clean, detail, durationMs: 0});
    });
  }

  #startWhatFits(): void {
    for (let job = this.#next(); job !== null; job = this.#next()) {
      this.#waiting[job.plan.kind].delete(job.plan.id);
      this.#running.set(job.plan.id, job);
      this.#busyServices.add(job.service.name);
      if (job.plan.kind === 'start') this.#runningStarts += 1;
      // Not awaited: it ends in onResult. A rejection is a defect of ours and ends the process.
      void this.#execute(job);
    }
    this.#prober.giveWay(this.#waiting.start.size > 0 && !this.#hasStartPlace());
  }

  #hasStartPlace(): boolean {
    return this.#runningStarts < this.#startsMax() && this.#running.size < this.#parallelMax;
  }

  #startsMax(): number {
    return Math.max(1, Math.floor(this.#parallelMax * startShare));
  }

  /** Stops first, then starts where there is a place for one; never two plans of one service. */
  #next(): Job | null {
    if (this.#running.size >= this.#parallelMax) return null;
    const kinds =
      this.#runningStarts < this.#startsMax() ? (['stop', 'start'] as const) : (['stop'] as const);
    for (const kind of kinds) {
      for (const job of this.#waiting[kind].values()) {
        if (!this.#busyServices.has(job.service.name)) return job;
      }
    }
    return null;
  }

  async #execute(job: Job): Promise<void> {
    const {plan, service, controller} = job;
    const {signal} = controller;
    // Two scripts of one resource would work against each other.
    await this.#options.leftovers?.settled(service.name);
    const outcome = await executePlan(this.#executionOf({plan, service, signal}));
    this.#running.delete(plan.id);
    this.#busyServices.delete(service.name);
    if (plan.kind === 'start') this.#runningStarts -= 1;
    this.#options.onResult(plan, outcome);
    this.#startWhatFits();
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #executionOf(job: Pick<Execution, 'plan' | 'service' | 'signal'>): Execution {
    return {
      ...job,
      driverFor: this.#options.driverFor,
      onProgress: this.#options.onProgress,
      log: (rid, line) => this.#log(job.service.name, rid, line),
      gate: this.#gate,
      lingering: this.#lingering,
      seenAhead: () => this.#early.take(job.plan.id),
    };
  }

  #log(service: ServiceName, rid: ResourceId, line: string): void {
    this.#options.onLog({service, rid, line: line.slice(0, logCharsMax)});
  }
}
