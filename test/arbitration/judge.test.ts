import {describe, expect, it} from 'vitest';
import {judge} from '../../src/arbitration/judge.ts';
import {proofClasses, proofNeeded, proofRank} from '../../src/arbitration/types.ts';
import type {ArbiterEvidence} from '../../src/arbitration/types.ts';
import {serviceClasses} from '../../src/config/types.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {ask, expiredDisk, freshLink, own, peer, silentLink} from './question.ts';

const arbiter: ArbiterEvidence = {
  medium: 'arbitrator#1',
  fault: null,
  member: {keeping: false},
  present: false,
  markedMs: 500,
  stopMs: 1_000,
  resetMs: 0,
};

const rows: readonly (readonly [string, Parameters<typeof ask>[0], string])[] = [
  ['a proven fresh link ends the matter', {peer: {links: [freshLink]}}, 'refuse peer-alive P0 D1'],
  [
    'one fresh link outweighs a disk whose lease ran out',
    {peer: {links: [silentLink, freshLink], disks: [expiredDisk]}},
    'refuse peer-alive P0 D1',
  ],
  [
    'a peer that we hear but that does not hear us is alive',
    {peer: {links: [{...freshLink, proven: false}]}, class: 'none'},
    'refuse one-way P0 D1',
  ],
  [
    'short silence is waited out',
    {peer: {links: [silentLink, {...silentLink, watchedMs: 1_000}]}, class: 'none'},
    'wait peer-silent-briefly P0 D2',
  ],
  [
    'silence before we listened for the dead time does not count',
    {peer: {links: [{...silentLink, ageMs: null, watchedMs: 4_999}]}, class: 'none'},
    'wait peer-silent-briefly P0 D2',
  ],
  [
    'all own links out of order: it is us',
    {own: {isolated: true, carrier: false}, class: 'none'},
    'refuse isolated P0 D3',
  ],
  [
    'who can use the disk is not cut off: a lease that ran out counts without carrier',
    {own: {isolated: true, carrier: false}, peer: {disks: [expiredDisk]}},
    'take disk-lease-expired P2 D7',
  ],
  [
    'without carrier the lease is waited for',
    {
      own: {isolated: true, carrier: false},
      peer: {disks: [{...expiredDisk, changeAgeMs: 8_500}]},
    },
    'wait disk-wait P0 D5',
  ],
  [
    'without carrier a lease still running is nothing for an address',
    {
      own: {isolated: true, carrier: false},
      peer: {disks: [{...expiredDisk, changeAgeMs: 8_500}]},
      class: 'address',
    },
    'refuse isolated P0 D3',
  ],
  [
    'who left its services running promised no stop: its lease proves nothing',
    {peer: {keepingMs: -1, disks: [expiredDisk]}},
    'refuse peer-maintenance P0 D16',
  ],
  [
    'an address may be taken once the announced maintenance is over',
    {peer: {keepingMs: -1}, class: 'address'},
    'take outside-sees-us P1 D4',
  ],
  ['silence alone is no proof for exclusive', {}, 'refuse peer-not-proven-dead P1 D4'],
  ['silence alone is no proof for data', {class: 'data'}, 'refuse peer-not-proven-dead P1 D4'],
  ['carrier is enough for an address', {class: 'address'}, 'take outside-sees-us P1 D4'],
  [
    'without carrier an address waits',
    {class: 'address', own: {carrier: false}},
    'refuse peer-not-proven-dead P0 D4',
  ],
  [
    'ping targets overrule carrier',
    {class: 'address', own: {pingReachable: false}},
    'refuse ping-unanswered P0 D4',
  ],
  [
    'ping targets do not stand in for carrier',
    {class: 'address', own: {pingReachable: true, carrier: false}},
    'refuse peer-not-proven-dead P0 D4',
  ],
  [
    'ping targets that answer are the outside that sees us',
    {class: 'address', own: {pingReachable: true}},
    'take outside-sees-us P1 D4',
  ],
  [
    'ping targets withhold nothing that rests on a lease',
    {peer: {disks: [expiredDisk]}, own: {pingReachable: false}},
    'take disk-lease-expired P2 D7',
  ],
  [
    'ping targets prove nothing of the peer',
    {own: {pingReachable: true}},
    'refuse peer-not-proven-dead P1 D4',
  ],
  ['class none takes over on silence', {class: 'none'}, 'take outside-sees-us P1 D4'],
  [
    'class none takes over even without carrier',
    {class: 'none', own: {carrier: false}},
    'take silence-accepted P0 D4',
  ],
  [
    'a changing slot is a sign of life',
    {peer: {disks: [{...expiredDisk, changeAgeMs: 900}]}, class: 'none'},
    'refuse peer-disk-alive P0 D5',
  ],
  [
    'an unchanged slot is waited for until the lease is over',
    {peer: {disks: [{...expiredDisk, changeAgeMs: 8_500}]}},
    'wait disk-wait P0 D5',
  ],
  [
    'the wait counts from when we began to watch',
    {peer: {disks: [{...expiredDisk, watchedMs: 8_500}]}},
    'wait disk-wait P0 D5',
  ],
  [
    'an expired lease is enough for exclusive',
    {peer: {disks: [expiredDisk]}},
    'take disk-lease-expired P2 D7',
  ],
  [
    'an expired lease without watchdog is too weak for data',
    {peer: {disks: [expiredDisk]}, class: 'data'},
    'refuse proof-too-weak P2 D7,D4',
  ],
  [
    'an expired lease with an attested watchdog is enough for data',
    {peer: {disks: [{...expiredDisk, watchdogMs: 5_000}]}, class: 'data'},
    'take disk-lease-expired P3 D6',
  ],
  [
    'a disk that we cannot read proves nothing',
    {peer: {disks: [{...expiredDisk, readAgeMs: 20_000}]}},
    'refuse disk-unreadable P0 D9',
  ],
  [
    'a disk that we cannot write proves nothing',
    {peer: {disks: [{...expiredDisk, writeAgeMs: null}]}},
    'refuse disk-unreadable P0 D9',
  ],
  [
    'a slot that was never seen proves nothing',
    {peer: {disks: [{...expiredDisk, changeAgeMs: null, watchedMs: 0}]}},
    'refuse disk-unreadable P0 D9',
  ],
  [
    'a record that never changed since we watch it is as good as an unchanged one',
    {peer: {disks: [{...expiredDisk, changeAgeMs: null}]}},
    'take disk-lease-expired P2 D7',
  ],
  [
    'a slot that somebody else writes proves nothing',
    {peer: {disks: [{...expiredDisk, fault: 'written by another cluster'}]}},
    'refuse disk-unreadable P0 D9',
  ],
  [
    'two of three disks decide',
    {peer: {disks: [expiredDisk, expiredDisk, {...expiredDisk, readAgeMs: null}]}},
    'take disk-lease-expired P2 D7',
  ],
  [
    'one of two disks decides nothing',
    {peer: {disks: [expiredDisk, {...expiredDisk, readAgeMs: null}]}},
    'refuse disk-unreadable P0 D9',
  ],
  ['a goodbye is the best proof', {peer: {left: true}, class: 'data'}, 'take clean-leave P4 D15'],
  [
    'announced maintenance is waited out',
    {peer: {keepingMs: 60_000}, class: 'none'},
    'wait peer-maintenance P0 D16',
  ],
  [
    'an operator is proof for data',
    {peer: {confirmedDead: {by: 'root@pts/1'}}, class: 'data'},
    'take operator-confirmed-dead P4 D23',
  ],
  [
    'an operator does not outweigh a sign of life',
    {peer: {confirmedDead: {by: 'root@pts/1'}, links: [freshLink]}},
    'refuse peer-alive P0 D1',
  ],
  [
    'an operator does not outweigh a changing slot',
    {peer: {confirmedDead: {by: 'root@pts/1'}, disks: [{...expiredDisk, changeAgeMs: 100}]}},
    'refuse peer-disk-alive P0 D5',
  ],
  [
    'failing signatures are no silence',
    {peer: {links: [{...silentLink, authFailing: true}]}, class: 'none'},
    'refuse auth-failing P0 D1',
  ],
  [
    'a confirmed fence does not care about failing signatures',
    {peer: {links: [{...silentLink, authFailing: true}], fence: 'confirmed'}, class: 'data'},
    'take fenced P4 D10',
  ],
  ['a pending fence is waited for', {peer: {fence: 'pending'}}, 'fence fencing P0 D10'],
  ['a fence that was not tried is asked for', {peer: {fence: 'none'}}, 'fence fencing P0 D10'],
  [
    'a fence is asked for by class data with a lease that is not enough',
    {peer: {fence: 'none', disks: [expiredDisk]}, class: 'data'},
    'fence fencing P0 D10',
  ],
  [
    'a lease that is enough needs no fence',
    {peer: {fence: 'none', disks: [expiredDisk]}},
    'take disk-lease-expired P2 D7',
  ],
  ['a failed fence is no proof', {peer: {fence: 'failed'}}, 'refuse fence-failed P1 D4,D10'],
  ['a damped fence is no proof', {peer: {fence: 'damped'}}, 'refuse damping P1 D4,D10'],
  [
    'who was not heard since the start is not fenced',
    {peer: {fence: 'none', heardThisLife: false}},
    'refuse peer-not-proven-dead P1 D4',
  ],
  [
    'who announced maintenance is not fenced',
    {peer: {fence: 'none', keepingMs: -1}},
    'refuse peer-maintenance P0 D16',
  ],
  [
    'who does not reach its ping targets fences nobody',
    {peer: {fence: 'none'}, own: {pingReachable: false, carrier: true}},
    'refuse peer-not-proven-dead P0 D4',
  ],
  [
    'who is cut from everything fences nobody',
    {peer: {fence: 'none'}, own: {isolated: true}},
    'refuse isolated P0 D3',
  ],
  [
    'who renews its lease in the arbiter lives, and is not fenced',
    {peer: {fence: 'none', arbiter: {...arbiter, markedMs: null, present: true}}},
    'wait arbiter-wait P0 D12',
  ],
  [
    'who cannot ask the arbiter may be cut off itself, and fences nobody',
    {peer: {fence: 'none', arbiter: {...arbiter, fault: 'unreachable: refused'}}},
    'refuse arbiter-unreachable P0 D13',
  ],
  [
    'preempted reservations are proof',
    {peer: {reservation: 'held-by-us'}, class: 'data'},
    'take fenced P4 D11',
  ],
  [
    'reservations that the peer still holds are no proof',
    {peer: {reservation: 'held-by-peer'}},
    'refuse peer-not-proven-dead P1 D4',
  ],
  [
    'a mark of the arbiter is a lease that ended',
    {peer: {arbiter}},
    'take arbiter-granted P2 D12,D7',
  ],
  [
    'an arbiter that cannot be reached says nothing',
    {peer: {arbiter: {...arbiter, fault: 'unreachable: refused'}}},
    'refuse arbiter-unreachable P0 D13',
  ],
  [
    'whom the arbiter has never seen did not obey it',
    {peer: {arbiter: {...arbiter, member: null}}},
    'refuse arbiter-no-member P0 D14',
  ],
  [
    'a lease that is only absent is no mark',
    {peer: {arbiter: {...arbiter, markedMs: null}}},
    'wait arbiter-wait P0 D12',
  ],
  [
    'a lease that is held is waited for',
    {peer: {arbiter: {...arbiter, markedMs: null, present: true}}},
    'wait arbiter-wait P0 D12',
  ],
  [
    'what ran by promise is given time to stop, marked or not',
    {peer: {arbiter: {...arbiter, stopMs: 1_001}}},
    'wait arbiter-wait P0 D12',
  ],
  [
    'services that were left running are no proof, marked or not',
    {peer: {arbiter: {...arbiter, member: {keeping: true}}}},
    'refuse peer-maintenance P0 D16',
  ],
  [
    'a mark and a fresh link: alive',
    {peer: {arbiter, links: [freshLink]}},
    'refuse peer-alive P0 D1',
  ],
  [
    'a mark without a watchdog is not enough for data',
    {peer: {arbiter}, class: 'data'},
    'refuse proof-too-weak P2 D12,D7,D4',
  ],
  [
    'a watchdog that is not waited out yet is waited for',
    {peer: {arbiter: {...arbiter, resetMs: 501}}, class: 'data'},
    'wait proof-too-weak P2 D12,D7,D4',
  ],
  [
    'a watchdog that is waited out makes it P3',
    {peer: {arbiter: {...arbiter, resetMs: 500}}, class: 'data'},
    'take arbiter-granted P3 D12,D6',
  ],
  [
    'with a disk too, both leases must have ended: the mark alone does not do',
    {peer: {arbiter, disks: [{...expiredDisk, changeAgeMs: 8_500}]}},
    'wait disk-wait P0 D5',
  ],
  [
    'with a disk too, both leases must have ended: nor does the disk alone',
    {peer: {arbiter: {...arbiter, markedMs: null}, disks: [expiredDisk]}},
    'wait arbiter-wait P0 D12',
  ],
  [
    'with a disk too, an arbiter that proves nothing refuses',
    {peer: {arbiter: {...arbiter, fault: 'none'}, disks: [expiredDisk]}},
    'refuse arbiter-unreachable P0 D13',
  ],
  [
    'of two leases the weaker one is the proof',
    {peer: {arbiter, disks: [{...expiredDisk, watchdogMs: 5_000}]}, class: 'data'},
    'refuse proof-too-weak P2 D6,D12,D7,D4',
  ],
  [
    'cut off from all links, the arbiter is waited for, as a disk is',
    {
      own: {isolated: true, carrier: false},
      peer: {arbiter: {...arbiter, markedMs: null}},
    },
    'wait arbiter-wait P0 D12',
  ],
  [
    'takeover = manual holds in spite of proof',
    {peer: {disks: [expiredDisk]}, takeover: 'manual'},
    'hold manual-takeover P2 D7',
  ],
  [
    'takeover = manual obeys the operator',
    {peer: {confirmedDead: {by: 'root'}}, takeover: 'manual'},
    'take operator-confirmed-dead P4 D23',
  ],
  ['a stalled node accuses nobody', {own: {stalled: true}, class: 'none'}, 'hold stalled P0 D21'],
  [
    'a duplicated name forbids everything',
    {own: {duplicateNode: true}, peer: {left: true}},
    'refuse duplicate-node P0 D18',
  ],
  [
    'differing configuration forbids everything',
    {own: {configSkew: true}, class: 'none'},
    'refuse config-skew P0 D18',
  ],
];

