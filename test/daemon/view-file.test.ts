import {mkdtempSync, readFileSync, readdirSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {ViewFile} from '../../src/daemon/view-file.ts';
import type {DaemonView} from '../../src/control/types.ts';
import {eventually} from '../eventually.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-view-'));
});
afterEach(() => {
  rmSync(directory, {recursive: true, force: true});
});

const read = (): unknown => JSON.parse(readFileSync(join(directory, 'last-view.json'), 'utf8'));

test('many changes are one write, and the end has the last word', async () => {
  let count = 0;
  const view = (): DaemonView => {
    count += 1;
    return {pid: count} as DaemonView;
  };
  const file = new ViewFile(directory, view, {minMs: 30, maxMs: 60_000});
  for (let change = 0; change < 100; change += 1) file.changed();
  await eventually(() => expect(readdirSync(directory)).toEqual(['last-view.json']));
  expect(read()).toEqual({pid: 1});
  expect(statSync(join(directory, 'last-view.json')).mode & 0o777).toBe(0o600);
  await file.close();
  expect(read()).toEqual({pid: 2});
});

test('is written now and then even where nothing changes', async () => {
  let count = 0;
  const view = (): DaemonView => {
    count += 1;
    return {pid: count} as DaemonView;
  };
  const file = new ViewFile(directory, view, {minMs: 1, maxMs: 10});
  await eventually(() => expect(count).toBeGreaterThan(3));
  await file.close();
});

test('a directory that is gone harms nobody', async () => {
  const file = new ViewFile(join(directory, 'gone'), () => ({}) as DaemonView);
  await expect(file.close()).resolves.toBeUndefined();
});
