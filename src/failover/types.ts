/**
 * Plans are data: which resource, which action, until when, and what undoes it. The runner carries
 * them out; drivers know how. Outcomes have three values, and `unknown` never goes on.
 */

import type {ResourceConfig, ServiceConfig} from '../config/types.ts';
import type {ProbeState} from '../kernel/words.ts';
import type {ResourceId, ServiceName} from '../kernel/ids.ts';

/** `SERVICE/EPOCH/KIND/COUNT`, unique in the life of a daemon. */
export type PlanId = string;

export interface PlanStep {
  readonly rid: ResourceId;
  readonly action: 'start' | 'stop';
  /** Absolute budget of the action, ms, from its own start. */
  readonly deadlineMs: number;
  readonly probeMs: number;
  readonly optional: boolean;
  /** Of a start: each must hold when its turn has come, seen afresh; nothing waits for one. */
  readonly requires: readonly StepCondition[];
}

/** A resource, the statuses that will do, and the deadline of the look, ms. */
export interface StepCondition {
  readonly rid: ResourceId;
  readonly states: readonly string[];
  readonly probeMs: number;
}

export interface ActionPlan {
  readonly id: PlanId;
  readonly service: ServiceName;
  readonly kind: 'start' | 'stop';
  readonly epoch: number;
  /** In order. A start's undo is the stop of each resource touched, in reverse. */
  readonly steps: readonly PlanStep[];
  /** Sum of all budgets, undo included: what `--wait` and the status show. */
  readonly budgetMs: number;
}

/** What became of the attempt to switch a node off. */
export interface FenceReport {
  /** Verified to be off; anything else proves nothing. */
  readonly off: boolean;
  /** The level that did it. */
  readonly level: number | null;
  /** A sentence per try: agent, exit code, last line of output. No secrets. */
  readonly detail: string;
  readonly durationMs: number;
}

export type StepKind = 'done' | 'failed' | 'unknown';

export interface StepOutcome {
  readonly kind: StepKind;
  /** A sentence: exit code, signal, deadline, last line of output. */
  readonly detail: string;
  readonly durationMs: number;
  /** True where nothing was begun (no such program, guard said no): there is nothing to undo. */
  readonly untouched?: boolean;
  /** True where a process of the action could not be ended: the resource is never probed clean. */
  readonly lingering?: boolean;
}

/** What a plan came to. `clean`: after a failed start every touched resource was probed down. */
export interface PlanOutcome {
  readonly kind: StepKind;
  readonly clean: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

/** While a plan runs: which step, for `ha status` and `ha events -f`. */
export interface PlanProgress {
  readonly plan: PlanId;
  readonly service: ServiceName;
  readonly rid: ResourceId;
  /** `undo` is a stop that takes a failed start back. */
  readonly action: 'start' | 'stop' | 'undo';
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly phase: 'begin' | StepKind;
  readonly detail: string;
  readonly durationMs: number;
}

export interface ProbeOutcome {
  readonly state: ProbeState;
  /** False where the resource has no way to be asked: state is then `unknown`. */
  readonly verifiable: boolean;
  /**
   * True where it says itself that it failed. Not `down`: something of it may be left, so that it
   * is stopped before it is started again. State is then `unknown`.
   */
  readonly broken?: true;
  readonly detail: string;
  /** True where another node has taken it, or may: whoever runs on it must stop, not restart. */
  readonly lost?: boolean;
}

/** What a service's probe came to, resource by resource. */
export interface ServiceProbe {
  /** up: all up; down: all down; unknown: mixed, unasked or unverifiable. */
  readonly state: ProbeState;
  /** True where some resources are up and some are down. */
  readonly partial: boolean;
  readonly verifiable: boolean;
  readonly resources: readonly ResourceProbe[];
}

export interface ResourceProbe extends ProbeOutcome {
  readonly rid: ResourceId;
}

/** What a driver gets for every call. */
export interface DriverContext {
  readonly service: ServiceConfig;
  readonly epoch: number;
  /** Budget of this call, ms. */
  readonly deadlineMs: number;
  /** Ends the call early: the plan was cancelled or the daemon must go. */
  readonly signal: AbortSignal;
  /** Lines for the service's log, already bounded. */
  readonly log: (line: string) => void;
}

/** How one type of resource is acted on. Never throws; says `unknown` where it can not tell. */
export interface Driver<Config extends ResourceConfig = ResourceConfig> {
  readonly type: Config['type'];
  /** One line for the status tree, as OpenSVC's label. */
  label(resource: Config): string;
  /** The exact commands, for `--dry-run`. */
  describe(resource: Config, action: 'start' | 'stop'): readonly string[];
  probe(resource: Config, context: DriverContext): Promise<ProbeOutcome>;
  start(resource: Config, context: DriverContext): Promise<StepOutcome>;
  stop(resource: Config, context: DriverContext): Promise<StepOutcome>;
}
