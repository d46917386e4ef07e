/**
 * What a daemon that has nothing to do costs, at the default profile with two links and a disk: the
 * daemon itself, and the process per disk that it keeps. Beside it a Node that does nothing at all.
 */

import {spawn} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {medianOf, row, type Row} from './measure.ts';
import type {TwoDaemons} from './two-daemons.ts';

/** Kernel ticks of /proc/PID/stat: USER_HZ, which is 100 on every Linux. */
const tickMs = 10;
const settleMs = 5_000;

interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

export async function daemonBench(daemons: TwoDaemons, windowMs: number): Promise<readonly Row[]> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'ignore'});
  try {
    await delay(settleMs);
    const groups = daemons.pids.map((pid) => ({own: [pid], children: childrenOf(pid)}));
    const own = await measure(
      groups.map((group) => group.own),
      windowMs,
    );
    const children = groups.map(({children: pids}) => usageOf(pids));
    const both = await measure(
      groups.map((group) => [...group.own, ...group.children]),
      windowMs,
    );
    const nothing = usageOf([bare.pid ?? 0]);
    return [
      cpuRow('the daemon alone', own.cpuPercent),
      cpuRow('with its disk process', both.cpuPercent, 0.5),
      rssRow('the daemon alone', own.rssMb, {bareMb: nothing.rssMb, atMost: 90}),
      rssRow('its disk process', medianOf(children.map(({rssMb}) => rssMb)), {
        bareMb: nothing.rssMb,
      }),
      rssRow('together', both.rssMb, {bareMb: nothing.rssMb}),
    ];
  } finally {
    bare.kill('SIGKILL');
  }
}

function cpuRow(at: string, value: number, atMost?: number): Row {
  const bound = atMost === undefined ? {} : {atMost};
  return row({what: 'idle: processor time', at, value, unit: '% of a core', ...bound});
}

function rssRow(
  at: string,
  value: number,
  beside: {readonly bareMb: number; readonly atMost?: number},
): Row {
  const {bareMb, atMost} = beside;
  const bound = atMost === undefined ? {} : {atMost};
  const text = `${(value / bareMb).toFixed(2)} x a Node that does nothing`;
  return row({what: 'idle: resident memory', at, value, unit: 'MB', beside: text, ...bound});
}

/** Medians over the groups, for the window. */
async function measure(
  groups: readonly (readonly number[])[],
  windowMs: number,
): Promise<{readonly cpuPercent: number; readonly rssMb: number}> {
  const startMs = performance.now();
  const before = groups.map(usageOf);
  await delay(windowMs);
  const after = groups.map(usageOf);
  const tookMs = performance.now() - startMs;
  const percents = after.map(({cpuMs}, index) => ((cpuMs - before[index]!.cpuMs) / tookMs) * 100);
  return {cpuPercent: medianOf(percents), rssMb: medianOf(after.map(({rssMb}) => rssMb))};
}

/** Summed over the processes, the children that have ended and were waited for included. */
function usageOf(pids: readonly number[]): Usage {
  let cpuMs = 0;
  let rssMb = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    // Fields 14 to 17 of proc(5): own user and system time, and those of ended children.
    for (const field of [11, 12, 13, 14]) cpuMs += Number(stat[field]) * tickMs;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    rssMb += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
  }
  return {cpuMs, rssMb};
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((text) => text.trim() !== '')
      .map(Number),
  );
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
