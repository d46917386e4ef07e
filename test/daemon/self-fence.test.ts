/** The node ends itself: never by the real trigger in here, a file stands for it. */

import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {selfFence} from '../../src/daemon/self-fence.ts';
import type {SelfFencePorts} from '../../src/daemon/self-fence.ts';
import {until} from '../eventually.ts';

let folder = '';
let said: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fence-'));
  writeFileSync(join(folder, 'trigger'), '');
  said = [];
  vi.useFakeTimers({toFake: ['setTimeout']});
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, {recursive: true});
});

const ports = (change: Partial<SelfFencePorts> = {}): SelfFencePorts => ({
  watchdog: {fence: () => Promise.reject(new Error('no watchdog'))},
  order: {device: '/nowhere', timeoutMs: 1_000, assume: 'nothing'},
  say: (text) => void said.push(text),
  exit: () => void said.push('exit'),
  sysrqPath: join(folder, 'trigger'),
  rebootCommand: ['false'],
  ...change,
});

describe('self-fence', () => {
  test('by the watchdog waits for it to fire before it tries anything else', async () => {
    void selfFence('watchdog', ports({watchdog: {fence: () => Promise.resolve(5_000)}}));
    await vi.advanceTimersByTimeAsync(7_900);
    expect(said).toEqual(['self-fence by watchdog']);
  });

  test('goes on to the next method where there is no watchdog', async () => {
    void selfFence('watchdog', ports());
    await until(() => readFileSync(join(folder, 'trigger'), 'utf8') === 'b');
    expect(said).toEqual([
      'self-fence by watchdog',
      'self-fence by watchdog failed: Error: no watchdog',
      'self-fence by sysrq',
    ]);
  });

  test('that finds no trigger makes none', async () => {
    void selfFence('sysrq', ports({sysrqPath: join(folder, 'none')}));
    await until(() => said.length > 1);
    expect(said[1]).toContain('ENOENT');
  });

  test('by exit ends the process', () => {
    void selfFence('exit', ports());
    expect(said).toEqual(['self-fence by exit', 'exit']);
  });
});
