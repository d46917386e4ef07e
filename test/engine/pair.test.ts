import {describe, expect, it} from 'vitest';
import type {ServiceClass, ServiceConfig} from '../../src/config/types.ts';
import {nextDueMs, view} from '../../src/engine/index.ts';
import type {Command, ServiceFacts} from '../../src/engine/index.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {Desk, clusterConfig, disk, exchange, node1, node2, serviceConfig, web} from './rig.ts';

const drain: Command = {
  verb: 'drain',
  freeze: {by: 'test', why: '', since: '', untilMs: null, until: null},
};

/** Two desks side by side; whatever is said is heard within 10 ms. */
class Pair {
  readonly one: Desk;
  readonly two: Desk;
  #nowMs = 0;

  constructor(
    serviceClass: ServiceClass,
    facts: Partial<ServiceFacts> = {},
    service: Partial<ServiceConfig> = {},
  ) {
    const config = clusterConfig({serviceClass, service});
    const known = (epoch: number) =>
      new Map([
        [
          web,
          {
            epoch,
            owner: true,
            frozen: null,
            freeze: null,
            failed: null,
            lastAction: 'started' as const,
            bootId: 'boot-1',
            peerLatch: null,
            underWay: null,
            ...facts,
          },
        ],
      ]);
    this.one = new Desk(config, {node: node1, facts: known(1)});
    this.two = new Desk(config, {node: node2, facts: known(2)});
  }

