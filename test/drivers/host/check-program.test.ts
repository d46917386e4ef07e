import {chmod, chown, mkdir, symlink} from 'node:fs/promises';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {checkProgram} from '../../../src/drivers/host/check-program.ts';
import {makeFolder, type Folder} from '../scripts.ts';

let folder: Folder;
let script: string;

beforeEach(async () => {
  folder = await makeFolder();
  await mkdir(`${folder.path}/bin`, {mode: 0o755});
  script = await folder.script('bin/web', 'exit 0');
});

afterEach(() => folder.remove());

const faultOf = async (path: string): Promise<string> => {
  const checked = await checkProgram(path);
  return checked.ok ? '' : checked.fault.replaceAll(folder.path, 'DIR');
};

describe('a program is run only if nobody else can change it', () => {
  test('a script in the sticky folder of temporary files is fine if it is ours', async () => {
    expect(await faultOf(script)).toBe('');
  });

  test('a program of the system is fine, through links and by name', async () => {
    expect(await checkProgram('/bin/sh')).toEqual({ok: true, path: '/bin/sh'});
    const named = await checkProgram('sh');
    expect(named.ok && named.path).toMatch(/^\/.*\/sh$/);
  });

  test.each([
    ['the script, by everybody', 'bin/web', 0o757, 'writable by everybody'],
    ['its folder, by everybody', 'bin', 0o777, 'writable by everybody'],
    ['a folder further up, by everybody', '', 0o777, 'writable by everybody'],
  ])('refused: %s', async (_name, what, mode, fault) => {
    const path = `${folder.path}/${what}`.replace(/\/$/, '');
    await chmod(path, mode);
    const shown = path.replace(folder.path, 'DIR');
    expect(await faultOf(script)).toBe(`${shown}: it is ${fault}: chmod go-w ${shown}`);
  });

  test('a sticky folder is fine, though everybody may write to it', async () => {
    await chmod(`${folder.path}/bin`, 0o1777);
    expect(await faultOf(script)).toBe('');
  });

  test('a link is judged where it leads, and so is the way there', async () => {
    await mkdir(`${folder.path}/open`);
    await chmod(`${folder.path}/open`, 0o777);
    await folder.script('open/real', 'exit 0');
    await symlink('../open/real', `${folder.path}/bin/link`);
    expect(await faultOf(`${folder.path}/bin/link`)).toContain('DIR/open: it is writable');
    await chmod(`${folder.path}/open`, 0o755);
    expect(await checkProgram(`${folder.path}/bin/link`)).toMatchObject({ok: true});
  });

  test('a circle of links ends', async () => {
    await symlink('b', `${folder.path}/bin/a`);
    await symlink('a', `${folder.path}/bin/b`);
    expect(await faultOf(`${folder.path}/bin/a`)).toMatch(/more than 40 symbolic links/);
  });

  test('dots on the way change nothing', async () => {
    expect(await faultOf(`${folder.path}/bin/../bin/./web`)).toBe('');
    expect(await faultOf(`/../..${script}`)).toBe('');
  });

  test('a part of the path that is a file is no folder', async () => {
    expect(await faultOf(`${script}/web`)).toBe(
      'DIR/bin/web/web: a part of the path is no directory',
    );
  });
});

describe.runIf(process.getuid?.() === 0)('as root', () => {
  test.each(['bin/web', 'bin'])('what belongs to another user is refused: %s', async (what) => {
    await chown(`${folder.path}/${what}`, 12_345, 0);
    const why = 'it belongs to the user 12345, who could change it';
    expect(await faultOf(script)).toBe(`DIR/${what}: ${why}`);
  });

  test('a group may write only where it is ours or that of root', async () => {
    await chmod(script, 0o775);
    expect(await faultOf(script)).toBe('');
    await chown(script, 0, 12_345);
    await chmod(script, 0o775);
    expect(await faultOf(script)).toBe(
      'DIR/bin/web: it is writable by the group 12345: chmod go-w DIR/bin/web',
    );
  });
});
