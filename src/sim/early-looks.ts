/**
 * The looks ahead of a simulated runner, by the rules of failover/io: a look is taken while the
 * record of the plan is on its way to the disk, and its answer is used only while it is fresh.
 */

import type {PlanId, ProbeOutcome} from '../failover/types.ts';
import type {Life} from './runner.ts';
import {drive, wait} from './work.ts';
import type {Work} from './work.ts';

/** From the beginning of an early look until it is no longer used, ms. */
const freshMs = 500;
/** Looks ahead at once. */
const aheadMax = 4;

export interface Ahead {
  /** What was seen, or null where that takes too long. */
  answer(): Work<ProbeOutcome | null>;
}

interface Look {
  readonly begunMs: number;
  seen: ProbeOutcome | null;
  tell: (() => void) | null;
}

export class SimEarlyLooks {
  readonly #life: Life;
  readonly #ahead = new Map<PlanId, Look>();
  #runningCount = 0;

  constructor(life: Life) {
    this.#life = life;
  }

  begin(plan: PlanId, work: () => Work<ProbeOutcome>): void {
    if (this.#runningCount >= aheadMax || this.#ahead.has(plan)) return;
    for (const [id, one] of this.#ahead) if (this.#restMs(one) <= 0) this.#ahead.delete(id);
    if (this.#ahead.size >= aheadMax) return;
    const one: Look = {begunMs: this.#life.nowMs(), seen: null, tell: null};
    this.#ahead.set(plan, one);
    this.#runningCount += 1;
    drive(work(), (seen) => {
      this.#runningCount -= 1;
      one.seen = seen;
      one.tell?.();
    });
  }

  /** Once; null where nobody looked, or too long ago. */
  take(plan: PlanId): Ahead | null {
    const one = this.#ahead.get(plan);
    this.#ahead.delete(plan);
    if (one === undefined || this.#restMs(one) <= 0) return null;
    return {answer: () => this.#answer(one)};
  }

  /** The plan is cancelled: what was seen for it is not used. */
  forget(plan: PlanId): void {
    this.#ahead.delete(plan);
  }

  *#answer(one: Look): Work<ProbeOutcome | null> {
    if (one.seen !== null) return one.seen;
    return yield* wait<ProbeOutcome | null>((resume) => {
      let open = true;
      const settle = (seen: ProbeOutcome | null): void => {
        if (!open) return;
        open = false;
        resume(seen);
      };
      one.tell = () => settle(one.seen);
      this.#life.later(this.#restMs(one), () => settle(null));
    });
  }

  #restMs(one: Look): number {
    return freshMs - (this.#life.nowMs() - one.begunMs);
  }
}
