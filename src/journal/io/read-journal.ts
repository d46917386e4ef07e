/**
 * The bounded read behind `ha events` and `ha history`, with or without a daemon: the newest
 * records that fit, found from the end.
 */

import {err, ok} from '../../kernel/result.ts';
import type {Result} from '../../kernel/result.ts';
import {parseLine} from '../chain.ts';
import type {JournalRecord} from '../types.ts';
import {listParts} from './journal-directory.ts';
import type {JournalPart} from './journal-directory.ts';
import {readBackward} from './read-backward.ts';
import {storageError} from './storage-error.ts';

/** Most records that one read gives, whatever is asked for. */
export const tailRecordsMax = 10_000;

export interface TailQuery {
  /** Only records above this number; 0: all that are kept. */
  readonly sinceSeq: number;
  /** Only records of this service; null: all. */
  readonly service: string | null;
  /** The newest so many; 1 to `tailRecordsMax`. */
  readonly limit: number;
}

export interface Tail {
  /** Oldest first. */
  readonly records: readonly JournalRecord[];
  /** Lines met on the way that are no records. */
  readonly corruptCount: number;
}

/** Reads the journal in `directory`. A journal that does not exist yet is empty. */
export async function readJournal(directory: string, query: TailQuery): Promise<Result<Tail>> {
  const search = new Search(query);
  try {
    const parts = await listParts(directory);
    for (const part of parts.toReversed()) {
      await searchPart(part, search);
      if (search.done || part.firstSeq <= query.sinceSeq + 1) break;
    }
  } catch (cause) {
    if (!isMissing(cause)) return err(storageError('read', directory, cause));
  }
  return ok(search.tail());
}

async function searchPart(part: JournalPart, search: Search): Promise<void> {
  for await (const piece of readBackward(part.path)) {
    for (const line of piece.lines) search.take(line);
    if (search.done) return;
  }
}

/** What was found so far, newest first. */
class Search {
  readonly #query: TailQuery;
  readonly #limit: number;
  readonly #found: JournalRecord[] = [];
  readonly #needle: string | null;
  #corruptCount = 0;
  #passed = false;

  constructor(query: TailQuery) {
    this.#query = query;
    this.#limit = Math.min(query.limit, tailRecordsMax);
    this.#needle = query.service === null ? null : `"service":${JSON.stringify(query.service)}`;
  }

  get done(): boolean {
    return this.#passed || this.#found.length >= this.#limit;
  }

  take(line: string): void {
    if (this.done) return;
    // Most lines of a long journal belong to other services: looked at before they are parsed.
    if (this.#needle !== null && !line.includes(this.#needle)) return;
    const record = parseLine(line);
    if (record === null) {
      this.#corruptCount += 1;
      return;
    }
    this.#passed = record.seq <= this.#query.sinceSeq;
    if (this.#passed) return;
    if (this.#needle === null || record.service === this.#query.service) this.#found.push(record);
  }

  tail(): Tail {
    return {records: this.#found.toReversed(), corruptCount: this.#corruptCount};
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
