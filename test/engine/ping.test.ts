/** What answers and silence of ping targets do to a takeover of class address. */

import {describe, expect, it} from 'vitest';
import type {PingConfig} from '../../src/config/types.ts';
import {view} from '../../src/engine/index.ts';
import {Desk, clusterConfig, exchange, node1, node2} from './rig.ts';

const ping: PingConfig = {
  targets: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  needed: 2,
  intervalMs: 1_000,
  place: {file: 'cluster.conf', line: 1},
};
const silentMs = 8_000;

/** node2 after node1, which runs the service, has just fallen silent. */
function standby(pings = new Map([[node2, ping]])): Desk {
  const config = clusterConfig({serviceClass: 'address', change: {pings}});
  const owner = new Desk(config, {node: node1});
  const desk = new Desk(config, {node: node2});
  owner.probe('up');
  desk.probe('down');
  for (let nowMs = 0; nowMs <= 6_000; nowMs += 100) {
    owner.runUntil(nowMs);
    desk.runUntil(nowMs);
    exchange(owner, desk);
    exchange(desk, owner);
  }
  expect(desk.state()).toBe('STOPPED');
  return desk;
}

function answer(desk: Desk, targets: readonly string[], askedMs = desk.nowMs): void {
  const answers = targets.map((target) => ({target, askedMs}));
  desk.give({type: 'pinged', answers, fault: null});
}

/** As the pinger does: once a second, until the peer has long been silent. */
function silence(desk: Desk, targets: readonly string[]): void {
  for (const endMs = desk.nowMs + silentMs; desk.nowMs < endMs;) {
    desk.runUntil(desk.nowMs + 1_000);
    answer(desk, targets);
  }
}

const alarms = (desk: Desk): readonly string[] =>
  view(desk.engine, desk.nowMs).alarms.map(({code}) => code);

describe('a node with ping targets', () => {
  it('takes an address over while enough of them answer', () => {
    const desk = standby();
    silence(desk, ['10.0.0.1', '10.0.0.3']);
    expect(desk.state()).toBe('STARTING');
    expect(alarms(desk)).not.toContain('PING_UNANSWERED');
  });

  it('holds still while too few of them answer, and says so', () => {
    const desk = standby();
    silence(desk, ['10.0.0.1']);
    expect(desk.state()).toBe('STOPPED');
    expect(desk.waiting()).toBe('ping-unanswered');
    expect(alarms(desk)).toContain('PING_UNANSWERED');
  });

  it('acts as soon as they answer again', () => {
    const desk = standby();
    silence(desk, []);
    answer(desk, ping.targets);
    expect(desk.state()).toBe('STARTING');
  });

  it('takes no answer at all for silence, from its first moment', () => {
    const desk = standby();
    desk.runUntil(desk.nowMs + silentMs);
    expect(desk.waiting()).toBe('ping-unanswered');
  });

  it('lets an answer count from its question, for three intervals', () => {
    const desk = standby();
    silence(desk, []);
    answer(desk, ping.targets, desk.nowMs - 3 * ping.intervalMs);
    expect(desk.waiting()).toBe('ping-unanswered');
    answer(desk, ping.targets, desk.nowMs - 3 * ping.intervalMs + 1);
    expect(desk.state()).toBe('STARTING');
  });

  it('counts nobody who is not configured', () => {
    const desk = standby();
    silence(desk, ['10.0.0.1', '10.0.0.9', '127.0.0.1']);
    expect(desk.waiting()).toBe('ping-unanswered');
  });

  it('has only carrier to go by where the targets are those of another node', () => {
    const desk = standby(new Map([[node1, ping]]));
    silence(desk, []);
    expect(desk.state()).toBe('STARTING');
  });
});
