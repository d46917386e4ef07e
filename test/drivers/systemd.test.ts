import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {SystemdResource} from '../../src/config/resources/systemd.ts';
import {createSystemdDriver} from '../../src/drivers/systemd.ts';
import {readUnit, unitVerdict} from '../../src/drivers/systemd-unit.ts';
import {nodeName, resourceId} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, type Folder} from './scripts.ts';
import {hasNspawn, startMachine, type Machine} from './systemd-machine.ts';

function resource(unit: string): SystemdResource {
  return {
    rid: resourceId('systemd#1'),
    type: 'app.systemd',
    unit,
    startMs: 10_000,
    stopMs: 10_000,
    probeMs: 10_000,
    ...baseDefaults,
    place: {file: 'web.conf', line: 1},
  };
}

const rest = {
  LoadState: 'loaded',
  ActiveState: 'inactive',
  SubState: 'dead',
  Result: 'success',
  MainPID: '0',
  ExecMainCode: '0',
  ExecMainStatus: '0',
  ControlGroup: '',
  Job: '',
};

function shown(change: Partial<typeof rest>): string {
  const all = Object.entries({...rest, ...change});
  return `${all.map(([name, value]) => `${name}=${value}`).join('\n')}\n`;
}

describe('what systemctl shows', () => {
  const group = '/system.slice/web.service';
  const active = {ActiveState: 'active', SubState: 'running', MainPID: '40', ControlGroup: group};
  const failed = {ActiveState: 'failed', SubState: 'failed', Result: 'exit-code'};
  test.each([
    [active, 'up', 'web.service: active (running), main process 40'],
    [
      {...active, SubState: 'exited', MainPID: '0', ControlGroup: ''},
      'up',
      'web.service: active (exited)',
    ],
    [
      {...active, ActiveState: 'reloading', SubState: 'reload', Job: '7'},
      'up',
      'web.service: reloading (reload), main process 40, a job of it is under way',
    ],
    [{...active, ActiveState: 'refreshing'}, 'up', /^web.service: refreshing/],
    [{}, 'down', 'web.service: inactive (dead)'],
    [
      {...failed, ExecMainCode: '1', ExecMainStatus: '203'},
      'down',
      'web.service: failed, result exit-code, exit code 203',
    ],
    [
      {...failed, Result: 'timeout', ExecMainCode: '2', ExecMainStatus: '15'},
      'down',
      'web.service: failed, result timeout, signal 15',
    ],
    [
      {ControlGroup: group},
      'unknown',
      `web.service: inactive (dead), but processes of it are left in ${group}`,
    ],
    [{...failed, ControlGroup: group}, 'unknown', /but processes of it are left/],
    [
      {ActiveState: 'activating', SubState: 'start', Job: '392', MainPID: '63'},
      'unknown',
      /activating \(start\), main process 63, a job .*: it is still being started$/,
    ],
    [
      {ActiveState: 'activating', SubState: 'auto-restart', Result: 'exit-code', ExecMainCode: '1'},
      'unknown',
      /result exit-code, exit code 0: it ended, and systemd means to start it again by itself/,
    ],
    [
      {ActiveState: 'deactivating', SubState: 'stop-sigterm'},
      'unknown',
      /: it is still being stopped$/,
    ],
    [{ActiveState: 'maintenance'}, 'unknown', /cleaning up/],
    [{ActiveState: 'dreaming'}, 'unknown', /not known here/],
    [{LoadState: 'not-found'}, 'down', /; web.service: no such unit$/],
    [{LoadState: 'masked'}, 'down', /it is masked: systemctl unmask web.service$/],
    [{LoadState: 'bad-setting'}, 'down', /its file is wrong \(bad-setting\)/],
  ] as const)('%j is %s', (change, state, detail) => {
    const unit = readUnit('web.service', shown(change));
    const seen = unitVerdict(unit!);
    expect(seen.state).toBe(state);
    if (typeof detail === 'string') expect(seen.detail).toBe(detail);
    else expect(seen.detail).toMatch(detail);
    expect(seen.broken).toBe(
      'ActiveState' in change && change.ActiveState === 'failed' && state === 'unknown'
        ? true
        : undefined,
    );
  });

  test('is no answer where the states are missing', () => {
    expect(readUnit('web.service', '')).toBeNull();
    expect(readUnit('web.service', 'LoadState=loaded\nnonsense\n=x\n')).toBeNull();
  });
});

