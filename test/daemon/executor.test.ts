import {setImmediate as turn} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {Executor} from '../../src/daemon/executor.ts';
import {diskId, linkId, nodeName, serviceName} from '../../src/kernel/ids.ts';
import type {CommitOutcome, DurableEffect, Storage} from '../../src/daemon/storage.ts';
import type {Effect} from '../../src/engine/types.ts';
import type {HaError} from '../../src/kernel/result.ts';
import {eventually} from '../eventually.ts';

const cause = {reason: 'operator-order', detail: ''} as const;
const web = serviceName('web');
const full: HaError = {code: 'HA_STORAGE_FULL', message: 'no space'};

const record = (kind: 'plan' | 'command' = 'plan'): Effect => ({
  type: 'record',
  entry: {kind, service: web, node: nodeName('n1'), atMs: 0, cause, data: {}},
});
const persist: Effect = {
  type: 'persist-node',
  facts: {frozen: null, drained: null, clusterFrozen: null, fences: [], peers: []},
};
const send = (link: string): Effect => ({
  type: 'send',
  link: linkId(link),
  bytes: new Uint8Array(),
});
const slotOf = (sequence: number): Effect => ({
  type: 'write-slot',
  disk: diskId('d'),
  bytes: new Uint8Array(),
  sequence,
});
const slot = slotOf(1);
const reply = (id: number): Effect => ({
  type: 'reply',
  id,
  answer: {exit: 0, text: '', askNode: null},
});
const run = (id: string): Effect => ({
  type: 'run-plan',
  plan: {id, service: web, kind: 'start', epoch: 1, steps: [], budgetMs: 0},
});
const abort = (plan: string): Effect => ({type: 'abort-plan', plan, service: web});
const probe: Effect = {type: 'probe', service: web};

function name(effect: Effect): string {
  if (effect.type === 'send') return `send ${effect.link}`;
  if (effect.type === 'reply') return `reply ${effect.id}`;
  if (effect.type === 'run-plan') return `run ${effect.plan.id}`;
  if (effect.type === 'abort-plan') return `abort ${effect.plan}`;
  if (effect.type === 'write-slot' && effect.sequence > 1) return `write-slot ${effect.sequence}`;
  return effect.type;
}

/** A disk that answers when the test says so. */
class HeldStorage implements Storage {
  readonly log: string[];
  readonly remembered: DurableEffect[] = [];
  answers: ((outcome: CommitOutcome) => void)[] = [];
  recovers: ((error: HaError | null) => void)[] = [];

  constructor(log: string[]) {
    this.log = log;
  }

  commit(effects: readonly DurableEffect[]): Promise<CommitOutcome> {
    this.log.push(`commit ${effects.map((effect) => effect.type).join(' ')}`);
    return new Promise((resolve) => this.answers.push(resolve));
  }

  remember(effect: DurableEffect): void {
    this.remembered.push(effect);
  }

  recover(lostCount: number): Promise<HaError | null> {
    this.log.push(`recover after ${lostCount}`);
    return new Promise((resolve) => this.recovers.push(resolve));
  }

  async answer(outcome: Partial<CommitOutcome> = {}): Promise<void> {
    await eventually(() => expect(this.answers.length).toBeGreaterThan(0));
    this.answers.shift()!({record: null, persist: null, ...outcome});
    await turn();
  }
}

function executor(limits = {}) {
  const log: string[] = [];
  const storage = new HeldStorage(log);
  const one = new Executor(
    {
      storage,
      perform: (effect) => log.push(name(effect)),
      dropped: (effect, error) => log.push(`dropped ${name(effect)}: ${error.message}`),
      storageState: (failed, detail) =>
        log.push(`storage ${failed ? 'failed' : 'good'}: ${detail}`),
    },
    {retryMs: 5, ...limits},
  );
  return {log, storage, executor: one};
}

