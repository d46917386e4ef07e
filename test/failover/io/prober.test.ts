import {expect, test} from 'vitest';
import {Prober} from '../../../src/failover/io/prober.ts';
import type {ProbeOutcome} from '../../../src/failover/types.ts';
import {resourceId} from '../../../src/kernel/ids.ts';
import {appResource, serviceOf} from '../../drivers/scripts.ts';
import {driverOf} from './rig.ts';

test('all resources of a service are asked at once, in the time of the slowest', async () => {
  const count = 12;
  const resources = Array.from({length: count}, (_, index) =>
    appResource({rid: resourceId(`app#${index}`)}),
  );
  const {promise: allAsked, resolve} = Promise.withResolvers<void>();
  let asked = 0;
  const driver = driverOf({
    // Each answers only when the last one has been asked: one after the other would never end.
    async probe(): Promise<ProbeOutcome> {
      asked += 1;
      if (asked === count) resolve();
      await allAsked;
      return {state: 'up', verifiable: true, detail: 'up'};
    },
  });
  const prober = new Prober({driverFor: () => driver, log: () => undefined, lingering: new Set()});
  const seen = await prober.probe(serviceOf(resources));
  expect(seen).toMatchObject({state: 'up', partial: false, verifiable: true});
  expect(seen.resources).toHaveLength(count);
  await prober.close();
});
