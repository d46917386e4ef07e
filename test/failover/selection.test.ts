import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {ResourceConfig, ServiceConfig} from '../../src/config/types.ts';
import {buildPlan} from '../../src/failover/plan.ts';
import {resourceId} from '../../src/kernel/ids.ts';
import type {Selection} from '../../src/kernel/selection.ts';
import {appResource, reservationResource, scriptResource, serviceOf} from '../drivers/scripts.ts';

const whole: Selection = {rid: null, tags: null, subset: null, upto: null, downto: null};
const app = (rid: string, changes: Partial<ResourceConfig> = {}): ResourceConfig =>
  ({...appResource(), rid: resourceId(rid), ...changes}) as ResourceConfig;

const web = serviceOf([
  scriptResource('/s', {rid: resourceId('script')}),
  app('vg#0', {tags: ['data', 'blue']}),
  app('app#1', {tags: ['data'], subset: 'g1'}),
  app('app#2', {tags: ['blue'], subset: 'G2'}),
]);

/** Resources of the plan, or the message. */
function part(
  kind: 'start' | 'stop',
  selection: Partial<Selection>,
  service: ServiceConfig = web,
): string {
  const plan = buildPlan(service, {kind, epoch: 1, count: 1, selection: {...whole, ...selection}});
  if (plan.ok) return plan.value.steps.map(({rid}) => rid).join(' ');
  return `${plan.error.message}. ${plan.error.hint ?? ''}`;
}

test('a part that is started brings the reservation of its disk, a stop leaves it', () => {
  const service = serviceOf([
    reservationResource({rid: resourceId('vg#0pr')}),
    reservationResource({rid: resourceId('vg#1pr')}),
    app('vg#0'),
    app('vg#1'),
    app('app#1'),
  ]);
  expect(part('start', {rid: 'vg#0'}, service)).toBe('vg#0pr vg#0');
  expect(part('stop', {rid: 'vg#0'}, service)).toBe('vg#0');
  expect(part('start', {rid: 'app#1'}, service)).toBe('app#1');
});

describe('a part of a service', () => {
  test.each([
    ['start', {}, 'script vg#0 app#1 app#2'],
    ['stop', {}, 'app#2 app#1 vg#0 script'],
    ['start', {rid: 'app#1'}, 'app#1'],
    ['start', {rid: 'APP#2, script'}, 'script app#2'],
    ['stop', {rid: 'app'}, 'app#2 app#1 vg#0'],
    ['start', {rid: 'vg'}, 'vg#0'],
    ['start', {tags: 'data'}, 'vg#0 app#1'],
    ['start', {tags: 'data+blue'}, 'vg#0'],
    ['start', {tags: 'data+blue,blue'}, 'vg#0 app#2'],
    ['stop', {subset: 'g1,app:g2'}, 'app#2 app#1'],
    ['start', {upto: 'script'}, 'script'],
    ['start', {upto: 'app#1'}, 'script vg#0 app#1'],
    ['start', {upto: 'app'}, 'script vg#0 app#1 app#2'],
    ['stop', {downto: 'app#1'}, 'app#2 app#1'],
    ['start', {rid: 'app', tags: 'blue', upto: 'app#1'}, 'vg#0'],
  ] as const)('to %s with %j is %s', (kind, selection, expected) => {
    expect(part(kind, selection)).toBe(expected);
  });

  test.each([
    ['start', {rid: 'app#9'}, 'none for app#9'],
    ['start', {rid: 'app#1,fs#1'}, 'none for fs#1'],
    ['start', {rid: ''}, 'none for '],
    ['start', {tags: 'data+red'}, 'none for data+red'],
    ['start', {subset: 'fs:g1'}, 'none for fs:g1'],
    ['start', {upto: 'fs'}, 'none for fs'],
    ['start', {rid: 'app#1', tags: 'blue'}, 'none for all of that together'],
    ['start', {downto: 'app'}, '--downto is for a stop. Write --upto.'],
    ['stop', {upto: 'app'}, '--upto is for a start. Write --downto.'],
  ] as const)('to %s with %j is refused', (kind, selection, expected) => {
    expect(part(kind, selection)).toContain(expected);
  });

  const tag = fc.constantFrom('a', 'b', 'c');
  const services = fc
    .array(fc.record({tags: fc.uniqueArray(tag), subset: fc.option(tag)}), {
      minLength: 1,
      maxLength: 12,
    })
    .map((list) => serviceOf(list.map((changes, index) => app(`app#${index}`, changes))));
  const selections = fc.record({
    rid: fc.option(fc.constantFrom('app#0', 'app#3,app#1', 'app')),
    tags: fc.option(tag),
    subset: fc.option(tag),
    upto: fc.constant(null),
    downto: fc.constant(null),
  });

  test('keeps the order of the whole, and its stop undoes its start', () => {
    fc.assert(
      fc.property(services, selections, (service, selection) => {
        const start = buildPlan(service, {kind: 'start', epoch: 1, count: 1, selection});
        const stop = buildPlan(service, {kind: 'stop', epoch: 1, count: 2, selection});
        expect(start.ok).toBe(stop.ok);
        if (!start.ok || !stop.ok) return;
        const all = part('start', {}, service).split(' ');
        const up = start.value.steps.map(({rid}) => rid as string);
        expect(up).toEqual(all.filter((rid) => up.includes(rid)));
        expect(stop.value.steps.map(({rid}) => rid)).toEqual(up.toReversed());
      }),
    );
  });

  test('up to a resource is a beginning of the whole, and its stop down to it the end', () => {
    fc.assert(
      fc.property(services, fc.nat(), (service, at) => {
        const all = part('start', {}, service).split(' ');
        const barrier = all[at % all.length]!;
        const up = part('start', {upto: barrier}, service).split(' ');
        expect(up).toEqual(all.slice(0, (at % all.length) + 1));
        const down = part('stop', {downto: barrier}, service).split(' ');
        expect(down.toReversed()).toEqual(all.slice(at % all.length));
      }),
    );
  });
});
