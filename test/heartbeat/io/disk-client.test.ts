import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {DiskConfig} from '../../../src/config/types.ts';
import type {NodeName} from '../../../src/kernel/ids.ts';
import {DiskSide, diskOf, names} from './disk-rig.ts';
import {until} from './until.ts';

const [node1, node2] = names;
const directory = mkdtempSync(join(tmpdir(), 'ha-disk-'));
let files = 0;
const sides: DiskSide[] = [];

afterEach(() => {
  for (const side of sides.splice(0)) side.client.close();
});
afterAll(() => rmSync(directory, {recursive: true}));

function fileOf(bytes = 65_536): string {
  files += 1;
  const path = join(directory, `disk${files}`);
  writeFileSync(path, new Uint8Array(bytes));
  return path;
}

function open(node: NodeName, disk: DiskConfig): DiskSide {
  const side = new DiskSide(disk, node);
  sides.push(side);
  return side;
}

function pair(disk: DiskConfig): readonly [DiskSide, DiskSide] {
  return [open(node1, disk), open(node2, disk)];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended and was not waited for yet is still listed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('two nodes on one file', () => {
  test('read what the other wrote, each in its slot', async () => {
    const [one, two] = pair(diskOf(fileOf()));
    one.write('I am node1');
    two.write('I am node2');
    await until('both have read', () => one.slots.size + two.slots.size === 2);
    await until('node1 reads node2', () => one.slots.get(node2) === '1024 I am node2');
    await until('node2 reads node1', () => two.slots.get(node1) === '1024 I am node1');
    one.write('I am still node1');
    await until('the change is seen', () => two.slots.get(node1) === '1024 I am still node1');
    expect([one.last('write'), one.last('read'), one.notes]).toEqual(['ok', 'ok', []]);
  });

  test('read on, each renewal, without writing', async () => {
    const one = open(node1, diskOf(fileOf()));
    await until('three reads', () => one.states.filter(({fault}) => fault === null).length >= 3);
    expect(one.states.every(({action}) => action === 'read')).toBe(true);
    expect(one.slots.get(node2)).toBe('1024 ');
  });

  test('report when a write was asked for, not when it was done', async () => {
    const one = open(node1, diskOf(fileOf()));
    const beforeMs = performance.now();
    one.write('x');
    const afterMs = performance.now();
    await until('it is written', () => one.last('write') === 'ok');
    const {issuedMs} = one.states.find(({action}) => action === 'write')!;
    expect(issuedMs).toBeGreaterThanOrEqual(beforeMs);
    expect(issuedMs).toBeLessThanOrEqual(afterMs);
  });

  test('write only the newest of what waited', async () => {
    const [one, two] = pair(diskOf(fileOf()));
    for (let round = 1; round <= 200; round += 1) one.write(`round ${round}`);
    await until('the last arrives', () => two.slots.get(node1) === '1024 round 200');
    expect(one.states.filter(({action}) => action === 'write').length).toBeLessThan(10);
  });

  test('a file that is too short shows empty slots and grows', async () => {
    const [one, two] = pair(diskOf(fileOf(0)));
    one.write('mine');
    await until('it is written', () => one.last('write') === 'ok');
    await until('it is read after that', () => one.last('read') === 'ok');
    expect(one.slots.get(node2)).toBe('1024 ');
    two.write('first');
    await until('it is read', () => one.slots.get(node2) === '1024 first');
  });

  test('notice that somebody else writes their slot', async () => {
    const path = fileOf();
    const one = open(node1, diskOf(path));
    one.write('mine');
    await until('it is written', () => one.last('write') === 'ok');
    writeFileSync(path, 'yours', {flag: 'r+'});
    one.write('mine again');
    await until('the fault is told', () => one.last('write') !== 'ok');
    expect(one.last('write')).toBe(`${path}: somebody else wrote the slot of this node`);
    one.write('mine once more');
    await until('it is written again', () => one.last('write') === 'ok');
  });
});

describe('a device that cannot be used', () => {
  test('is a fault of both directions, and is tried again', async () => {
    const path = join(directory, 'later');
    const one = open(node1, diskOf(path));
    one.write('x');
    await until('both fail', () => one.last('write') !== '' && one.last('read') !== '');
    expect(one.last('write')).toBe(`${path}: ENOENT: no such file or directory, open '${path}'`);
    expect(one.last('read')).toBe(one.last('write'));
    writeFileSync(path, new Uint8Array(4_096));
    await until('it is read', () => one.last('read') === 'ok');
  });

  test.each([
    ['/dev/zero', 'neither a disk nor a file'],
    [directory, `EISDIR: illegal operation on a directory, open '${directory}'`],
  ])('%s', async (path, text) => {
    const one = open(node1, diskOf(path));
    await until('it fails', () => one.last('read') !== '');
    expect(one.last('read')).toBe(`${path}: ${text}`);
  });
});

describe('the process of a disk', () => {
  async function running(disk = diskOf(fileOf())): Promise<{side: DiskSide; pid: number}> {
    const side = open(node1, disk);
    await until('it reads', () => side.last('read') === 'ok');
    return {side, pid: side.client.pid!};
  }

  test('is started again when it was killed', async () => {
    const {side, pid} = await running();
    process.kill(pid, 'SIGKILL');
    await until('the fault is told', () => side.last('read') !== 'ok');
    expect(side.last('read')).toMatch(/\/disk\d+: its process ended \(SIGKILL\)$/);
    expect(side.last('write')).toBe(side.last('read'));
    await until('it reads again', () => side.last('read') === 'ok');
    expect(side.client.pid).not.toBe(pid);
  });

  test('that stands still is a fault after ioMs, and comes back by itself', async () => {
    const {side, pid} = await running(diskOf(fileOf(), {ioMs: 200}));
    process.kill(pid, 'SIGSTOP');
    await until('the fault is told', () => side.last('read') !== 'ok');
    expect(side.last('read')).toMatch(/: a read takes longer than 200 ms$/);
    process.kill(pid, 'SIGCONT');
    await until('it reads again', () => side.last('read') === 'ok');
    expect(side.client.pid).toBe(pid);
  });

  test('does no write that waited too long: it would be a sign of life from the past', async () => {
    const path = fileOf();
    const {side, pid} = await running(diskOf(path, {ioMs: 200, renewMs: 60_000}));
    process.kill(pid, 'SIGSTOP');
    side.write('stale');
    await until('the fault is told', () => side.last('write') !== '');
    expect(side.last('write')).toMatch(/: a write takes longer than 200 ms$/);
    process.kill(pid, 'SIGCONT');
    await until('it is refused', () => side.last('write').endsWith('was not done'));
    expect(side.last('write')).toMatch(/: the write waited too long and was not done$/);
    expect(readFileSync(path, 'latin1')).not.toContain('stale');
  });

  test('does not keep the daemon from ending, even while it stands still', async () => {
    const {side, pid} = await running();
    process.kill(pid, 'SIGSTOP');
    side.write('x');
    side.client.close();
    await until('it is gone', () => !isRunning(pid));
  });

  test('outlives the signals that are meant for the daemon', async () => {
    const {side, pid} = await running();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
      process.kill(pid, signal);
    }
    side.write('still here');
    await until('it writes', () => side.last('write') === 'ok');
    expect(side.client.pid).toBe(pid);
  });

  test('ends with a daemon that was killed', async () => {
    const agent = spawn(
      process.execPath,
      [fileURLToPath(new URL('disk-agent.ts', import.meta.url)), fileOf()],
      {stdio: ['ignore', 'pipe', 'inherit']},
    );
    const [line] = (await once(createInterface({input: agent.stdout}), 'line')) as [string];
    const pid = Number(line);
    expect(isRunning(pid)).toBe(true);
    agent.kill('SIGKILL');
    await until('it is gone', () => !isRunning(pid));
  });
});

