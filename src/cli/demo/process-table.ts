/**
 * The process table as anybody may read it: the demo's proof that what the daemons say is so. Only
 * processes whose command line names the demo's own folder are looked at.
 */

import {readdir, readFile} from 'node:fs/promises';
import {run} from '../../drivers/host/run.ts';

export interface ProcessLine {
  readonly pid: number;
  readonly commandLine: string;
}

const psMs = 5_000;
const psBytesMax = 8 * 1_024 * 1_024;

/** Processes that run with `text` in their command line; zombies have none. */
export async function processesNaming(text: string): Promise<readonly ProcessLine[]> {
  const lines = process.platform === 'linux' ? await fromProc() : await fromPs();
  return lines.filter(({commandLine}) => commandLine.includes(text));
}

async function fromProc(): Promise<readonly ProcessLine[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(names.map(readProc));
  return lines.filter((line) => line !== null);
}

/** null: it ended between the listing and the look, or it is not ours to read. */
async function readProc(name: string): Promise<ProcessLine | null> {
  try {
    const text = await readFile(`/proc/${name}/cmdline`, 'utf8');
    return {pid: Number(name), commandLine: text.replaceAll('\0', ' ').trim()};
  } catch {
    return null;
  }
}

async function fromPs(): Promise<readonly ProcessLine[]> {
  const argv = ['/bin/ps', '-A', '-ww', '-o', 'pid=,args='];
  const {stdout} = await run({argv, deadlineMs: psMs, outputBytesMax: psBytesMax});
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match === null ? [] : [{pid: Number(match[1]), commandLine: match[2] ?? ''}];
  });
}
