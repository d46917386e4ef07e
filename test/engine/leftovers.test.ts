/** Nothing is believed of a service while an action of the last daemon may still run. */

import {describe, expect, it} from 'vitest';
import type {ServiceFacts} from '../../src/engine/index.ts';
import {Desk, clusterConfig, web} from './rig.ts';

const facts: ServiceFacts = {
  epoch: 4,
  owner: true,
  frozen: null,
  freeze: null,
  failed: null,
  lastAction: 'started',
  bootId: 'boot-1',
  underWay: 'start',
  peerLatch: null,
};

function restarted(kind: 'start' | 'stop', change: Partial<ServiceFacts> = {}): Desk {
  const desk = new Desk(clusterConfig({}), {
    facts: new Map([[web, {...facts, underWay: kind, ...change}]]),
    leftovers: new Map([[web, kind]]),
  });
  desk.runUntil(1_000);
  return desk;
}

const over = (desk: Desk, state: 'gone' | 'ended') =>
  desk.give({type: 'leftover', service: web, state, detail: ''});

const plans = (desk: Desk) => desk.take().filter((line) => line.startsWith('run-plan'));

describe('an action of the last daemon that may still run', () => {
  it('is waited for before anything is asked, and whatever is answered', () => {
    const desk = restarted('start');
    expect(desk.take()).not.toContain('probe');
    desk.probe('down');
    desk.runUntil(100_000);
    expect([desk.state(), desk.waiting()]).toEqual(['UNKNOWN', 'left-running']);
    expect(plans(desk)).toEqual([]);
  });

  it('that can not be ended holds its service up until it is over', () => {
    const desk = restarted('start');
    desk.give({type: 'leftover', service: web, state: 'lingers', detail: 'process 7 hangs'});
    desk.probe('down');
    desk.runUntil(100_000);
    expect([desk.state(), desk.waiting()]).toEqual(['UNKNOWN', 'left-running']);
    desk.take();
    over(desk, 'ended');
    expect(desk.take()).toContain('probe');
    desk.probe('down');
    expect(desk.state()).not.toBe('UNKNOWN');
  });

  it('as the run of a task changes nothing of what its service is', () => {
    const desk = new Desk(clusterConfig({}), {
      facts: new Map([[web, {...facts, underWay: null}]]),
      leftovers: new Map([[web, 'run' as const]]),
    });
    desk.runUntil(1_000);
    desk.probe('up');
    expect([desk.state(), desk.waiting()]).toEqual(['UNKNOWN', 'left-running']);
    over(desk, 'ended');
    desk.probe('up');
    expect(desk.state()).toBe('STARTED');
  });

  it('counts no more once a person has confirmed that it does not run', () => {
    const desk = restarted('start');
    desk.give({type: 'leftover', service: web, state: 'lingers', detail: 'process 7 hangs'});
    desk.command({verb: 'clear', service: web, confirmStopped: true});
    expect(desk.state()).toBe('STOPPED');
  });

  it('leaves a failed stop what it was', () => {
    const desk = restarted('stop', {failed: 'stop'});
    desk.give({type: 'leftover', service: web, state: 'lingers', detail: 'process 7 hangs'});
    expect(desk.state()).toBe('STOP_FAILED');
  });
});

describe('a start that was cut short after its daemon', () => {
  it('is adopted where all of it answers as up', () => {
    const desk = restarted('start');
    over(desk, 'ended');
    desk.probe('up');
    expect(desk.state()).toBe('STARTED');
  });

  it('is begun anew where all of it answers as down', () => {
    const desk = restarted('start');
    over(desk, 'ended');
    desk.runUntil(6_000);
    desk.probe('down');
    desk.runUntil(6_001);
    expect(desk.state()).toBe('STARTING');
  });

  it('is taken back where it can not be asked', () => {
    const desk = restarted('start');
    over(desk, 'ended');
    desk.take();
    desk.probe('unknown', false);
    expect(plans(desk)).toEqual(['run-plan stop']);
    desk.finish('done');
    expect(desk.state()).toBe('START_FAILED');
  });

  it('counts as running where it can not be asked and came to its own end', () => {
    const desk = restarted('start');
    over(desk, 'gone');
    desk.probe('unknown', false);
    expect(desk.state()).toBe('STARTED');
  });
});

describe('a stop that was cut short after its daemon', () => {
  it.each([
    ['up', true],
    ['unknown', false],
  ] as const)('is made again where the answer is %s', (state, verifiable) => {
    const desk = restarted('stop');
    over(desk, 'ended');
    desk.take();
    desk.probe(state, verifiable);
    expect(plans(desk)).toEqual(['run-plan stop']);
  });

  it('is over where all of it answers as down', () => {
    const desk = restarted('stop');
    over(desk, 'ended');
    desk.probe('down');
    expect(desk.state()).toBe('STOPPED');
  });
});
