/**
 * A thousand starts through the runner and the drivers, with scripts that do next to nothing: what
 * they cost the thread that beats and decides, and how long that is kept from its timers.
 */

import {existsSync, mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {ServiceConfig} from '../../src/config/types.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {appResource, makeFolder, serviceOf} from '../drivers/scripts.ts';
import {makeRig} from '../failover/io/rig.ts';
import {row, spreadOf, type Row} from './measure.ts';

const count = 1_000;
/** How often the loop is asked whether it is late, ms. */
const lookMs = 5;
/** Memory: a thousand new files in a folder of a disk cost as much as the scripts. */
const memory = '/dev/shm';

export async function startsBench(): Promise<readonly Row[]> {
  const folder = await makeFolder();
  const flags = existsSync(memory) ? mkdtempSync(join(memory, 'ha-bench-')) : folder.path;
  const rig = makeRig();
  try {
    const script = await folder.script('flag', flagScript(flags));
    const services = Array.from({length: count}, (_, index) => flagService(script, index));
    const begunMs = Date.now();
    const lag = watchLag();
    const begun = process.threadCpuUsage();
    const sinceMs = performance.now();
    const outcomes = await Promise.all(services.map((service) => rig.run(service)));
    const tookMs = performance.now() - sinceMs;
    const used = process.threadCpuUsage(begun);
    const lagMaxMs = lag();
    const failed = outcomes.find(({kind}) => kind !== 'done');
    if (failed !== undefined) throw new Error(failed.detail);
    const issued = readdirSync(flags)
      .filter((name) => name.endsWith('.flag'))
      .map((name) => statSync(join(flags, name)).mtimeMs - begunMs);
    const at = `${count} services`;
    const cpuMs = (used.user + used.system) / 1_000;
    return [
      row({
        what: 'starts: CPU of the deciding thread per start',
        at,
        value: cpuMs / count,
        unit: 'ms',
      }),
      row({what: 'starts: longest delay of a timer meanwhile', at, value: lagMaxMs, unit: 'ms'}),
      row({what: 'starts: the last start command', at, value: spreadOf(issued).max, unit: 'ms'}),
      row({what: 'starts: all seen up', at, value: tookMs, unit: 'ms'}),
    ];
  } finally {
    await rig.runner.close();
    rmSync(flags, {recursive: true, force: true});
    await folder.remove();
  }
}

/** Returns what ends it and tells the longest delay, ms. */
function watchLag(): () => number {
  let dueMs = performance.now() + lookMs;
  let maxMs = 0;
  const look = (): void => {
    const nowMs = performance.now();
    maxMs = Math.max(maxMs, nowMs - dueMs);
    dueMs = nowMs + lookMs;
  };
  const timer = setInterval(look, lookMs);
  return () => {
    look();
    clearInterval(timer);
    return maxMs;
  };
}

function flagScript(folder: string): string {
  return `flag=${folder}/$HA_SERVICE.flag
case $1 in
start) : > $flag ;;
stop) rm -f $flag ;;
status) [ -e $flag ] || exit 3 ;;
esac`;
}

function flagService(script: string, index: number): ServiceConfig {
  const verbs = {start: [script, 'start'], stop: [script, 'stop'], check: [script, 'status']};
  const patience = {startMs: 60_000, stopMs: 60_000, probeMs: 60_000};
  return serviceOf([appResource({...verbs, ...patience})], {name: serviceName(`s${index}`)});
}
