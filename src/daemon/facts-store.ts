/**
 * The durable facts of this node: a snapshot, replaced as a whole (temporary file, fsync, rename,
 * fsync of the directory), and a log of what changed since, one line and one fdatasync per commit,
 * so that a commit costs what it changes and not what a thousand services have. A long log, and one
 * that could not be written, is followed by the next snapshot with an empty log of its own.
 *
 * The log is there before the snapshot that names it, so that one that is missing was taken away.
 */

import {constants} from 'node:fs';
import {copyFile, open, readFile, rename, unlink} from 'node:fs/promises';
import type {FileHandle} from 'node:fs/promises';
import {join} from 'node:path';
import {storageError} from '../journal/io/storage-error.ts';
import {assert} from '../kernel/assert.ts';
import {err, ok} from '../kernel/result.ts';
import type {NodeFacts, ServiceFacts} from '../engine/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {HaError, Result} from '../kernel/result.ts';
import {formatFacts, parseFacts} from './facts-format.ts';
import type {BothClocks, FactsSnapshot, StoredFacts} from './facts-format.ts';
import {applyLog, formatChange} from './facts-log.ts';
import type {FactsChange} from './facts-log.ts';

export const factsFileName = 'facts.json';
/** 2,000 services at 400 bytes, or a log and its last line; a longer file is none of ours. */
const factsBytesMax = 4 * 1_024 * 1_024;
/** Length of a log after which the next commit is a snapshot: some 3,000 changes of a service. */
const logBytesMax = 1_024 * 1_024;

/** Named after its snapshot: the log of another one is never taken for this one's. */
export function logFileName(generation: number): string {
  return `facts-${String(generation).padStart(12, '0')}.log`;
}

/** What the state directory holds of former lives. */
export type FactsReading =
  | {readonly kind: 'missing'}
  | {readonly kind: 'read'; readonly facts: StoredFacts; readonly generation: number}
  /** Damaged: nothing may start by itself before a person has looked. */
  | {readonly kind: 'corrupt'; readonly error: HaError}
  /** Of another cluster or node, or not readable at all: the daemon must not start. */
  | {readonly kind: 'refused'; readonly error: HaError};

/** Reads snapshot and log in `directory`; damaged ones are copied aside before the next write. */
export async function readFacts(
  directory: string,
  expected: {readonly cluster: string; readonly node: string} & BothClocks,
): Promise<FactsReading> {
  const path = join(directory, factsFileName);
  const text = await readWhole(path);
  if (text === null) return {kind: 'missing'};
  if (typeof text !== 'string') return {kind: 'refused', error: text};
  const parsed = parseFacts(text, expected);
  if (!parsed.ok) return corrupt([path], parsed.error, expected.wallMs);
  const {cluster, node} = parsed.value.facts;
  if (cluster === expected.cluster && node === expected.node) {
    return withLog(directory, parsed.value, expected);
  }
  const message =
    `${path}: expected the state of node ${expected.node} of cluster ${expected.cluster}, ` +
    `found that of node ${node} of cluster ${cluster}`;
  const hint = `Give this daemon its own directory with --state, or remove ${path} if it is stale.`;
  return {kind: 'refused', error: {code: 'HA_STATE_FOREIGN', message, hint}};
}

async function withLog(
  directory: string,
  snapshot: FactsSnapshot,
  clocks: BothClocks,
): Promise<FactsReading> {
  const {generation, facts} = snapshot;
  if (generation === null) return {kind: 'read', facts, generation: 0};
  const path = join(directory, factsFileName);
  const logPath = join(directory, logFileName(generation));
  const text = await readWhole(logPath);
  if (text === null) return corrupt([path], `its log ${logPath} is missing`, clocks.wallMs);
  if (typeof text !== 'string') return {kind: 'refused', error: text};
  const applied = applyLog(snapshot, text, clocks);
  if (!applied.ok) return corrupt([path, logPath], applied.error, clocks.wallMs);
  return {kind: 'read', facts: applied.value, generation};
}

/** Null: there is none. An error: it can not be read. One that is too long reads as rubbish. */
async function readWhole(path: string): Promise<string | null | HaError> {
  try {
    const bytes = await readFile(path);
    return bytes.length > factsBytesMax ? '\n' : bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    return storageError('read', path, cause);
  }
}

async function corrupt(
  paths: readonly string[],
  why: string,
  wallMs: number,
): Promise<FactsReading> {
  const kept: string[] = [];
  for (const path of paths) kept.push(await copyAside(path, wallMs));
  const [path = ''] = paths;
  const message = `${path} is damaged: ${why} (${kept.join('; ')}). Every service starts frozen`;
  const hint = 'Check on each node what runs, then: ha unfreeze SERVICE';
  return {kind: 'corrupt', error: {code: 'HA_STATE_CORRUPT', message, hint}};
}

