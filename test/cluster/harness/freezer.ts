/**
 * The control group of a node: it holds every process of the node, also those whose parent is gone,
 * and can stop and resume them all at once as a paused virtual machine is. Works with the freezer
 * of cgroup v1 and with cgroup v2.
 */

import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {waitFor} from './wait-for.ts';

interface Flavour {
  readonly root: string;
  readonly file: string;
  readonly frozen: string;
  readonly thawed: string;
  readonly isFrozen: (group: string) => boolean;
}

const version1: Flavour = {
  root: '/sys/fs/cgroup/freezer',
  file: 'freezer.state',
  frozen: 'FROZEN',
  thawed: 'THAWED',
  isFrozen: (group) => readFileSync(join(group, 'freezer.state'), 'utf8').trim() === 'FROZEN',
};

const version2: Flavour = {
  root: '/sys/fs/cgroup',
  file: 'cgroup.freeze',
  frozen: '1',
  thawed: '0',
  isFrozen: (group) => readFileSync(join(group, 'cgroup.events'), 'utf8').includes('frozen 1'),
};

/** The one that this machine has, or null. */
export function freezerFlavour(): Flavour | null {
  if (existsSync(join(version1.root, 'cgroup.procs'))) return version1;
  return existsSync(join(version2.root, 'cgroup.controllers')) ? version2 : null;
}

function flavour(): Flavour {
  const found = freezerFlavour();
  if (found === null) throw new Error('this machine has no freezer: neither cgroup v1 nor v2');
  return found;
}

export interface Freezer {
  /** File that takes the pid of a process that shall belong to the node. */
  readonly procsFile: string;
  readonly freeze: () => Promise<void>;
  readonly thaw: () => void;
  /** Pids on the host, oldest first. */
  readonly pids: () => readonly number[];
  /** Ends all processes and the group. Their disk must answer, else they can not end. */
  readonly remove: () => Promise<void>;
}

/** Group of that name, made if need be. */
export function freezer(name: string): Freezer {
  const {root, file, frozen, thawed, isFrozen} = flavour();
  const group = join(root, name);
  mkdirSync(group, {recursive: true});
  const pids = (): readonly number[] => pidsOf(group);
  const thaw = (): void => writeFileSync(join(group, file), thawed);
  return {
    procsFile: join(group, 'cgroup.procs'),
    pids,
    thaw,
    freeze: async () => {
      writeFileSync(join(group, file), frozen);
      await waitFor(`${name} is frozen`, () => isFrozen(group));
    },
    remove: async () => {
      if (!existsSync(group)) return;
      thaw();
      await waitFor(`every process of ${name} has ended`, () => {
        for (const pid of pids()) killQuietly(pid);
        return pids().length === 0;
      });
      await waitFor(`group ${name} is gone`, () => removed(group));
    },
  };
}

/** Names of groups on this machine whose name matches. */
export function freezerNames(pattern: RegExp): readonly string[] {
  const found = freezerFlavour();
  return found === null ? [] : readdirSync(found.root).filter((name) => pattern.test(name));
}

function pidsOf(group: string): readonly number[] {
  try {
    const text = readFileSync(join(group, 'cgroup.procs'), 'utf8');
    return text.split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // removed meanwhile
  }
}

function removed(group: string): boolean {
  if (existsSync(group)) rmdirSync(group); // EBUSY throws, and is tried again
  return true;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
