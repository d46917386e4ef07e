/**
 * Journal and facts as one: both are written at the same time, because a takeover waits for them
 * and two syncs in a row would double that wait.
 */

import type {Effect} from '../engine/types.ts';
import type {JournalFile} from '../journal/io/journal-file.ts';
import type {JournalEntry} from '../journal/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {HaError} from '../kernel/result.ts';
import type {FactsStore} from './facts-store.ts';

/** Effects that must be durable before what follows them. */
export type DurableEffect = Extract<
  Effect,
  {readonly type: 'record' | 'persist-service' | 'persist-node'}
>;

/** What of a commit failed; null: it is durable. */
export interface CommitOutcome {
  readonly record: HaError | null;
  readonly persist: HaError | null;
}

/** Where the executor makes things durable. Never rejects. */
export interface Storage {
  commit(effects: readonly DurableEffect[]): Promise<CommitOutcome>;
  /**
   * Keeps the facts of an effect that was dropped for the next write: the engine holds them true.
   */
  remember(effect: DurableEffect): void;
  /** Writes again after a failure; `lostCount` records never came to the journal. */
  recover(lostCount: number): Promise<HaError | null>;
}

export class DiskStorage implements Storage {
  readonly #journal: JournalFile;
  readonly #facts: FactsStore;
  readonly #node: NodeName;
  readonly #nowMs: () => number;

  constructor(options: {
    readonly journal: JournalFile;
    readonly facts: FactsStore;
    readonly node: NodeName;
    /** Monotonic clock of the engine. */
    readonly nowMs: () => number;
  }) {
    this.#journal = options.journal;
    this.#facts = options.facts;
    this.#node = options.node;
    this.#nowMs = options.nowMs;
  }

  async commit(effects: readonly DurableEffect[]): Promise<CommitOutcome> {
    const entries: JournalEntry[] = [];
    for (const effect of effects) {
      if (effect.type === 'record') entries.push(effect.entry);
      else this.remember(effect);
    }
    const [record, persist] = await Promise.all([
      entries.length > 0 ? this.#journal.append(entries) : null,
      entries.length < effects.length ? this.#facts.flush() : null,
    ]);
    return {
      record: record === null || record.ok ? null : record.error,
      persist: persist === null || persist.ok ? null : persist.error,
    };
  }

  remember(effect: DurableEffect): void {
    if (effect.type === 'persist-service') this.#facts.setService(effect.service, effect.facts);
    else if (effect.type === 'persist-node') this.#facts.setNode(effect.facts);
  }

  async recover(lostCount: number): Promise<HaError | null> {
    const detail = `the journal can be written again; ${lostCount} records were lost meanwhile`;
    const entry: JournalEntry = {
      kind: 'alarm',
      service: null,
      node: this.#node,
      atMs: this.#nowMs(),
      cause: {reason: 'journal-refused', detail},
      data: {lostCount},
    };
    const record = await this.#journal.append([entry]);
    if (!record.ok) return record.error;
    const persist = await this.#facts.renew();
    return persist.ok ? null : persist.error;
  }
}
