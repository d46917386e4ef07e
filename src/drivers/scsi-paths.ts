/**
 * The paths to a SCSI disk, from /sys: one for a plain disk, each of its slaves for a multipath
 * one. A reservation is for a whole disk; a partition or a volume of something else is refused,
 * because a reservation under it would reach further than its name says.
 */

import {readdir, readFile, realpath} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {compareNames} from '../kernel/ids.ts';
import type {ToolName} from './scsi-reservation-text.ts';
import type {Lun} from './scsi-reservation-tool.ts';

/** Where the host says what it has; other folders in tests. */
export interface HostTree {
  readonly sys: string;
  readonly multipathConf: string;
  readonly tools: Readonly<Record<ToolName, string>>;
}

export const hostTree: HostTree = {
  sys: '/sys/class/block',
  multipathConf: '/etc/multipath.conf',
  tools: {sg_persist: 'sg_persist', mpathpersist: 'mpathpersist'},
};

export type LunFound =
  {readonly ok: true; readonly lun: Lun} | {readonly ok: false; readonly fault: string};

const pathsMax = 32;

export async function findLun(device: string, tree: HostTree = hostTree): Promise<LunFound> {
  const real = await realpath(device).catch(() => null);
  if (real === null) return {ok: false, fault: `${device}: no such device`};
  const folder = join(tree.sys, basename(real));
  if ((await text(join(folder, 'partition'))) !== null) {
    return {ok: false, fault: `${device}: is a partition; a reservation is for a whole disk`};
  }
  const uuid = await text(join(folder, 'dm/uuid'));
  if (uuid === null) return {ok: true, lun: single(device, real, tree)};
  if (!uuid.startsWith('mpath-')) {
    return {ok: false, fault: `${device}: is a volume, not a disk; name the disks under it`};
  }
  const slaves = await readdir(join(folder, 'slaves')).catch((): string[] => []);
  if (slaves.length === 0 || slaves.length > pathsMax) {
    return {ok: false, fault: `${device}: has ${slaves.length} paths, expected 1 to ${pathsMax}`};
  }
  const registrations = await registrationsOf(slaves, tree);
  const common = {device, registrations};
  const whole = await usesMpathpersist(tree);
  const paths = slaves.map((name) => `/dev/${name}`).toSorted(compareNames);
  const lun: Lun = whole
    ? {...common, ...toolOf('mpathpersist', tree), targets: [real]}
    : {...common, ...toolOf('sg_persist', tree), targets: paths};
  return {ok: true, lun};
}

function single(device: string, real: string, tree: HostTree): Lun {
  return {device, ...toolOf('sg_persist', tree), targets: [real], registrations: 1};
}

function toolOf(tool: ToolName, {tools}: HostTree): Pick<Lun, 'tool' | 'program'> {
  return {tool, program: tools[tool]};
}

/** One per path; a 3PAR knows its hosts by their adapters, and counts one per adapter. */
async function registrationsOf(slaves: readonly string[], tree: HostTree): Promise<number> {
  const adapters = new Set<string>();
  for (const name of slaves) {
    const folder = join(tree.sys, name, 'device');
    if ((await text(join(folder, 'vendor'))) !== '3PARdata') return slaves.length;
    const address = basename(await realpath(folder).catch(() => name));
    adapters.add(address.split(':')[0]!);
  }
  return adapters.size;
}

/** With `reservation_key file` multipathd registers paths that come later; else nobody does. */
async function usesMpathpersist(tree: HostTree): Promise<boolean> {
  const conf = await text(tree.multipathConf);
  return conf !== null && /^\s*reservation_key\s+"?file"?\s*$/m.test(conf);
}

async function text(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}
