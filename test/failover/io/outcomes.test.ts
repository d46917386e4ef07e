import {access} from 'node:fs/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {ScriptResource} from '../../../src/config/resources/script.ts';
import type {ServiceConfig} from '../../../src/config/types.ts';
import {resourceId} from '../../../src/kernel/ids.ts';
import {makeFolder, scriptResource, serviceOf, type Folder} from '../../drivers/scripts.ts';
import {makeRig, statefulScript, type Rig} from './rig.ts';

let folder: Folder;
let rig: Rig;

beforeEach(async () => {
  folder = await makeFolder();
  rig = makeRig();
});

afterEach(async () => {
  await rig.runner.close();
  await folder.remove();
});

/** Resources r1, r2 ... on stateful scripts; short deadlines where something is to run into one. */
async function service(
  count: number,
  changes: Readonly<Record<string, Partial<ScriptResource>>> = {},
): Promise<ServiceConfig> {
  const resources: ScriptResource[] = [];
  for (let index = 1; index <= count; index += 1) {
    const name = `r${index}`;
    const script = await folder.script(name, statefulScript);
    const rid = resourceId(name);
    resources.push(scriptResource(script, {rid, probe: 'status', ...changes[name]}));
  }
  return serviceOf(resources);
}

const how = (name: string, verb: 'start' | 'stop', what: string): Promise<string> =>
  folder.file(`${name}.${verb}`, `${what}\n`);
const isUp = async (name: string): Promise<boolean> => {
  return access(`${folder.path}/${name}.up`).then(
    () => true,
    () => false,
  );
};
const diary = async (): Promise<string> =>
  (await folder.read('diary')).trim().replaceAll('\n', ', ');

