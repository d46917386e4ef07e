/** A daemon that stood still looks at every service before anything else counts. */

import {describe, expect, it} from 'vitest';
import type {Input} from '../../src/engine/index.ts';
import {view} from '../../src/engine/index.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {servicesPerTurnMax} from '../../src/kernel/limits.ts';
import {Desk, clusterConfig, disk, node2, serviceConfig} from './rig.ts';

const freeze = {by: 'root', why: 'work', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};
const up = {state: 'up', partial: false, verifiable: true, resources: []} as const;
const down = {...up, state: 'down'} as const;

/** More services than one turn looks at, all STARTED, on the right of a disk. */
function crowdedDesk(): {desk: Desk; last: ReturnType<typeof serviceName>} {
  const names = Array.from({length: servicesPerTurnMax + 6}, (_, index) =>
    serviceName(`s${index}`),
  );
  const services = names.map((name) =>
    serviceConfig({name, serviceClass: 'exclusive', monitorMs: 60_000, restarts: 1}),
  );
  const desk = new Desk(clusterConfig({disk: true, change: {services}}));
  for (const service of names) desk.give({type: 'probe-result', service, probe: up});
  desk.runUntil(1);
  write(desk);
  return {desk, last: names.at(-1)!};
}

function write(desk: Desk): void {
  desk.give({type: 'disk-state', disk, action: 'write', issuedMs: desk.nowMs, fault: null});
}

/** The daemon stands still until its lease is long over, and has emptied its sockets. */
function standStill(desk: Desk, meanwhile: readonly Input[] = []): void {
  desk.take();
  desk.nowMs += 60_000;
  desk.give({type: 'tick'});
  for (const input of meanwhile) desk.give(input);
  desk.give({type: 'drained'});
}

function stateOf(desk: Desk, name: string): string | undefined {
  const seen = view(desk.engine, desk.nowMs).services.find((service) => service.name === name);
  return seen?.instances.find((instance) => instance.local !== null)?.state;
}

const count = (lines: readonly string[], what: string) =>
  lines.filter((line) => line === what).length;

describe('after a stall that outlasted the lease', () => {
  it('a command waits until the last service was looked at', () => {
    const {desk, last} = crowdedDesk();
    const scope = {kind: 'service', service: last} as const;
    const actor = 'root@pts/0';
    const order = (id: number): Input => ({
      type: 'command',
      id,
      command: {verb: 'freeze', scope, freeze},
      actor,
    });
    standStill(desk, [order(1)]);
    // It comes between two looks, and must not overtake the first.
    desk.give(order(2));
    desk.runUntil(desk.nowMs);
    expect(stateOf(desk, last)).toBe('STOPPING');
    expect(desk.effects.filter(({type}) => type === 'reply')).toEqual([
      expect.objectContaining({id: 1}),
      expect.objectContaining({id: 2}),
    ]);
  });

  it('what is heard between two looks gives no right back', () => {
    const {desk, last} = crowdedDesk();
    standStill(desk);
    expect(stateOf(desk, last)).toBe('STARTED');
    write(desk);
    desk.runUntil(desk.nowMs);
    expect(stateOf(desk, last)).toBe('STOPPING');
    expect(count(desk.take(), 'run-plan stop')).toBe(servicesPerTurnMax + 6);
  });

  it('no resource is restarted in place before its service was looked at', () => {
    const {desk, last} = crowdedDesk();
    standStill(desk);
    desk.give({type: 'probe-result', service: last, probe: down});
    desk.runUntil(desk.nowMs);
    expect(count(desk.take(), 'run-plan start')).toBe(0);
  });

  it('a start that ended meanwhile does not come to rest in a freeze', () => {
    const config = clusterConfig({serviceClass: 'exclusive', disk: true});
    const desk = new Desk(config);
    desk.probe('down');
    desk.runUntil(6_000);
    write(desk);
    desk.command({verb: 'confirm-dead', node: node2});
    desk.command({
      verb: 'freeze',
      scope: {kind: 'service', service: config.services[0]!.name},
      freeze,
    });
    expect(desk.state()).toBe('STARTING');
    desk.nowMs += 60_000;
    desk.finish('done');
    desk.give({type: 'drained'});
    desk.runUntil(desk.nowMs);
    expect(desk.state()).toBe('STOPPING');
  });

  it('no stop is ordered before the sockets were read', () => {
    const desk = new Desk(clusterConfig({}));
    desk.probe('down');
    desk.runUntil(5_000);
    desk.command({verb: 'shutdown', keep: false, keepMs: 0});
    desk.take();
    desk.nowMs += 60_000;
    desk.finish('done');
    expect(desk.take()).not.toContain('run-plan stop');
    desk.give({type: 'drained'});
    desk.runUntil(desk.nowMs);
    expect(desk.take()).toContain('run-plan stop');
  });
});
