/** Real scripts in a folder of their own, and the configuration records that name them. */

import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {launcherDefaults, type AppResource} from '../../src/config/resources/app.ts';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {ScsiReservation} from '../../src/config/resources/scsi-reservation.ts';
import type {ScriptResource} from '../../src/config/resources/script.ts';
import type {ResourceConfig, ServiceConfig} from '../../src/config/types.ts';
import type {DriverContext} from '../../src/failover/types.ts';
import {nodeName, resourceId, serviceName} from '../../src/kernel/ids.ts';

export interface Folder {
  readonly path: string;
  /** Writes an executable `#!/bin/sh` script (or the text as it is, where it starts with `#!`). */
  script(name: string, text: string, mode?: number): Promise<string>;
  file(name: string, text: string, mode?: number): Promise<string>;
  read(name: string): Promise<string>;
  remove(): Promise<void>;
}

export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'ha-scripts-'));
  const file = async (name: string, text: string, mode = 0o644): Promise<string> => {
    const target = join(path, name);
    await writeFile(target, text);
    // The mode of writeFile is subject to the umask of whoever runs the tests.
    await chmod(target, mode);
    return target;
  };
  return {
    path,
    file,
    script: (name, text, mode = 0o755) => file(name, `#!/bin/sh\n${text}\n`, mode),
    read: (name) => readFile(join(path, name), 'utf8').catch(() => ''),
    remove: () => rm(path, {recursive: true, force: true}),
  };
}

const place = {file: 'services', line: 1};

const common = {
  ...baseDefaults,
  startMs: 10_000,
  stopMs: 10_000,
  probeMs: 10_000,
  place,
};

export function scriptResource(
  script: string,
  changes: Partial<ScriptResource> = {},
): ScriptResource {
  const rid = resourceId('script');
  return {...common, type: 'script', rid, script, checkScript: '', probe: 'none', ...changes};
}

export function appResource(changes: Partial<AppResource> = {}): AppResource {
  const rid = resourceId('app#1');
  const verbs = {...launcherDefaults, launchers: null};
  return {...common, type: 'app', rid, ...verbs, ...changes};
}

export function reservationResource(changes: Partial<ScsiReservation> = {}): ScsiReservation {
  const rid = resourceId('disk#1pr');
  const scheme = {cluster: 'ha', nodes: ['node1', 'node2'], fixed: new Map()};
  const own = {type: 'disk.scsireserv', devices: [], scheme, preemptAbort: true} as const;
  return {...common, rid, ...own, ...changes};
}

export function serviceOf(
  resources: readonly ResourceConfig[],
  changes: Partial<ServiceConfig> = {},
): ServiceConfig {
  return {
    name: serviceName('web'),
    nodes: [nodeName('node1'), nodeName('node2')],
    serviceClass: 'exclusive',
    orchestrate: 'ha',
    resources,
    monitorMs: 0,
    restarts: 0,
    failureMemoryMs: 0,
    monitorActions: [],
    origin: 'service',
    digest: '0',
    place,
    ...changes,
  };
}

/** A driver's context that collects the log lines. */
export function contextFor(
  resource: ResourceConfig,
  changes: Partial<DriverContext> = {},
): DriverContext & {readonly lines: string[]} {
  const lines: string[] = [];
  return {
    service: serviceOf([resource]),
    epoch: 7,
    deadlineMs: 10_000,
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
    lines,
    ...changes,
  };
}

/** Waits for a named condition; a machine that stalls gets half a minute. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const dueMs = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > dueMs) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}

/** True while the process exists and is no zombie (proc(5)); works on Linux. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/^Z|^X/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
