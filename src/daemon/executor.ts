/**
 * Carries out what the engine decided, in its order: records and facts are durable BEFORE the
 * effect behind them in their batch. What waits together becomes durable together (group commit).
 * A beat needs no journal, so it never waits for one: a hanging disk must not look like a dead
 * node.
 *
 * When the journal refuses, or does not answer in time, the rest of each batch is dropped and said
 * to be dropped: no record, no action. It is tried again until it can be written.
 */

import {SlotOrder} from '../engine/slot-order.ts';
import type {Effect} from '../engine/types.ts';
import {assert} from '../kernel/assert.ts';
import type {HaError} from '../kernel/result.ts';
import type {CommitOutcome, DurableEffect, Storage} from './storage.ts';

export type OutwardEffect = Exclude<Effect, DurableEffect>;

export interface ExecutorPorts {
  readonly storage: Storage;
  /** Must not throw and not wait. */
  perform(effect: OutwardEffect): void;
  /** The effect was not and will not be carried out. */
  dropped(effect: OutwardEffect, error: HaError): void;
  storageState(failed: boolean, detail: string): void;
}

export interface ExecutorLimits {
  /** A commit without answer for this long counts as failed. Default 5,000. */
  readonly commitMsMax: number;
  /** Time between two attempts to write again. Default 2,000. */
  readonly retryMs: number;
  /** Batches that may wait for the disk; beyond it the storage counts as failed. Default 4,096. */
  readonly waitingMax: number;
}

const defaultLimits: ExecutorLimits = {commitMsMax: 5_000, retryMs: 2_000, waitingMax: 4_096};
/** Durable effects in one commit: some 400 KB of journal. */
const commitEffectsMax = 1_024;

const keptInOrder: ReadonlySet<Effect['type']> = new Set(['run-plan', 'reply', 'progress', 'exit']);

interface Batch {
  readonly effects: readonly Effect[];
  next: number;
  outcome: CommitOutcome | 'none' | 'pending';
  readonly done: (() => void) | undefined;
}

