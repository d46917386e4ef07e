import {mkdir} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {OcfResource} from '../../src/config/resources/ocf.ts';
import {createOcfDriver} from '../../src/drivers/ocf.ts';
import {nodeName, resourceId} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, serviceOf, type Folder} from './scripts.ts';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
  await mkdir(join(folder.path, 'resource.d', 'own'), {recursive: true});
});
afterEach(() => folder.remove());

function resource(agent: string, parameters: Record<string, string> = {}): OcfResource {
  return {
    rid: resourceId('ocf#1'),
    type: 'app.ocf',
    provider: 'own',
    agent,
    parameters: new Map(Object.entries(parameters)),
    checkLevel: 0,
    unpromoted: true,
    startMs: 10_000,
    stopMs: 10_000,
    probeMs: 10_000,
    ...baseDefaults,
    place: {file: 'web.conf', line: 1},
  };
}

const driver = () => createOcfDriver({node: nodeName('node1'), ocfRoot: folder.path});

/** An agent whose answers to each action are what `cases` says. */
async function agentThat(cases: string): Promise<OcfResource> {
  await folder.script('resource.d/own/one', `case "$1" in\n${cases}\nesac\nexit 3`);
  return resource('one');
}

describe('a monitor', () => {
  test.each([
    [0, 'up', undefined, /: exit code 0 after/],
    [1, 'unknown', true, /exit code 1 after .* \(it failed\)/],
    [2, 'unknown', undefined, /\(a parameter is wrong\)/],
    [3, 'unknown', undefined, /\(the agent does not know this action\)/],
    [4, 'unknown', undefined, /\(the agent may not do it\)/],
    [5, 'down', undefined, /\(what the agent needs is not installed\)/],
    [6, 'unknown', undefined, /\(it is not configured, or in a wrong way\)/],
    [7, 'down', undefined, /\(it does not run\)/],
    [8, 'up', undefined, /\(it runs, promoted\)/],
    [9, 'unknown', true, /\(it failed while it was promoted\)/],
    [42, 'unknown', undefined, /\(no code of the standard\)/],
    [190, 'up', undefined, /\(it runs, degraded: it is expected to fail\)/],
    [191, 'up', undefined, /\(it runs, promoted and degraded\)/],
  ])('that ends with %i says %s', async (code, state, broken, detail) => {
    const one = await agentThat(`monitor) exit ${code};;`);
    const seen = await driver().probe(one, contextFor(one));
    expect(seen.state).toBe(state);
    expect(seen.verifiable).toBe(true);
    expect(seen.broken).toBe(broken);
    expect(seen.detail).toMatch(detail);
  });

  test('is unknown where it does not end, is killed, or where there is no agent', async () => {
    const slow = await agentThat('monitor) sleep 60;;');
    const late = await driver().probe(slow, contextFor(slow, {deadlineMs: 200}));
    expect(late.state).toBe('unknown');
    const killed = await agentThat('monitor) kill -9 $$;;');
    expect((await driver().probe(killed, contextFor(killed))).state).toBe('unknown');
    const none = resource('none');
    const seen = await driver().probe(none, contextFor(none));
    expect(seen.state).toBe('unknown');
    expect(seen.detail).toMatch(/own\/none: no such file/);
  });

  test('quotes the reason that the agent gave', async () => {
    const one = await agentThat(
      'monitor) echo "ocf-exit-reason:no answer on port 80" >&2; echo later >&2; exit 1;;',
    );
    const seen = await driver().probe(one, contextFor(one));
    expect(seen.detail).toMatch(
      /one monitor: exit code 1 after .* \(it failed\): no answer on port 80$/,
    );
  });

  test('of what was seen up is recurring, and what is not installed is no down then', async () => {
    const one = await agentThat(
      `monitor)
  echo $OCF_RESKEY_CRM_meta_interval >>${folder.path}/asked
  exit $(cat ${folder.path}/code);;
stop) exit 0;;`,
    );
    const own = driver();
    const service = serviceOf([one], {monitorMs: 20_000});
    const look = async (code: number) => {
      await folder.file('code', String(code));
      return (await own.probe(one, contextFor(one, {service}))).state;
    };
    expect(await look(5)).toBe('down');
    expect(await look(0)).toBe('up');
    expect(await look(5)).toBe('unknown');
    expect(await look(1)).toBe('unknown');
    expect(await look(7)).toBe('down');
    expect(await look(0)).toBe('up');
    expect(await look(0)).toBe('up');
    await own.stop(one, contextFor(one, {service}));
    expect(await look(5)).toBe('down');
    const asked = (await folder.read('asked')).trim().split('\n');
    expect(asked).toEqual(['0', '0', '20000', '20000', '20000', '0', '20000', '0']);
  });
});

