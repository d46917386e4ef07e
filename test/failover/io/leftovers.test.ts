/** A plan does not begin beside what the last daemon left, and sees nothing down that lingers. */

import {afterEach, expect, test} from 'vitest';
import {setImmediate as turn} from 'node:timers/promises';
import type {ServiceConfig} from '../../../src/config/types.ts';
import {resourceId, serviceName} from '../../../src/kernel/ids.ts';
import {appResource, serviceOf} from '../../drivers/scripts.ts';
import {driverOf, makeRig, type Rig} from './rig.ts';

let rig: Rig;
afterEach(() => rig.runner.close());

const web: ServiceConfig = serviceOf([appResource({rid: resourceId('app#1')})], {
  name: serviceName('web'),
});
const down = {state: 'down', verifiable: true, detail: 'down'} as const;

test('a plan waits for the first attempt to end what was left', async () => {
  const begun: string[] = [];
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const driver = driverOf({
    stop: () => {
      begun.push('stop');
      return Promise.resolve({kind: 'done', detail: '', durationMs: 0});
    },
  });
  rig = makeRig({driverFor: () => driver, leftovers: {has: () => false, settled: () => settled}});
  const {outcome} = rig.begin(web, 'stop');
  await turn();
  expect(begun).toEqual([]);
  settle();
  expect((await outcome).kind).toBe('done');
  expect(begun).toEqual(['stop']);
});

test('a resource with a process that lingers is never seen down', async () => {
  const driver = driverOf({probe: () => Promise.resolve(down)});
  const leftovers = {
    has: (key: string) => key === 'web/app#1',
    settled: () => Promise.resolve(),
  };
  rig = makeRig({driverFor: () => driver, leftovers});
  expect((await rig.runner.probe(web)).state).toBe('unknown');
  expect((await rig.run(web, 'stop')).kind).toBe('failed');
});
