/** A resource of a running service dies: restarts in place, and what follows beyond them. */

import {describe, expect, it} from 'vitest';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {MonitorAction, ResourceConfig, ServiceConfig} from '../../src/config/types.ts';
import type {ResourceProbe} from '../../src/failover/types.ts';
import {resourceId} from '../../src/kernel/ids.ts';
import {Desk, clusterConfig, exchange, node1, node2, web} from './rig.ts';

function resource(rid: string, change: Partial<ResourceConfig> = {}): ResourceConfig {
  const one = {
    ...baseDefaults,
    rid: resourceId(rid),
    type: 'script',
    script: '/opt/web',
    checkScript: '',
    probe: 'status',
    startMs: 10_000,
    stopMs: 10_000,
    probeMs: 2_000,
    place: {file: 'web.conf', line: 1},
    ...change,
  } as const;
  return one as ResourceConfig;
}

type Said = Partial<ResourceProbe>;

/** What a probe says of `a` and `b`; what is left out is up. */
function probe(desk: Desk, said: {a?: Said; b?: Said}): void {
  const resources = (['a', 'b'] as const).map((rid) => ({
    rid: resourceId(rid),
    state: 'up' as const,
    verifiable: true,
    detail: `${rid} as told`,
    ...said[rid],
  }));
  const isUp = resources.every(({state}) => state === 'up');
  const partial = !isUp && resources.some(({state}) => state === 'down');
  const state = isUp ? 'up' : 'unknown';
  desk.give({
    type: 'probe-result',
    service: web,
    probe: {state, partial, verifiable: true, resources},
  });
}

const down = {state: 'down'} as const;
const broken = {state: 'unknown', broken: true} as const;

function running(
  service: Partial<ServiceConfig>,
  resources = [resource('a'), resource('b')],
): Desk {
  const desk = new Desk(clusterConfig({service: {...service, resources}}));
  desk.probe('up');
  desk.take();
  expect(desk.state()).toBe('STARTED');
  return desk;
}

const restarted = (desk: Desk): boolean => desk.take().join('\n').includes('restarting-resource');

describe('a dead resource', () => {
  it.each([
    ['is down', down],
    ['says that it is broken', broken],
  ])('that %s is restarted in place, and no more often than was written', (_title, said) => {
    const desk = running({restarts: 2});
    for (let count = 0; count < 2; count += 1) {
      probe(desk, {a: said});
      expect(restarted(desk)).toBe(true);
      desk.finish('done');
    }
    probe(desk, {a: said});
    expect(desk.take().join('\n')).toContain('resource-failed');
    expect(desk.state()).toBe('STOPPING');
  });

  it('that is unknown is left alone', () => {
    const desk = running({restarts: 2});
    probe(desk, {a: {state: 'unknown'}});
    expect(restarted(desk)).toBe(false);
    expect(desk.state()).toBe('STARTED');
  });

  it('has restarts of its own', () => {
    const desk = running({restarts: 0}, [resource('a', {restart: 1}), resource('b')]);
    probe(desk, {a: down});
    expect(restarted(desk)).toBe(true);
    desk.finish('done');
    probe(desk, {b: down});
    expect(desk.state()).toBe('STOPPING');
  });

  it('waits for its delay between two restarts', () => {
    const desk = running({restarts: 2}, [resource('a', {restartDelayMs: 5_000}), resource('b')]);
    probe(desk, {a: down});
    expect(restarted(desk)).toBe(true);
    desk.finish('done');
    desk.take();
    desk.runUntil(1_000);
    probe(desk, {a: down});
    expect(desk.take().join('\n')).not.toContain('run-plan');
    expect(desk.waiting()).toBe('restarting-resource');
    desk.runUntil(5_000);
    expect(desk.take().join('\n')).toContain('probe');
    probe(desk, {a: down});
    expect(restarted(desk)).toBe(true);
  });

  it('is forgiven when the memory of failures has run out', () => {
    const desk = running({restarts: 1, failureMemoryMs: 60_000});
    probe(desk, {a: down});
    desk.finish('done');
    desk.runUntil(60_000);
    desk.take();
    probe(desk, {a: down});
    expect(restarted(desk)).toBe(true);
    expect(desk.state()).toBe('STARTED');
  });

  it('that is optional sets off nothing, and is restarted where that was written', () => {
    const plain = running({restarts: 3}, [resource('a', {optional: true}), resource('b')]);
    probe(plain, {a: down});
    expect(restarted(plain)).toBe(false);
    expect(plain.state()).toBe('STARTED');
    const written = running({}, [resource('a', {optional: true, restart: 1}), resource('b')]);
    probe(written, {a: down});
    expect(restarted(written)).toBe(true);
    written.finish('done');
    probe(written, {a: down});
    expect(written.state()).toBe('STARTED');
  });
});

