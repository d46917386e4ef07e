/** Plans over resource agents: some that lie, one that fails, and Debian's own on real things. */

import {execFileSync, spawn, type ChildProcess} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {baseDefaults} from '../../../src/config/resources/base.ts';
import type {OcfResource} from '../../../src/config/resources/ocf.ts';
import {createRegistry} from '../../../src/drivers/registry.ts';
import {nodeName, resourceId} from '../../../src/kernel/ids.ts';
import {makeFolder, serviceOf, until, type Folder} from '../../drivers/scripts.ts';
import {makeRig, type Rig} from './rig.ts';

let folder: Folder;
let rig: Rig;

beforeEach(async () => {
  folder = await makeFolder();
  await mkdir(join(folder.path, 'resource.d', 'own'), {recursive: true});
  const host = {node: nodeName('node1'), ocfRoot: folder.path};
  rig = makeRig({driverFor: createRegistry(host).driverFor});
});
afterEach(async () => {
  await rig.runner.close();
  await folder.remove();
});

function agent(
  name: string,
  parameters: Readonly<Record<string, string>> = {},
  change: Partial<OcfResource> = {},
): OcfResource {
  return {
    ...baseDefaults,
    rid: resourceId(`ocf#${name}`),
    type: 'app.ocf',
    provider: 'own',
    agent: name,
    parameters: new Map(Object.entries(parameters)),
    checkLevel: 0,
    unpromoted: false,
    startMs: 20_000,
    stopMs: 20_000,
    probeMs: 20_000,
    place: {file: 'web.conf', line: 3},
    ...change,
  };
}

const write = (name: string, text: string): Promise<string> =>
  folder.script(`resource.d/own/${name}`, text);

/** An agent on a file: `$up` is there while it runs, `$up.broken` while it says that it failed. */
const honest = (name: string) => `up=\${0%/*}/${name}.up
echo "$1" >>\${0%/*}/${name}.diary
case "$1" in
monitor) [ -e $up.broken ] && exit 1; [ -e $up ] && exit 0; exit 7 ;;
start) [ -e $up.broken ] && exit 1; touch $up ;;
stop) rm -f $up $up.broken ;;
validate-all) exit 0 ;;
*) exit 3 ;;
esac`;

describe('an agent', () => {
  test('that says it has started, and has not, fails the start', async () => {
    await write('liar', 'case "$1" in monitor) exit 7;; esac; exit 0');
    const outcome = await rig.run(serviceOf([agent('liar', {}, {startMs: 500})]));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toContain('probed down');
  });

  test('that says it has stopped, and has not, fails the stop', async () => {
    await write('liar', 'exit 0');
    const outcome = await rig.run(serviceOf([agent('liar', {}, {stopMs: 500})]), 'stop');
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toContain('probed up');
  });

  test('whose monitor never says anything clear is neither up nor down', async () => {
    await write('vague', 'case "$1" in monitor) exit 2;; esac; exit 0');
    const outcome = await rig.run(serviceOf([agent('vague', {}, {startMs: 500, stopMs: 500})]));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toContain('may still run here');
  });

  test('without metadata and validate-all runs all the same', async () => {
    await write(
      'bare',
      'f=$0.up; case "$1" in start) touch $f;; stop) rm -f $f;; '.concat(
        'monitor) [ -e $f ] || exit 7;; *) exit 3;; esac',
      ),
    );
    const web = serviceOf([agent('bare')]);
    expect(await rig.run(web)).toMatchObject({kind: 'done'});
    expect(await rig.run(web, 'stop')).toMatchObject({kind: 'done'});
  });

  test('that can be promoted is not started, and nothing is touched', async () => {
    await write(
      'roles',
      `case "$1" in
meta-data) echo '<action name="promote" timeout="5s"/>' ;;
monitor) exit 7 ;;
*) touch ${folder.path}/touched ;;
esac`,
    );
    const outcome = await rig.run(serviceOf([agent('roles')]));
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toContain('write unpromoted = yes');
    expect(existsSync(join(folder.path, 'touched'))).toBe(false);
    const plain = agent('roles', {}, {unpromoted: true, startMs: 500});
    await rig.run(serviceOf([plain]));
    expect(existsSync(join(folder.path, 'touched'))).toBe(true);
  });

  test('that says it failed is stopped before it is started', async () => {
    await write('sick', honest('sick'));
    await folder.file('resource.d/own/sick.up.broken', '');
    expect(await rig.run(serviceOf([agent('sick')]))).toMatchObject({kind: 'done'});
    const diary = (await folder.read('resource.d/own/sick.diary')).trim().split('\n');
    expect(diary.filter((line) => line === 'start' || line === 'stop')).toEqual(['stop', 'start']);
    expect(rig.lines.map(({line}) => line)).toContain(
      'it says that it failed: it is stopped before it is started',
    );
  });

  test('that says it failed and can not be stopped is not started', async () => {
    await write('stuck', 'case "$1" in monitor|stop) exit 1;; esac; exit 0');
    const outcome = await rig.run(serviceOf([agent('stuck', {}, {stopMs: 500})]));
    expect(outcome).toMatchObject({kind: 'failed', clean: false});
    expect(outcome.detail).toContain('it failed and could not be stopped');
    expect(rig.lines.map(({line}) => line).filter((line) => line.endsWith(' start'))).toEqual([]);
  });
});

