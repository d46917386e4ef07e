/**
 * When each job last ran, over restarts of the daemon: one small file, replaced as a whole. It only
 * keeps a daily job from running twice a day, so a file that is lost or broken costs one run.
 */

import {readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {JobRun} from '../../kernel/schedule/types.ts';

export const historyFileName = 'schedule.json';
/** Jobs of all services; the oldest are forgotten first. */
const jobsMax = 4_096;
const detailCharsMax = 200;

export class RunHistory {
  readonly #path: string;
  readonly #runs = new Map<string, JobRun>();
  #writing: Promise<void> = Promise.resolve();
  #isDirty = false;

  constructor(directory: string) {
    this.#path = join(directory, historyFileName);
  }

  /** Reads what an earlier daemon left; what can not be read is as good as nothing. */
  async load(): Promise<void> {
    try {
      const data: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      if (typeof data !== 'object' || data === null) return;
      for (const [job, run] of Object.entries(data).slice(-jobsMax)) {
        if (isRun(run)) this.#runs.set(job, run);
      }
    } catch {
      // A first start, or a broken file: each job then runs as if it never had.
    }
  }

  lastOf(job: string): JobRun | null {
    return this.#runs.get(job) ?? null;
  }

  /** The later of two runs counts: a peer may tell of one that we did not see. */
  note(job: string, run: JobRun): void {
    const known = this.#runs.get(job);
    if (known !== undefined && known.begunMs > run.begunMs) return;
    this.#runs.delete(job);
    this.#runs.set(job, {...run, detail: run.detail.slice(0, detailCharsMax)});
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= jobsMax) break;
      this.#runs.delete(oldest);
    }
    this.#isDirty = true;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const temporary = `${this.#path}.tmp`;
    try {
      const text = `${JSON.stringify(Object.fromEntries(this.#runs), null, 1)}\n`;
      await writeFile(temporary, text, {mode: 0o600});
      await rename(temporary, this.#path);
    } catch {
      // The journal meets the same disk and says what is wrong with it.
    }
  }
}

/** The file is ours, but it may be of another version. */
function isRun(value: unknown): value is JobRun {
  const run = value as Partial<JobRun> | null;
  return (
    typeof run === 'object' &&
    run !== null &&
    Number.isFinite(run.begunMs) &&
    (run.endedMs === null || Number.isFinite(run.endedMs)) &&
    (run.ok === null || typeof run.ok === 'boolean') &&
    typeof run.detail === 'string'
  );
}
