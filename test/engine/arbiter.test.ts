/** What the engine believes of an arbiter, and when it stops to. */

import {beforeEach, describe, expect, it} from 'vitest';
import type {ArbiterOutcome, ArbiterRow} from '../../src/arbitration/arbiter.ts';
import type {ArbiterConfig} from '../../src/config/types.ts';
import {markOf, wantMark} from '../../src/engine/arbiter.ts';
import {isHeld} from '../../src/engine/arbiter-right.ts';
import {Desk, clusterConfig, exchange, node1, node2} from './rig.ts';

const arbiter: ArbiterConfig = {
  id: 'arbitrator#1',
  kind: 'etcd',
  endpoints: ['http://192.0.2.1:2379'],
  prefix: '/understudy',
  ttlMs: 10_000,
  renewMs: 3_000,
  timeoutMs: 2_000,
  files: new Map(),
  place: {file: 'cluster.conf', line: 1},
};
const config = clusterConfig({serviceClass: 'exclusive', change: {arbiter}});
const rows: readonly ArbiterRow[] = [node1, node2].map((node) => ({
  node,
  present: null,
  member: null,
  mark: null,
}));

let desk: Desk;
let peer: Desk;

beforeEach(() => {
  desk = new Desk(config, {node: node2});
  peer = new Desk(config, {node: node1});
});

type Said = Partial<ArbiterOutcome & {readonly ok: true}>;

/** Answers the question that is under way. `issuedMs`: when it was asked. */
function answer(said: Said = {}, issuedMs = desk.nowMs): void {
  const {asked} = desk.engine.arbiter;
  if (asked === null) throw new Error('nothing is asked');
  const good = {
    ok: true,
    done: true,
    clusterId: '7',
    revision: 5,
    grantedMs: 10_000,
    rows,
  } as const;
  desk.give({
    type: 'arbiter-answer',
    answer: {id: asked.id, issuedMs, outcome: {...good, ...said}},
  });
}

/** Both nodes hear each other, and this one has its lease. */
function holding(): void {
  for (const endMs = 2_000; desk.nowMs < endMs;) {
    const nowMs = desk.nowMs + 100;
    desk.runUntil(nowMs);
    peer.runUntil(nowMs);
    exchange(peer, desk);
    exchange(desk, peer);
  }
  answer(); // what is there
  desk.runUntil(desk.nowMs + 10);
  answer(); // our lease
  expect(isHeld(desk.engine)).toBe(true);
}

/** The mark against node1 is asked for, and under way. */
function asksForMark(): void {
  desk.runUntil(desk.nowMs + 10);
  wantMark(desk.engine, desk.engine.peers.get(node1)!);
  for (let turn = 0; turn < 400 && desk.engine.arbiter.asked?.question.kind !== 'mark'; turn += 1) {
    if (desk.engine.arbiter.asked !== null) answer();
    desk.runUntil(desk.nowMs + 50);
    wantMark(desk.engine, desk.engine.peers.get(node1)!);
  }
  expect(desk.engine.arbiter.asked?.question.kind).toBe('mark');
}

const mark = (): unknown => markOf(desk.engine, node1);

describe('an arbiter', () => {
  it('that is another one than before gives no right and no proof any more', () => {
    holding();
    asksForMark();
    answer();
    expect(mark()).not.toBeNull();
    desk.runUntil(desk.nowMs + 3_000);
    answer({clusterId: '8'});
    expect(isHeld(desk.engine)).toBe(false);
    expect(mark()).toBeNull();
    expect(desk.engine.arbiter.fault?.kind).toBe('foreign');
  });

  it('that has forgotten what it knew is not believed either', () => {
    holding();
    desk.runUntil(desk.nowMs + 3_000);
    answer({revision: 4});
    expect(isHeld(desk.engine)).toBe(false);
    expect(desk.engine.arbiter.fault?.detail).toContain('it has forgotten');
  });

  it('that does not answer leaves the lease to run out by our own clock', () => {
    holding();
    desk.runUntil(desk.nowMs + 9_000);
    expect(isHeld(desk.engine)).toBe(true);
    desk.runUntil(desk.nowMs + 1_500);
    expect(isHeld(desk.engine)).toBe(false);
  });

  it('counts a lease from when it was asked for, not from the answer', () => {
    holding();
    const issuedMs = desk.nowMs;
    desk.runUntil(issuedMs + 3_000);
    answer({}, issuedMs);
    desk.runUntil(issuedMs + 10_100);
    expect(isHeld(desk.engine)).toBe(false);
  });
});

describe('a node that leaves', () => {
  const shutdown = {verb: 'shutdown', keep: false, keepMs: 0} as const;
  const asked = (): string | undefined => desk.engine.arbiter.asked?.question.kind;

  function leaves(change: Partial<typeof shutdown> | {keep: true} = {}): void {
    desk.probe('down');
    holding();
    if (asked() !== undefined) answer();
    desk.take();
    desk.command({...shutdown, ...change});
    desk.runUntil(desk.nowMs + 10);
  }

  it('gives its lease back before it says goodbye, and asks for none again', () => {
    leaves();
    expect(asked()).toBe('release');
    expect(isHeld(desk.engine)).toBe(false);
    expect(desk.take().filter((line) => /^(reply|exit)/.test(line))).toEqual([]);
    answer({done: true});
    desk.runUntil(desk.nowMs + 1_000);
    expect(desk.take().filter((line) => /^(reply|exit|ask)/.test(line))).toEqual([
      'reply 0: goodbye said, the daemon ends',
      'exit 0',
    ]);
  });

  it('does not wait for an etcd that does not answer', () => {
    leaves();
    desk.runUntil(desk.nowMs + 10_000);
    expect(desk.take()).toContain('exit 0');
  });

  it('keeps its lease where it keeps its services', () => {
    leaves({keep: true});
    expect(asked()).not.toBe('release');
    expect(isHeld(desk.engine)).toBe(true);
  });
});

describe('a mark', () => {
  it('counts where it was asked for after the last sign of life', () => {
    holding();
    asksForMark();
    answer();
    expect(mark()).not.toBeNull();
  });

  it('that was asked for before the last sign of life does not', () => {
    holding();
    asksForMark();
    const issuedMs = desk.nowMs;
    desk.nowMs += 1;
    desk.runUntil(desk.nowMs);
    peer.runUntil(issuedMs + 1_000);
    exchange(peer, desk);
    answer({}, issuedMs);
    expect(mark()).toBeNull();
  });

  it('is gone with the next sign of life', () => {
    holding();
    asksForMark();
    answer();
    peer.runUntil(desk.nowMs + 1_000);
    exchange(peer, desk);
    expect(mark()).toBeNull();
  });

  it('that the arbiter refused is none', () => {
    holding();
    asksForMark();
    answer({done: false});
    expect(mark()).toBeNull();
  });
});