const heartbeat = '/usr/lib/ocf/resource.d/heartbeat';
const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot || !existsSync(`${heartbeat}/IPaddr2`))('agents of Debian', () => {
  let machine: ChildProcess;
  /** Namespaces of network and mounts that hold whatever the agents do. */
  const inside = ['nsenter', '-m', '-n', '-t'];
  const enter = (...words: readonly string[]): string =>
    execFileSync('nsenter', [...inside.slice(1), String(machine.pid), ...words], {
      encoding: 'utf8',
    });

  beforeEach(async () => {
    const argv = ['--mount', '--net', '--propagation', 'private', 'sleep', '1000'];
    machine = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...argv], {stdio: 'ignore'});
    await until('the namespaces are there', () => {
      const own = execFileSync('readlink', ['/proc/self/ns/net'], {encoding: 'utf8'});
      const theirs = execFileSync('readlink', [`/proc/${machine.pid}/ns/net`], {encoding: 'utf8'});
      return own !== theirs;
    });
    enter('ip', 'link', 'set', 'lo', 'up');
    enter('ip', 'link', 'add', 'eth9', 'type', 'veth', 'peer', 'name', 'eth8');
    for (const name of ['eth9', 'eth8']) enter('ip', 'link', 'set', name, 'up');
    for (const name of ['IPaddr2', 'Filesystem']) {
      const line = [...inside, String(machine.pid), `${heartbeat}/${name}`, '"$@"'].join(' ');
      await write(name, `export OCF_ROOT=/usr/lib/ocf; exec ${line}`);
    }
  });
  afterEach(() => {
    machine.kill('SIGKILL');
  });

  test('bring an address and a file system up and down', {timeout: 60_000}, async () => {
    const image = join(folder.path, 'image');
    const mount = join(folder.path, 'mount');
    await mkdir(mount);
    execFileSync('truncate', ['-s', '8M', image]);
    execFileSync('mkfs.ext4', ['-q', image]);
    const device = execFileSync('losetup', ['--find', '--show', image], {encoding: 'utf8'}).trim();
    const web = serviceOf([
      agent('IPaddr2', {ip: '10.9.0.9', cidr_netmask: '24', nic: 'eth9', arp_count: '1'}),
      agent('Filesystem', {device, directory: mount, fstype: 'ext4'}),
    ]);
    try {
      expect(await rig.run(web)).toMatchObject({kind: 'done', clean: true});
      expect(enter('ip', '-br', 'address', 'show', 'eth9')).toContain('10.9.0.9/24');
      expect(enter('grep', mount, '/proc/mounts')).toContain(device);
      expect(await rig.runner.probe(web)).toMatchObject({state: 'up'});
      expect(await rig.run(web, 'stop')).toMatchObject({kind: 'done', clean: true});
      expect(enter('ip', '-br', 'address', 'show', 'eth9')).not.toContain('10.9.0.9');
      expect(await rig.runner.probe(web)).toMatchObject({state: 'down'});
    } finally {
      machine.kill('SIGKILL');
      execFileSync('losetup', ['--detach', device]);
    }
  });

  test('refuse an address without a network, and nothing is left', async () => {
    const web = serviceOf([agent('IPaddr2', {ip: '10.9.0.9', nic: 'eth77', cidr_netmask: '24'})]);
    const outcome = await rig.run(web);
    expect(outcome).toMatchObject({kind: 'failed', clean: true});
    expect(outcome.detail).toContain('the agent refused the start');
  });
});
