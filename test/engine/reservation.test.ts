/** The key of this node is gone from a disk: another node has it, or may. */

import {describe, expect, it} from 'vitest';
import type {ResourceProbe, ServiceProbe} from '../../src/failover/types.ts';
import {resourceId} from '../../src/kernel/ids.ts';
import {Desk, clusterConfig, web} from './rig.ts';

const freeze = {by: 'root', why: '', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};

function probeOf(change: Partial<ResourceProbe>): ServiceProbe {
  const rid = resourceId('disk#1');
  const detail = '/dev/mapper/a: not registered here, held by node2 in epoch 8';
  const resource = {rid, state: 'down', verifiable: true, detail, ...change} as const;
  return {state: 'unknown', partial: true, verifiable: true, resources: [resource]};
}

const lost = probeOf({lost: true});

function running(restarts: number): Desk {
  const desk = new Desk(clusterConfig({service: {restarts}}));
  desk.probe('up');
  desk.take();
  return desk;
}

const give = (desk: Desk, probe: ServiceProbe): void =>
  desk.give({type: 'probe-result', service: web, probe});

describe('a running service', () => {
  it('that lost its reservation is stopped at once, and not restarted in place', () => {
    const desk = running(3);
    give(desk, lost);
    expect(desk.state()).toBe('STOPPING');
    const lines = desk.take();
    expect(lines.join('\n')).toContain('reservation-lost');
    expect(lines.join('\n')).not.toContain('restarting-resource');
    desk.finish('done');
    expect(desk.state()).toBe('START_FAILED');
  });

  it('is stopped too where other resources can not be asked', () => {
    const desk = running(3);
    give(desk, {...lost, verifiable: false});
    expect(desk.state()).toBe('STOPPING');
  });

  it('is stopped on a frozen node too: what it writes is refused', () => {
    const desk = running(3);
    desk.command({verb: 'freeze', scope: {kind: 'node'}, freeze});
    desk.take();
    give(desk, lost);
    expect(desk.state()).toBe('STOPPING');
  });

  it('whose disk does not answer goes on: unknown is not lost', () => {
    const desk = running(3);
    give(desk, {...probeOf({state: 'unknown'}), partial: false});
    expect(desk.state()).toBe('STARTED');
  });

  it('with a reservation that is merely down is restarted in place', () => {
    const desk = running(3);
    give(desk, probeOf({}));
    expect(desk.take().join('\n')).toContain('restarting-resource');
    expect(desk.state()).toBe('STARTED');
  });
});

it('a frozen service is not touched, and shown until the reservation is back', () => {
  const desk = running(0);
  desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
  expect(desk.state()).toBe('FROZEN_START');
  desk.take();
  give(desk, lost);
  give(desk, lost);
  expect(desk.state()).toBe('FROZEN_START');
  expect(desk.waiting()).toBe('reservation-lost');
  expect(desk.effects.filter(({type}) => type === 'notice')).toHaveLength(1);
  give(desk, {...lost, state: 'up', partial: false, resources: []});
  expect(desk.waiting()).toBe('nothing');
});
