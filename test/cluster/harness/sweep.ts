/**
 * Removes everything that a run made, from its tag and directory alone: the one way in which a
 * cluster ends, after a good test, a failed one, or by the helper that outlives a killed test run.
 */

import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {must, runCommand} from './command.ts';
import {endChain, healChain} from './disk.ts';
import {freezer, freezerNames} from './freezer.ts';
import {isOwned, runsDirectory, type RunNames} from './run-names.ts';
import {waitFor} from './wait-for.ts';

/**
 * Sweeps one run. Every step is tried, also after a failed one; what failed is thrown at the end.
 */
export async function sweep({tag, directory}: RunNames): Promise<void> {
  const errors: unknown[] = [];
  const steps: readonly (() => Promise<void> | void)[] = [
    () => eachChain(directory, healChain),
    () => endProcesses(tag),
    () => detachLoops(directory),
    () => unmount(directory),
    () => eachChain(directory, endChain),
    () => deleteNamespaces(tag),
    () => rmSync(directory, {recursive: true, force: true}),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `run ${tag} left something behind`);
}

/** Sweeps the runs whose process is gone: killed with SIGKILL, or the machine was. */
export async function sweepDeadRuns(): Promise<void> {
  mkdirSync(runsDirectory, {recursive: true});
  for (const tag of readdirSync(runsDirectory)) {
    const directory = join(runsDirectory, tag);
    if (!isOwned(directory)) await sweep({tag, directory});
  }
}

/** A path whose server is gone already needs nothing. */
function eachChain(directory: string, action: (chain: string) => void): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory).filter((one) => one.startsWith('path-'))) {
    try {
      action(join(directory, name));
    } catch {
      // No pid file or no process: it never started or has ended.
    }
  }
}

async function endProcesses(tag: string): Promise<void> {
  for (const name of freezerNames(new RegExp(`^${tag}-`))) await freezer(name).remove();
}

async function detachLoops(directory: string): Promise<void> {
  const list = await must(['losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE']);
  for (const line of list.split('\n')) {
    const [name = '', file = ''] = line.trim().split(/\s+/);
    if (file.startsWith(`${directory}/`)) await must(['losetup', '--detach', name]);
  }
}

async function unmount(directory: string): Promise<void> {
  const mounts = (): readonly string[] =>
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${directory}/`));
  for (const path of mounts()) {
    // A loop device lets go a moment after it is detached.
    await waitFor(`${path} is unmounted`, async () => {
      const {code} = await runCommand(['fusermount3', '-u', path]);
      return code === 0 || !mounts().includes(path);
    });
  }
}

async function deleteNamespaces(tag: string): Promise<void> {
  const list = await must(['ip', 'netns', 'list']);
  for (const line of list.split('\n')) {
    const name = line.split(' ')[0] ?? '';
    if (name.startsWith(`${tag}-`)) await must(['ip', 'netns', 'del', name]);
  }
}
