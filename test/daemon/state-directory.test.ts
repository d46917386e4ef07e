/**
 * What a daemon does with a state directory, a configuration or a key that is not as it should be.
 */

import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {serviceName} from '../../src/kernel/ids.ts';
import type {Command} from '../../src/engine/types.ts';
import {Site} from './harness.ts';
import type {TestDaemon} from './harness.ts';
import {canMount, smallDisk} from './small-disk.ts';
import {eventually} from '../eventually.ts';

const web = serviceName('web');
const unfreeze: Command = {verb: 'unfreeze', scope: {kind: 'service', service: web}};

let site: Site;
beforeEach(async () => {
  site = await Site.create();
});
afterEach(async () => {
  await site.remove();
});

/** A daemon that has started web, and was then killed with web running. */
async function killedWhileRunning(): Promise<TestDaemon> {
  const node1 = await site.daemon('node1').up();
  await node1.reaches('web', 'FROZEN_STOP');
  await node1.command(unfreeze);
  await node1.reaches('web', 'STARTED');
  await node1.kill();
  return node1;
}

async function refusal(daemon: TestDaemon): Promise<string> {
  const exit = await daemon.spawn().ended();
  return `${String(exit)} ${daemon.stderr}`;
}

/** The log beside the snapshot at `path`. */
function logOf(path: string): string {
  const name = readdirSync(dirname(path)).find((one) => /^facts-\d+\.log$/.test(one));
  return join(dirname(path), name ?? 'no log');
}

