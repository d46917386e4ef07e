/** bin/ha and the files for service managers. */

import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let home = '';

/** The launcher beside programs that only say how they were called. */
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ha-launcher-'));
  for (const folder of ['bin', 'dist/cli', 'dist/daemon']) {
    mkdirSync(join(home, folder), {recursive: true});
  }
  for (const file of ['ha', 'package.json']) {
    copyFileSync(join(root, 'bin', file), join(home, 'bin', file));
  }
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
  const say = (program: string): string =>
    `console.log(JSON.stringify({program: '${program}', name: process.env.HA_PROGRAM,
      args: process.argv.slice(2), flags: process.execArgv, pid: process.pid,
      threads: process.env.UV_THREADPOOL_SIZE, version: process.versions.node}));`;
  writeFileSync(join(home, 'dist/cli/main.js'), say('cli'));
  writeFileSync(join(home, 'dist/daemon/main.js'), say('daemon'));
});
afterEach(() => {
  rmSync(home, {recursive: true, force: true});
});

interface Said {
  readonly program: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly pid: number;
  readonly threads?: string;
}

async function launch(args: readonly string[], name = 'ha'): Promise<Said & {spawned: number}> {
  const path = join(home, 'bin', name);
  if (!existsSync(path)) symlinkSync(join(home, 'bin', 'ha'), path);
  const {HA_PROGRAM: _name, ...env} = process.env;
  const child = spawn(process.execPath, [path, ...args], {env});
  let out = '';
  child.stdout.on('data', (bytes) => {
    out += String(bytes);
  });
  await once(child, 'close');
  return {...(JSON.parse(out) as Said), spawned: child.pid!};
}

describe('the launcher', () => {
  test.each([
    [['status', '--json']],
    [['daemon', 'stop']],
    [['daemon', '--help']],
    [['--conf', 'daemon', 'status']],
    [[]],
  ])('gives %j to the client', async (args) => {
    const said = await launch(args);
    expect(said).toMatchObject({program: 'cli', name: 'ha', args});
  });

  test.each([
    [['daemon']],
    [['daemon', '--conf', '/c', '--state', '/s']],
    [['--run', '/r', 'daemon']],
    [['daemon', '--nodename', 'daemon']],
  ])('runs the daemon for %j, with a bounded heap, in the same process', async (args) => {
    const said = await launch(args);
    expect(said).toMatchObject({program: 'daemon', args, threads: '16'});
    expect(said.flags).toContain('--max-old-space-size=256');
    expect(said.flags).toContain('--disable-sigusr1');
    expect(said.pid).toBe(said.spawned);
  });

  test.each(['service', 'hb', 'p26.opensvc.com'])(
    'tells the client that it was called as %s',
    async (name) => {
      expect(await launch(['daemon'], name)).toMatchObject({program: 'cli', name});
    },
  );

  test('says what to do where nothing is built', () => {
    rmSync(join(home, 'dist'), {recursive: true});
    const {status, stderr} = spawnSync(process.execPath, [join(home, 'bin', 'ha')]);
    expect(status).toBe(1);
    expect(String(stderr)).toContain('npm run build');
  });
});

describe('an older Node', () => {
  /** The launcher asks process.versions alone, so another version is enough to make it old. */
  function old(args: readonly string[]) {
    const path = join(home, 'old.mjs');
    const text = "Object.defineProperty(process.versions, 'node', {value: '20.0.0'});";
    writeFileSync(path, text);
    const {HA_PROGRAM: _name, ...env} = process.env;
    return spawnSync(process.execPath, ['--import', path, join(home, 'bin', 'ha'), ...args], {env});
  }

  test('is told which one is needed, and where it would be looked for', () => {
    const {status, stderr} = old(['status']);
    expect(status).toBe(1);
    expect(String(stderr)).toMatch(/expected Node 24\.21 or newer, found 20\.0\.0/);
    expect(String(stderr)).toContain(`npm install" in ${home}`);
  });

  test('hands over to the one that lies beside it, with its exit code', () => {
    mkdirSync(join(home, 'node_modules/.bin'), {recursive: true});
    symlinkSync(process.execPath, join(home, 'node_modules/.bin/node'));
    writeFileSync(join(home, 'dist/cli/main.js'), 'console.log("new"); process.exitCode = 6;');
    const {status, stdout} = old(['status']);
    expect(String(stdout)).toBe('new\n');
    expect(status).toBe(6);
  });
});

describe('the files for service managers', () => {
  test('are read by a shell', () => {
    const {status, stderr} = spawnSync('sh', ['-n', join(root, 'conf/rc.d/ha')]);
    expect(String(stderr)).toBe('');
    expect(status).toBe(0);
  });

  test('let the services live when the daemon goes', () => {
    const unit = readFileSync(join(root, 'conf/systemd/ha.service'), 'utf8');
    expect(unit).toMatch(/^KillMode=process$/m);
    expect(unit).toMatch(/^Type=notify$/m);
    expect(unit).toMatch(/^RestartPreventExitStatus=2 77 78$/m);
  });
});
