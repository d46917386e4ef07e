import {expect, test} from 'vitest';
import type {ProgramCheck} from '../../../src/drivers/host/check-program.ts';
import {RecentChecks} from '../../../src/drivers/host/recent-checks.ts';

interface Rig {
  readonly checks: RecentChecks;
  readonly looks: string[];
  nowMs: number;
  /** What the next look says. */
  ok: boolean;
  /** How long it takes, ms. */
  tookMs: number;
}

function makeRig(): Rig {
  const looks: string[] = [];
  const look = (path: string): Promise<ProgramCheck> => {
    looks.push(path);
    rig.nowMs += rig.tookMs;
    return Promise.resolve(rig.ok ? {ok: true, path} : {ok: false, fault: 'changed'});
  };
  const checks = new RecentChecks(look, () => rig.nowMs);
  const rig: Rig = {checks, looks, nowMs: 5_000, ok: true, tookMs: 0};
  return rig;
}

test('what was found good counts for a second, for that program alone', async () => {
  const rig = makeRig();
  await rig.checks.check('/a');
  await rig.checks.check('/b');
  rig.nowMs += 999;
  expect(await rig.checks.check('/a')).toEqual({ok: true, path: '/a'});
  expect(rig.looks).toEqual(['/a', '/b']);
  rig.nowMs += 1;
  rig.ok = false;
  expect(await rig.checks.check('/a')).toEqual({ok: false, fault: 'changed'});
});

test('that second begins with the look, not with its answer', async () => {
  const rig = makeRig();
  rig.tookMs = 1_000;
  await rig.checks.check('/a');
  await rig.checks.check('/a');
  expect(rig.looks).toEqual(['/a', '/a']);
});

test('what was refused is looked at afresh, and so is what comes after it', async () => {
  const rig = makeRig();
  rig.ok = false;
  await rig.checks.check('/a');
  rig.ok = true;
  expect(await rig.checks.check('/a')).toMatchObject({ok: true});
  expect(rig.looks).toEqual(['/a', '/a']);
});

test('so many are remembered and no more', async () => {
  const rig = makeRig();
  for (let index = 0; index <= 2_048; index += 1) await rig.checks.check(`/${index}`);
  await rig.checks.check('/2048');
  expect(rig.looks).toHaveLength(2_049);
  await rig.checks.check('/0');
  expect(rig.looks).toHaveLength(2_050);
});