describe('an agent', () => {
  test('finds what the standard promises in its environment', async () => {
    const one = {
      ...(await agentThat(`validate-all) exit 0;; start) env >${folder.path}/env; exit 0;;`)),
      parameters: new Map([['Path', '/a b']]),
      checkLevel: 10,
    };
    const context = contextFor(one, {deadlineMs: 7_000});
    expect((await driver().start(one, context)).kind).toBe('done');
    const found = (await folder.read('env')).split('\n').filter((line) => /^OCF_|^HA_/.test(line));
    expect(found.filter((line) => !line.includes('CRM_meta_timeout')).sort()).toEqual([
      'HA_ACTION=start',
      'HA_EPOCH=7',
      'HA_NODE=node1',
      'HA_RESOURCE=ocf#1',
      'HA_SERVICE=web',
      'HA_debug=0',
      'OCF_CHECK_LEVEL=10',
      'OCF_RA_VERSION_MAJOR=1',
      'OCF_RA_VERSION_MINOR=1',
      'OCF_RESKEY_CRM_meta_interval=0',
      'OCF_RESKEY_CRM_meta_name=start',
      'OCF_RESKEY_CRM_meta_on_node=node1',
      'OCF_RESKEY_Path=/a b',
      'OCF_RESOURCE_INSTANCE=web.ocf.1',
      'OCF_RESOURCE_PROVIDER=own',
      'OCF_RESOURCE_TYPE=one',
      `OCF_ROOT=${folder.path}`,
    ]);
    const timeout = found.find((line) => line.includes('CRM_meta_timeout'))?.split('=')[1];
    expect(Number(timeout)).toBeGreaterThan(0);
    expect(Number(timeout)).toBeLessThanOrEqual(7_000);
  });

  test('that finds its parameters wrong is not started, and nothing was touched', async () => {
    for (const code of [2, 4, 5, 6]) {
      const one = await agentThat(
        `validate-all) echo "ocf-exit-reason:no such file" >&2; exit ${code};;
start) touch ${folder.path}/started; exit 0;;`,
      );
      const outcome = await driver().start(one, contextFor(one));
      expect(outcome).toMatchObject({kind: 'failed', untouched: true});
      expect(outcome.detail).toMatch(/^the agent refused the start: .*: no such file$/);
    }
    expect(existsSync(join(folder.path, 'started'))).toBe(false);
  });

  test('without validate-all is started all the same, and so is one that stumbles', async () => {
    for (const code of [0, 1, 3, 7]) {
      const one = await agentThat(`validate-all) exit ${code};; start) exit 0;;`);
      const context = contextFor(one);
      expect((await driver().start(one, context)).kind).toBe('done');
      const said = context.lines.filter((line) => line.startsWith('not heeded'));
      expect(said.length).toBe(code === 1 || code === 7 ? 1 : 0);
    }
  });

  test('that fails to start or stop says so with the meaning of its code', async () => {
    const one = await agentThat('validate-all) exit 0;; start) exit 1;; stop) exit 6;;');
    const started = await driver().start(one, contextFor(one));
    expect(started.kind).toBe('failed');
    expect(started.untouched).toBeUndefined();
    expect(started.detail).toMatch(/one start: exit code 1 after .* \(it failed\)$/);
    const stopped = await driver().stop(one, contextFor(one));
    expect(stopped.kind).toBe('failed');
    expect(stopped.detail).toMatch(/\(it is not configured, or in a wrong way\)$/);
  });

  test('is shown as one would type it, without its secrets', () => {
    const one = resource('one', {ip: '10.0.0.9', text: 'a b', passwd: 'hunter2'});
    expect(driver().label(one)).toBe('ocf:own:one');
    expect(driver().describe(one, 'stop')).toEqual([
      `OCF_RESKEY_ip=10.0.0.9 OCF_RESKEY_text='a b' OCF_RESKEY_passwd=*** ` +
        `${folder.path}/resource.d/own/one stop`,
    ]);
  });
});

describe.skipIf(!existsSync('/usr/lib/ocf/resource.d/heartbeat/Dummy'))('Dummy of Debian', () => {
  test('goes up and down', async () => {
    const state = join(folder.path, 'dummy.state');
    const one = {...resource('Dummy', {state}), provider: 'heartbeat'};
    const own = createOcfDriver({node: nodeName('node1')});
    const look = async () => (await own.probe(one, contextFor(one))).state;
    expect(await look()).toBe('down');
    expect(await own.start(one, contextFor(one))).toMatchObject({kind: 'done'});
    expect(existsSync(state)).toBe(true);
    expect(await look()).toBe('up');
    expect(await own.stop(one, contextFor(one))).toMatchObject({kind: 'done'});
    expect(await look()).toBe('down');
  });

  test('refuses a state file in a folder that is not there', async () => {
    const state = join(folder.path, 'none', 'dummy.state');
    const one = {...resource('Dummy', {state}), provider: 'heartbeat'};
    const own = createOcfDriver({node: nodeName('node1')});
    const outcome = await own.start(one, contextFor(one));
    expect(outcome.kind).toBe('failed');
    expect(outcome.detail).toMatch(/Dummy/);
  });
});
