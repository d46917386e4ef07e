/** A start that was ordered and came to nothing does not strike later, nor its freeze. */

import {describe, expect, it} from 'vitest';
import {Desk, clusterConfig, node2, web} from './rig.ts';

const freeze = {by: 'root', why: '', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};
/** It waits for an order, and may start once the other node has been silent for long enough. */
const ready = (change = {}) => {
  const desk = new Desk(clusterConfig({service: {orchestrate: 'no', ...change}}));
  desk.probe('down');
  desk.runUntil(6_000);
  return desk;
};
const replies = (desk: Desk) => desk.take().filter((line) => line.startsWith('reply'));

describe('a freeze-start', () => {
  it('rests frozen once it has started', () => {
    const desk = ready();
    desk.command({verb: 'freeze-start', service: web, freeze});
    desk.finish('done');
    desk.runUntil(7_000);
    expect(desk.state()).toBe('FROZEN_START');
  });

  it('that is refused freezes no later start', () => {
    const desk = new Desk(clusterConfig({serviceClass: 'data'}));
    desk.probe('down');
    desk.runUntil(10_000);
    desk.take();
    desk.command({verb: 'freeze-start', service: web, freeze});
    expect(replies(desk)).toHaveLength(1);
    desk.command({verb: 'confirm-dead', node: node2});
    expect(desk.state()).toBe('STARTING');
    desk.finish('done');
    desk.runUntil(11_000);
    expect(desk.state()).toBe('STARTED');
  });

  it('that failed freezes no later start', () => {
    const desk = ready();
    desk.command({verb: 'freeze-start', service: web, freeze});
    desk.finish('failed');
    desk.runUntil(7_000);
    expect(desk.state()).toBe('START_FAILED');
    desk.command({verb: 'start', service: web});
    desk.finish('done');
    desk.runUntil(8_000);
    expect(desk.state()).toBe('STARTED');
  });

  it('that is followed by a freeze as it stands is no start any more', () => {
    const desk = ready();
    desk.command({verb: 'freeze-start', service: web, freeze});
    desk.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
    expect(desk.engine.byName.get(web)?.freezeAfterStart).toBeNull();
  });
});

describe('a start that was ordered and failed', () => {
  it('is not made again when the memory of the failure has run out', () => {
    const desk = ready({failureMemoryMs: 1_000});
    desk.command({verb: 'start', service: web});
    desk.finish('failed');
    desk.runUntil(60_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'not-orchestrated']);
  });
});
