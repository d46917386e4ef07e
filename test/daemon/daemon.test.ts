/** One daemon as a process: a service through its life, the daemon through its deaths. */

import {spawn, spawnSync} from 'node:child_process';
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {serviceName} from '../../src/kernel/ids.ts';
import type {Command} from '../../src/engine/types.ts';
import {Site} from './harness.ts';

const web = serviceName('web');
const unfreeze: Command = {verb: 'unfreeze', scope: {kind: 'service', service: web}};

const hasPython = spawnSync('python3', ['--version']).status === 0;
const receiverText = `
import socket, sys
one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
one.bind(sys.argv[1])
while True:
    print(one.recv(4096).decode(), flush=True)
`;
import {eventually} from '../eventually.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.create();
});
afterEach(async () => {
  await site.remove();
});

describe('a daemon', {timeout: 60_000}, () => {
  test('starts a service once, whatever kills the daemon, and stops it at the end', async () => {
    const node1 = await site.daemon('node1').up();
    await node1.reaches('web', 'FROZEN_STOP');
    expect((await node1.command(unfreeze)).exit).toBe(0);
    await node1.reaches('web', 'STARTED');
    const before = await node1.view();
    await node1.kill();
    await node1.up();
    await node1.reaches('web', 'STARTED');
    expect(site.calls()).toEqual(['start by node1']);
    const after = await node1.view();
    expect(after.incarnation).toBeGreaterThan(before.incarnation);
    expect(after.services[0]!.epoch).toBeGreaterThanOrEqual(before.services[0]!.epoch);
    node1.signal('SIGTERM');
    expect(await node1.ended()).toBe(0);
    expect(site.calls()).toEqual(['start by node1', 'stop by node1']);
    expect(existsSync(join(node1.place.run, 'ha.sock'))).toBe(false);
    expect(existsSync(join(node1.place.run, 'daemon.pid'))).toBe(false);
  });

  test('makes private directories and leaves the last view for whoever asks later', async () => {
    const node1 = await site.daemon('node1').up();
    for (const path of [node1.place.state, node1.place.run]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
    node1.signal('SIGTERM');
    expect(await node1.ended()).toBe(0);
    const text = readFileSync(join(node1.place.state, 'last-view.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({cluster: 'blue', node: 'node1', grade: 'D'});
  });

  test('leaves no second one beside it, and is not disturbed by the attempt', async () => {
    const node1 = await site.daemon('node1').up();
    const second = site.daemon('node1').spawn();
    expect(await second.ended()).toBe(1);
    expect(second.stderr).toContain(`another daemon (pid ${node1.pid}) runs with`);
    expect(second.stderr).toContain('ha daemon stop');
    const other = site.daemon('node1', {state: join(site.path, 'other')}).spawn();
    expect(await other.ended()).toBe(1);
    expect(other.stderr).toContain(`another daemon (pid ${node1.pid}) runs with`);
    expect((await node1.ask({op: 'hello', node: null, actor: 'test'})).exit).toBe(0);
  });

  test('opens no debugger on SIGUSR1: it talks more, and less on SIGUSR2', async () => {
    const node1 = await site.daemon('node1').up();
    node1.signal('SIGUSR1');
    await node1.says('SIGUSR1: log level is debug now');
    node1.signal('SIGUSR2');
    await node1.says('SIGUSR2: log level is info now');
    expect(node1.stderr).toBe('');
  });

  test('finishes its stop whatever signals come meanwhile', async () => {
    const node1 = await site.daemon('node1').up();
    await node1.reaches('web', 'FROZEN_STOP');
    await node1.command(unfreeze);
    await node1.reaches('web', 'STARTED');
    site.slowStop(1);
    node1.signal('SIGTERM');
    await node1.says('spawn: ');
    await node1.reaches('web', 'STOPPING');
    node1.signal('SIGTERM');
    node1.signal('SIGINT');
    await node1.says('shutting down already');
    expect(await node1.ended()).toBe(0);
    expect(site.calls()).toEqual(['start by node1', 'stop by node1']);
  });

  test('goes on as it is when a reload finds errors, and takes a good one over', async () => {
    const node1 = await site.daemon('node1').up();
    site.writeServices(['web', 'bad name', 'db']);
    node1.signal('SIGHUP');
    await node1.says('services:2');
    const refused = await node1.ask({op: 'reload', node: null, actor: 'test'});
    expect(refused.exit).toBe(78);
    expect(refused.text).toContain('services:2');
    expect((await node1.view()).services.map((one) => one.name)).toEqual(['web']);
    await eventually(async () => {
      const reasons = (await node1.records()).map((record) => record.cause.reason);
      expect(reasons).toContain('config-refused');
    });
    site.writeServices(['web', 'db']);
    const taken = await node1.ask({op: 'reload', node: null, actor: 'test'});
    expect(taken).toMatchObject({exit: 0});
    await node1.reaches('db', 'FROZEN_STOP');
  });

  test('refuses another name of the cluster while it runs', async () => {
    const node1 = await site.daemon('node1').up();
    site.writeCluster('', 'red');
    const answer = await node1.ask({op: 'reload', node: null, actor: 'test'});
    expect(answer).toMatchObject({exit: 78});
    expect(answer.text).toContain('expected the cluster blue, found red');
  });

  test.runIf(hasPython)('tells systemd that it is ready, alive and stopping', async () => {
    const path = join(site.path, 'notify');
    const receiver = spawn('python3', ['-c', receiverText, path]);
    try {
      let heard = '';
      receiver.stdout.on('data', (bytes) => {
        heard += String(bytes);
      });
      await eventually(() => expect(existsSync(path)).toBe(true));
      const env = {NOTIFY_SOCKET: path, WATCHDOG_USEC: '100000'};
      const node1 = await site.daemon('node1', {env}).up();
      await eventually(() => expect(heard).toMatch(/^READY=1$/m));
      await eventually(() => expect(heard.match(/^WATCHDOG=1$/gm)?.length).toBeGreaterThan(2));
      expect(heard).toMatch(/^STATUS=node1 of cluster blue$/m);
      node1.signal('SIGTERM');
      expect(await node1.ended()).toBe(0);
      await eventually(() => expect(heard).toMatch(/^STOPPING=1$/m));
    } finally {
      receiver.kill('SIGKILL');
    }
  });

  test('keeps its services through a defect of its own', async () => {
    const bomb = join(site.path, 'bomb.mjs');
    writeFileSync(bomb, "process.on('SIGWINCH', () => { throw new Error('bang'); });\n");
    const node1 = await site.daemon('node1', {env: {NODE_OPTIONS: `--import=${bomb}`}}).up();
    await node1.reaches('web', 'FROZEN_STOP');
    await node1.command(unfreeze);
    await node1.reaches('web', 'STARTED');
    node1.signal('SIGWINCH');
    expect(await node1.ended()).toBe(1);
    expect(node1.stdout).toContain('defect: Error: bang');
    expect(site.calls()).toEqual(['start by node1']);
  });

  test('lives through clock steps of years', async () => {
    const shift = join(site.path, 'shift');
    const clock = join(site.path, 'clock.mjs');
    const text = `import {existsSync, readFileSync} from 'node:fs';
const real = Date.now;
Date.now = () => real() + (existsSync(${JSON.stringify(shift)}) ?
  Number(readFileSync(${JSON.stringify(shift)}, 'utf8')) : 0);
`;
    writeFileSync(clock, text);
    const node1 = await site.daemon('node1', {env: {NODE_OPTIONS: `--import=${clock}`}}).up();
    await node1.reaches('web', 'FROZEN_STOP');
    await node1.command(unfreeze);
    await node1.reaches('web', 'STARTED');
    const year = 365 * 86_400_000;
    for (const years of [10, -20]) {
      writeFileSync(shift, String(years * year));
      await node1.command({verb: 'probe', service: web});
      expect((await node1.view()).at.slice(0, 4)).toBe(String(new Date().getFullYear() + years));
    }
    expect(await node1.stateOf('web')).toBe('STARTED');
    const {incarnation} = await node1.view();
    await node1.kill();
    await node1.up();
    await node1.reaches('web', 'STARTED');
    expect((await node1.view()).incarnation).toBe(incarnation + 1);
    expect(site.calls()).toEqual(['start by node1']);
  });
});