describe('the monitor action', () => {
  const after = (monitorActions: readonly MonitorAction[], resources?: ResourceConfig[]): Desk => {
    const desk = running({restarts: 0, monitorActions}, resources);
    probe(desk, {a: down});
    return desk;
  };

  it('switch stops the service for another node', () => {
    const desk = after(['switch']);
    expect(desk.state()).toBe('STOPPING');
    desk.finish('done');
    expect(desk.state()).toBe('START_FAILED');
  });

  it('none does nothing and says so once', () => {
    const desk = after(['none']);
    probe(desk, {a: down});
    expect(desk.state()).toBe('STARTED');
    expect(desk.waiting()).toBe('monitor-none');
    expect(desk.effects.filter(({type}) => type === 'notice')).toHaveLength(1);
    probe(desk, {});
    expect(desk.waiting()).toBe('nothing');
  });

  it('freezestop freezes and stops it', () => {
    const desk = after(['freezestop']);
    expect(desk.take().join('\n')).toContain('monitor-freezestop');
    expect(desk.state()).toBe('STOPPING');
    desk.finish('done');
    expect(desk.state()).toBe('FROZEN_STOP');
  });

  it.each([
    ['reboot', 'reboot'],
    ['crash', 'sysrq'],
  ] as const)('%s ends this node where another is able to go on', (action, method) => {
    const config = clusterConfig({
      service: {resources: [resource('a'), resource('b')], monitorActions: [action]},
    });
    const desk = new Desk(config, {node: node1});
    const other = new Desk(config, {node: node2});
    desk.probe('up');
    other.probe('down');
    for (let ms = 1_000; ms <= 4_000; ms += 1_000) {
      desk.runUntil(ms);
      other.runUntil(ms);
      exchange(desk, other);
      exchange(other, desk);
    }
    desk.take();
    probe(desk, {a: down});
    expect(desk.effects.filter(({type}) => type === 'self-fence')).toMatchObject([{method}]);
  });

  it('reboot is left undone where nobody could go on', () => {
    const desk = after(['reboot']);
    expect(desk.effects.some(({type}) => type === 'self-fence')).toBe(false);
    expect(desk.state()).toBe('STARTED');
    expect(desk.waiting()).toBe('monitor-none');
  });

  it('has a second word for a stop that fails', () => {
    const desk = after(['switch', 'reboot']);
    desk.finish('failed', false);
    expect(desk.state()).toBe('STOP_FAILED');
    // Nobody is there who could go on: it is said, and not done.
    expect(desk.waiting()).toBe('monitor-none');
    const plain = after(['switch']);
    plain.finish('failed', false);
    expect(plain.waiting()).not.toBe('monitor-none');
  });

  it('is set off by watched resources alone, where some are', () => {
    const desk = after([], [resource('a'), resource('b', {monitor: true})]);
    expect(desk.state()).toBe('STARTED');
    expect(desk.waiting()).toBe('monitor-none');
    probe(desk, {b: down});
    expect(desk.state()).toBe('STOPPING');
  });
});
