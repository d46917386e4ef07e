/**
 * Our watchdog code on a real driver. `feed`: it is fed for longer than its time-out, disarmed, and
 * outlived. `starve`: it is fed once, and then no more; nobody hears of what comes after that.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import {Watchdog} from '../../../src/arbitration/io/watchdog.ts';
import type {WatchdogReport} from '../../../src/arbitration/watchdog.ts';

const timeoutMs = 6_000;
const feedMs = 500;
const triesMax = 10;
const retryMs = 3_000;
const order = {device: '/dev/watchdog', timeoutMs, assume: 'nothing'} as const;
const say = (text: string): void => console.log(`vm: ${text}`);

const reports: WatchdogReport[] = [];
const watchdog = new Watchdog({
  nowMs: () => performance.now(),
  report: (report) => {
    reports.push(report);
    if (report.state !== 'fed') say(JSON.stringify(report));
  },
});

async function until(state: WatchdogReport['state']): Promise<void> {
  while (!reports.some((report) => report.state === state)) await sleep(20);
}

/** As the engine does: what failed is tried again after a while. */
async function arm(): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const before = reports.length;
    watchdog.arm(order);
    while (reports.length === before) await sleep(20);
    if (reports.some(({state}) => state === 'armed')) return;
    await sleep(retryMs);
  }
  say('it was not armed');
  process.exit(1);
}

// The deadline of an open is about the driver; without KVM the first load of a library is slow.
const koffi = await import('koffi');
koffi.load(null);
await arm();
if (process.argv[2] === 'feed') {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < 2.5 * timeoutMs) {
    watchdog.feed(Infinity);
    await sleep(feedMs);
  }
  say(`fed ${reports.filter(({state}) => state === 'fed').length} times`);
  watchdog.release();
  await until('released');
} else {
  watchdog.feed(Infinity);
  await until('fed');
  say('starving');
}
await sleep(2 * timeoutMs);
say('alive');
process.exit(0);
