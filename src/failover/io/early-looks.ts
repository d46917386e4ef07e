/**
 * The look before the first start of a plan, taken while its record is still on the way to the
 * disk. A look touches nothing, so it need not wait for the record; the start does. Only an answer
 * that is fresh and not "up" is used: everything else is looked at again.
 */

import type {PlanId, ProbeOutcome} from '../types.ts';

/** From the beginning of an early look until it is no longer used, ms. */
const freshMs = 500;
/** Looks ahead at once: where many services start together the processors have enough to do. */
const aheadMax = 4;

type LookNow = (signal: AbortSignal) => Promise<ProbeOutcome>;

interface Ahead {
  readonly seen: Promise<ProbeOutcome>;
  readonly begunMs: number;
}

export class EarlyLooks {
  readonly #ahead = new Map<PlanId, Ahead>();
  readonly #running = new Set<Promise<ProbeOutcome>>();
  readonly #controller = new AbortController();

  /** Begins to look, unless so many looks are under way already. `look` never rejects. */
  begin(plan: PlanId, look: LookNow): void {
    const {signal} = this.#controller;
    if (this.#running.size >= aheadMax || signal.aborted || this.#ahead.has(plan)) return;
    // Of a plan that never ran, because its record was refused, an answer is left behind.
    for (const [id, one] of this.#ahead) if (restMs(one) <= 0) this.#ahead.delete(id);
    if (this.#ahead.size >= aheadMax) return;
    const seen = look(signal).finally(() => this.#running.delete(seen));
    this.#running.add(seen);
    this.#ahead.set(plan, {seen, begunMs: performance.now()});
  }

  /** What was seen, once; null where nobody looked, or where it took too long. */
  take(plan: PlanId): Promise<ProbeOutcome | null> | null {
    const one = this.#ahead.get(plan);
    this.#ahead.delete(plan);
    if (one === undefined || restMs(one) <= 0) return null;
    return withinRest(one);
  }

  /** The plan is cancelled: what was seen for it is not used. */
  forget(plan: PlanId): void {
    this.#ahead.delete(plan);
  }

  /** Ends what runs; resolves when no child of a look is left. */
  async close(): Promise<void> {
    this.#controller.abort();
    this.#ahead.clear();
    await Promise.all(this.#running);
  }
}

async function withinRest(one: Ahead): Promise<ProbeOutcome | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), restMs(one));
  });
  const seen = await Promise.race([one.seen, late]);
  clearTimeout(timer);
  return seen;
}

function restMs(one: Ahead): number {
  return freshMs - (performance.now() - one.begunMs);
}
