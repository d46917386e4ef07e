import {mkdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {formatElapsed} from '../../src/drivers/call.ts';
import {createRegistry} from '../../src/drivers/registry.ts';
import type {AppResource} from '../../src/config/resources/app.ts';
import type {ProbeOutcome, StepOutcome} from '../../src/failover/types.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {appResource, contextFor, makeFolder, type Folder} from './scripts.ts';

const {driverFor} = createRegistry({node: nodeName('node1')});
let folder: Folder;
let launchers: string;

beforeEach(async () => {
  folder = await makeFolder();
  launchers = join(folder.path, 'web.d');
  await mkdir(launchers, {mode: 0o755});
});

afterEach(() => folder.remove());

/** A launcher that writes its name and verb to the diary and then does what `text` says. */
const launcher = (name: string, text = '', mode = 0o755): Promise<string> =>
  folder.script(`web.d/${name}`, `echo "\${0##*/} $1" >> ${folder.path}/diary\n${text}`, mode);

const diary = async (): Promise<readonly string[]> =>
  (await folder.read('diary')).split('\n').filter((line) => line !== '');

const act = (resource: AppResource, action: 'start' | 'stop'): Promise<StepOutcome> =>
  driverFor(resource)[action](resource, contextFor(resource));

const probe = (resource: AppResource): Promise<ProbeOutcome> =>
  driverFor(resource).probe(resource, contextFor(resource));

describe('commands', () => {
  test('are called as they are given, without a shell', async () => {
    const script = await folder.script('app', `printf '%s|' "$@" > ${folder.path}/args`);
    const resource = appResource({start: [script, 'a b', '; id', '$(id)', '-x']});
    expect((await act(resource, 'start')).kind).toBe('done');
    expect(await folder.read('args')).toBe('a b|; id|$(id)|-x|');
    expect(driverFor(resource).describe(resource, 'start')).toEqual([
      `${script} 'a b' '; id' '$(id)' -x`,
    ]);
  });

  test('that are not given do nothing, and without a check nothing can be asked', async () => {
    const resource = appResource({start: ['/bin/true']});
    expect(await act(resource, 'stop')).toMatchObject({
      kind: 'done',
      detail: 'no stop command: nothing to do',
    });
    expect(driverFor(resource).describe(resource, 'stop')).toEqual([]);
    expect(await probe(resource)).toMatchObject({state: 'unknown', verifiable: false});
  });

  test.each([
    [0, 'up'],
    [1, 'down'],
    [3, 'down'],
    [2, 'unknown'],
    [127, 'unknown'],
  ])('a check that exits with %i means %s', async (code, state) => {
    const check = [await folder.script('check', `exit ${code}`)];
    expect(await probe(appResource({check}))).toMatchObject({state, verifiable: true});
  });

  test('take their label from what would be called', () => {
    const labelOf = (changes: Partial<AppResource>): string =>
      driverFor(appResource()).label(appResource(changes));
    expect(labelOf({start: ['/a'], check: ['/c']})).toBe('/a');
    expect(labelOf({check: ['/c']})).toBe('/c');
    expect(labelOf({launchers: '/etc/ha/web.d'})).toBe('/etc/ha/web.d');
    expect(labelOf({})).toBe('nothing to call');
  });
});

describe('launchers', () => {
  test('are called in the order of their numbers, each with its verb', async () => {
    for (const name of ['S100c', 'S20b', 'S3a', 'S20a', 'K90x', 'K5y', 'C1z']) await launcher(name);
    const resource = appResource({launchers});
    expect((await act(resource, 'start')).kind).toBe('done');
    expect((await act(resource, 'stop')).kind).toBe('done');
    expect(await probe(resource)).toMatchObject({state: 'up', verifiable: true});
    expect(await diary()).toEqual([
      'S3a start',
      'S20a start',
      'S20b start',
      'S100c start',
      'K5y stop',
      'K90x stop',
      'C1z status',
    ]);
  });

  test('may be links to one script, which sees the name it was called by', async () => {
    await launcher('weblauncher');
    for (const name of ['S10web', 'K90web', 'C10web']) {
      await symlink('weblauncher', join(launchers, name));
    }
    const resource = appResource({launchers});
    await act(resource, 'start');
    expect(await diary()).toEqual(['S10web start']);
    expect(driverFor(resource).describe(resource, 'stop')).toEqual([`${launchers}/K* stop`]);
  });

  test('end with the first that fails, which is what the start came to', async () => {
    await launcher('S1a');
    await launcher('S2b', 'echo no port; exit 7');
    await launcher('S3c');
    const outcome = await act(appResource({launchers}), 'start');
    expect(outcome.kind).toBe('failed');
    expect(outcome.untouched).toBeUndefined();
    expect(outcome.detail).toMatch(/S2b: exit code 7 after .*, last output "no port"$/);
    expect(await diary()).toEqual(['S1a start', 'S2b start']);
  });

  test('share one deadline', async () => {
    await launcher('S1a', 'sleep 0.6');
    await launcher('S2b', 'sleep 600');
    const resource = appResource({launchers});
    const outcome = await driverFor(resource).start(
      resource,
      contextFor(resource, {deadlineMs: 3_000}),
    );
    expect(outcome).toMatchObject({kind: 'unknown'});
    expect(outcome.detail).toMatch(/S2b: not done within [12]\.\d+s,/);
    expect(await diary()).toEqual(['S1a start', 'S2b start']);
  });

  test('that are nothing to call are named in the probe and left out', async () => {
    await launcher('S1a');
    await launcher('S2b', '', 0o644);
    await launcher('S3c~');
    await launcher('S4d.rpmsave');
    await launcher('S5 e');
    await mkdir(join(launchers, 'S6f'));
    await symlink('nowhere', join(launchers, 'S7g'));
    await launcher('README');
    await launcher('C1a');
    const resource = appResource({launchers});
    expect((await act(resource, 'start')).kind).toBe('done');
    const {state, detail} = await probe(resource);
    expect(state).toBe('up');
    expect(detail.split('; ').slice(1).join('\n')).toMatchInlineSnapshot(`
      ""S2b" is not executable: left out
      "S3c~" looks like the leftover of an editor or a package: left out
      "S4d.rpmsave" looks like the leftover of an editor or a package: left out
      "S5 e" is no name of a launcher: left out
      "S6f" is no regular file: left out
      "S7g" leads nowhere: left out"
    `);
    expect(await diary()).toEqual(['S1a start', 'C1a status']);
  });

  test.each([
    ['exit 0', 'exit 0', 'up'],
    ['exit 1', 'exit 2', 'down'],
    ['exit 0', 'exit 1', 'unknown'],
    ['exit 1', 'exit 127', 'unknown'],
    ['exit 1', 'kill -KILL $$', 'unknown'],
  ])('asked for status that do "%s" and "%s" make it %s', async (first, second, state) => {
    await launcher('C1a', first);
    await launcher('C2b', second);
    expect(await probe(appResource({launchers}))).toMatchObject({state, verifiable: true});
  });

  test('without a C among them can not be asked', async () => {
    await launcher('S1a');
    const {state, verifiable, detail} = await probe(appResource({launchers}));
    expect([state, verifiable]).toEqual(['unknown', false]);
    expect(detail).toContain('no checkup scripts');
  });

  test('in a folder that is missing or overfull fail, with nothing touched', async () => {
    const resource = appResource({launchers: join(folder.path, 'none.d')});
    const outcome = await act(resource, 'start');
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toMatch(/none\.d: the launchers can not be read: no such folder$/);
    expect(await probe(resource)).toMatchObject({state: 'unknown', verifiable: true});
    const many = Array.from({length: 257}, (_, index) => folder.file(`web.d/f${index}`, ''));
    await Promise.all(many);
    const full = await act(appResource({launchers}), 'stop');
    expect(full.detail).toMatch(/expected at most 256 launchers, found 257$/);
  });

  test('of an empty folder have nothing to do', async () => {
    const outcome = await act(appResource({launchers}), 'start');
    expect(outcome).toMatchObject({
      kind: 'done',
      detail: `${launchers}: no S launcher: nothing to do`,
    });
  });

  test('give way to a command for the same verb', async () => {
    await launcher('S1a');
    const script = await folder.script('own', `echo own >> ${folder.path}/diary`);
    await act(appResource({launchers, start: [script]}), 'start');
    expect(await diary()).toEqual(['own']);
  });
});

describe('elapsed time in the log', () => {
  test.each([
    [4.513, '0:00:00.004513'],
    [0, '0:00:00.000000'],
    [61_000.5, '0:01:01.000500'],
    [3_600_000 * 25 + 999.9996, '25:00:01.000000'],
  ])('%d ms reads %s', (durationMs, text) => {
    expect(formatElapsed(durationMs)).toBe(text);
  });
});
