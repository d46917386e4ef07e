/**
 * Durations as people write them: `500ms 10s 5m 1h30m 2d 1w`. A bare number takes the unit that the
 * original file format gives it, so the caller names that unit.
 */

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** Ten years: a longer duration is a typing error. */
export const durationMsMax = 10 * 365 * unitMs['d']!;

/** Milliseconds, or null where text is no duration between 0 and ten years. */
export function parseDuration(text: string, bareUnit: 'ms' | 's' | 'm' = 's'): number | null {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return bounded(Number(trimmed) * unitMs[bareUnit]!);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(trimmed)) return null;
  let totalMs = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(count) * unitMs[unit!]!;
  }
  return bounded(totalMs);
}

/** `90500` becomes `1m30.5s`: the shortest form that parseDuration reads back. */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.round(Math.abs(durationMs));
  const sign = durationMs < 0 && wholeMs > 0 ? '-' : '';
  if (wholeMs < 1_000) return `${sign}${wholeMs}ms`;
  let restMs = wholeMs;
  let text = '';
  for (const unit of ['d', 'h', 'm'] as const) {
    const count = Math.floor(restMs / unitMs[unit]!);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * unitMs[unit]!;
  }
  if (restMs > 0) text += `${Number((restMs / 1_000).toFixed(3))}s`;
  return sign + text;
}

/** An age for a person: `1.3 s`, `4 min`, `3 h`, `2 d`; coarser the older it is. */
export function formatAge(ageMs: number): string {
  if (ageMs < 10_000) return `${(Math.max(0, ageMs) / 1_000).toFixed(1)} s`;
  if (ageMs < 120_000) return `${Math.round(ageMs / 1_000)} s`;
  if (ageMs < 7_200_000) return `${Math.round(ageMs / 60_000)} min`;
  if (ageMs < 172_800_000) return `${Math.round(ageMs / 3_600_000)} h`;
  return `${Math.round(ageMs / 86_400_000)} d`;
}

function bounded(totalMs: number): number | null {
  return Number.isFinite(totalMs) && totalMs <= durationMsMax ? Math.round(totalMs) : null;
}
