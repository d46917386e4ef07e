/** The real file system, in a directory of its own that goes away with the test. */

import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadConfig, readConfigDirectory} from '../../../src/config/io/read-directory.ts';
import {render, twoLinks, webService, withDisk} from '../support.ts';

let base: string;
let conf: string;

const keyText = (): string => `1 ${randomBytes(32).toString('hex')}\n`;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'ha-config-'));
  conf = join(base, 'conf');
  await mkdir(conf);
  await writeFile(join(conf, 'secret.key'), keyText(), {mode: 0o600});
});

afterEach(async () => {
  await rm(base, {recursive: true, force: true});
});

async function put(texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(texts)) await writeFile(join(conf, name), text);
}

async function executable(path: string, mode = 0o755): Promise<void> {
  await writeFile(path, '#!/bin/sh\nexit 0\n');
  await chmod(path, mode);
}

/** Findings with the directory of this run taken out. */
async function findings(): Promise<string> {
  const outcome = await loadConfig({directory: conf, nodeName: 'node1'});
  return render(
    outcome.findings.map((finding) => ({
      ...finding,
      message: finding.message.replaceAll(base, 'BASE'),
      hint: finding.hint.replaceAll(base, 'BASE'),
      file: finding.file.replaceAll(base, 'BASE'),
    })),
  );
}

describe('the configuration directory', () => {
  it('is read with its service files, launchers and key, and nothing else', async () => {
    await put({
      'cluster.conf': twoLinks,
      'web.conf': webService,
      'old.env': '[DEFAULT]\nnodes = node1 node2\n',
      'web.conf~': 'garbage',
      '.hidden.conf': 'garbage',
      'README': 'garbage',
    });
    await mkdir(join(conf, 'old.d'));
    await mkdir(join(conf, 'conf.d'));
    for (const name of ['S10a', 'K90a', 'C10a', 'a', '.S10b']) {
      await executable(join(conf, 'old.d', name));
    }
    const {files} = await readConfigDirectory({directory: conf, nodeName: 'node1'});
    expect([...files.texts.keys()]).toEqual([
      'cluster.conf',
      'old.env',
      'web.conf',
      'old.d/',
      'old.d/C10a',
      'old.d/K90a',
      'old.d/S10a',
    ]);
    const sound = {isLink: false, isSample: false, isMalformed: false};
    expect(files.facts.secret).toEqual({mode: 0o600, bytes: 67, ...sound});
  });

  it('that is missing, or a file, is a finding', async () => {
    conf = join(base, 'nowhere');
    expect(await findings()).toMatchInlineSnapshot(`
      "BASE/nowhere:0: error HA_CONF_EMPTY
        expected cluster.conf or nodes in BASE/nowhere
        -> Type "ha init --nodes node1,node2", or name another directory with --conf.
      secret.key:0: error HA_CONF_SECRET_MISSING
        expected secret.key, found no such file
        -> Type "ha init" on one node and copy secret.key to the others."
    `);
    conf = join(base, 'file');
    await writeFile(conf, 'x');
    expect(await findings()).toMatchInlineSnapshot(`
      "BASE/file:0: error HA_CONF_EMPTY
        expected cluster.conf or nodes in BASE/file
        -> Type "ha init --nodes node1,node2", or name another directory with --conf.
      secret.key:0: error HA_CONF_SECRET_MISSING
        expected secret.key, found no such file
        -> Type "ha init" on one node and copy secret.key to the others."
    `);
  });

  it('with files that are no files, or too large, is refused and read to the end', async () => {
    await put({'cluster.conf': twoLinks});
    await mkdir(join(conf, 'a.conf'));
    execFileSync('mkfifo', [join(conf, 'b.conf')]);
    await writeFile(join(conf, 'c.conf'), '');
    await truncate(join(conf, 'c.conf'), 1e9);
    await symlink('/nowhere', join(conf, 'd.conf'));
    expect(await findings()).toMatchInlineSnapshot(`
      "a.conf:0: error HA_CONF_FILE_UNREADABLE
        expected a file or folder that can be read, found it not a regular file
        -> Make it a regular file that the daemon may read.
      b.conf:0: error HA_CONF_FILE_UNREADABLE
        expected a file or folder that can be read, found it not a regular file
        -> Make it a regular file that the daemon may read.
      c.conf:0: error HA_CONF_FILE_TOO_LARGE
        expected at most 524288 bytes, found more
        -> Look whether something else was written there.
      d.conf:0: error HA_CONF_FILE_UNREADABLE
        expected a file or folder that can be read, found it missing
        -> Make it a regular file that the daemon may read."
    `);
  });

  it('gives a finding for each way in which the key can be wrong', async () => {
    await put({'cluster.conf': withDisk.replace('/dev/shared', join(base, 'disk'))});
    await writeFile(join(base, 'disk'), '');
    await truncate(join(base, 'disk'), 1_000_000);
    const key = join(conf, 'secret.key');
    expect(await findings()).toBe('');
    await chmod(key, 0o640);
    expect(await findings()).toContain('HA_CONF_SECRET_READABLE');
    await writeFile(key, 'short');
    await chmod(key, 0o600);
    expect(await findings()).toContain('HA_CONF_SECRET_SHORT');
    await writeFile(key, 'changeme'.repeat(8));
    expect(await findings()).toContain('HA_CONF_SECRET_SAMPLE');
    await writeFile(key, keyText().slice(2));
    expect(await findings()).toContain('HA_CONF_SECRET_FORMAT');
    await rm(key);
    expect(await findings()).toContain('HA_CONF_SECRET_MISSING');
    await writeFile(join(base, 'key'), keyText(), {mode: 0o600});
    await symlink(join(base, 'key'), key);
    expect(await findings()).toContain('HA_CONF_SECRET_LINK');
  });
});