describe('a systemctl that answers badly', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.remove());

  const driver = async (script: string) => {
    const systemctl = await folder.script('systemctl', script);
    return createSystemdDriver({node: nodeName('node1'), systemctl});
  };

  test('makes it unknown, and nothing is started', async () => {
    const one = resource('web.service');
    const said = 'Failed to connect to bus: No such file or directory';
    const own = await driver(`echo '${said}' >&2; exit 1`);
    const seen = await own.probe(one, contextFor(one));
    expect(seen.state).toBe('unknown');
    expect(seen.detail).toContain(`last output "${said}"`);
    expect(await own.start(one, contextFor(one))).toMatchObject({kind: 'failed', untouched: true});
    const empty = await driver('exit 0');
    expect((await empty.probe(one, contextFor(one))).detail).toMatch(/no answer that can be read$/);
    const slow = await driver('sleep 60');
    expect((await slow.probe(one, contextFor(one, {deadlineMs: 200}))).state).toBe('unknown');
  });

  test('is asked for no password and uses no pager', async () => {
    const one = resource('web.service');
    const own = await driver(`echo "$* [$SYSTEMD_PAGER]" >>${folder.path}/said
case $1 in show) printf '${shown({}).replaceAll('\n', String.raw`\n`)}';; esac`);
    expect((await own.start(one, contextFor(one))).kind).toBe('done');
    expect((await own.stop(one, contextFor(one))).kind).toBe('done');
    const properties = Object.keys(rest).join(',');
    expect((await folder.read('said')).trim().split('\n')).toEqual([
      `show --no-pager --property=${properties} -- web.service []`,
      '--no-ask-password start -- web.service []',
      '--no-ask-password stop -- web.service []',
    ]);
    expect(own.label(one)).toBe('web.service');
    expect(own.describe(one, 'stop')).toEqual(['systemctl stop web.service']);
  });
});

describe.skipIf(!hasNspawn)('a real systemd', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await startMachine({
      'good.service': '[Service]\nExecStart=/bin/sleep 1000\n',
      'bad.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
      'slow.service': '[Service]\nType=notify\nExecStart=/bin/sleep 1000\n',
      'left.service':
        '[Service]\nKillMode=process\nExecStart=/bin/sh -c "sleep 1000 & exec sleep 1000"\n',
      'again.service':
        '[Service]\nExecStart=/bin/sh -c "exec $$(cat /run/again)"\n' +
        'Restart=always\nRestartSec=900\n',
      'burst.service':
        '[Unit]\nStartLimitBurst=1\nStartLimitIntervalSec=900\n' +
        '[Service]\nExecStart=/bin/sleep 1000\n',
      'hidden.service': null,
    });
  }, 60_000);
  afterAll(() => machine.remove());

  const driver = () => createSystemdDriver({node: nodeName('node1'), systemctl: machine.systemctl});
  const look = async (one: SystemdResource) => driver().probe(one, contextFor(one));

  test('starts and stops a unit', async () => {
    const one = resource('good.service');
    expect((await look(one)).state).toBe('down');
    expect(await driver().start(one, contextFor(one))).toMatchObject({kind: 'done'});
    const seen = await look(one);
    expect(seen.state).toBe('up');
    expect(seen.detail).toMatch(/^good.service: active \(running\), main process \d+$/);
    expect(await driver().stop(one, contextFor(one))).toMatchObject({kind: 'done'});
    expect((await look(one)).state).toBe('down');
  });

  test('says why a unit fails', async () => {
    const one = resource('bad.service');
    const outcome = await driver().start(one, contextFor(one));
    expect(outcome.kind).toBe('failed');
    expect(outcome.detail).toMatch(/; bad.service: failed, result exit-code, exit code 1$/);
    expect((await look(one)).state).toBe('down');
  });

  test('knows no such unit, and none that is masked', async () => {
    for (const [unit, why] of [
      ['none.service', 'none.service: no such unit'],
      ['hidden.service', 'hidden.service: it is masked: systemctl unmask hidden.service'],
    ] as const) {
      const one = resource(unit);
      expect(await driver().start(one, contextFor(one))).toMatchObject({
        kind: 'failed',
        detail: why,
        untouched: true,
      });
      expect((await look(one)).state).toBe('down');
    }
  });

  test('leaves a start that is cut short unknown, and a stop takes it back', async () => {
    const one = resource('slow.service');
    const outcome = await driver().start(one, contextFor(one, {deadlineMs: 1_000}));
    expect(outcome.kind).toBe('unknown');
    expect((await look(one)).detail).toMatch(
      /a job of it is under way: it is still being started$/,
    );
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('down');
  });

  test('does not call a unit stopped whose processes go on', async () => {
    const one = resource('left.service');
    expect((await driver().start(one, contextFor(one))).kind).toBe('done');
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
    const seen = await look(one);
    expect(seen.state).toBe('unknown');
    expect(seen.detail).toMatch(/but processes of it are left in \S*left.service$/);
  });

  test('starts at once what waits for its own restart', async () => {
    const one = resource('again.service');
    await machine.inside('echo false >/run/again; systemctl start again.service');
    await expect.poll(async () => (await look(one)).detail, {timeout: 30_000}).toMatch(/Restart=/);
    await machine.inside('echo sleep 1000 >/run/again');
    expect((await driver().start(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('up');
    expect((await driver().stop(one, contextFor(one))).kind).toBe('done');
  });

  test('starts a unit again that reached its limit of starts', async () => {
    const one = resource('burst.service');
    expect((await driver().start(one, contextFor(one))).kind).toBe('done');
    await machine.inside('systemctl kill -s KILL burst.service');
    await expect.poll(async () => (await look(one)).state, {timeout: 30_000}).toBe('down');
    expect((await driver().start(one, contextFor(one))).kind).toBe('done');
    expect((await look(one)).state).toBe('up');
  });
});
