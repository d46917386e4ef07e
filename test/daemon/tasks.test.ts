/** Tasks of two daemons: they run where the service runs, and end with it. */

import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {nodeName, resourceId, serviceName} from '../../src/kernel/ids.ts';
import {eventually} from '../eventually.ts';
import {Site, type TestDaemon} from './harness.ts';
import type {TaskView} from '../../src/kernel/schedule/types.ts';

const app = serviceName('app');
let site: Site;
let node1: TestDaemon;
let node2: TestDaemon;

function lines(name: string): readonly string[] {
  const path = join(site.path, name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

/** The application says when it stops; the tasks say who runs them. */
function serviceConf(): string {
  const say = (text: string): string => `/bin/sh -c 'echo ${text} >> ${site.path}/said'`;
  const end = `trap "echo ended >> ${site.path}/said; exit" TERM`;
  const long = `echo begun >> ${site.path}/said; ${end}; while :; do sleep 0.1; done`;
  return `[DEFAULT]
nodes = node1 node2
orchestrate = no

[app#1]
start = /bin/sh -c 'touch ${site.path}/up.$HA_NODE'
stop = /bin/sh -c 'rm -f ${site.path}/up.$HA_NODE; echo stopped >> ${site.path}/said'
check = /bin/sh -c 'test -f ${site.path}/up.$HA_NODE'

[task#1]
command = ${say('once by $HA_NODE')}
schedule = *

[task#2]
command = /bin/sh -c '${long}'
`;
}

async function taskOf(daemon: TestDaemon, rid: string): Promise<TaskView> {
  return (await daemon.view()).tasks!.find((one) => one.rid === rid)!;
}

beforeEach(async () => {
  site = await Site.create();
  site.writeConf('app.conf', serviceConf());
  [node1, node2] = await Promise.all([site.daemon('node1').up(), site.daemon('node2').up()]);
  await node1.sees('node2', 'alive');
  await node2.sees('node1', 'alive');
  await node1.reaches('app', 'STOPPED', 'node2');
  await node1.command({verb: 'start', service: app}, nodeName('node1'));
  await node1.reaches('app', 'STARTED');
}, 60_000);
afterEach(async () => {
  await site.remove();
});

describe('a task', {timeout: 90_000}, () => {
  test('runs where its service runs, and not again after the service moved', async () => {
    await eventually(() => expect(lines('said')).toEqual(['once by node1']));
    await eventually(async () => expect((await taskOf(node2, 'task#1')).last?.ok).toBe(true));
    expect((await taskOf(node2, 'task#1')).nextMs).toBeNull();
    await node1.command({verb: 'switch', service: app, to: nodeName('node2')});
    await node2.reaches('app', 'STARTED');
    await eventually(async () => expect((await taskOf(node2, 'task#1')).nextMs).not.toBeNull());
    const {last, nextMs} = await taskOf(node2, 'task#1');
    expect(nextMs! - last!.begunMs).toBeGreaterThanOrEqual(86_400_000);
    expect(lines('said')).toEqual(['once by node1', 'stopped']);
  });

  test('is run by order from any node, and ended before anything else is stopped', async () => {
    await eventually(() => expect(lines('said')).toEqual(['once by node1']));
    const request = {op: 'run-task', service: app, rid: resourceId('task#2')} as const;
    const ran = node2.ask({...request, node: null, actor: 'test'});
    await eventually(() => expect(lines('said')).toContain('begun'));
    const again = await node1.ask({...request, node: null, actor: 'test'});
    expect(again).toMatchObject({exit: 109, text: 'task#2 of app runs already'});
    expect((await node1.command({verb: 'stop', service: app})).exit).toBe(0);
    expect(lines('said').slice(-3)).toEqual(['begun', 'ended', 'stopped']);
    expect((await ran).exit).toBe(1);
    const stopped = await node1.ask({...request, node: null, actor: 'test'});
    expect(stopped).toMatchObject({
      exit: 1,
      text: 'app does not run on node1, or is about to change',
    });
  });

  test('that outlived its daemon is ended by the next one, and its service goes on', async () => {
    const request = {op: 'run-task', service: app, rid: resourceId('task#2')} as const;
    const ran = node1.ask({...request, node: null, actor: 'test'}).catch(() => null);
    const folder = join(node1.place.state, 'actions');
    const entries = (): string =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('');
    await eventually(() => expect(lines('said')).toContain('begun'));
    await eventually(() => expect(entries()).toMatch(/"rid":"task#2"[^]*"started":\d+/));
    await node1.kill();
    await ran;
    await node1.up();
    await node1.reaches('app', 'STARTED');
    await node1.says('run of task#2, left by the last daemon, was ended');
    await eventually(() => expect(entries()).toBe(''));
    expect(lines('said')).not.toContain('stopped');
  });

  test('that does not exist is named, with those that do', async () => {
    const request = {op: 'run-task', service: app, rid: resourceId('task#9')} as const;
    expect(await node1.ask({...request, node: null, actor: 'test'})).toMatchObject({
      exit: 5,
      text: 'no task task#9 in app (its tasks: task#1, task#2)',
    });
  });

  test('is not marked as run by whoever may speak to the socket', async () => {
    const run = {begunMs: 1, endedMs: 2, ok: true, detail: ''};
    const about = {op: 'task-ran', service: app, rid: resourceId('task#1'), run} as const;
    const told = await node1.ask({...about, node: null, actor: 'test'});
    expect(told.exit).toBe(77);
  });
});
