/**
 * A schedule: when something that repeats may run. The language is OpenSVC's; docs/schedules.md has
 * it with examples, docs/opensvc-compatibility.md what is read differently.
 */

/** Nothing in `entries` that is no exclusion: never. */
export interface Schedule {
  readonly entries: readonly ScheduleEntry[];
}

export interface ScheduleEntry {
  /** As it stands in the file. */
  readonly text: string;
  /** Nothing runs inside. */
  readonly isExclusion: boolean;
  readonly ranges: readonly TimeRange[];
  /** Null: every day. */
  readonly days: readonly DayRule[] | null;
  /** ISO weeks, 1 to 53; null: every week. */
  readonly weeks: ReadonlySet<number> | null;
  /** 1 to 12; null: every month. */
  readonly months: ReadonlySet<number> | null;
}

export interface TimeRange {
  /** Seconds of the day, 0 to 86,399, both inside. `endS` below `beginS`: over midnight. */
  readonly beginS: number;
  readonly endS: number;
  /** From one run to the next at the earliest; 0: never. */
  readonly intervalMs: number;
  /** The first run of a window comes at a moment of it that differs from node to node. */
  readonly isSpread: boolean;
}

/** Both must fit; what is null always does. */
export interface DayRule {
  /** ISO: 1 is Monday. */
  readonly weekdays: ReadonlySet<number> | null;
  /** Day of the month; negative from its end, -1 is the last one. */
  readonly monthDay: number | null;
}

/** One run of what is scheduled. Wall times, ms since 1970. */
export interface JobRun {
  readonly begunMs: number;
  /** null while it runs, or where nobody knows how it ended. */
  readonly endedMs: number | null;
  readonly ok: boolean | null;
  /** A sentence. */
  readonly detail: string;
}

/** A task as it is shown. */
export interface TaskView {
  readonly service: string;
  readonly rid: string;
  /** The entries of its schedule. */
  readonly schedule: readonly string[];
  /** On this node, now. */
  readonly running: boolean;
  /** The last run on any node, as far as this one knows. */
  readonly last: JobRun | null;
  /** When it is due on this node, ms since 1970; null where its service does not run here. */
  readonly nextMs: number | null;
}

/** Wall time of the node: the only thing of a schedule that depends on where it runs. */
export interface WallClock {
  /** Number of the day (calendar.ts) in which a moment lies here; `ms` since 1970, UTC. */
  dayOf(ms: number): number;
  /**
   * The moment of a second of a day, ms since 1970. What falls into the hour that is left out in
   * spring comes after it; of the hour that comes twice in autumn, the first one counts.
   */
  momentOf(day: number, secondOfDay: number): number;
}
