/** A run with real processes: how it ends, and that a stop ends all of it. */

import {mkdtempSync, readFileSync, rmSync, existsSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {TaskResource} from '../../src/config/resources/task.ts';
import {createTaskDriver} from '../../src/drivers/task.ts';
import type {DriverContext} from '../../src/failover/types.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {parse, twoLinks} from '../config/support.ts';
import {eventually} from '../eventually.ts';

let folder = '';
let log: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ha-task-'));
  log = [];
});
afterEach(() => rmSync(folder, {recursive: true}));

function task(lines: string): {resource: TaskResource; context: DriverContext} {
  const conf = `[DEFAULT]\nnodes = node1 node2\n[app#1]\nstart = /bin/true\n[task#1]\n${lines}\n`;
  const {config} = parse({'cluster.conf': twoLinks, 'web.conf': conf});
  const service = config!.services.find(({name}) => name === 'web')!;
  const resource = service.resources.find((one): one is TaskResource => one.type === 'task')!;
  const context = {
    service,
    epoch: 3,
    deadlineMs: resource.runMs,
    signal: new AbortController().signal,
    log: (line: string) => void log.push(line),
  };
  return {resource, context};
}

const driver = createTaskDriver({node: nodeName('node1')});
const shell = (script: string): string => `/bin/sh -c '${script}'`;

/** A zombie is none: whoever adopted it has not yet asked. */
function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/^\d+ \(.*\) Z/.test(readFileSync(path, 'utf8'));
}

describe('a run', () => {
  test('that ends with 0 is done, and finds the names of its service', async () => {
    const line = 'echo "$HA_SERVICE $HA_RESOURCE $HA_ACTION $HA_EPOCH"';
    const {resource, context} = task(`command = ${shell(line)}`);
    expect(await driver.run(resource, context)).toMatchObject({kind: 'done'});
    expect(log).toContain('output: web task#1 run 3');
  });

  test('that fails calls what was written for that, and stays failed', async () => {
    const {resource, context} = task(
      `command = ${shell('exit 3')}\non_error = ${shell(`touch ${folder}/told`)}`,
    );
    const ran = await driver.run(resource, context);
    expect(ran.kind).toBe('failed');
    expect(ran.detail).toMatch(/exit code 3.*; on_error: \/bin\/sh: exit code 0/);
    expect(existsSync(join(folder, 'told'))).toBe(true);
  });

  test('that takes too long is ended', async () => {
    const {resource, context} = task(`command = /bin/sleep 60\nrun_timeout = 200ms`);
    const ran = await driver.run(resource, context);
    expect(ran.kind).toBe('unknown');
    expect(ran.detail).toContain('not done within 200ms');
  });

  test('is the only one of its task', async () => {
    const {resource, context} = task('command = /bin/sleep 60');
    const first = driver.run(resource, context);
    const second = await driver.run(resource, context);
    expect(second).toMatchObject({kind: 'failed', untouched: true, detail: 'it runs already'});
    expect(await driver.stop(resource, {...context, deadlineMs: 5_000})).toMatchObject({
      kind: 'done',
    });
    expect((await first).detail).toContain('cancelled');
  });
});

describe('a stop', () => {
  test('ends the whole group of a run, and is done when it is gone', async () => {
    const line = `sleep 60 & echo $! > ${folder}/pid; wait`;
    const {resource, context} = task(`command = ${shell(line)}`);
    const run = driver.run(resource, context);
    await eventually(() => expect(readFileSync(join(folder, 'pid'), 'utf8')).toMatch(/\d+\n/));
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const stopped = await driver.stop(resource, {...context, deadlineMs: 5_000});
    expect(stopped).toMatchObject({kind: 'done'});
    expect(stopped.detail).toContain('its run was ended');
    expect(isAlive(pid)).toBe(false);
    expect((await run).kind).toBe('unknown');
  });

  test('has nothing to do where nothing runs', async () => {
    const {resource, context} = task('command = /bin/true');
    expect(await driver.stop(resource, context)).toMatchObject({kind: 'done'});
  });

  test('that can not end it in time says that it may still run', async () => {
    const {resource, context} = task(
      `command = ${shell(`trap "" TERM; touch ${folder}/up; while :; do sleep 1; done`)}`,
    );
    const run = driver.run(resource, context);
    await eventually(() => expect(existsSync(join(folder, 'up'))).toBe(true));
    const stopped = await driver.stop(resource, {...context, deadlineMs: 20});
    expect(stopped).toMatchObject({kind: 'unknown', lingering: true});
    await run;
  });
});
