/**
 * Names and directories of one cluster run. Everything that the harness makes on the host carries
 * the tag of its run, so that two runs can not collide and a dead run can be found and swept.
 */

import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Not below /tmp or /run: a node covers those with its own. */
export const runsDirectory = '/var/tmp/ha-cluster';

export interface RunNames {
  /** `h<pid>x<n>`: prefix of namespaces and control groups. */
  readonly tag: string;
  /** Files of the run: the disk image, and per node its configuration, state and logs. */
  readonly directory: string;
}

let count = 0;

/** Field 22 of /proc/PID/stat: together with the pid it names one process for ever; null: none. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // ended
  }
}

/** Claims a new tag for this process. */
export function claimRun(): RunNames {
  count += 1;
  const tag = `h${process.pid}x${count}`;
  const directory = join(runsDirectory, tag);
  mkdirSync(directory, {recursive: true});
  writeFileSync(join(directory, 'owner'), `${process.pid} ${startTimeOf(process.pid)}`);
  return {tag, directory};
}

/** True while the process that claimed the run lives. */
export function isOwned(directory: string): boolean {
  try {
    const [pid = '', startTime = ''] = readFileSync(join(directory, 'owner'), 'utf8').split(' ');
    return startTimeOf(Number(pid)) === startTime;
  } catch {
    return false; // no owner was ever written: the run died at once
  }
}