async function copyAside(path: string, wallMs: number): Promise<string> {
  const aside = `${path}.corrupt-${Math.floor(wallMs / 1_000)}`;
  try {
    await copyFile(path, aside, constants.COPYFILE_EXCL);
    return `a copy is ${aside}`;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    return `it could not be copied aside: ${found}`;
  }
}

/**
 * The next life: above every former one even where the facts were lost, as long as time goes on.
 */
export function nextIncarnation(stored: number, wallMs: number): number {
  const next = Math.max(stored + 1, Math.floor(wallMs / 1_000), 1);
  assert(next < 2 ** 48, `incarnation ${next} does not fit a frame`);
  return next;
}

interface OpenLog {
  readonly handle: FileHandle;
  readonly generation: number;
  /** Of its last line. */
  readonly hash: string;
  readonly bytes: number;
}

export interface StoreOptions {
  /** Of the last snapshot in the directory; 0: there is none. */
  readonly generation: number;
  /** Default 1 MB. */
  readonly logBytesMax?: number;
}

export class FactsStore {
  readonly #directory: string;
  readonly #services: Map<ServiceName, ServiceFacts>;
  readonly #logBytesMax: number;
  readonly #changed = new Set<ServiceName>();
  #nodeChanged = false;
  #facts: StoredFacts;
  #generation: number;
  /** Null before the first snapshot of this life, and after a failure: a snapshot is next. */
  #log: OpenLog | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(directory: string, facts: StoredFacts, options: StoreOptions) {
    this.#directory = directory;
    this.#services = new Map(facts.services);
    this.#facts = {...facts, services: this.#services};
    this.#generation = options.generation;
    this.#logBytesMax = options.logBytesMax ?? logBytesMax;
  }

  setService(name: ServiceName, facts: ServiceFacts): void {
    this.#services.set(name, facts);
    this.#changed.add(name);
  }

  setNode(nodeFacts: NodeFacts): void {
    this.#facts = {...this.#facts, nodeFacts};
    this.#nodeChanged = true;
  }

  /**
   * Makes everything set so far durable. What could not be written stays set for the next flush.
   */
  flush(): Promise<Result<void>> {
    const result = this.#turn.then(() => this.#write());
    this.#turn = result;
    return result;
  }

  /** A flush that writes everything: after a failure only a snapshot proves that it is over. */
  renew(): Promise<Result<void>> {
    this.#turn = this.#turn.then(() => this.#giveUpLog());
    return this.flush();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#giveUpLog();
  }

  async #write(): Promise<Result<void>> {
    const log = this.#log;
    const change = this.#takeChange();
    const isAppend = log !== null && log.bytes < this.#logBytesMax;
    const path = join(this.#directory, isAppend ? logFileName(log.generation) : factsFileName);
    try {
      if (isAppend) await this.#append(log, change);
      else await this.#replace();
    } catch (cause) {
      // Behind what may be half a line nothing is written: the next snapshot has it all.
      await this.#giveUpLog();
      return err(storageError('write', path, cause));
    }
    return ok(undefined);
  }

  #takeChange(): FactsChange {
    const services = [...this.#changed].map((name) => [name, this.#services.get(name)!] as const);
    const nodeFacts = this.#nodeChanged ? this.#facts.nodeFacts : null;
    this.#changed.clear();
    this.#nodeChanged = false;
    return {services, nodeFacts};
  }

  async #append(log: OpenLog, change: FactsChange): Promise<void> {
    // All of it went out with a flush before this one.
    if (change.services.length === 0 && change.nodeFacts === null) return;
    const {text, hash} = formatChange(log.hash, change);
    const bytes = Buffer.from(text);
    await log.handle.appendFile(bytes);
    await log.handle.datasync();
    this.#log = {...log, hash, bytes: log.bytes + bytes.length};
  }

  /** A snapshot with all that is set, and an empty log beside it. */
  async #replace(): Promise<void> {
    await this.#giveUpLog();
    const generation = this.#generation + 1;
    const path = join(this.#directory, factsFileName);
    const {text, checksum} = formatFacts(this.#facts, generation);
    const handle = await openNew(join(this.#directory, logFileName(generation)));
    try {
      await syncDirectory(this.#directory);
      await writeSynced(`${path}.tmp`, text);
      await rename(`${path}.tmp`, path);
      this.#generation = generation;
      await syncDirectory(this.#directory);
    } catch (cause) {
      await handle.close();
      throw cause;
    }
    this.#log = {handle, generation, hash: checksum, bytes: 0};
    await this.#removeOld(generation);
  }

  /** The log before this one, and one that a crash may have left between the last two. */
  async #removeOld(generation: number): Promise<void> {
    for (const old of [generation - 1, generation - 2]) {
      // One that is left behind belongs to no snapshot and does no harm.
      await unlink(join(this.#directory, logFileName(old))).catch(() => undefined);
    }
  }

  async #giveUpLog(): Promise<void> {
    const log = this.#log;
    this.#log = null;
    await log?.handle.close().catch(() => undefined);
  }
}

const {O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW} = constants;

function openNew(path: string): Promise<FileHandle> {
  return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await openNew(path);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
