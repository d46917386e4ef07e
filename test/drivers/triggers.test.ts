import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Trigger} from '../../src/config/resources/base.ts';
import {createRegistry} from '../../src/drivers/registry.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, scriptResource, type Folder} from './scripts.ts';

let folder: Folder;
let fails: readonly string[];

beforeEach(async () => {
  folder = await makeFolder();
  fails = [];
});
afterEach(() => folder.remove());

const moments = ['pre', 'blocking_pre', 'post', 'blocking_post'] as const;

/** A resource with all commands around it; those of `fails`, and `own`, end with 1. */
async function resource() {
  const diary = `${folder.path}/diary`;
  const line = (name: string): string =>
    `echo "${name} $HA_ACTION" >>${diary}\n${fails.includes(name) ? 'exit 1' : ''}`;
  const script = await folder.script('own', line('own'));
  const triggers: Trigger[] = [];
  for (const action of ['start', 'stop'] as const) {
    // Not in the order of their calls.
    for (const moment of moments.toReversed()) {
      const name = `${moment}_${action}`;
      triggers.push({action, moment, command: [await folder.script(name, line(name))]});
    }
  }
  return scriptResource(script, {triggers});
}

async function act(action: 'start' | 'stop') {
  const one = await resource();
  const context = contextFor(one);
  const driver = createRegistry({node: nodeName('node1')}).driverFor(one);
  const outcome = await driver[action](one, context);
  const diary = (await folder.read('diary')).trim().split('\n');
  return {outcome, diary: diary.map((text) => text.split(' ')[0]), lines: context.lines};
}

describe('commands around a start', () => {
  test('run in their order, with the environment of the action', async () => {
    const {outcome, diary, lines} = await act('start');
    expect(outcome.kind).toBe('done');
    expect(diary).toEqual([
      'pre_start',
      'blocking_pre_start',
      'own',
      'post_start',
      'blocking_post_start',
    ]);
    expect(lines).toContain(`pre_start: ${folder.path}/pre_start`);
  });

  test('that fail change nothing, unless they are blocking', async () => {
    fails = ['pre_start', 'post_start'];
    const {outcome, diary, lines} = await act('start');
    expect(outcome.kind).toBe('done');
    expect(diary).toHaveLength(5);
    const told = lines.filter((line) => line.includes('failed, and that changes nothing'));
    expect(told).toHaveLength(2);
  });

  test('that block end it before the resource is touched', async () => {
    fails = ['blocking_pre_start'];
    const {outcome, diary} = await act('start');
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toMatch(/^blocking_pre_start failed: /);
    expect(diary).toEqual(['pre_start', 'blocking_pre_start']);
  });

  test('that block after it make it a failed start', async () => {
    fails = ['blocking_post_start'];
    const {outcome} = await act('start');
    expect(outcome.kind).toBe('failed');
    expect(outcome.untouched).toBeUndefined();
    expect(outcome.detail).toContain('; blocking_post_start failed: ');
  });

  test('do not follow one that failed', async () => {
    fails = ['own'];
    const {outcome, diary} = await act('start');
    expect(outcome.kind).toBe('failed');
    expect(diary).toEqual(['pre_start', 'blocking_pre_start', 'own']);
  });
});

describe('commands around a stop', () => {
  test('never keep it from going on', async () => {
    fails = moments.map((moment) => `${moment}_stop`);
    const {outcome, diary} = await act('stop');
    expect(outcome.kind).toBe('done');
    expect(diary).toEqual([
      'pre_stop',
      'blocking_pre_stop',
      'own',
      'post_stop',
      'blocking_post_stop',
    ]);
  });

  test('leave it the half of its deadline', async () => {
    const hang = await folder.script('hang', 'sleep 60');
    const own = await folder.script('own', `touch ${folder.path}/stopped`);
    const triggers = [{action: 'stop', moment: 'pre', command: [hang]}] as const;
    const one = scriptResource(own, {triggers});
    const driver = createRegistry({node: nodeName('node1')}).driverFor(one);
    const outcome = await driver.stop(one, contextFor(one, {deadlineMs: 4_000}));
    expect(outcome.kind).toBe('done');
  });

  test('are shown with the command itself', async () => {
    const one = await resource();
    const driver = createRegistry({node: nodeName('node1')}).driverFor(one);
    expect(driver.describe(one, 'stop').map((line) => line.replaceAll(folder.path, ''))).toEqual([
      'pre_stop: /pre_stop',
      'blocking_pre_stop: /blocking_pre_stop',
      '/own stop',
      'post_stop: /post_stop',
      'blocking_post_stop: /blocking_post_stop',
    ]);
    expect(driver.label(one)).toBe(`${folder.path}/own`);
  });
});
