import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createRegistry} from '../../src/drivers/registry.ts';
import type {ScriptResource} from '../../src/config/resources/script.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, scriptResource, type Folder} from './scripts.ts';

let folder: Folder;
const registry = createRegistry({node: nodeName('node1'), environment: {HA_CONF: '/etc/ha'}});

beforeAll(async () => {
  folder = await makeFolder();
});

afterAll(() => folder.remove());

const driverFor = (resource: ScriptResource) => registry.driverFor(resource);

/** Folder and times taken out, so that whole texts can be compared. */
const plain = (text: string): string =>
  text
    .replaceAll(folder.path, 'DIR')
    .replaceAll(/\d+:\d\d:\d\d\.\d{6}/g, 'TIME')
    .replaceAll(/after [\d.]+m?s/g, 'after TIME');

describe('the script of a service', () => {
  test('is called with start and with stop, and says so in the log', async () => {
    const resource = scriptResource(await folder.script('ok', 'echo "$1 it"'));
    const context = contextFor(resource);
    const started = await driverFor(resource).start(resource, context);
    const stopped = await driverFor(resource).stop(resource, context);
    expect([started.kind, stopped.kind]).toEqual(['done', 'done']);
    expect(plain(started.detail)).toBe('DIR/ok: exit code 0 after TIME, last output "start it"');
    expect(context.lines.map(plain).join('\n')).toMatchInlineSnapshot(`
      "spawn: DIR/ok start
      output: start it
      start done in TIME - ret 0
      spawn: DIR/ok stop
      output: stop it
      stop done in TIME - ret 0"
    `);
  });

  test('finds out for whom it is called', async () => {
    const text = `set | grep -E "^(HA|OPENSVC)_" | sort > ${folder.path}/env.out`;
    const resource = scriptResource(await folder.script('env', text));
    await driverFor(resource).start(resource, contextFor(resource));
    const lines = (await folder.read('env.out')).replaceAll("'", '').trim().split('\n');
    expect(lines).toEqual([
      'HA_ACTION=start',
      'HA_CONF=/etc/ha',
      'HA_EPOCH=7',
      'HA_NODE=node1',
      'HA_RESOURCE=script',
      'HA_SERVICE=web',
      'OPENSVC_ACTION=start',
      'OPENSVC_RID=script',
      'OPENSVC_SVCNAME=web',
      'OPENSVC_SVCPATH=web',
    ]);
  });

  test.each([
    ['exit 1', 'failed', 'DIR/SCRIPT: exit code 1 after TIME'],
    [
      'echo a; echo why >&2; exit 4',
      'failed',
      'DIR/SCRIPT: exit code 4 after TIME, last output "why"',
    ],
    ['kill -SEGV $$', 'unknown', 'DIR/SCRIPT: killed by SIGSEGV after TIME'],
    ['sleep 600', 'unknown', 'DIR/SCRIPT: not done within 1s, so its process group was killed'],
    [
      String.raw`printf 'red \033[31m\a'; exit 1`,
      'failed',
      'DIR/SCRIPT: exit code 1 after TIME, last output "red ?[31m?"',
    ],
  ])('that does "%s" comes out as %s', async (text, kind, detail) => {
    const resource = scriptResource(await folder.script('SCRIPT', text));
    const context = contextFor(resource, {deadlineMs: text.startsWith('sleep') ? 1_000 : 10_000});
    const outcome = await driverFor(resource).start(resource, context);
    expect(outcome.kind).toBe(kind);
    expect(outcome.untouched).toBeUndefined();
    expect(plain(outcome.detail)).toBe(detail);
  });

  test('that can not be run leaves nothing to undo', async () => {
    const resource = scriptResource(`${folder.path}/missing`);
    const context = contextFor(resource);
    const outcome = await driverFor(resource).start(resource, context);
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(plain(outcome.detail)).toBe('DIR/missing: no such file');
    expect(context.lines.map(plain)).toEqual([
      'spawn: DIR/missing start',
      'start not run - DIR/missing: no such file',
    ]);
  });
});

