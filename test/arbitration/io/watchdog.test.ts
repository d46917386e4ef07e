/** The shell's watchdog on a FIFO: whoever reads it sees what a driver would. */

import {execFileSync} from 'node:child_process';
import {createReadStream, mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {tmpdir} from 'node:os';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {Watchdog} from '../../../src/arbitration/io/watchdog.ts';
import type {WatchdogReport} from '../../../src/arbitration/watchdog.ts';
import type {WatchdogDevice} from '../../../src/drivers/host/watchdog-device.ts';
import {until} from '../../eventually.ts';

let folder = '';
let heard = '';
let closedCount = 0;
let reports: WatchdogReport[] = [];
let nowMs = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
  execFileSync('mkfifo', [join(folder, 'wd')]);
  heard = '';
  closedCount = 0;
  reports = [];
  nowMs = 0;
});
afterEach(() => rmSync(folder, {recursive: true}));

const create = (open?: () => Promise<WatchdogDevice>): Watchdog =>
  new Watchdog({
    report: (report) => void reports.push(report),
    nowMs: () => nowMs,
    ...(open === undefined ? {} : {open}),
  });
const external = {timeoutMs: 2_000, assume: 'external-watchdog'} as const;
const states = (): readonly string[] => reports.map(({state}) => state);

async function armed(): Promise<Watchdog> {
  createReadStream(join(folder, 'wd'), 'latin1')
    .on('data', (text) => (heard += text))
    .on('end', () => (closedCount += 1));
  const watchdog = create();
  watchdog.arm({...external, device: join(folder, 'wd')});
  await until(() => {
    if (states().at(-1) === 'armed') return true;
    // The reader opens its end a little later: until then there is no watchdog.
    if (states().at(-1) === 'failed') {
      reports = [];
      watchdog.arm({...external, device: join(folder, 'wd')});
    }
    return false;
  });
  reports = [];
  return watchdog;
}

describe('the watchdog', () => {
  test('is fed on order, and disarmed with V before it is closed', async () => {
    const watchdog = await armed();
    watchdog.feed(10);
    await until(() => reports.length === 1);
    watchdog.release();
    await watchdog.close();
    await until(() => closedCount === 1);
    expect(reports).toEqual([{state: 'fed', atMs: 0}, {state: 'released'}]);
    expect(heard).toMatch(/^\0+V$/);
  });

  test('is not fed once the right has ended, whenever that was ordered', async () => {
    const watchdog = await armed();
    const before = heard;
    nowMs = 10;
    watchdog.feed(10);
    watchdog.release();
    await watchdog.close();
    expect(states()).toEqual(['released']);
    expect(heard.replace(before, '')).toBe('V');
  });

  test('that fences is never fed again, and not disarmed', async () => {
    const watchdog = await armed();
    await watchdog.fence({...external, device: join(folder, 'wd')});
    watchdog.feed(10);
    expect(reports).toEqual([]);
    expect(heard).not.toContain('V');
  });

  test('behind a FIFO is refused where nobody vouches for it', async () => {
    const watchdog = create(() => Promise.resolve(device({isDriver: false})));
    watchdog.arm({device: '/dev/wd', timeoutMs: 2_000, assume: 'no-vm-pause'});
    await until(() => reports.length === 1);
    expect(reports).toEqual([
      {state: 'failed', detail: '/dev/wd is a FIFO and no watchdog of the kernel'},
    ]);
  });

  test('whose driver keeps a far longer time-out is not used', async () => {
    const watchdog = create(() => Promise.resolve(device({timeoutMs: 60_000})));
    watchdog.arm({device: '/dev/wd', timeoutMs: 5_000, assume: 'nothing'});
    await until(() => reports.length === 1);
    expect(reports).toEqual([
      {state: 'failed', detail: 'its time-out is 60000 ms, and 5000 ms were asked for'},
    ]);
  });

  test('that is missing says so', async () => {
    const watchdog = create();
    watchdog.arm({device: join(folder, 'none'), timeoutMs: 5_000, assume: 'nothing'});
    await until(() => reports.length === 1);
    expect(states()).toEqual(['failed']);
  });

  test('whose driver blocks has one feed under way, and is reported', async () => {
    let feeds = 0;
    const feed = (): Promise<void> => {
      feeds += 1;
      return new Promise(() => undefined);
    };
    const watchdog = create(() => Promise.resolve(device({feed, timeoutMs: 50})));
    watchdog.arm({device: '/dev/wd', timeoutMs: 50, assume: 'nothing'});
    await until(() => reports.length === 1);
    for (let count = 0; count < 5; count += 1) watchdog.feed(10);
    await until(() => reports.length === 2);
    expect(feeds).toBe(1);
    expect(reports[1]).toEqual({
      state: 'failed',
      detail: 'it cannot be fed: the driver gave no answer in 50 ms',
    });
  });
});

function device(change: Partial<WatchdogDevice>): WatchdogDevice {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    timeoutMs: 2_000,
    identity: 'test',
    isDriver: true,
    mayRelease: true,
    feed: nothing,
    release: nothing,
    shorten: nothing,
    abandon: () => undefined,
    ...change,
  };
}
