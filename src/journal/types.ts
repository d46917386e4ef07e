/**
 * A line of the journal. Each carries the hash of the one before, so that a missing or altered line
 * shows; numbers grow by one. Files are JSON lines, rotated and bounded.
 */

import type {ReasonCode} from '../kernel/reasons.ts';

/** What a producer gives; the journal adds number, date, boot and chain. */
export interface JournalEntry {
  readonly kind: string;
  readonly service: string | null;
  readonly node: string;
  /** Monotonic ms of the daemon when it was decided. */
  readonly atMs: number;
  readonly cause: {readonly reason: ReasonCode; readonly detail: string};
  readonly data: Readonly<Record<string, unknown>>;
}

export interface JournalRecord extends JournalEntry {
  readonly seq: number;
  /** RFC 3339 with ms, wall clock, for people only. */
  readonly at: string;
  readonly incarnation: number;
  /**
   * First 16 hexadecimal digits of SHA-256 over the previous line's hash and this line's content.
   */
  readonly hash: string;
}
