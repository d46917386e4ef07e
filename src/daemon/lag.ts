/**
 * How late the loop is. Node's own monitorEventLoopDelay wakes the process a hundred times a
 * second and costs 0.75 % of a core, more than everything else in an idle daemon; the lateness of
 * the ticks that are due anyway says the same.
 */

const samplesMax = 512;

export interface LoopLag {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The last 512 lateness samples; the maximum is that of the whole life. */
export class LagMeter {
  readonly #samplesMs = new Float64Array(samplesMax);
  #count = 0;
  #maxMs = 0;

  add(lateMs: number): void {
    const sampleMs = Math.max(0, lateMs);
    this.#samplesMs[this.#count % samplesMax] = sampleMs;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, sampleMs);
  }

  /** Milliseconds with one decimal. */
  read(): LoopLag {
    const sorted = this.#samplesMs.slice(0, Math.min(this.#count, samplesMax)).sort();
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    return {p99Ms: round(p99Ms), maxMs: round(this.#maxMs)};
  }
}

function round(valueMs: number): number {
  return Math.round(valueMs * 10) / 10;
}