  run(ms: number): void {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs;) {
      this.#nowMs += 10;
      this.one.runUntil(this.#nowMs);
      this.two.runUntil(this.#nowMs);
      exchange(this.one, this.two);
      exchange(this.two, this.one);
    }
  }

  states(): string {
    return `${this.one.state()} ${this.two.state()}`;
  }
}

const freeze = {by: 'root', why: '', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};

describe('two nodes that hear each other', () => {
  it('start a service once, on its last owner, before the grace is over', () => {
    const pair = new Pair('exclusive');
    pair.run(1_000);
    pair.one.probe('down');
    pair.two.probe('down');
    pair.run(200);
    expect(pair.states()).toBe('STOPPED STARTING');
    expect(pair.two.take()).toContain('record transition acknowledged');
  });

  it('take a start back once, and then wait for its end', () => {
    const pair = new Pair('none');
    pair.one.probe('down');
    pair.two.probe('down');
    pair.one.runUntil(6_000);
    pair.two.runUntil(6_000);
    expect(pair.states()).toBe('STARTING STARTING');
    pair.one.command({verb: 'stop', service: web});
    pair.one.take();
    exchange(pair.two, pair.one);
    expect(pair.one.take()).toContain('abort-plan');
    expect(nextDueMs(pair.one.engine)).toBeGreaterThan(6_000);
  });

  it('wait for each other to know what they run', () => {
    const pair = new Pair('exclusive');
    pair.two.probe('down');
    pair.run(10_000);
    expect(pair.states()).toBe('UNKNOWN STOPPED');
    expect(pair.two.waiting()).toBe('peer-state-unknown');
  });

  it('settle two claims: the lower epoch stops, the higher stays', () => {
    const pair = new Pair('exclusive');
    pair.one.probe('up');
    pair.two.probe('up');
    pair.run(100);
    expect(pair.states()).toBe('STOPPING STARTED');
    pair.one.finish('done');
    pair.run(5_000);
    expect(pair.states()).toBe('STOPPED STARTED');
  });

  it('freeze data that is active twice, on both nodes', () => {
    const pair = new Pair('data');
    pair.one.probe('up');
    pair.two.probe('up');
    pair.run(100);
    expect(pair.states()).toBe('FROZEN_START FROZEN_START');
  });

  it('hand a service over only after it was stopped and probed', () => {
    const pair = new Pair('exclusive');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(1_000);
    pair.two.take();
    pair.two.command({verb: 'switch', service: web, to: null});
    pair.run(2_000);
    expect(pair.states()).toBe('STOPPED STOPPING');
    pair.two.finish('done');
    pair.run(100);
    expect(pair.states()).toBe('STARTING STOPPED');
    pair.one.finish('done');
    pair.run(100);
    expect(pair.two.take()).toContain('reply 0: web is STARTED on node1');
    expect(pair.states()).toBe('STARTED STOPPED');
  });

  it('hand over by command what is otherwise left alone, and what frees the node as well', () => {
    for (const command of [{verb: 'switch', service: web, to: null} as const, drain]) {
      const pair = new Pair('exclusive', {}, {orchestrate: 'no'});
      pair.one.probe('down');
      pair.two.probe('up');
      pair.run(1_000);
      pair.two.command(command);
      pair.run(100);
      pair.two.finish('done');
      pair.run(100);
      expect([command.verb, pair.states()]).toEqual([command.verb, 'STARTING STOPPED']);
    }
  });

  it('leave stopped what was stopped by command and moves by command only', () => {
    const pair = new Pair('exclusive', {}, {orchestrate: 'no'});
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(1_000);
    pair.two.command({verb: 'stop', service: web});
    pair.two.finish('done');
    pair.run(20_000);
    expect(pair.states()).toBe('STOPPED STOPPED');
    expect(pair.one.waiting()).toBe('not-orchestrated');
  });

  it('go on with the other node after a start failed cleanly here', () => {
    const pair = new Pair('exclusive');
    pair.one.probe('down');
    pair.two.probe('down');
    pair.run(200);
    pair.two.finish('failed');
    pair.run(200);
    expect(pair.states()).toBe('STARTING START_FAILED');
  });

  it('leave a failed stop alone', () => {
    const pair = new Pair('exclusive');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(500);
    pair.two.command({verb: 'switch', service: web, to: null});
    pair.two.finish('failed', false);
    pair.run(20_000);
    expect(pair.states()).toBe('STOPPED STOP_FAILED');
    expect(pair.one.waiting()).toBe('peer-stop-failed');
  });

  it('leave a failed stop alone when its node falls silent, though silence is enough', () => {
    const pair = new Pair('none');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(500);
    pair.two.command({verb: 'switch', service: web, to: null});
    pair.two.finish('failed', false);
    pair.run(20_000);
    pair.one.runUntil(120_000);
    expect([pair.one.state(), pair.one.waiting()]).toEqual(['STOPPED', 'peer-stop-failed']);
    const seen = view(pair.one.engine, 120_000);
    expect(seen.nodes.map(({name, state}) => `${name} ${state}`)).toContain('node2 silent');
  });

  it('start nothing while the other one has another configuration', () => {
    const pair = new Pair('exclusive');
    pair.two.engine.config = {...pair.two.engine.config, digest: 'f'.repeat(16)};
    pair.one.probe('down');
    pair.two.probe('down');
    pair.run(10_000);
    expect([pair.one.state(), pair.one.waiting()]).toEqual(['STOPPED', 'config-skew']);
  });

  it('raise no alarm about a node that said that it would be gone for a while', () => {
    const pair = new Pair('exclusive');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(500);
    pair.two.command({verb: 'shutdown', keep: true, keepMs: 600_000});
    pair.run(500);
    pair.one.runUntil(60_000);
    const seen = view(pair.one.engine, 60_000);
    expect(seen.nodes.map(({name, state}) => `${name} ${state}`)).toContain('node2 silent');
    expect(seen.alarms).toEqual([]);
    expect(pair.one.state()).toBe('STOPPED');
    expect(pair.one.waiting()).toBe('peer-maintenance');
  });

  it('do not take over what is frozen while it runs, even from a dead node', () => {
    const pair = new Pair('none');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(500);
    pair.two.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
    pair.run(500);
    pair.one.runUntil(60_000);
    expect(pair.one.state()).toBe('STOPPED');
    expect(pair.one.waiting()).toBe('peer-frozen');
  });

  it('take over at once after a clean leave, without any dead time', () => {
    const pair = new Pair('data');
    pair.one.probe('down');
    pair.two.probe('up');
    pair.run(500);
    pair.two.command({verb: 'shutdown', keep: false, keepMs: 0});
    pair.run(100);
    pair.two.finish('done');
    pair.run(100);
    expect(pair.one.state()).toBe('STARTING');
  });
});

describe('two nodes that share a disk and no link', () => {
  it('learn the states of more services than one record holds', () => {
    const names = Array.from({length: 100}, (_, index) => serviceName(`s${index}`));
    const services = names.map((name) => serviceConfig({name, serviceClass: 'exclusive'}));
    const {disks} = clusterConfig({disk: true});
    const change = {services, disks: disks.map((each) => ({...each, slotBlocks: 8}))};
    const config = clusterConfig({change});
    const one = new Desk(config, {node: node1});
    const two = new Desk(config, {node: node2});
    for (const service of names) {
      const probe = {state: 'down', partial: false, verifiable: true, resources: []} as const;
      one.give({type: 'probe-result', service, probe});
    }
    for (const effect of one.effects) {
      if (effect.type !== 'write-slot') continue;
      two.give({type: 'slot', disk, node: node1, bytes: effect.bytes});
    }
    const seen = view(two.engine, 0).services.map(({instances}) => instances[0]?.state);
    expect(seen).toEqual(names.map(() => 'STOPPED'));
    expect(view(two.engine, 0).drops['replayed']).toBe(0);
  });
});