describe.runIf(process.getuid?.() === 0)('two nodes on a block device', () => {
  const loops: string[] = [];
  let small = '';
  let large = '';

  beforeAll(() => {
    small = loopOf(fileOf(), 512);
    large = loopOf(fileOf(), 4_096);
  });
  afterAll(() => {
    for (const side of sides.splice(0)) side.client.close();
    for (const loop of loops) execFileSync('losetup', ['-d', loop]);
  });

  function loopOf(path: string, sectorBytes: number): string {
    const options = ['-f', '--show', '--direct-io=on', '--sector-size', String(sectorBytes)];
    const loop = execFileSync('losetup', [...options, path], {encoding: 'utf8'}).trim();
    loops.push(loop);
    return loop;
  }

  const slotsAt = (one: number, two: number): Pick<DiskConfig, 'slotBlock'> => ({
    slotBlock: new Map([
      [node1, one],
      [node2, two],
    ]),
  });

  test('read what the other wrote, in neighbouring slots of 512-byte blocks', async () => {
    const [one, two] = pair(diskOf(small, {...slotsAt(5, 6), slotBlocks: 1}));
    one.write('from node1');
    two.write('from node2');
    await until('node1 reads', () => one.slots.get(node2) === '512 from node2');
    await until('node2 reads', () => two.slots.get(node1) === '512 from node1');
    expect(one.notes).toEqual([]);
  });

  test('leave what lies beside their slot in a block of 4,096 bytes as it is', async () => {
    const neighbour = 'x'.repeat(512);
    execFileSync('dd', [`of=${large}`, 'bs=4096', 'seek=1', 'conv=notrunc', 'status=none'], {
      input: neighbour.repeat(8),
    });
    const [one, two] = pair(diskOf(large, {...slotsAt(9, 16), slotBlocks: 1}));
    one.write('in the middle');
    await until('node2 reads', () => two.slots.get(node1) === '512 in the middle');
    const blocks = execFileSync('dd', [
      `if=${large}`,
      'bs=4096',
      'skip=1',
      'count=1',
      'status=none',
    ]);
    expect(blocks.subarray(0, 512).toString()).toBe(neighbour);
    expect(blocks.subarray(512, 525).toString()).toBe('in the middle');
    expect(blocks.subarray(1_024).toString()).toBe(neighbour.repeat(6));
  });

  test('refuse slots that share a block', async () => {
    const one = open(node1, diskOf(large, slotsAt(0, 2)));
    one.write('x');
    await until('it fails', () => one.last('write') !== '');
    expect(one.last('write')).toBe(
      `${large}: the slot of node2 shares a block of 4096 bytes with the slot of this node: ` +
        'begin slots at multiples of 8',
    );
  });

  test('say that the device ends before a slot', async () => {
    const one = open(node1, diskOf(small, slotsAt(0, 4_096)));
    await until('it fails', () => one.last('read') !== '');
    expect(one.last('read')).toBe(
      `${small}: the device ends before the slot of node2 at block 4096`,
    );
  });
});
