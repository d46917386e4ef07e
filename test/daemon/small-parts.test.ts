import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {parseBootTime, readBootId} from '../../src/daemon/boot-id.ts';
import {dateFreeze} from '../../src/daemon/date-freeze.ts';
import {findingLine} from '../../src/daemon/findings-text.ts';
import {failure} from '../../src/daemon/prepare.ts';
import {lockState, pidFilePath, removePid, writePid} from '../../src/daemon/instance-lock.ts';
import {watchdogMs} from '../../src/daemon/service-manager.ts';
import type {Command} from '../../src/engine/types.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-parts-'));
});
afterEach(() => {
  rmSync(directory, {recursive: true, force: true});
});

describe('the boot', () => {
  test.runIf(process.platform === 'linux')('has an id of the kernel on Linux', async () => {
    const first = await readBootId('linux');
    expect(first).toEqual(await readBootId('linux'));
    expect(first.ok && first.value).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('is known by its second on FreeBSD', () => {
    const text = '{ sec = 1795176000, usec = 5021 } Fri Nov 20 12:00:00 2026\n';
    expect(parseBootTime(text)).toEqual({ok: true, value: 'boottime-1795176000'});
    expect(parseBootTime('')).toMatchObject({ok: false, error: {code: 'HA_BOOT_ID'}});
  });
});

describe.runIf(process.platform === 'linux')('the lock of a state directory', () => {
  test('is one process at a time, by whatever path, and free again after its release', async () => {
    const pidFile = pidFilePath(directory);
    const first = await lockState(directory, pidFile);
    if (!first.ok) throw new Error('it is ours');
    await writePid(pidFile, 'boot');
    const second = await lockState(join(directory, '..', directory.split('/').at(-1)!), pidFile);
    expect(second).toMatchObject({
      ok: false,
      error: {
        code: 'HA_ALREADY_RUNNING',
        message: expect.stringContaining(`(pid ${process.pid})`) as string,
      },
    });
    first.value.release();
    expect((await lockState(directory, pidFile)).ok).toBe(true);
  });

  test('removes no pid file but its own', async () => {
    const pidFile = pidFilePath(directory);
    writeFileSync(pidFile, '1\nboot\n');
    await removePid(pidFile);
    expect(readFileSync(pidFile, 'utf8')).toBe('1\nboot\n');
  });
});

test('a freeze is dated on the clocks of the daemon, whatever its sender said', () => {
  const freeze = {by: 'liar', why: 'x', since: 'long ago', untilMs: 60_000, until: 'never'};
  const clocks = {nowMs: 500, wallMs: Date.UTC(2026, 10, 20)};
  const command: Command = {verb: 'drain', freeze};
  expect(dateFreeze(command, 'root', clocks)).toEqual({
    verb: 'drain',
    freeze: {
      by: 'root',
      why: 'x',
      since: '2026-11-20T00:00:00.000Z',
      untilMs: 60_500,
      until: '2026-11-20T00:01:00.000Z',
    },
  });
  const endless: Command = {verb: 'drain', freeze: {...freeze, untilMs: null}};
  expect(dateFreeze(endless, 'root', clocks)).toMatchObject({freeze: {untilMs: null, until: null}});
  expect(dateFreeze({verb: 'undrain'}, 'root', clocks)).toEqual({verb: 'undrain'});
});

test.each([
  [{WATCHDOG_USEC: '30000000'}, 30_000],
  [{WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid)}, 30_000],
  [{WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1'}, 0],
  [{WATCHDOG_USEC: 'x'}, 0],
  [{}, 0],
])('the environment %j means a watchdog of %d ms', (env, expected) => {
  expect(watchdogMs(env)).toBe(expected);
});

test('a failure to start has its code behind what went wrong', () => {
  const error = {code: 'HA_X', message: 'expected a, found b'};
  expect(failure(1, error)).toEqual({exit: 1, lines: ['expected a, found b (HA_X)']});
  expect(failure(1, {...error, hint: 'Write a.'}).lines[1]).toBe('Write a.');
});

test('a finding says where, what and what to write', () => {
  const finding = {
    file: 'cluster.conf',
    line: 14,
    severity: 'error',
    code: 'HA_CONF_X',
    message: 'expected a, found b',
    hint: 'Write a.',
  } as const;
  expect(findingLine(finding)).toBe(
    'cluster.conf:14: error: expected a, found b. Write a. (HA_CONF_X)',
  );
  expect(findingLine({...finding, line: 0, hint: ''})).toBe(
    'cluster.conf: error: expected a, found b (HA_CONF_X)',
  );
});
