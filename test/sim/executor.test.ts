/** The simulated executor keeps the rules of the real one (test/daemon/executor.test.ts). */

import {describe, expect, it} from 'vitest';
import type {Effect} from '../../src/engine/index.ts';
import {Chance} from '../../src/kernel/chance.ts';
import {diskId, nodeName, serviceName} from '../../src/kernel/ids.ts';
import {VirtualClock} from '../../src/kernel/virtual-clock.ts';
import {SimExecutor} from '../../src/sim/executor.ts';
import {StateDirectory} from '../../src/sim/storage.ts';

const cause = {reason: 'stalled', detail: ''} as const;
const record: Effect = {
  type: 'record',
  entry: {kind: 'stall', service: null, node: nodeName('node1'), atMs: 0, cause, data: {}},
};
const notice: Effect = {type: 'notice', level: 'info', service: null, cause};
const drain: Effect = {type: 'drain'};
const slotOf = (sequence: number): Effect => ({
  type: 'write-slot',
  disk: diskId('hb#2'),
  bytes: new Uint8Array(),
  sequence,
});
const probe: Effect = {type: 'probe', service: serviceName('web')};

class Bench {
  readonly clock = new VirtualClock();
  readonly storage = new StateDirectory(new Chance(1));
  readonly lines: string[] = [];
  readonly executor: SimExecutor;

  constructor() {
    this.executor = new SimExecutor({
      life: {
        nowMs: () => this.clock.nowMs(),
        later: (ms, run) => this.clock.at(this.clock.nowMs() + ms, run),
        event: (run) => run(),
        outside: (ms, run) => void this.clock.at(this.clock.nowMs() + ms, run),
      },
      storage: this.storage,
      perform: (effect) => this.lines.push(effect.type),
      dropped: (effect) => this.lines.push(`dropped ${effect.type}`),
      storageState: (failed) => this.lines.push(failed ? 'failed' : 'in order'),
      onDurable: (effect) => this.lines.push(`durable ${effect.type}`),
    });
  }

  submit(...effects: Effect[]): void {
    this.executor.submit(effects, () => this.lines.push('done'));
  }
}

describe('the simulated executor', () => {
  it('empties the sockets at once, whatever waits for the disk', () => {
    const bench = new Bench();
    bench.submit(record, notice, drain);
    expect(bench.lines).toEqual(['drain']);
    bench.submit(drain);
    expect(bench.lines).toEqual(['drain', 'drain', 'done']);
    bench.clock.runUntil(1_000);
    expect(bench.lines.slice(3)).toEqual(['durable record', 'notice', 'done']);
  });

  it('writes no slot that a newer one has overtaken', () => {
    const bench = new Bench();
    bench.submit(record, slotOf(7), notice);
    bench.submit(slotOf(8));
    bench.clock.runUntil(1_000);
    expect(bench.lines).toEqual(['write-slot', 'done', 'durable record', 'notice', 'done']);
  });

  it('carries out what stands before a record without waiting for it', () => {
    const bench = new Bench();
    bench.submit(probe, record, notice);
    expect(bench.lines).toEqual(['probe']);
    bench.clock.runUntil(1_000);
    expect(bench.lines).toEqual(['probe', 'durable record', 'notice', 'done']);
  });

  it('drops what follows a record that is refused, and nothing before it', () => {
    const bench = new Bench();
    bench.storage.mode = 'full';
    bench.submit(probe, record, notice);
    bench.clock.runUntil(1_000);
    expect(bench.lines).toEqual(['probe', 'failed', 'dropped notice', 'done']);
    bench.storage.mode = 'ok';
    bench.clock.runUntil(5_000);
    expect(bench.lines.at(-1)).toBe('in order');
  });
});
