/** Nodes that are heard and still prove nothing: two of one name, one-way, gone in the middle. */

import {describe, expect, it} from 'vitest';
import {view} from '../../src/engine/index.ts';
import {Desk, clusterConfig, exchange, node1, node2, web} from './rig.ts';

const freeze = {by: 'root', why: '', since: '2026-01-01T00:00:00Z', untilMs: null, until: null};
const config = clusterConfig({serviceClass: 'none'});

/** All desks to one time, beat by beat; `lines` are the ways on which frames arrive. */
function run(desks: readonly Desk[], lines: readonly [Desk, Desk][], ms: number): void {
  const startMs = Math.max(...desks.map((desk) => desk.nowMs));
  for (let nowMs = startMs + 50; nowMs <= startMs + ms; nowMs += 50) {
    for (const desk of desks) desk.runUntil(nowMs);
    for (const from of desks) {
      const sent = from.effects.filter(({type}) => type === 'send');
      for (const [, to] of lines.filter(([one]) => one === from)) {
        from.effects.push(...sent);
        exchange(from, to);
      }
      from.effects.splice(0, from.effects.length, ...from.effects.filter((e) => e.type !== 'send'));
    }
  }
}

const alarms = (desk: Desk) => view(desk.engine, desk.nowMs).alarms.map(({code}) => code);
const starts = (desk: Desk) => desk.take().filter((line) => line === 'run-plan start');

describe('a second machine under our name', () => {
  it.each([
    ['alone', false],
    ['beside a peer that agrees', true],
  ])('keeps this one from starting anything, %s', (_title, isHeard) => {
    const desk = new Desk(config);
    const second = new Desk(config, {incarnation: 2});
    const peer = new Desk(config, {node: node2});
    const lines: [Desk, Desk][] = [[second, desk]];
    if (isHeard) lines.push([peer, desk], [desk, peer]);
    run([desk, second, peer], lines, 2_000);
    for (const one of [desk, second, peer]) one.probe('down');
    run([desk, second, peer], lines, 20_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'duplicate-node']);
    expect(starts(desk)).toEqual([]);
    expect(alarms(desk)).toContain('DUP_NODE');
  });

  it('takes nothing from what runs here', () => {
    const desk = new Desk(config);
    const second = new Desk(config, {incarnation: 2});
    desk.probe('up');
    run([desk, second], [[second, desk]], 20_000);
    expect(desk.state()).toBe('STARTED');
    expect(alarms(desk)).toContain('DUP_NODE');
  });
});

describe('two machines under the name of a peer', () => {
  it('keep this one from starting what the hidden one runs', () => {
    const owner = new Desk(config);
    const second = new Desk(config, {incarnation: 2});
    const desk = new Desk(config, {node: node2});
    owner.probe('up');
    run(
      [owner, desk],
      [
        [owner, desk],
        [desk, owner],
      ],
      2_000,
    );
    // It is heard first, and hides the owner: from now on it is the one that is believed.
    run(
      [second, owner, desk],
      [
        [second, desk],
        [owner, desk],
        [desk, second],
        [desk, owner],
      ],
      1_500,
    );
    second.command({verb: 'freeze', scope: {kind: 'node'}, freeze});
    second.probe('down');
    desk.probe('down');
    run(
      [second, owner, desk],
      [
        [second, desk],
        [owner, desk],
        [desk, second],
        [desk, owner],
      ],
      60_000,
    );
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'duplicate-node']);
    expect(starts(desk)).toEqual([]);
    expect(owner.state()).toBe('STARTED');
    expect(alarms(desk)).toContain('DUP_NODE');
  });
});

describe('a peer', () => {
  it('that is heard and no longer hears us keeps us from starting', () => {
    const peer = new Desk(config);
    const desk = new Desk(config, {node: node2});
    peer.command({verb: 'freeze', scope: {kind: 'node'}, freeze});
    peer.probe('down');
    run(
      [peer, desk],
      [
        [peer, desk],
        [desk, peer],
      ],
      2_000,
    );
    run([peer, desk], [[peer, desk]], 10_000);
    desk.probe('down');
    run([peer, desk], [[peer, desk]], 20_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'one-way']);
    expect(starts(desk)).toEqual([]);
  });

  it('that left without knowing what it runs leaves nothing to take', () => {
    const peer = new Desk(config, {node: node1});
    const desk = new Desk(config, {node: node2});
    desk.probe('down');
    peer.command({verb: 'freeze', scope: {kind: 'service', service: web}, freeze});
    run(
      [peer, desk],
      [
        [peer, desk],
        [desk, peer],
      ],
      2_000,
    );
    peer.command({verb: 'shutdown', keep: false, keepMs: 0});
    run(
      [peer, desk],
      [
        [peer, desk],
        [desk, peer],
      ],
      2_000,
    );
    run([desk], [], 60_000);
    expect(view(desk.engine, desk.nowMs).nodes.find(({name}) => name === node1)?.state).toBe(
      'left',
    );
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'peer-state-unknown']);
    expect(starts(desk)).toEqual([]);
  });
});