describe('a condition of a start', () => {
  const place = {file: 'web.conf', line: 9};
  const requires = [{rid: 'r1', states: ['up', 'stdby up'], place}] as const;

  test('is looked at when its turn has come, and holds', async () => {
    expect(await rig.run(await service(2, {r2: {requires}}))).toMatchObject({kind: 'done'});
    expect(await diary()).toBe(
      'r1 status, r1 start, r1 status, r2 status, r1 status, r2 start, r2 status',
    );
  });

  test('that does not hold ends the start, which touched nothing more and is undone', async () => {
    const down = [{rid: 'r1', states: ['down'], place}] as const;
    const outcome = await rig.run(await service(2, {r2: {requires: down}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toContain(
      'r2 could not be started: requires on resource r1 in state down, current state up',
    );
    expect(await diary()).not.toContain('r2 start');
    expect(await isUp('r1')).toBe(false);
  });

  test('of what can not be asked never holds', async () => {
    const changes = {r1: {probe: 'none'}, r2: {requires}} as const;
    const outcome = await rig.run(await service(2, changes));
    expect(outcome.detail).toContain('in state up or stdby up, current state unknown');
  });
});

describe('a start', () => {
  test('goes through the steps, each acted on and then asked', async () => {
    const outcome = await rig.run(await service(2));
    expect(outcome).toMatchObject({kind: 'done', clean: true, detail: '2 resources started'});
    expect(await diary()).toBe('r1 status, r1 start, r1 status, r2 status, r2 start, r2 status');
    expect(rig.story()).toEqual([
      'start r1 begin',
      'start r1 done',
      'start r2 begin',
      'start r2 done',
    ]);
    expect(rig.progress.at(-1)).toMatchObject({step: 2, steps: 2, plan: 'web/1/start/1'});
  });

  test('skips what is up already, and says so', async () => {
    const web = await service(2);
    await folder.file('r1.up', '');
    expect((await rig.run(web)).kind).toBe('done');
    expect(await diary()).toBe('r1 status, r2 status, r2 start, r2 status');
    expect(rig.progress[1]!.detail).toMatch(/^already up, start skipped \(.*exit code 0/);
  });

  test('that fails half-way is undone from the half-started resource back', async () => {
    await how('r2', 'start', 'half');
    const outcome = await rig.run(await service(3));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(
      /^r2 could not be started: .*r2: exit code 1 after .*, last output "half-way"; probed up/,
    );
    expect(outcome.detail).toMatch(/; undone: r2, r1$/);
    expect(rig.story().slice(2)).toEqual([
      'start r2 begin',
      'start r2 failed',
      'undo r2 begin',
      'undo r2 done',
      'undo r1 begin',
      'undo r1 done',
    ]);
    for (const name of ['r1', 'r2', 'r3']) expect(await isUp(name)).toBe(false);
  });

  test('that fails takes down what was up before it too', async () => {
    await how('r2', 'start', 'fail');
    const web = await service(3);
    await folder.file('r1.up', '');
    await folder.file('r3.up', '');
    const outcome = await rig.run(web);
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(/; undone: r3, r2, r1$/);
    for (const name of ['r1', 'r2', 'r3']) expect(await isUp(name)).toBe(false);
  });

  test('that exits 0 while the resource stays down is a failure', async () => {
    await how('r1', 'start', 'lie');
    const outcome = await rig.run(await service(1, {r1: {startMs: 2_000}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(/exit code 0 after .*; probed down: /);
  });

  test('of a program that needs a moment to be up is waited for', async () => {
    const text = `case $1 in
      start) (sleep 0.2; : > "$0.up") & ;;
      stop) rm -f "$0.up" ;;
      status) [ -e "$0.up" ] || exit 3 ;;
      esac`;
    const slow = scriptResource(await folder.script('slow', text), {probe: 'status'});
    expect(await rig.run(serviceOf([slow]))).toMatchObject({kind: 'done'});
  });

  test('that hangs is ended and undone; it is clean because it was seen down', async () => {
    await how('r1', 'start', 'hang');
    const outcome = await rig.run(await service(1, {r1: {startMs: 2_000}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(
      /not done within 2s, so its process group was killed; probed up/,
    );
    expect(await isUp('r1')).toBe(false);
  });

  test('that hangs is never clean where nobody can ask', async () => {
    await how('r1', 'start', 'hang');
    const outcome = await rig.run(await service(1, {r1: {startMs: 2_000, probe: 'none'}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toMatch(
      /may still run here: r1: its start ended without a certain outcome/,
    );
  });

  test('that fails with a code is clean where nobody can ask but the stop went well', async () => {
    await how('r2', 'start', 'half');
    const outcome = await rig.run(await service(2, {r1: {probe: 'none'}, r2: {probe: 'none'}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(/not verified: .*; undone: r2, r1$/);
  });

  test('of a script that is missing leaves nothing to undo, and is clean', async () => {
    const missing = scriptResource(`${folder.path}/missing`);
    const outcome = await rig.run(serviceOf([missing]));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toMatch(/missing: no such file; nothing had to be undone$/);
  });

  test('goes on past an optional resource that fails, and names it', async () => {
    await how('r1', 'start', 'fail');
    const outcome = await rig.run(await service(2, {r1: {optional: true}}));
    expect(outcome).toMatchObject({kind: 'done', clean: true});
    expect(outcome.detail).toMatch(
      /^2 resources started; optional r1 did not start: .*exit code 1/,
    );
    expect(await isUp('r2')).toBe(true);
  });

  test('whose undo lies is not clean, and says what may still run', async () => {
    await how('r2', 'start', 'fail');
    await how('r1', 'stop', 'lie');
    const outcome = await rig.run(await service(2, {r1: {stopMs: 1_500}}));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toMatch(/may still run here: r1: tried twice: .*exit code 0.*probed up/);
  });

  test('leaves disabled resources alone', async () => {
    const web = await service(2, {r1: {disabled: true}});
    expect(await rig.run(web)).toMatchObject({kind: 'done', detail: '1 resource started'});
    expect(await diary()).not.toContain('r1');
  });
});

describe('a stop', () => {
  const up = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await folder.file(`${name}.up`, '');
  };

  test('goes through the steps in reverse', async () => {
    const web = await service(2);
    await up('r1', 'r2');
    expect(await rig.run(web, 'stop')).toMatchObject({
      kind: 'done',
      clean: true,
      detail: '2 resources stopped',
    });
    expect(await diary()).toBe('r2 status, r2 stop, r2 status, r1 status, r1 stop, r1 status');
  });

  test('skips what is down already, and says so', async () => {
    const web = await service(2);
    await up('r1');
    expect((await rig.run(web, 'stop')).kind).toBe('done');
    expect(await diary()).toBe('r2 status, r1 status, r1 stop, r1 status');
    expect(rig.progress[1]!.detail).toMatch(/^already down, stop skipped/);
  });

  test('calls what can not be asked, and believes its code', async () => {
    const web = await service(1, {r1: {probe: 'none'}});
    expect((await rig.run(web, 'stop')).kind).toBe('done');
    expect(await diary()).toBe('r1 stop');
  });

  test.each([
    ['fail', /tried twice: .*exit code 1 after .*, last output "no stop"; probed up/],
    ['hang', /tried twice: .*not done within 1\.5s.*; probed up/],
    ['lie', /tried twice: .*exit code 0 after .*; probed up/],
  ])(
    'of a resource whose stop does "%s" is tried twice, and the rest is stopped',
    async (what, detail) => {
      await how('r2', 'stop', what);
      const web = await service(3, {r2: {stopMs: 1_500}});
      await up('r1', 'r2', 'r3');
      const outcome = await rig.run(web, 'stop');
      expect(outcome).toMatchObject({kind: 'failed', clean: false});
      expect(outcome.detail).toMatch(/^not stopped: r2: /);
      expect(outcome.detail).toMatch(detail);
      expect((await diary()).match(/r2 stop/g)).toHaveLength(2);
      expect([await isUp('r1'), await isUp('r2'), await isUp('r3')]).toEqual([false, true, false]);
      expect(rig.lines.some(({line}) => line.startsWith('stop is tried again: '))).toBe(true);
    },
  );

  test('that fails though the resource is down has done its work', async () => {
    const text = `case $1 in
      stop) rm -f "$0.up"; exit 1 ;;
      status) [ -e "$0.up" ] || exit 3 ;;
      esac`;
    const killall = scriptResource(await folder.script('killall', text), {probe: 'status'});
    await up('killall');
    const outcome = await rig.run(serviceOf([killall]), 'stop');
    expect(outcome).toMatchObject({kind: 'done', clean: true});
    expect(rig.progress.at(-1)!.detail).toMatch(/exit code 1 after .*; probed down/);
  });

  test('of an optional resource that can not be stopped fails: it still runs here', async () => {
    await how('r1', 'stop', 'fail');
    const web = await service(1, {r1: {optional: true}});
    await up('r1');
    expect(await rig.run(web, 'stop')).toMatchObject({kind: 'failed', clean: false});
  });

  test('of nothing is done', async () => {
    const web = await service(1, {r1: {disabled: true}});
    expect(await rig.run(web, 'stop')).toMatchObject({kind: 'done', clean: true});
  });

  test('may take a moment after the script has returned', async () => {
    const text = `case $1 in
      stop) (sleep 0.2; rm -f "$0.up") & ;;
      status) [ -e "$0.up" ] || exit 3 ;;
      esac`;
    const slow = scriptResource(await folder.script('slow', text), {probe: 'status'});
    await up('slow');
    expect(await rig.run(serviceOf([slow]), 'stop')).toMatchObject({kind: 'done'});
  });
});

describe('a probe', () => {
  test('asks every enabled resource and merges the answers', async () => {
    const web = await service(3, {r3: {disabled: true}});
    await folder.file('r1.up', '');
    expect(await rig.runner.probe(web)).toMatchObject({
      state: 'unknown',
      partial: true,
      verifiable: true,
      resources: [
        {rid: 'r1', state: 'up', verifiable: true},
        {rid: 'r2', state: 'down', verifiable: true},
      ],
    });
    expect(rig.progress).toEqual([]);
    expect(rig.lines).toEqual([]);
  });
});
