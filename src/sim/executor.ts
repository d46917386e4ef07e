/**
 * The executor of a simulated daemon, by the contract of the real one: a record is durable BEFORE
 * any later effect of its batch, batches keep their order, beats pass what waits for the disk, and
 * where the disk refuses the rest of the batch is dropped.
 */

import {SlotOrder} from '../engine/slot-order.ts';
import type {Effect} from '../engine/types.ts';
import type {Life} from './runner.ts';
import type {DurableEffect, StateDirectory} from './storage.ts';

export type OutwardEffect = Exclude<Effect, DurableEffect>;

export interface ExecutorPorts {
  readonly life: Life;
  readonly storage: StateDirectory;
  perform(effect: OutwardEffect): void;
  dropped(effect: OutwardEffect): void;
  storageState(failed: boolean, detail: string): void;
  onDurable(effect: DurableEffect): void;
}

interface Batch {
  readonly effects: readonly Effect[];
  /** The first effect that was not carried out yet. */
  next: number;
  outcome: 'none' | 'pending' | 'durable' | 'failed';
  readonly done: () => void;
}

/** Time between two attempts to write again, ms. */
const retryMs = 2_000;
/** A commit without an answer for this long counts as failed, ms. */
const commitMsMax = 5_000;
const keptInOrder: ReadonlySet<Effect['type']> = new Set(['run-plan', 'reply', 'progress', 'exit']);

export class SimExecutor {
  readonly #ports: ExecutorPorts;
  readonly #waiting: Batch[] = [];
  readonly #slots = new SlotOrder();
  #committing = false;
  #failed = false;
  /** Facts of dropped batches: the engine holds them true, so the next write carries them. */
  #remembered: DurableEffect[] = [];

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** `done` is called when the last effect was carried out or dropped. */
  submit(effects: readonly Effect[], done: () => void): void {
    const left = this.#passDirectly(effects);
    if (left.length === 0) {
      done();
      return;
    }
    this.#waiting.push({effects: left, next: 0, outcome: this.#failed ? 'failed' : 'none', done});
    if (!this.#failed) this.#commit();
    this.#pump();
  }

  #passDirectly(effects: readonly Effect[]): readonly Effect[] {
    if (effects.some(isDurable)) return this.#withoutDrain(effects);
    if (this.#waiting.length === 0) {
      for (const effect of effects) if (!isDurable(effect)) this.#perform(effect);
      return [];
    }
    const left: Effect[] = [];
    let barred = false;
    for (const effect of effects) {
      if (!barred && !isDurable(effect) && this.#mayPass(effect)) {
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
    const isDrain = (effect: Effect): boolean => effect.type === 'drain';
    for (const effect of effects) {
      if (isDrain(effect) && !isDurable(effect)) this.#perform(effect);
    }
    return effects.filter((effect) => !isDrain(effect));
  }

  #mayPass(effect: OutwardEffect): boolean {
    if (keptInOrder.has(effect.type)) return false;
    if (effect.type !== 'abort-plan') return true;
    return !this.#waiting.some((batch) =>
      batch.effects.some((one) => one.type === 'run-plan' && one.plan.id === effect.plan),
    );
  }

  #commit(): void {
    if (this.#committing) return;
    const batches = this.#waiting.filter((batch) => batch.outcome === 'none');
    if (batches.length === 0) return;
    this.#committing = true;
    for (const batch of batches) batch.outcome = 'pending';
    const effects = [...this.#remembered, ...batches.flatMap((batch) => durableOf(batch))];
    const {life, storage} = this.#ports;
    const takesMs = storage.commitMs();
    const settle = (durable: boolean): void => {
      this.#committing = false;
      for (const batch of batches) {
        if (batch.outcome === 'pending') batch.outcome = durable ? 'durable' : 'failed';
      }
      if (durable) this.#remembered = [];
      else this.#fail();
      this.#commit();
      this.#pump();
    };
    life.outside(takesMs, () => {
      // The write itself is the kernel's: it ends though the daemon stands still.
      const durable = takesMs < commitMsMax && storage.commit(effects);
      if (durable) for (const effect of effects) this.#ports.onDurable(effect);
      life.event(() => settle(durable));
    });
  }

  #pump(): void {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      if (!this.#advance(batch)) return;
      this.#waiting.shift();
      batch.done();
    }
  }

  /** What stands before the first record needs none. False where the batch has to wait. */
  #advance(batch: Batch): boolean {
    for (; batch.next < batch.effects.length; batch.next += 1) {
      const effect = batch.effects[batch.next]!;
      if (!isDurable(effect)) this.#perform(effect);
      else if (batch.outcome === 'failed') {
        this.#drop(batch);
        return true;
      } else if (batch.outcome !== 'durable') return false;
    }
    return true;
  }

  #perform(effect: OutwardEffect): void {
    if (effect.type === 'write-slot' && !this.#slots.take(effect)) return;
    this.#ports.perform(effect);
  }

  #drop(batch: Batch): void {
    for (const effect of batch.effects.slice(batch.next)) {
      if (!isDurable(effect)) this.#ports.dropped(effect);
      else if (effect.type !== 'record') this.#remembered.push(effect);
    }
  }

  #fail(): void {
    for (const batch of this.#waiting) if (batch.outcome !== 'durable') batch.outcome = 'failed';
    if (this.#failed) return;
    this.#failed = true;
    this.#ports.storageState(true, 'the state directory is full');
    this.#retryLater();
  }

  #retryLater(): void {
    this.#ports.life.later(retryMs, () => {
      if (this.#ports.storage.mode === 'full') {
        this.#retryLater();
        return;
      }
      this.#failed = false;
      if (this.#ports.storage.commit(this.#remembered)) {
        for (const effect of this.#remembered.splice(0)) this.#ports.onDurable(effect);
      }
      this.#ports.storageState(false, 'the state directory can be written again');
      this.#commit();
      this.#pump();
    });
  }
}

function isDurable(effect: Effect): effect is DurableEffect {
  return (
    effect.type === 'record' || effect.type === 'persist-service' || effect.type === 'persist-node'
  );
}

function durableOf(batch: Batch): DurableEffect[] {
  return batch.effects.filter(isDurable);
}