describe('facts of former lives', {timeout: 60_000}, () => {
  test.each([
    ['damaged', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, -30))],
    ['lost', (path: string) => rmSync(path)],
    ['without their log', (path: string) => rmSync(logOf(path))],
    [
      'altered in their log',
      (path: string) => {
        const text = readFileSync(logOf(path), 'utf8');
        writeFileSync(logOf(path), text.replace('"owner":true', '"owner":false'));
      },
    ],
  ])('that are %s freeze every service as it is, and it is said', async (_name, damage) => {
    const node1 = await killedWhileRunning();
    damage(join(node1.place.state, 'facts.json'));
    await node1.up();
    await node1.reaches('web', 'FROZEN_START');
    await node1.says('state-damaged');
    expect(site.calls()).toEqual(['start by node1']);
    const view = await node1.view();
    // node2 was never heard, so the first start left room for one that nobody heard of.
    expect(view.services[0]!.epoch).toBe(2);
    expect(view.services[0]!.instances[0]!.local!.freeze!.why).toContain('facts.json');
    const reasons = (await node1.records()).map((record) => record.cause.reason);
    expect(reasons).toContain('state-damaged');
    await node1.command(unfreeze);
    await node1.reaches('web', 'STARTED');
    expect(site.calls()).toEqual(['start by node1']);
  });

  test('that were damaged keep the services frozen over the next start too', async () => {
    const node1 = await killedWhileRunning();
    writeFileSync(join(node1.place.state, 'facts.json'), 'rubbish');
    await node1.up();
    await node1.reaches('web', 'FROZEN_START');
    await node1.kill();
    await node1.up();
    await node1.reaches('web', 'FROZEN_START');
    expect(readdirSync(node1.place.state).some((name) => name.includes('.corrupt-'))).toBe(true);
  });

  test.each([
    ['cluster', 'red', 'node1', 'found that of node node1 of cluster blue'],
    ['node', 'blue', 'node2', 'found that of node node1 of cluster blue'],
  ])('of another %s keep the daemon from starting', async (_name, cluster, node, words) => {
    const node1 = await killedWhileRunning();
    const facts = readFileSync(join(node1.place.state, 'facts.json'), 'utf8');
    site.writeCluster('', cluster);
    const other = site.daemon(node, {state: node1.place.state});
    const text = await refusal(other);
    expect(text).toMatch(/^78 /);
    expect(text).toContain(words);
    expect(text).toContain('--state');
    expect(readFileSync(join(node1.place.state, 'facts.json'), 'utf8')).toBe(facts);
  });

  test('with a torn journal: what is whole is kept, and what was cut is said', async () => {
    const node1 = await killedWhileRunning();
    const journal = join(node1.place.state, 'journal');
    const [name] = readdirSync(journal);
    const path = join(journal, name!);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"seq":99`);
    await node1.up();
    await node1.says('was not written to its end');
    await node1.reaches('web', 'STARTED');
    const details = (await node1.records()).map((record) => record.cause.detail);
    expect(details.some((text) => text.includes('was not written to its end'))).toBe(true);
  });
});

describe.runIf(canMount)('a state directory whose disk', {timeout: 60_000}, () => {
  test('is read-only keeps the daemon from starting', async () => {
    const disk = smallDisk(256);
    try {
      disk.readOnly(true);
      const text = await refusal(site.daemon('node1', {state: disk.path}));
      expect(text).toMatch(/^1 /);
      expect(text).toContain('EROFS');
    } finally {
      disk.remove();
    }
  });

  test('is full keeps the daemon from starting', async () => {
    const disk = smallDisk(64);
    try {
      fill(join(disk.path, 'ballast'));
      const text = await refusal(site.daemon('node1', {state: disk.path}));
      expect(text).toMatch(/^1 /);
      expect(text).toContain('ENOSPC');
      expect(text).toContain('Free some space');
    } finally {
      disk.remove();
    }
  });

  test('fills up later starts nothing, still stops, and goes on by itself', async () => {
    const disk = smallDisk(512);
    const node1 = site.daemon('node1', {state: disk.path});
    try {
      site.writeServices(['web', 'db']);
      site.writeCluster('[service#db]\nclass = none\nprobe = status');
      await node1.up();
      await node1.reaches('db', 'FROZEN_STOP');
      await node1.command(unfreeze);
      await node1.reaches('web', 'STARTED');
      fill(join(disk.path, 'ballast'));
      await useUpTheLastBlocks(node1);
      const refused = await node1.command({
        verb: 'unfreeze',
        scope: {kind: 'service', service: serviceName('db')},
      });
      expect(refused).toMatchObject({exit: 1});
      expect(refused.text).toContain('ENOSPC');
      await eventually(async () => {
        const alarms = (await node1.view()).alarms.map((alarm) => alarm.text).join();
        expect(alarms).toContain('ENOSPC');
      });
      expect(site.calls('db')).toEqual([]);
      await node1.command({verb: 'stop', service: web});
      await eventually(() => expect(site.calls()).toEqual(['start by node1', 'stop by node1']));
      rmSync(join(disk.path, 'ballast'));
      await node1.says('the state directory can be written again');
      const gap = (await node1.records()).find((record) => record.cause.detail.includes('lost'));
      expect(gap?.data['lostCount']).toBeGreaterThan(0);
      await node1.reaches('db', 'STARTED');
      node1.signal('SIGTERM');
      expect(await node1.ended()).toBe(0);
    } finally {
      await node1.kill();
      disk.remove();
    }
  });
});

/** The last block of each of our files may still have room for some records. */
async function useUpTheLastBlocks(node: TestDaemon): Promise<void> {
  const scope = {kind: 'service', service: serviceName('db')} as const;
  const long = {by: 'root', why: 'w'.repeat(400), since: '', untilMs: null, until: null};
  for (let count = 0; count < 100; count += 1) {
    const freeze = {...long, by: `root${count}`};
    const {exit} = await node.command({verb: 'freeze', scope, freeze});
    if (exit !== 0) return;
  }
  throw new Error('a full disk takes everything');
}

/** Writes until nothing more goes in. */
function fill(path: string): void {
  writeFileSync(path, '');
  for (const bytes of [4_096, 1]) {
    try {
      for (;;) writeFileSync(path, 'b'.repeat(bytes), {flag: 'a'});
    } catch {
      continue; // Full, which is what it is for.
    }
  }
}

describe('a daemon that can not be what it should does not start', {timeout: 60_000}, () => {
  test('with every finding at once, where the configuration has errors', async () => {
    site.writeConf('services', 'web /bin/true\n\nx\n');
    const text = await refusal(site.daemon('node1'));
    expect(text).toMatch(/^78 /);
    expect(text).toContain('services:1');
    expect(text).toContain('services:3');
  });

  test('with the command that makes one, where there is no key', async () => {
    rmSync(join(site.conf, 'secret.key'));
    const text = await refusal(site.daemon('node1'));
    expect(text).toMatch(/^78 /);
    expect(text).toContain('ha init');
  });

  test('with the node it expected, where it is none of the cluster', async () => {
    const text = await refusal(site.daemon('stranger'));
    expect(text).toMatch(/^78 /);
    expect(text).toContain('stranger');
  });

  test.each<readonly [string, (path: string) => void, string]>([
    ['writable by others', (path) => chmodSync(path, 0o777), 'chmod o-w'],
    ['of somebody else', (path) => chownSync(path, 65_534, 65_534), 'the user 65534'],
  ])('where a directory is %s', async (_name, spoil, words) => {
    for (const kind of ['state', 'run'] as const) {
      const path = join(site.path, `spoilt-${kind}`);
      mkdirSync(path, {mode: 0o700});
      spoil(path);
      const text = await refusal(site.daemon('node1', {[kind]: path}));
      expect(text).toMatch(/^1 /);
      expect(text).toContain(words);
    }
  });

  test('where a file stands in the place of its directory', async () => {
    const path = join(site.path, 'file');
    writeFileSync(path, '');
    expect(await refusal(site.daemon('node1', {state: path}))).toMatch(/^1 .*file/);
  });

  test('but takes a directory behind a link of its own', async () => {
    const real = join(site.path, 'real');
    const link = join(site.path, 'link');
    mkdirSync(real);
    symlinkSync(real, link);
    const node1 = await site.daemon('node1', {state: link}).up();
    node1.signal('SIGTERM');
    expect(await node1.ended()).toBe(0);
    expect(readdirSync(real)).toContain('facts.json');
  });

  test('with a copy of the state of a daemon that runs, as another node', async () => {
    const node1 = await site.daemon('node1').up();
    const copy = join(site.path, 'copy');
    cpSync(node1.place.state, copy, {recursive: true});
    const text = await refusal(site.daemon('node2', {state: copy}));
    expect(text).toMatch(/^78 /);
  });
});