describe('the check script', () => {
  test('lets the start go on with 0, and is called with start', async () => {
    const check = await folder.script('check', `[ "$1" = start ]`);
    const script = await folder.script('checked', `echo run > ${folder.path}/checked.ran`);
    const resource = scriptResource(script, {checkScript: check});
    const context = contextFor(resource);
    expect((await driverFor(resource).start(resource, context)).kind).toBe('done');
    expect(await folder.read('checked.ran')).toBe('run\n');
    expect(context.lines.filter((line) => line.startsWith('spawn'))).toHaveLength(2);
    expect(driverFor(resource).describe(resource, 'start').map(plain)).toEqual([
      'DIR/check start',
      'DIR/checked start',
    ]);
    expect(driverFor(resource).describe(resource, 'stop').map(plain)).toEqual(['DIR/checked stop']);
    expect(driverFor(resource).label(resource)).toBe(script);
  });

  test('stops it with anything else, before anything was touched', async () => {
    const check = await folder.script('no', 'echo replica is stale; exit 2');
    const script = await folder.script('unchecked', `echo run > ${folder.path}/unchecked.ran`);
    const resource = scriptResource(script, {checkScript: check});
    const outcome = await driverFor(resource).start(resource, contextFor(resource));
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(plain(outcome.detail)).toBe(
      'the check script refused the start: ' +
        'DIR/no: exit code 2 after TIME, last output "replica is stale"',
    );
    expect(await folder.read('unchecked.ran')).toBe('');
  });

  test('that hangs uses up the deadline of the start and is no certain answer', async () => {
    const check = await folder.script('slow', 'sleep 600');
    const resource = scriptResource(await folder.script('after', 'exit 0'), {checkScript: check});
    const outcome = await driverFor(resource).start(
      resource,
      contextFor(resource, {deadlineMs: 500}),
    );
    expect(outcome).toMatchObject({kind: 'unknown'});
    expect(outcome.untouched).toBeUndefined();
  });

  test.each(['', '/bin/true'])('"%s" costs no process', async (checkScript) => {
    const resource = scriptResource(await folder.script('single', 'exit 0'), {checkScript});
    const context = contextFor(resource);
    expect((await driverFor(resource).start(resource, context)).kind).toBe('done');
    expect(context.lines.filter((line) => line.startsWith('spawn'))).toHaveLength(1);
  });
});

describe('the probe of a script', () => {
  test.each([
    [0, 'up', /exit code 0/],
    [1, 'down', /exit code 1/],
    [3, 'down', /exit code 3/],
    [2, 'unknown', /its lock file is there \(LSB code 2\)/],
    [4, 'unknown', /it does not know \(LSB code 4\)/],
    [5, 'unknown', /code 5 means neither up nor down/],
    [126, 'unknown', /not found or not executable/],
    [127, 'unknown', /not found or not executable/],
  ])('takes code %i of status as %s', async (code, state, detail) => {
    const script = await folder.script('status', `[ "$1" = status ] || exit 99; exit ${code}`);
    const resource = scriptResource(script, {probe: 'status'});
    const context = contextFor(resource);
    const probe = await driverFor(resource).probe(resource, context);
    expect(probe).toMatchObject({state, verifiable: true});
    expect(probe.detail).toMatch(detail);
    expect(context.lines).toEqual([]);
  });

  test('that was not asked for answers nothing, and calls nothing', async () => {
    const resource = scriptResource(`${folder.path}/not-there`);
    expect(await driverFor(resource).probe(resource, contextFor(resource))).toEqual({
      state: 'unknown',
      verifiable: false,
      detail: 'it has no status command (probe = none); the last completed action counts',
    });
  });

  test('that hangs, dies or is missing is unknown, never down', async () => {
    for (const text of ['sleep 600', 'kill -KILL $$']) {
      const resource = scriptResource(await folder.script('bad', text), {probe: 'status'});
      const context = contextFor(resource, {deadlineMs: 500});
      const {state, verifiable} = await driverFor(resource).probe(resource, context);
      expect([state, verifiable]).toEqual(['unknown', true]);
    }
    const resource = scriptResource(`${folder.path}/gone`, {probe: 'status'});
    const probe = await driverFor(resource).probe(resource, contextFor(resource));
    expect(probe).toMatchObject({state: 'unknown', verifiable: true});
  });
});
