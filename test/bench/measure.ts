/** Durations, percentiles, and the row that every benchmark hands to the table. */

/** One measured figure. */
export interface Row {
  /** What was measured, as `step, tick with a beat`. */
  readonly what: string;
  /** Under which condition, as `256 services`; empty: there is only one. */
  readonly at: string;
  readonly value: number;
  readonly unit: string;
  /** The figure beside something measured in the same run: `0.9 x hmac`. */
  readonly beside: string;
  /** What the figure shall be, as `<= 100 us`; empty: it is for information. */
  readonly target: string;
  /** null where there is no target. */
  readonly met: boolean | null;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const ordered = samples.toSorted((left, right) => left - right);
  const at = (part: number): number =>
    ordered[Math.min(ordered.length - 1, Math.ceil(part * ordered.length) - 1)] ?? Number.NaN;
  return {p50: at(0.5), p99: at(0.99), max: ordered.at(-1) ?? Number.NaN, count: samples.length};
}

export const medianOf = (samples: readonly number[]): number => spreadOf(samples).p50;

/** Microseconds of one call. */
export function timeUs(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1_000;
}

/** Microseconds of `count` single calls, after a warm-up of a tenth of them. */
export function samplesUs(count: number, work: (index: number) => void): number[] {
  const warmUp = Math.ceil(count / 10);
  for (let index = 0; index < warmUp; index += 1) work(index);
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    samples.push(timeUs(() => work(warmUp + index)));
  }
  return samples;
}

export interface Plain {
  readonly what: string;
  readonly at?: string;
  readonly value: number;
  readonly unit: string;
  readonly beside?: string;
  /** Highest value that is good. */
  readonly atMost?: number;
}

export function row({what, at = '', value, unit, beside = '', atMost}: Plain): Row {
  const target = atMost === undefined ? '' : `<= ${atMost} ${unit}`;
  const met = atMost === undefined ? null : value <= atMost;
  return {what, at, value, unit, beside, target, met};
}

/** The rows of one benchmark as a Markdown table with aligned columns. */
export function table(rows: readonly Row[]): string {
  const head = ['what', 'at', 'value', 'beside', 'target'];
  const cells = rows.map((one) => [
    one.what,
    one.at,
    `${figure(one.value)} ${one.unit}`,
    one.beside,
    one.target === '' ? '' : `${one.target}: ${one.met === true ? 'met' : 'MISSED'}`,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]!.length)),
  );
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(head), rule, ...cells.map(line)].join('\n');
}

/** Three digits that mean something. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