describe('a configuration directory that others may write', () => {
  it('is refused as the daemon refuses it', async () => {
    await put({'cluster.conf': withDisk.replace('/dev/shared', join(base, 'disk'))});
    await writeFile(join(base, 'disk'), '');
    await truncate(join(base, 'disk'), 1_000_000);
    await chmod(conf, 0o757);
    expect(await findings()).toContain('HA_CONF_DIRECTORY_WRITABLE');
    await chmod(conf, 0o755);
    expect(await findings()).toBe('');
  });
});

describe('the host', () => {
  it('is asked for the device: a file has blocks of 512 bytes and its size', async () => {
    const device = join(base, 'disk');
    await put({'cluster.conf': withDisk.replace('/dev/shared', device)});
    const ask = async (): Promise<unknown> => {
      const {files} = await readConfigDirectory({directory: conf, nodeName: 'node1'});
      return Object.fromEntries(files.facts.devices)[device];
    };
    expect(await ask()).toBeNull();
    await writeFile(device, 'x'.repeat(5_000));
    expect(await ask()).toEqual({blockBytes: 512, bytes: 5_000});
    await rm(device);
    await symlink('/dev/null', device);
    expect(await ask()).toBeUndefined();
  });

  it('is asked for its interfaces, where it can tell', async () => {
    const {files} = await readConfigDirectory({directory: conf, nodeName: 'node1'});
    const {interfaces} = files.facts;
    expect(interfaces === null || interfaces.includes('lo')).toBe(true);
  });

  it('judges scripts and every folder on the way to them', async () => {
    const bin = join(base, 'bin');
    await mkdir(bin);
    const script = join(bin, 'ctl');
    await put({
      'cluster.conf': withDisk.replace('/dev/shared', '/dev/null'),
      'web.conf': webService.replace('/opt/web/ctl', script),
    });
    expect(await findings()).toContain('HA_CONF_SCRIPT_MISSING');
    await mkdir(script);
    expect(await findings()).toContain('HA_CONF_SCRIPT_MISSING');
    await rm(script, {recursive: true});
    await executable(script, 0o644);
    expect(await findings()).toContain('HA_CONF_SCRIPT_NOT_EXECUTABLE');
    await chmod(script, 0o755);
    expect(await findings()).toBe('');
    await chmod(script, 0o757);
    expect(await findings()).toContain('HA_CONF_SCRIPT_WRITABLE');
    await chmod(script, 0o755);
    await chmod(bin, 0o777);
    expect(await findings()).toContain('HA_CONF_SCRIPT_WRITABLE');
    await chmod(bin, 0o1777);
    expect(await findings()).toBe('');
  });

  it('judges what a link leads to as well', async () => {
    const open = join(base, 'open');
    await mkdir(open);
    await executable(join(open, 'real'));
    await chmod(open, 0o777);
    await symlink(join(open, 'real'), join(base, 'link'));
    await put({
      'cluster.conf': withDisk.replace('/dev/shared', '/dev/null'),
      'web.conf': webService.replace('/opt/web/ctl', join(base, 'link')),
    });
    expect(await findings()).toContain('HA_CONF_SCRIPT_WRITABLE');
  });

  it('warns where the launchers lie on a file system that is not mounted here', async () => {
    await put({
      'cluster.conf': withDisk.replace('/dev/shared', '/dev/null'),
      'web.env': '[DEFAULT]\nnodes = node1 node2\n',
    });
    await symlink(join(base, 'not-mounted'), join(conf, 'web.d'));
    expect(await findings()).toMatchInlineSnapshot(`
      "web.env:0: warning HA_CONF_SCRIPT_MISSING
        expected BASE/conf/web.d to be an executable file of ours, found it missing
        -> Put it there; if it lies on a file system of the service, nothing has to be
           done."
    `);
    await mkdir(join(base, 'not-mounted'));
    await executable(join(base, 'not-mounted', 'S10web'), 0o600);
    await executable(join(base, 'not-mounted', 'C10web'));
    expect(await findings()).toMatchInlineSnapshot(`
      "web.env:0: warning HA_CONF_SCRIPT_NOT_EXECUTABLE
        expected BASE/conf/web.d/S10web to be an executable file of ours, found it not
        executable
        -> Type "chmod +x BASE/conf/web.d/S10web"."
    `);
  });
});
