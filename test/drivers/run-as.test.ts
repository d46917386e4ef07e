import {describe, expect, test} from 'vitest';
import type {AppResource} from '../../src/config/resources/app.ts';
import {asDaemon, type RunAs} from '../../src/config/resources/run-as.ts';
import {createAppDriver} from '../../src/drivers/app.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {appResource, contextFor} from './scripts.ts';

const driver = createAppDriver({node: nodeName('node1')});
const isRoot = process.getuid?.() === 0;

/** What a command says of itself, as it stands in the log. */
async function say(line: string, runAs: Partial<RunAs>): Promise<readonly string[]> {
  const start = ['/bin/sh', '-c', line];
  const one = appResource({start, runAs: {...asDaemon, ...runAs}});
  const context = contextFor(one);
  const outcome = await driver.start(one, context);
  expect(outcome).toMatchObject({kind: 'done'});
  return context.lines.flatMap((text) => /^output: (.*)/.exec(text)?.[1] ?? []);
}

describe('a command', () => {
  test('runs in its folder, with its environment and limits', async () => {
    const said = await say('pwd; echo "$A $B"; ulimit -n; ulimit -c', {
      cwd: '/usr',
      environment: new Map([
        ['A', 'one'],
        ['B', 'two words'],
      ]),
      limits: new Map([
        ['nofile', 128],
        ['core', 0],
      ]),
    });
    expect(said).toEqual(['/usr', 'one two words', '128', '0']);
  });

  test.skipIf(!isRoot)('runs as its user, with the groups of that user alone', async () => {
    const line = 'id -un; id -gn; id -Gn';
    expect(await say(line, {user: 'nobody'})).toEqual(['nobody', 'nogroup', 'nogroup']);
    expect(await say(line, {user: 'nobody', group: 'daemon'})).toEqual([
      'nobody',
      'daemon',
      'daemon nogroup',
    ]);
    expect(await say(line, {group: 'daemon'})).toEqual(['root', 'daemon', 'daemon']);
  });

  test('of a user that is not there is not begun', async () => {
    const one = appResource({start: ['true'], runAs: {...asDaemon, user: 'nobody-here'}});
    const outcome = await driver.start(one, contextFor(one));
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toContain('no such user');
    const check = {...one, check: ['true']};
    expect(await driver.probe(check, contextFor(check))).toMatchObject({state: 'unknown'});
  });

  test('in a folder that is not there fails', async () => {
    const one = appResource({start: ['true'], runAs: {...asDaemon, cwd: '/none'}});
    const outcome = await driver.start(one, contextFor(one));
    expect(outcome.kind).toBe('failed');
    expect(outcome.detail).toContain('/none');
  });
});

describe('codes of a check', () => {
  const codes: AppResource['retcodes'] = new Map([
    [0, 'up'],
    [3, 'down'],
    [4, 'unknown'],
  ]);
  test.each([
    [0, 'up'],
    [3, 'down'],
    [4, 'unknown'],
    [1, 'unknown'],
    [126, 'unknown'],
  ])('%i is %s by its own table', async (code, state) => {
    const check = ['/bin/sh', '-c', `exit ${code}`];
    const one = appResource({check, retcodes: codes});
    expect((await driver.probe(one, contextFor(one))).state).toBe(state);
  });
});
