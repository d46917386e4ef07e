/** What a former daemon left: its own process is ended, the service that it started never. */

import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {ActionRecords, markName} from '../../../src/drivers/host/action-records.ts';
import type {FoundAction} from '../../../src/drivers/host/action-records.ts';
import {endLeftover} from '../../../src/drivers/host/end-leftover.ts';
import {forkChild} from '../../../src/drivers/host/fork-child.ts';
import {parsePs, readProcesses, startedOf} from '../../../src/drivers/host/process-table.ts';
import {eventually} from '../../eventually.ts';

const facts = {service: 'web', rid: 'app#1', action: 'start', deadlineMs: 400} as const;
const mark = '11111111-2222-3333-4444-555555555555';

let directory: string;
const made: number[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-actions-'));
});
afterEach(() => {
  for (const pid of made.splice(0)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  rmSync(directory, {recursive: true, force: true});
});

/** A marked process that leads its own group. */
async function start(script: string): Promise<number> {
  const environment = {PATH: '/usr/bin:/bin', [markName]: mark};
  const child = await forkChild({path: '/bin/sh', args: ['-c', script], environment});
  made.push(child.pid!);
  return child.pid!;
}

async function found(pid: number | null): Promise<FoundAction> {
  return {id: mark, facts, pid, started: pid === null ? null : await startedOf(pid)};
}

async function marked(): Promise<readonly number[]> {
  const table = (await readProcesses(markName)) ?? [];
  return table.filter((one) => one.mark === mark && one.state !== 'Z').map((one) => one.pid);
}

describe('an action whose process still runs', () => {
  test('is ended with its group', async () => {
    const pid = await start('sleep 100 & sleep 100');
    await eventually(async () => expect(await marked()).toHaveLength(3));
    expect(await endLeftover(await found(pid))).toEqual({state: 'ended', detail: ''});
    expect(await marked()).toEqual([]);
  });

  test('is ended with KILL where TERM is not enough', async () => {
    const pid = await start('trap "" TERM; while :; do sleep 0.05; done');
    await eventually(async () => expect((await marked()).length).toBeGreaterThan(0));
    expect((await endLeftover(await found(pid))).state).toBe('ended');
  });

  test('lingers where it can not be ended', async () => {
    const pid = await start('exec sleep 100');
    const end = await endLeftover(await found(pid), {signalGroup: () => true});
    expect(end.state).toBe('lingers');
    expect(end.detail).toBe(`process ${pid} can not be ended, not by KILL either`);
  });

  test('lingers where nothing can be seen', async () => {
    const pid = await start('exec sleep 100');
    const end = await endLeftover(await found(pid), {table: () => Promise.resolve(null)});
    expect(end.state).toBe('lingers');
    expect(await marked()).toEqual([pid]);
  });
});

describe('an action whose process has ended', () => {
  test('leaves alone what it has started, in its own group and in others', async () => {
    const pid = await start('sleep 100 & setsid sleep 100 & exec true');
    const leader = await found(pid);
    await eventually(async () => expect(await marked()).not.toContain(pid));
    await eventually(async () => expect(await marked()).toHaveLength(2));
    const service = await marked();
    expect(await endLeftover(leader)).toEqual({state: 'gone', detail: ''});
    expect(await marked()).toEqual(service);
    for (const one of service) process.kill(one, 'SIGKILL');
  });

  test('is not confused with another process that has its number by now', async () => {
    const pid = await start('exec sleep 100');
    const older = {...(await found(pid)), started: 1};
    expect((await endLeftover(older)).state).toBe('gone');
    const unmarked = {...older, started: null, id: 'another'};
    expect((await endLeftover(unmarked)).state).toBe('gone');
    expect(await marked()).toEqual([pid]);
  });

  test('is gone where its number was never written and nothing has its mark', async () => {
    expect((await endLeftover(await found(null))).state).toBe('gone');
  });

  test('lingers where its number was never written and something has its mark', async () => {
    const pid = await start('exec sleep 100');
    const end = await endLeftover(await found(null));
    expect(end).toMatchObject({state: 'lingers', detail: expect.stringContaining(`${pid}`)});
    expect(await marked()).toEqual([pid]);
  });
});

describe('the records of actions', () => {
  const open = (boot = 'boot-1') => ActionRecords.open(directory, boot);

  test('keep what was begun until it has ended', async () => {
    const {records} = await open();
    const first = await records.begin(facts, 5_000);
    const second = await records.begin({...facts, action: 'stop'}, 5_000);
    first!.spawned(process.pid);
    await records.idle();
    const byMark = new Map((await open()).found.map((one) => [one.id, one]));
    expect(byMark.get(first!.mark)).toMatchObject({facts, pid: process.pid});
    expect(byMark.get(first!.mark)?.started).toBe(await startedOf(process.pid));
    expect(byMark.get(second!.mark)).toMatchObject({pid: null, facts: {action: 'stop'}});
    first!.ended();
    records.forget(second!.mark);
    await records.idle();
    expect((await open()).found).toEqual([]);
  });

  test('of another boot, and empty ones, speak of nothing that runs', async () => {
    const {records} = await open();
    await records.begin(facts, 5_000);
    writeFileSync(join(directory, mark), '');
    expect((await open('boot-2')).found).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that are damaged are not forgotten', async () => {
    writeFileSync(join(directory, mark), '{"service":');
    expect((await open()).found).toEqual([{id: mark, facts: null, pid: null, started: null}]);
  });

  test('refuse what they cannot write', async () => {
    const {records} = await open();
    rmSync(directory, {recursive: true});
    expect(await records.begin(facts, 5_000)).toBeNull();
  });
});

test('ps prints the environment before the command', () => {
  const text = ['  1     0 Ss   /sbin/init', ` 23   23 S+   A=b ${markName}=${mark} /bin/sh x`, ''];
  expect(parsePs(text.join('\n'), markName)).toEqual([
    {pid: 1, pgid: 0, state: 'S', started: null, mark: null},
    {pid: 23, pgid: 23, state: 'S', started: null, mark},
  ]);
  expect(parsePs('', markName)).toBeNull();
});
