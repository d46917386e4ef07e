/**
 * Begins what is due. One timer, for the job that is due first; it never sleeps longer than a
 * minute, so that a wall clock that was set is noticed. It decides no safety question: whether a
 * job may run here is asked at the moment of its begin, and the answer is not kept.
 */

import {nextRun} from '../../kernel/schedule/next-run.ts';
import type {Schedule, WallClock} from '../../kernel/schedule/types.ts';
import type {RunHistory} from './run-history.ts';

export interface Job {
  /** `SERVICE/RID`: unique on the node, and the same on all nodes. */
  readonly id: string;
  readonly schedule: Schedule;
}

export interface RunEnd {
  readonly ok: boolean;
  /** A sentence. */
  readonly detail: string;
}

export interface SchedulerPorts {
  readonly clock: WallClock;
  /** ms since 1970. */
  readonly wallMs: () => number;
  /** Name of this node: spreads the runs of `~`. */
  readonly node: string;
  readonly history: RunHistory;
  /** Jobs that may run on this node now. Asked afresh whenever something could be begun. */
  readonly jobs: () => readonly Job[];
  /** Runs it; the promise ends when it has ended, and never rejects. */
  readonly begin: (job: Job) => Promise<RunEnd>;
  /** It was due at that moment, ms since 1970, and its window is over: told, not made up for. */
  readonly missed: (job: Job, dueMs: number) => void;
  readonly parallelMax: number;
}

/** Longest sleep, ms. */
const sleepMsMax = 60_000;
/** A begin may be late by this much, ms, without a look at whether the window is still open. */
const lateMsMax = 60_000;
/** A run further in the future than this, ms, was dated by a clock that was wrong. */
const aheadMsMax = 3_600_000;

export class Scheduler {
  readonly #ports: SchedulerPorts;
  readonly #running = new Map<string, Promise<RunEnd>>();
  /** From when on each job has been looked after here: what was due before is not made up for. */
  readonly #sinceMs = new Map<string, number>();
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(ports: SchedulerPorts) {
    this.#ports = ports;
  }

  /** Something changed: a service came or went, the configuration, a run that ended. */
  refresh(): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const {jobs, wallMs} = this.#ports;
    const nowMs = wallMs();
    const list = jobs();
    this.#forgetAllBut(list);
    let nextMs = nowMs + sleepMsMax;
    for (const job of list) {
      if (this.#running.has(job.id)) continue;
      const dueMs = this.#dueMs(job, nowMs);
      if (dueMs === null) continue;
      if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
      else if (this.#isOver(job, dueMs, nowMs)) this.#miss(job, dueMs, nowMs);
      else if (this.#running.size < this.#ports.parallelMax) void this.#begin(job, nowMs);
    }
    this.#timer = setTimeout(() => this.refresh(), Math.max(1, nextMs - nowMs));
    this.#timer.unref();
  }

  /** At once, whatever its schedule says; it counts as a run. Not to be called while it runs. */
  async runNow(job: Job): Promise<RunEnd> {
    const end = this.#begin(job, this.#ports.wallMs());
    this.refresh();
    return end;
  }

  /** When it is due next, ms since 1970, as things are now; null: never. */
  nextOf(job: Job): number | null {
    const nowMs = this.#ports.wallMs();
    return this.#nextMs(job, nowMs, nowMs);
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  /** Begins nothing more, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#running.values());
  }

  #dueMs(job: Job, nowMs: number): number | null {
    const sinceMs = Math.min(this.#sinceMs.get(job.id) ?? nowMs, nowMs);
    this.#sinceMs.set(job.id, sinceMs);
    return this.#nextMs(job, sinceMs, nowMs);
  }

  #isOver(job: Job, dueMs: number, nowMs: number): boolean {
    return nowMs - dueMs > lateMsMax && this.#nextMs(job, nowMs, nowMs) !== nowMs;
  }

  #miss(job: Job, dueMs: number, nowMs: number): void {
    this.#sinceMs.set(job.id, nowMs);
    this.#ports.missed(job, dueMs);
  }

  #nextMs({id, schedule}: Job, fromMs: number, nowMs: number): number | null {
    const {clock, node, history} = this.#ports;
    const begunMs = history.lastOf(id)?.begunMs ?? null;
    // A clock that was set back by days must not keep a job waiting for when it "ran" last.
    const lastMs = begunMs !== null && begunMs > nowMs + aheadMsMax ? null : begunMs;
    return nextRun(schedule, {
      clock,
      fromMs,
      lastMs,
      spread: `${node} ${id}`,
    });
  }

  #begin(job: Job, nowMs: number): Promise<RunEnd> {
    const {history, wallMs, begin} = this.#ports;
    history.note(job.id, {begunMs: nowMs, endedMs: null, ok: null, detail: 'begun'});
    this.#sinceMs.set(job.id, nowMs);
    const run = begin(job).then((end) => {
      history.note(job.id, {begunMs: nowMs, endedMs: wallMs(), ...end});
      this.#running.delete(job.id);
      this.refresh();
      return end;
    });
    this.#running.set(job.id, run);
    return run;
  }

  #forgetAllBut(jobs: readonly Job[]): void {
    const ids = new Set(jobs.map(({id}) => id));
    for (const id of this.#sinceMs.keys()) if (!ids.has(id)) this.#sinceMs.delete(id);
  }
}
