/**
 * The bounded read behind `ha events` and `ha history`, with or without a daemon: the newest
 * records that fit, found from the end.
 */

import {stat} from 'node:fs/promises';
import {basename} from 'node:path';
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
  /** Only records of this kind. Absent: all. */
  readonly kind?: string;
  /** The newest so many; 1 to `tailRecordsMax`. */
  readonly limit: number;
}

export interface Tail {
  /** Oldest first. */
  readonly records: readonly JournalRecord[];
  /** Lines met on the way that are no records. */
  readonly corruptCount: number;
}

/**
 * Reads the journal in `directory`, or one file of a journal. One that does not exist yet is empty.
 */
export async function readJournal(directory: string, query: TailQuery): Promise<Result<Tail>> {
  const search = new Search(query);
  try {
    const parts = await partsAt(directory);
    for (const part of parts.toReversed()) {
      await searchPart(part, search);
      if (search.done || part.firstSeq <= query.sinceSeq + 1) break;
    }
  } catch (cause) {
    if (!isMissing(cause)) return err(storageError('read', directory, cause));
  }
  return ok(search.tail());
}

/** A file that was copied away is a part of its own, whatever its name. */
async function partsAt(path: string): Promise<readonly JournalPart[]> {
  const isFile = (await stat(path)).isFile();
  return isFile ? [{path, name: basename(path), firstSeq: 0}] : listParts(path);
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
    const {service, kind} = this.#query;
    if (service !== null && record.service !== service) return;
    if (kind === undefined || record.kind === kind) this.#found.push(record);
  }

  tail(): Tail {
    return {records: this.#found.toReversed(), corruptCount: this.#corruptCount};
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
