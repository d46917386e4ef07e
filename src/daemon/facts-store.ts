/**
 * The durable facts of this node: one small file, replaced as a whole (temporary file, fsync,
 * rename, fsync of the directory), so that a power cut leaves the old or the new one and nothing
 * between.
 */

import {constants} from 'node:fs';
import {copyFile, open, readFile, rename} from 'node:fs/promises';
import {join} from 'node:path';
import {storageError} from '../journal/io/storage-error.ts';
import {assert} from '../kernel/assert.ts';
import {err, ok} from '../kernel/result.ts';
import type {NodeFacts, ServiceFacts} from '../engine/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {HaError, Result} from '../kernel/result.ts';
import {formatFacts, parseFacts} from './facts-format.ts';
import type {BothClocks, StoredFacts} from './facts-format.ts';

export const factsFileName = 'facts.json';
/** 2,000 services at 400 bytes; a longer file is none of ours. */
const factsBytesMax = 4 * 1_024 * 1_024;

/** What the state directory holds of former lives. */
export type FactsReading =
  | {readonly kind: 'missing'}
  | {readonly kind: 'read'; readonly facts: StoredFacts}
  /** Damaged: nothing may start by itself before a person has looked. */
  | {readonly kind: 'corrupt'; readonly error: HaError}
  /** Of another cluster or node, or not readable at all: the daemon must not start. */
  | {readonly kind: 'refused'; readonly error: HaError};

/** Reads `facts.json` in `directory`; a damaged one is copied aside before it will be replaced. */
export async function readFacts(
  directory: string,
  expected: {readonly cluster: string; readonly node: string} & BothClocks,
): Promise<FactsReading> {
  const path = join(directory, factsFileName);
  let text: string;
  try {
    const bytes = await readFile(path);
    text = bytes.length > factsBytesMax ? '' : bytes.toString('utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      return {kind: 'missing'};
    }
    return {kind: 'refused', error: storageError('read', path, cause)};
  }
  const parsed = parseFacts(text, expected);
  if (!parsed.ok) return corrupt(path, parsed.error, expected.wallMs);
  const {cluster, node} = parsed.value;
  if (cluster === expected.cluster && node === expected.node) {
    return {kind: 'read', facts: parsed.value};
  }
  const message =
    `${path}: expected the state of node ${expected.node} of cluster ${expected.cluster}, ` +
    `found that of node ${node} of cluster ${cluster}`;
  const hint = `Give this daemon its own directory with --state, or remove ${path} if it is stale.`;
  return {kind: 'refused', error: {code: 'HA_STATE_FOREIGN', message, hint}};
}

async function corrupt(path: string, why: string, wallMs: number): Promise<FactsReading> {
  const aside = `${path}.corrupt-${Math.floor(wallMs / 1_000)}`;
  let kept = `a copy is ${aside}`;
  try {
    await copyFile(path, aside, constants.COPYFILE_EXCL);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    kept = `it could not be copied aside: ${found}`;
  }
  const message = `${path} is damaged: ${why} (${kept}). Every service starts frozen`;
  const hint = 'Check on each node what runs, then: ha unfreeze SERVICE';
  return {kind: 'corrupt', error: {code: 'HA_STATE_CORRUPT', message, hint}};
}

/**
 * The next life: above every former one even where the facts were lost, as long as time goes on.
 */
export function nextIncarnation(stored: number, wallMs: number): number {
  const next = Math.max(stored + 1, Math.floor(wallMs / 1_000), 1);
  assert(next < 2 ** 48, `incarnation ${next} does not fit a frame`);
  return next;
}

export class FactsStore {
  readonly #directory: string;
  readonly #services: Map<ServiceName, ServiceFacts>;
  #facts: StoredFacts;
  #turn: Promise<unknown> = Promise.resolve();
  #writeCount = 0;

  constructor(directory: string, facts: StoredFacts) {
    this.#directory = directory;
    this.#services = new Map(facts.services);
    this.#facts = {...facts, services: this.#services};
  }

  /** How often the file was replaced: many facts that wait together are one write. */
  get writeCount(): number {
    return this.#writeCount;
  }

  setService(name: ServiceName, facts: ServiceFacts): void {
    this.#services.set(name, facts);
  }

  setNode(nodeFacts: NodeFacts): void {
    this.#facts = {...this.#facts, nodeFacts};
  }

  /**
   * Makes everything set so far durable. What could not be written stays set for the next flush.
   */
  flush(): Promise<Result<void>> {
    const result = this.#turn.then(() => this.#write());
    this.#turn = result;
    return result;
  }

  async #write(): Promise<Result<void>> {
    const path = join(this.#directory, factsFileName);
    const temporary = `${path}.tmp`;
    const {O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW} = constants;
    try {
      const file = await open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
      try {
        await file.writeFile(formatFacts(this.#facts));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncDirectory(this.#directory);
    } catch (cause) {
      return err(storageError('write', path, cause));
    }
    this.#writeCount += 1;
    return ok(undefined);
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
