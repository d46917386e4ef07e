/**
 * D1-D23: every rule has a situation here in which it decides, or the place where it is kept. Then
 * two situations at once: which of the rules goes first is a table, and each pair is tried.
 */

import {existsSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import type {PeerEvidence} from '../../src/arbitration/types.ts';
import {ask, expiredDisk, freshLink, silentLink, verdictOn} from './question.ts';
import type {Change} from './question.ts';

interface Situation {
  readonly name: string;
  readonly change: Change;
  readonly says: string;
}

const row = (name: string, change: Change, says: string): Situation => ({name, change, says});
const disk = (change: Partial<typeof expiredDisk>): Change => ({
  peer: {disks: [{...expiredDisk, ...change}]},
});
const link = (change: Partial<typeof silentLink>): Change => ({
  peer: {links: [{...silentLink, ...change}]},
});

const quorum = (quietMs: readonly number[]): Change => ({
  peer: {quorum: {needed: 2, quietMs, waitMs: 16_000, stopMs: 1_000, stepMs: 1_000}},
});

/** In the order in which they go before each other, for class exclusive. */
const situations: readonly Situation[] = [
  row('stalled', {own: {stalled: true}}, 'hold stalled P0 D21'),
  row('duplicate', {own: {duplicateNode: true}}, 'refuse duplicate-node P0 D18'),
  row('skew', {own: {configSkew: true}}, 'refuse config-skew P0 D18'),
  row('left', {peer: {left: true}}, 'take clean-leave P4 D15'),
  row('heard', {peer: {links: [freshLink]}}, 'refuse peer-alive P0 D1'),
  row('one-way', link({ageMs: 400, proven: false}), 'refuse one-way P0 D1'),
  row('slot changes', disk({changeAgeMs: 900}), 'refuse peer-disk-alive P0 D5'),
  row('confirmed', {peer: {confirmedDead: {by: 'root'}}}, 'take operator-confirmed-dead P4 D23'),
  row('maintenance', {peer: {keepingMs: 60_000}}, 'wait peer-maintenance P0 D16'),
  row('signatures fail', link({authFailing: true}), 'refuse auth-failing P0 D1'),
  row('silent briefly', link({watchedMs: 1_000}), 'wait peer-silent-briefly P0 D2'),
  row('fenced', {peer: {fence: 'confirmed'}}, 'take fenced P4 D10'),
  row('reserved', {peer: {reservation: 'held-by-us'}}, 'take fenced P4 D11'),
  row('no majority', {own: {quorum: false}}, 'refuse no-quorum P0 D22'),
  row('majority', quorum([20_000, 18_000]), 'take quorum-granted P2 D22,D7'),
  row('lease over, watchdog', disk({watchdogMs: 5_000}), 'take disk-lease-expired P3 D6'),
  row('lease over', disk({}), 'take disk-lease-expired P2 D7'),
  row('fencing', {peer: {fence: 'pending'}}, 'fence fencing P0 D10'),
  row('not fenced yet', {peer: {fence: 'none'}}, 'fence fencing P0 D10'),
  row('majority too early', quorum([20_000, 9_000]), 'wait quorum-wait P0 D22'),
  row('too few say so', quorum([20_000]), 'wait quorum-wait P0 D22'),
  row('lease may last', disk({changeAgeMs: 8_500}), 'wait disk-wait P0 D5'),
  row('isolated', {own: {isolated: true, carrier: false}}, 'refuse isolated P0 D3'),
  row('maintenance over', {peer: {keepingMs: -1}}, 'refuse peer-maintenance P0 D16'),
  row('disk unusable', disk({readAgeMs: 20_000}), 'refuse disk-unreadable P0 D9'),
  row('nothing', {}, 'refuse peer-not-proven-dead P1 D4'),
];

/** Pairs in which the later one goes first, and why. */
const exceptions: ReadonlyMap<string, string> = new Map([
  // A member whose frames cannot be verified is off all the same once it was cut off.
  ['signatures fail + fenced', 'take fenced P4 D10'],
  ['signatures fail + reserved', 'take fenced P4 D11'],
  // A node that is cut itself, or was told to wait, fences nobody.
  ['not fenced yet + isolated', 'refuse isolated P0 D3'],
  ['not fenced yet + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['not fenced yet + disk unusable', 'refuse disk-unreadable P0 D9'],
  // Who left its services running promised no stop, so its lease says nothing.
  ['majority + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['majority too early + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['too few say so + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['lease over, watchdog + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['lease over + maintenance over', 'refuse peer-maintenance P0 D16'],
  ['lease may last + maintenance over', 'refuse peer-maintenance P0 D16'],
]);

/** Rules that are no verdict on a silent node, or say of one that another rule decides. */
const elsewhere: Readonly<Record<string, readonly [why: string, place: string]>> = {
  D8: [
    'a lost disk with fresh links is D1; the holder runs on',
    'test/scenarios/disk-fails-link-healthy.txt',
  ],
  D12: [
    'beside a disk both leases must have ended, which is no order',
    'test/arbitration/judge.test.ts',
  ],
  D13: [
    'an arbiter that nobody reaches, with a fresh link, is D1',
    'test/arbitration/judge.test.ts',
  ],
  D14: [
    'an arbiter that is not reached from here proves nothing',
    'test/arbitration/judge.test.ts',
  ],
  D17: ['a frozen instance is a clause of may-start', 'test/scenarios/frozen-owner-dies.txt'],
  D19: ['two that are ready are ranked by may-start', 'test/scenarios/unfrozen-at-once.txt'],
  D20: [
    'two that run it: the engine resolves the conflict',
    'test/scenarios/three-claim-at-once.txt',
  ],
};

/** Links of both; of what both say of the disk only one can be true, and then there is no pair. */
function both(left: Change, right: Change): Change | null {
  const [a, b] = [left.peer ?? {}, right.peer ?? {}];
  const shared = Object.keys(a).filter((key) => key !== 'links' && key in b);
  if (shared.length > 0) return null;
  // A configuration has the majority or a disk as its lease, not both.
  if ((a.disks && b.quorum) || (a.quorum && b.disks)) return null;
  const links = [...(a.links ?? []), ...(b.links ?? [])];
  const peer: Partial<PeerEvidence> = {...a, ...b, ...(links.length > 0 ? {links} : {})};
  return {peer, own: {...left.own, ...right.own}};
}

const pairs = situations.flatMap((first, index) =>
  situations.slice(index + 1).flatMap((second) => {
    const change = both(first.change, second.change);
    const name = `${first.name} + ${second.name}`;
    return change === null ? [] : [{name, change, says: exceptions.get(name) ?? first.says}];
  }),
);

describe('the rules', () => {
  it.each(situations)('$name', ({change, says}) => {
    expect(ask(change)).toBe(says);
  });

  it.each(pairs)('$name', ({change, says}) => {
    expect(ask(change)).toBe(says);
  });

  it('have all a situation, or a place where they are kept', () => {
    const decided = situations.flatMap(({change}) => verdictOn(change).clauses);
    const all = Array.from({length: 23}, (_, index) => `D${index + 1}`);
    const missing = all.filter((rule) => !decided.includes(rule) && !(rule in elsewhere));
    expect(missing).toEqual([]);
    expect(Object.keys(elsewhere).filter((rule) => decided.includes(rule))).toEqual([]);
    const gone = Object.values(elsewhere).filter(([, place]) => !existsSync(place));
    expect(gone).toEqual([]);
  });

  it('have no exception that is no pair', () => {
    const names = new Set(pairs.map(({name}) => name));
    expect([...exceptions.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});
