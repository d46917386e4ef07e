/**
 * A file for each action that runs: written before its process is made, completed with the number
 * of that process, taken away when the daemon has seen it end. What the next daemon finds here was
 * never seen to end. The files need no sync: a daemon that is killed loses nothing of them, and
 * after a power cut nothing of what they speak of runs.
 */

import {randomUUID} from 'node:crypto';
import {appendFile, mkdir, readFile, readdir, unlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {servicesMax} from '../../kernel/limits.ts';
import {startedOf} from './process-table.ts';

/** The variable that every process of an action inherits; its value names the file. */
export const markName = 'HA_ACTION_ID';

export interface ActionFacts {
  readonly service: string;
  readonly rid: string;
  readonly action: 'start' | 'stop' | 'run';
  readonly deadlineMs: number;
}

/** An action of a former daemon that was never seen to end. */
export interface FoundAction {
  /** Value of its mark. */
  readonly id: string;
  /** Null where the file was damaged. */
  readonly facts: ActionFacts | null;
  /** Its process, which leads a group of its own; null where its number was not written. */
  readonly pid: number | null;
  /** When the process was made, as the kernel counts it; null where that is not known. */
  readonly started: number | null;
}

/** One action of this daemon. */
export interface ActionRecord {
  readonly mark: string;
  spawned(pid: number): void;
  /** Nothing of its group is left, or it left by itself what it was to leave. */
  ended(): void;
}

/** One service has one action at a time, and a few tasks; beyond that something else writes. */
const filesMax = 4 * servicesMax;
const namePattern = /^[0-9a-f-]{36}$/;

export class ActionRecords {
  readonly #directory: string;
  readonly #bootId: string;
  /** One at a time: a disk that hangs must not hold more than one thread of the pool. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, bootId: string) {
    this.#directory = directory;
    this.#bootId = bootId;
  }

  /** Rejects with what the file system said. Files of other boots are taken away. */
  static async open(
    directory: string,
    bootId: string,
  ): Promise<{readonly records: ActionRecords; readonly found: readonly FoundAction[]}> {
    await mkdir(directory, {recursive: true, mode: 0o700});
    const records = new ActionRecords(directory, bootId);
    const names = (await readdir(directory)).filter((name) => namePattern.test(name));
    if (names.length > filesMax) throw new Error(`${names.length} files in ${directory}`);
    const found: FoundAction[] = [];
    for (const name of names) {
      const action = parse(name, await readFile(join(directory, name), 'utf8'), bootId);
      if (action === null) await unlink(join(directory, name));
      else found.push(action);
    }
    return {records, found};
  }

  /** Null where it could not be written within `boundMs`; then nothing of it may be relied on. */
  async begin(facts: ActionFacts, boundMs: number): Promise<ActionRecord | null> {
    const mark = randomUUID();
    const path = join(this.#directory, mark);
    const text = `${JSON.stringify({...facts, bootId: this.#bootId})}\n`;
    const written = this.#next(() => writeFile(path, text, {flag: 'wx', mode: 0o600}));
    let entered: Promise<unknown> = Promise.resolve();
    const record: ActionRecord = {
      mark,
      // At once, before whatever else waits: until it is there nothing tells the process of the
      // action from what it has started.
      spawned: (pid) => {
        entered = append(path, {pid}).catch(() => undefined);
        void this.#next(async () => {
          await entered;
          await append(path, {pid, started: await startedOf(pid)});
        });
      },
      ended: () => void this.#next(() => entered.then(() => unlink(path))),
    };
    if (await within(written, boundMs)) return record;
    record.ended();
    return null;
  }

  /** What a former daemon left is over. */
  forget(id: string): void {
    void this.#next(() => unlink(join(this.#directory, id)));
  }

  /** Resolves when all that was asked for so far was tried. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  /** Whether it was done. What fails here leaves less to be known later, and nothing else. */
  #next(work: () => Promise<unknown>): Promise<boolean> {
    const done = this.#turn.then(work).then(
      () => true,
      () => false,
    );
    this.#turn = done;
    return done;
  }
}

function append(path: string, line: Readonly<Record<string, unknown>>): Promise<void> {
  return appendFile(path, `${JSON.stringify(line)}\n`);
}

async function within(work: Promise<boolean>, boundMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), boundMs);
  });
  const first = await Promise.race([work, late]);
  clearTimeout(timer);
  return first;
}

/** Null: of another boot, or empty: then its process was never asked for. */
function parse(id: string, text: string, bootId: string): FoundAction | null {
  if (text === '') return null;
  const [head = null, ...lines] = text.split('\n').map(asObject);
  const process = lines.findLast((line) => line !== null);
  const facts = factsOf(head);
  if (facts !== null && head?.['bootId'] !== bootId) return null;
  const {pid, started} = process ?? {};
  return {
    id,
    facts,
    pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 1 ? pid : null,
    started: typeof started === 'number' ? started : null,
  };
}

function factsOf(head: Record<string, unknown> | null): ActionFacts | null {
  const {service, rid, action, deadlineMs} = head ?? {};
  if (typeof service !== 'string' || typeof rid !== 'string') return null;
  if (action !== 'start' && action !== 'stop' && action !== 'run') return null;
  return typeof deadlineMs === 'number' ? {service, rid, action, deadlineMs} : null;
}

function asObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