export class Executor {
  readonly #ports: ExecutorPorts;
  readonly #limits: ExecutorLimits;
  readonly #waiting: Batch[] = [];
  readonly #slots = new SlotOrder();
  #committing = false;
  #failure: HaError | null = null;
  #lostCount = 0;
  #retryTimer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(ports: ExecutorPorts, limits: Partial<ExecutorLimits> = {}) {
    this.#ports = ports;
    this.#limits = {...defaultLimits, ...limits};
  }

  /** Batches that wait for the disk. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** `done` is called when the last effect was carried out or dropped. */
  submit(effects: readonly Effect[], done?: () => void): void {
    const left = this.#passDirectly(effects);
    if (left.length === 0) {
      done?.();
      return;
    }
    this.#waiting.push({effects: left, next: 0, outcome: 'none', done});
    if (this.#waiting.length > this.#limits.waitingMax) {
      this.#fail({
        code: 'HA_STORAGE_BEHIND',
        message: `${this.#waiting.length} batches wait for the state directory`,
      });
    }
    this.#pump();
  }

  /** Nothing is tried again and no timer is left behind; what waits is given up. */
  close(): void {
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  /** Carries out what need not wait; returns the rest in its order. */
  #passDirectly(effects: readonly Effect[]): readonly Effect[] {
    if (effects.some(isDurable)) return this.#withoutDrain(effects);
    if (this.#waiting.length === 0) {
      for (const effect of effects) this.#perform(effect);
      return [];
    }
    const left: Effect[] = [];
    let barred = false;
    for (const effect of effects) {
      if (!barred && this.#mayPass(effect)) {
        this.#perform(effect);
      } else {
        left.push(effect);
        barred ||= effect.type === 'run-plan' || effect.type === 'exit';
      }
    }
    return left;
  }

  /** Emptying the sockets needs no record, and until it is done the engine does not even beat. */
  #withoutDrain(effects: readonly Effect[]): readonly Effect[] {
    if (!effects.some((effect) => effect.type === 'drain')) return effects;
    for (const effect of effects) if (effect.type === 'drain') this.#perform(effect);
    return effects.filter((effect) => effect.type !== 'drain');
  }

  /**
   * Plans, answers and the end keep their place behind what waits; an abort does behind its plan.
   */
  #mayPass(effect: Effect): boolean {
    if (keptInOrder.has(effect.type)) return false;
    if (effect.type !== 'abort-plan') return true;
    return !this.#waiting.some((batch) => batch.effects.some((one) => runs(one, effect.plan)));
  }

  #pump(): void {
    while (this.#waiting[0] !== undefined && this.#advance(this.#waiting[0])) {
      this.#waiting.shift()?.done?.();
    }
  }

  /** False where the batch has to wait. */
  #advance(batch: Batch): boolean {
    for (; batch.next < batch.effects.length; batch.next += 1) {
      const effect = batch.effects[batch.next]!;
      if (!isDurable(effect)) {
        this.#perform(effect);
        continue;
      }
      if (batch.outcome === 'none' && this.#failure === null) this.#commitSoon();
      const error = this.#errorOf(batch, effect);
      if (error === 'pending') return false;
      if (error !== null) {
        this.#drop(batch, error);
        return true;
      }
    }
    return true;
  }

  #errorOf(batch: Batch, effect: DurableEffect): HaError | null | 'pending' {
    const {outcome} = batch;
    if (outcome === 'none' && this.#failure !== null) return this.#failure;
    if (outcome === 'none' || outcome === 'pending') return 'pending';
    return effect.type === 'record' ? outcome.record : outcome.persist;
  }

  #drop(batch: Batch, error: HaError): void {
    for (const effect of batch.effects.slice(batch.next)) {
      if (isDurable(effect)) {
        if (effect.type === 'record') this.#lostCount += 1;
        this.#ports.storage.remember(effect);
      } else {
        this.#ports.dropped(effect, error);
      }
    }
  }

  /** Once this turn of the loop is over, so that all of its batches share the write. */
  #commitSoon(): void {
    if (this.#committing) return;
    this.#committing = true;
    queueMicrotask(() => this.#commit());
  }

  /** One write for everything that waits by now. */
  #commit(): void {
    const batches: Batch[] = [];
    const effects: DurableEffect[] = [];
    for (const batch of this.#waiting) {
      if (effects.length >= commitEffectsMax) break;
      batches.push(batch);
      batch.outcome = 'pending';
      for (const effect of batch.effects) if (isDurable(effect)) effects.push(effect);
    }
    if (effects.length === 0) {
      this.#committing = false; // All that waited was given up meanwhile.
      return;
    }
    const {commitMsMax} = this.#limits;
    const late = setTimeout(() => {
      const message = `the state directory has not answered for ${commitMsMax} ms`;
      this.#fail({code: 'HA_STORAGE_LATE', message, hint: 'Look at its disk.'});
      this.#pump();
    }, commitMsMax);
    void this.#ports.storage.commit(effects).then((outcome) => {
      clearTimeout(late);
      this.#committing = false;
      for (const batch of batches) if (batch.outcome === 'pending') batch.outcome = outcome;
      const error = outcome.record ?? outcome.persist;
      if (error !== null) this.#fail(error);
      this.#pump();
    });
  }

  /** Whatever has no confirmation by now is not durable, as far as anyone may rely on it. */
  #fail(error: HaError): void {
    for (const batch of this.#waiting) {
      if (batch.outcome === 'pending') batch.outcome = {record: error, persist: error};
    }
    if (this.#failure !== null || this.#closed) return;
    this.#failure = error;
    this.#ports.storageState(true, error.message);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retryTimer = setTimeout(() => {
      // A hanging write is not followed by a second one: it would hang behind the first.
      if (this.#committing) this.#retryLater();
      else void this.#recover();
    }, this.#limits.retryMs);
  }

  async #recover(): Promise<void> {
    assert(!this.#committing, 'a recovery ran into a commit');
    this.#committing = true;
    const lostCount = this.#lostCount;
    const error = await this.#ports.storage.recover(lostCount);
    this.#committing = false;
    if (error !== null) {
      this.#retryLater();
      return;
    }
    this.#lostCount -= lostCount;
    this.#failure = null;
    if (!this.#closed) this.#ports.storageState(false, 'the state directory can be written again');
    this.#pump();
  }

  #perform(effect: Effect): void {
    assert(!isDurable(effect), 'a durable effect was carried out without its commit');
    if (effect.type === 'write-slot' && !this.#slots.take(effect)) return;
    this.#ports.perform(effect);
  }
}

function isDurable(effect: Effect): effect is DurableEffect {
  return (
    effect.type === 'record' || effect.type === 'persist-service' || effect.type === 'persist-node'
  );
}

function runs(effect: Effect, plan: string): boolean {
  return effect.type === 'run-plan' && effect.plan.id === plan;
}