describe('the executor', () => {
  test('carries out nothing behind a record before that is durable', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([send('a'), record(), run('p1'), record(), send('b')], () => log.push('done'));
    await turn();
    expect(log).toEqual(['send a', 'commit record record']);
    await storage.answer();
    expect(log.slice(2)).toEqual(['run p1', 'send b', 'done']);
  });

  test('makes durable in one commit whatever waits together', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([record(), run('p1')]);
    one.submit([persist, record(), run('p2')]);
    await turn();
    one.submit([record(), run('p3')]);
    one.submit([record(), run('p4')]);
    await storage.answer();
    await storage.answer();
    expect(log).toEqual([
      'commit record persist-node record',
      'run p1',
      'run p2',
      'commit record record',
      'run p3',
      'run p4',
    ]);
  });

  test('writes no slot that a newer one has overtaken', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([record(), slotOf(7), send('a')]);
    one.submit([slotOf(8)]);
    await turn();
    await storage.answer();
    one.submit([slotOf(9)]);
    expect(log).toEqual(['write-slot 8', 'commit record', 'send a', 'write-slot 9']);
  });

  test('lets beats pass a disk that hangs, and keeps plans and answers in order', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([record(), run('p1'), reply(1)]);
    one.submit([probe, send('a'), slot, reply(2), send('b')]);
    one.submit([run('p2'), send('behind its plan')]);
    await turn();
    expect(log).toEqual(['probe', 'send a', 'write-slot', 'send b', 'commit record']);
    await storage.answer();
    expect(log.slice(5)).toEqual([
      'run p1',
      'reply 1',
      'reply 2',
      'run p2',
      'send behind its plan',
    ]);
  });

  test('empties the sockets at once, even behind a record', () => {
    const {log, executor: one} = executor();
    one.submit([record(), {type: 'drain'}, send('a')]);
    expect(log).toEqual(['drain']);
  });

  test('ends a running plan at once, but not before it began', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([record(), run('p1')]);
    one.submit([abort('p0'), abort('p1')]);
    expect(log).toEqual(['abort p0']);
    await storage.answer();
    expect(log.slice(1)).toEqual(['commit record', 'run p1', 'abort p1']);
  });

  test('drops the rest of a batch whose record was refused, says so, and tries again', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([send('a'), record(), persist, run('p1'), reply(1)], () => log.push('done'));
    await storage.answer({record: full});
    expect(log.slice(2)).toEqual([
      'storage failed: no space',
      'dropped run p1: no space',
      'dropped reply 1: no space',
      'done',
    ]);
    log.length = 0;
    one.submit([send('b'), record(), run('p2')]);
    expect(log).toEqual(['send b', 'dropped run p2: no space']);
    expect(storage.remembered).toContain(persist);
    await eventually(() => expect(log).toContain('recover after 2'));
    storage.recovers.shift()!(full);
    await eventually(() => expect(storage.recovers).toHaveLength(1));
    storage.recovers.shift()!(null);
    await turn();
    log.length = 0;
    one.submit([record(), run('p3')]);
    await storage.answer();
    expect(log).toEqual(['commit record', 'run p3']);
    one.close();
  });

  test('drops only what needed the part that failed', async () => {
    const {log, storage, executor: one} = executor();
    one.submit([record(), run('p1')]);
    one.submit([record(), persist, run('p2')]);
    await storage.answer({persist: full});
    expect(log.slice(1)).toEqual([
      'storage failed: no space',
      'run p1',
      'dropped run p2: no space',
    ]);
    one.close();
  });

  test('counts a disk that does not answer as failed, and as good when it does again', async () => {
    const {log, storage, executor: one} = executor({commitMsMax: 20});
    one.submit([record(), run('p1')]);
    await eventually(() => expect(log).toHaveLength(3));
    expect(log[1]).toBe('storage failed: the state directory has not answered for 20 ms');
    expect(log[2]).toMatch(/^dropped run p1/);
    one.submit([send('a')]);
    expect(log[3]).toBe('send a');
    await storage.answer();
    await eventually(() => expect(log.at(-1)).toBe('recover after 1'));
    storage.recovers.shift()!(null);
    await turn();
    expect(log.at(-1)).toMatch(/^storage good/);
  });

  test('holds no more than its limit', async () => {
    const {log, executor: one} = executor({waitingMax: 3});
    for (let count = 1; count <= 5; count += 1) one.submit([record(), run(`p${count}`)]);
    expect(one.waitingCount).toBe(0);
    expect(log.filter((line) => line.startsWith('dropped'))).toHaveLength(5);
    expect(log).toContain('storage failed: 4 batches wait for the state directory');
    await turn();
    one.close();
  });
});
