/**
 * The journal on disk. What it confirms is on the platter: an append is one write and one fdatasync
 * for however many records wait, and a failed one leaves neither half a line nor a changed chain.
 * After a failure the next append first cuts the file back to what was confirmed, so the journal
 * goes on by itself when there is space again.
 */

import {constants} from 'node:fs';
import {mkdir, open, unlink} from 'node:fs/promises';
import {join} from 'node:path';
import type {FileHandle} from 'node:fs/promises';
import {err, ok} from '../../kernel/result.ts';
import type {Result} from '../../kernel/result.ts';
import {linkRecord} from '../chain.ts';
import type {ChainPoint} from '../chain.ts';
import type {JournalEntry, JournalRecord} from '../types.ts';
import type {JournalFault} from '../verify.ts';
import {findEnd} from './find-end.ts';
import {listParts, partName, sha256Text} from './journal-directory.ts';
import type {JournalPart} from './journal-directory.ts';
import {storageError} from './storage-error.ts';

export interface JournalOptions {
  /** Made with mode 0700 where it is missing; its parent must exist. */
  readonly directory: string;
  /** Life of the daemon that writes. */
  readonly incarnation: number;
  /** Wall clock, ms since 1970: for people only. */
  readonly wallMs: () => number;
  /** A file that reached this is followed by a new one. Default 8 MB. */
  readonly fileBytesMax?: number;
  /** Files kept, the newest included. Default 8. */
  readonly filesMax?: number;
}

export interface OpenedJournal {
  readonly journal: JournalFile;
  /** What was found wrong at the end of the existing journal. */
  readonly faults: readonly JournalFault[];
}

/** Opens or makes the journal; a torn end is cut off before anything is appended. */
export async function openJournal(options: JournalOptions): Promise<Result<OpenedJournal>> {
  try {
    await mkdir(options.directory, {mode: 0o700}).catch(ignore('EEXIST'));
    const parts = await listParts(options.directory);
    const end = await findEnd(parts);
    const journal = new JournalFile(options, parts, end.point);
    await journal.start(end.tornBytes);
    return ok({journal, faults: end.faults});
  } catch (cause) {
    return err(storageError('open the journal in', options.directory, cause));
  }
}

const {O_WRONLY, O_CREAT, O_NOFOLLOW} = constants;

export class JournalFile {
  readonly #options: JournalOptions;
  readonly #fileBytesMax: number;
  readonly #filesMax: number;
  readonly #listeners = new Set<(records: readonly JournalRecord[]) => void>();
  #parts: JournalPart[];
  #handle: FileHandle | null = null;
  #point: ChainPoint;
  /** Bytes of the newest file that are confirmed. */
  #goodBytes = 0;
  /** True where bytes beyond #goodBytes may be in the file. */
  #doubtful = false;
  /** True where the newest file's name may not be durable yet. */
  #nameDoubtful = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: JournalOptions, parts: readonly JournalPart[], point: ChainPoint) {
    this.#options = options;
    this.#fileBytesMax = options.fileBytesMax ?? 8 * 1_024 * 1_024;
    this.#filesMax = options.filesMax ?? 8;
    this.#parts = [...parts];
    this.#point = point;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Number of the last confirmed record; 0: none. */
  get lastSeq(): number {
    return this.#point.seq;
  }

  /** Called with each group of records once they are durable. Returns the function that ends it. */
  onAppend(listener: (records: readonly JournalRecord[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Confirms all entries or none. Appends are carried out in the order of the calls; a call has no
   * deadline of its own, because a write that hangs can not be taken back: the caller watches it.
   */
  append(entries: readonly JournalEntry[]): Promise<Result<readonly JournalRecord[]>> {
    const result = this.#turn.then(() => this.#append(entries));
    this.#turn = result;
    return result;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#handle?.close();
    this.#handle = null;
  }

  /** Only for openJournal. Throws what the file system throws. */
  async start(tornBytes: number): Promise<void> {
    const newest = this.#parts.at(-1);
    if (newest === undefined) return;
    this.#handle = await open(newest.path, O_WRONLY | O_NOFOLLOW);
    this.#goodBytes = (await this.#handle.stat()).size - tornBytes;
    this.#doubtful = tornBytes > 0;
  }

  async #append(entries: readonly JournalEntry[]): Promise<Result<readonly JournalRecord[]>> {
    const records: JournalRecord[] = [];
    let point = this.#point;
    let text = '';
    const at = new Date(this.#options.wallMs()).toISOString();
    const stamp = {at, incarnation: this.#options.incarnation};
    for (const entry of entries) {
      const linked = linkRecord(point, entry, {stamp, hashText: sha256Text});
      records.push(linked.record);
      point = {seq: linked.record.seq, hash: linked.record.hash};
      text += `${linked.line}\n`;
    }
    try {
      await this.#write(Buffer.from(text));
    } catch (cause) {
      await this.#cutBack();
      return err(storageError('append to the journal in', this.#options.directory, cause));
    }
    this.#point = point;
    for (const listener of this.#listeners) listener(records);
    return ok(records);
  }

  /** At once, so that no reader meets what was never confirmed; and again before the next write. */
  async #cutBack(): Promise<void> {
    this.#doubtful = true;
    try {
      await this.#handle?.truncate(this.#goodBytes);
    } catch {
      // The disk refuses this as well: #doubtful keeps it for the next append.
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    const handle = await this.#writable();
    if (this.#doubtful) await handle.truncate(this.#goodBytes);
    let written = 0;
    while (written < bytes.length) {
      const position = this.#goodBytes + written;
      const result = await handle.write(bytes, written, bytes.length - written, position);
      written += result.bytesWritten;
    }
    await handle.datasync();
    if (this.#nameDoubtful) await syncDirectory(this.#options.directory);
    this.#nameDoubtful = false;
    this.#doubtful = false;
    this.#goodBytes += bytes.length;
  }

  /** The newest file, or a new one where it is full. Old files go BEFORE more space is taken. */
  async #writable(): Promise<FileHandle> {
    if (this.#handle !== null && this.#goodBytes < this.#fileBytesMax) return this.#handle;
    while (this.#parts.length >= this.#filesMax) {
      await unlink(this.#parts[0]!.path).catch(ignore('ENOENT'));
      this.#parts.shift();
    }
    const name = partName(this.#point.seq + 1);
    const path = join(this.#options.directory, name);
    const handle = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
    await this.#handle?.close();
    this.#handle = handle;
    this.#goodBytes = 0;
    this.#doubtful = true; // Its name may be there from a rotation that failed half way.
    this.#parts.push({path, name, firstSeq: this.#point.seq + 1});
    this.#nameDoubtful = true;
    return handle;
  }
}

/** The name of a new file is durable only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignore(code: string): (cause: unknown) => void {
  return (cause) => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === code)) throw cause;
  };
}