describe('judge', () => {
  it.each(rows)('%s', (_title, change, expected) => {
    expect(ask(change)).toBe(expected);
  });

  it('names what it looked at, with ages', () => {
    const verdict = judge({
      service: serviceName('web'),
      serviceClass: 'exclusive',
      takeover: 'proven',
      peer: {...peer, disks: [expiredDisk]},
      own,
    });
    expect(verdict.evidence).toEqual([
      {medium: 'hb#1', says: 'silent', ageMs: 6_000},
      {medium: 'hb#9', says: 'unchanged', ageMs: 12_000},
    ]);
    expect(verdict.cause.detail).toBe(
      'the slot of node1 on hb#9 has not changed for 12 s, longer than its lease',
    );
  });

  it('says how long a wait will last', () => {
    const disks = [{...expiredDisk, changeAgeMs: 8_500}];
    const verdict = judge({
      service: serviceName('web'),
      serviceClass: 'exclusive',
      takeover: 'proven',
      peer: {...peer, disks},
      own,
    });
    expect(verdict.waitMs).toBe(510);
  });

  it('gives a holder by promise the time to stop after the links fell silent', () => {
    // Its disk died long ago; it ran on because we answered, and begins to stop only now.
    const disks = [{...expiredDisk, changeAgeMs: 120_000, stopMs: 4_000}];
    const verdict = judge({
      service: serviceName('web'),
      serviceClass: 'exclusive',
      takeover: 'proven',
      peer: {...peer, disks},
      own,
    });
    expect(verdict.decision).toBe('wait');
    expect(verdict.waitMs).toBe(3_000);
  });

  it('counts a slot as unchanged only up to the last time that it was read', () => {
    // Its reads began to fail: what the owner wrote since then, nobody here has seen.
    const disks = [{...expiredDisk, changeAgeMs: 9_100, readAgeMs: 6_000}];
    const verdict = judge({
      service: serviceName('web'),
      serviceClass: 'exclusive',
      takeover: 'proven',
      peer: {...peer, disks},
      own,
    });
    expect(verdict.decision).toBe('wait');
    expect(verdict.waitMs).toBeNull();
  });

  it('never takes on less proof than the class needs', () => {
    const links = [silentLink, freshLink, {...freshLink, proven: false}];
    const disks = [
      null,
      expiredDisk,
      {...expiredDisk, changeAgeMs: 100},
      {...expiredDisk, watchdogMs: 9},
    ];
    const cases = serviceClasses.flatMap((serviceClass) =>
      links.flatMap((link) => disks.map((disk) => ({serviceClass, link, disk}))),
    );
    for (const {serviceClass, link, disk} of cases) {
      const verdict = judge({
        service: serviceName('web'),
        serviceClass,
        takeover: 'proven',
        peer: {...peer, links: [link], disks: disk === null ? [] : [disk]},
        own,
      });
      const enough = proofRank(verdict.proof) >= proofRank(proofNeeded[serviceClass]);
      expect(verdict.decision !== 'take' || enough).toBe(true);
      expect(proofClasses).toContain(verdict.proof);
    }
  });
});
