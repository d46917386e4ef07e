import {describe, expect, test} from 'vitest';
import {keyedChecksum} from '../../src/heartbeat/keyed-checksum.ts';
import type {PeerView} from '../../src/heartbeat/peer-view.ts';
import type {Received} from '../../src/heartbeat/received.ts';
import type {Frame} from '../../src/heartbeat/types.ts';
import {hashName} from '../../src/kernel/hash.ts';
import * as given from './cluster-of-frames.ts';

/** What was dropped, without the reasons that never occurred. */
function dropsOf(view: PeerView): Record<string, number> {
  return Object.fromEntries(Object.entries(view.drops).filter(([, count]) => count > 0));
}

function said(outcome: Received): string {
  return outcome.kind === 'dropped' ? outcome.reason : outcome.kind;
}

function receive(view: PeerView, changes: Partial<Frame>, nowMs = 10): string {
  return said(view.receive(given.net1, given.bytesOf(changes), nowMs, given.now));
}

describe('a frame is dropped and counted by its reason', () => {
  const stranger = hashName('node9');
  test.each<[string, Uint8Array, string]>([
    ['cut short', given.bytesOf().slice(0, 50), 'truncated'],
    ['of another cluster', foreign('red', 1, 11), 'other-cluster'],
    ['of a node that is not configured', given.bytesOf({sender: stranger}), 'unknown-sender'],
    ['made for another link', given.bytesOf({medium: hashName(given.net2)}), 'wrong-medium'],
    ['signed with a key we do not hold', foreign('blue', 5, 11), 'unknown-key'],
    ['signed with the wrong key', foreign('blue', 1, 12), 'bad-tag'],
    ['with an unknown mandatory field', given.withExtension(7, [1]), 'unknown-mandatory-field'],
  ])('%s', (_, bytes, reason) => {
    const view = given.viewOf();
    expect(said(view.receive(given.net1, bytes, 10, given.now))).toBe(reason);
    expect(dropsOf(view)).toEqual({[reason]: 1});
    expect(view.health(given.node2, given.net1, 10)).toMatchObject({lastMs: null, rx: 'unknown'});
    expect(view.life(given.node2)).toEqual({incarnation: 0, count: 0});
  });

  test('any single flipped bit', () => {
    const bytes = given.bytesOf({claims: given.claimsOf(2)});
    const view = given.viewOf();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(view.receive(given.net1, flipped, 10, given.now).kind, `bit ${bit}`).toBe('dropped');
    }
    expect(view.life(given.node2)).toEqual({incarnation: 0, count: 0});
  });

  test('addresses that are forged a hundred thousand times leave nothing behind', () => {
    const view = given.viewOf();
    const bytes = given.bytesOf();
    const header = new DataView(bytes.buffer);
    for (let sender = 1; sender <= 100_000; sender += 1) {
      header.setUint32(20, sender);
      view.receive(given.net1, bytes, 10, given.now);
    }
    expect(dropsOf(view)).toEqual({'unknown-sender': 100_000});
  });

  function foreign(cluster: string, id: number, seed: number): Uint8Array {
    return given.bytesOf({}, keyedChecksum(cluster, [{id, seed}]));
  }
});

describe('a recording that is played again', () => {
  test('at once is a copy, as a network may make; later it is replayed', () => {
    const view = given.viewOf();
    expect(receive(view, {sequence: 5})).toBe('accepted');
    expect(receive(view, {sequence: 5})).toBe('unchanged');
    expect(receive(view, {sequence: 4})).toBe('replayed');
    expect(receive(view, {sequence: 6})).toBe('accepted');
    expect(receive(view, {sequence: 5})).toBe('unchanged');
    expect(receive(view, {sequence: 100})).toBe('accepted');
    expect(receive(view, {sequence: 6})).toBe('replayed');
    expect(dropsOf(view)).toEqual({replayed: 2});
  });

  test('is a copy only among the last 32, and only where that very one was received', () => {
    const view = given.viewOf();
    for (const sequence of [1, 5, 37, 78]) receive(view, {sequence});
    expect(receive(view, {sequence: 47})).toBe('replayed');
    expect(receive(view, {sequence: 46})).toBe('replayed');
    expect(receive(view, {sequence: 69})).toBe('replayed');
    receive(view, {sequence: 110});
    expect(receive(view, {sequence: 78})).toBe('replayed');
    expect(receive(view, {sequence: 110})).toBe('unchanged');
    expect(dropsOf(view)).toEqual({replayed: 4});
  });

  test('never keeps a dead node alive', () => {
    const view = given.viewOf();
    const day = Array.from({length: 100}, (_, index) => given.bytesOf({sequence: index + 1}));
    day.forEach((bytes, index) => view.receive(given.net1, bytes, index * 1_000, given.now));
    const lastMs = 99_000;
    day.forEach((bytes, index) => {
      view.receive(given.net1, bytes, lastMs + 1_000 + index * 1_000, given.now);
    });
    expect(view.health(given.node2, given.net1, lastMs + given.deadMs)).toMatchObject({
      lastMs,
      state: 'down',
    });
  });

  test('to a receiver that restarted is heard, but proves nothing', () => {
    const view = given.viewOf();
    view.noteSent(1, 0);
    // Recorded while node1 was in its life 2.
    const heard = given.echo(1).map((entry) => ({...entry, incarnation: 2}));
    expect(receive(view, {sequence: 900, heard})).toBe('accepted');
    expect(view.heardProvenThisLife(given.node2)).toBe(false);
    expect(view.echoSentMs(given.node2)).toBeNull();
    expect(view.health(given.node2, given.net1, 10)).toMatchObject({proven: false, tx: 'unknown'});
    expect(view.health(given.node2, given.net1, 5_010)).toMatchObject({proven: false});
  });

  test('on another link does not count there, even with the link rewritten', () => {
    const view = given.viewOf();
    const bytes = given.bytesOf();
    expect(said(view.receive(given.net2, bytes, 10, given.now))).toBe('wrong-medium');
    new DataView(bytes.buffer).setUint32(24, hashName(given.net2));
    expect(said(view.receive(given.net2, bytes, 10, given.now))).toBe('bad-tag');
  });

  test('after its sender restarted is of an older life', () => {
    const view = given.viewOf();
    receive(view, {incarnation: 7, sequence: 500});
    expect(receive(view, {incarnation: 8, sequence: 1})).toBe('accepted');
    expect(receive(view, {incarnation: 7, sequence: 501})).toBe('older-life');
    expect(view.life(given.node2)).toEqual({incarnation: 8, count: 2});
  });

  test('back to its sender is dropped; it is no second machine', () => {
    const view = given.viewOf();
    const own = {sender: hashName(given.node1), incarnation: 2, nonce: 0x9999};
    expect(receive(view, own)).toBe('own-name');
    expect(view.isDuplicate(10)).toBe(false);
  });
});

describe('a frame from the future', () => {
  test('a jump of the sequence is only frames that were lost', () => {
    const view = given.viewOf();
    receive(view, {sequence: 1});
    expect(receive(view, {sequence: 2 ** 47})).toBe('accepted');
    expect(view.life(given.node2)).toEqual({incarnation: 7, count: 1});
  });

  test('a jump of the incarnation is a new life, and the old one is forgotten', () => {
    const view = given.viewOf();
    view.noteSent(1, 0);
    receive(view, {sequence: 500, heard: given.echo(1, [given.net1, given.net2])});
    const bytes = given.bytesOf({sequence: 501, medium: hashName(given.net2)});
    view.receive(given.net2, bytes, 20, given.now);
    const outcome = view.receive(given.net1, given.bytesOf({incarnation: 9}), 30, given.now);
    expect(outcome).toMatchObject({kind: 'accepted', firstOfLife: true});
    expect(view.health(given.node2, given.net1, 30)).toMatchObject({rx: 'up', tx: 'unknown'});
    expect(view.health(given.node2, given.net2, 30)).toMatchObject({lastMs: null, rx: 'unknown'});
    expect(view.heardList()).toMatchObject([
      {incarnation: 9, sequence: 1},
      {incarnation: 9, sequence: 0},
      {incarnation: 9, sequence: 0},
    ]);
    // What the old life promised, the new one must keep.
    expect(view.echoSentMs(given.node2)).toBe(0);
  });
});

describe('our own name', () => {
  const self = hashName(given.node1);

  test('looped back by multicast is nothing', () => {
    const view = given.viewOf();
    expect(receive(view, {sender: self, incarnation: 3, nonce: 0x1111})).toBe('unchanged');
    expect(dropsOf(view)).toEqual({});
    expect(view.isDuplicate(10)).toBe(false);
  });

  test.each([
    ['in our life, with another nonce', {incarnation: 3, nonce: 0x3333}],
    ['in a later life', {incarnation: 4, nonce: 0x3333}],
  ])('%s, is a second machine until it was silent for a while', (_, life) => {
    const view = given.viewOf();
    expect(receive(view, {sender: self, ...life})).toBe('own-name');
    expect(view.isDuplicate(10)).toBe(true);
    expect(view.nextDueMs(6_000)).toBe(60_010);
    expect(view.isDuplicate(60_010)).toBe(false);
  });

  test('in an earlier life is a second machine once it knows what a peer said in ours', () => {
    const view = given.viewOf();
    view.noteSent(1, 0);
    receive(view, {sequence: 40, heard: given.echo(1)});
    const heard = (sequence: number) => [
      {peer: hashName(given.node2), medium: hashName(given.net1), incarnation: 7, sequence},
    ];
    const older = {sender: self, incarnation: 2, nonce: 0x3333};
    receive(view, {...older, sequence: 1, heard: heard(39)});
    expect(view.isDuplicate(10)).toBe(false);
    receive(view, {...older, sequence: 2, heard: heard(40)});
    expect(view.isDuplicate(10)).toBe(true);
  });

  test('in an earlier life is found out in the next life of the peer as well', () => {
    const view = given.viewOf();
    view.noteSent(1, 0);
    receive(view, {sequence: 40, heard: given.echo(1)});
    receive(view, {incarnation: 8, sequence: 2, heard: given.echo(1)});
    const heard = [
      {peer: hashName(given.node2), medium: hashName(given.net1), incarnation: 8, sequence: 2},
    ];
    receive(view, {sender: self, incarnation: 2, nonce: 0x3333, heard});
    expect(view.isDuplicate(10)).toBe(true);
  });

  test('without our key is only a bad tag', () => {
    const view = given.viewOf();
    const forged = given.bytesOf(
      {sender: self, incarnation: 3, nonce: 0x3333},
      keyedChecksum('blue', [{id: 1, seed: 99}]),
    );
    expect(said(view.receive(given.net1, forged, 10, given.now))).toBe('bad-tag');
    expect(view.isDuplicate(10)).toBe(false);
  });
});

describe('two machines under the name of a peer', () => {
  test('in one life: the first is heard on, the second is refused and shown', () => {
    const view = given.viewOf();
    receive(view, {sequence: 10});
    expect(receive(view, {sequence: 20, nonce: 0x4444})).toBe('older-life');
    expect(receive(view, {sequence: 11})).toBe('accepted');
    expect(view.hasStranger(given.node2, 10)).toBe(true);
    expect(view.health(given.node2, given.net1, 10).fault).toBe(
      'another machine, or an older life, speaks as node2',
    );
    expect(view.health(given.node2, given.net1, 60_010).fault).toBeNull();
  });

  test('an older life that hears us is alive: its silence is no silence', () => {
    const view = given.viewOf();
    receive(view, {incarnation: 9}, 0);
    for (let beat = 1; beat <= 20; beat += 1) {
      view.noteSent(beat, beat * 1_000);
      const life = {incarnation: 2, sequence: beat, heard: given.echo(beat)};
      expect(receive(view, life, beat * 1_000 + 100)).toBe('older-life');
    }
    expect(view.health(given.node2, given.net1, 20_200)).toMatchObject({
      state: 'auth',
      authFailing: true,
      fault: 'another machine, or an older life, speaks as node2',
    });
  });

  test('the last frames of a life that ended are only late', () => {
    const view = given.viewOf();
    view.noteSent(1, 900);
    receive(view, {incarnation: 9}, 1_000);
    const late = {incarnation: 8, sequence: 50, heard: given.echo(1)};
    expect(receive(view, late, 1_020)).toBe('older-life');
    expect(view.hasStranger(given.node2, 1_020)).toBe(false);
  });

  test('an older life that is only a recording is silence', () => {
    const view = given.viewOf();
    receive(view, {incarnation: 9}, 0);
    for (let beat = 1; beat <= 20; beat += 1) {
      view.noteSent(beat, beat * 1_000);
      const recorded = {incarnation: 2, sequence: beat, heard: given.echo(1)};
      receive(view, recorded, beat * 1_000 + 5_000);
    }
    expect(view.health(given.node2, given.net1, 25_000)).toMatchObject({
      state: 'down',
      fault: null,
    });
  });
});

describe('signatures that fail', () => {
  const wrong = keyedChecksum('blue', [{id: 1, seed: 12}]);
  const badAt = (view: PeerView, nowMs: number, sequence: number): void => {
    view.receive(given.net1, given.bytesOf({sequence}, wrong), nowMs, given.now);
  };

  test('three within the dead time make the link AUTH instead of down', () => {
    const view = given.viewOf();
    receive(view, {sequence: 1}, 0);
    badAt(view, 6_000, 2);
    badAt(view, 7_000, 3);
    expect(view.health(given.node2, given.net1, 7_000).state).toBe('down');
    badAt(view, 8_000, 4);
    expect(view.health(given.node2, given.net1, 8_000)).toMatchObject({
      state: 'auth',
      authFailing: true,
    });
    expect(view.health(given.node2, given.net2, 8_000).authFailing).toBe(false);
    expect(view.nextDueMs(8_000)).toBe(11_000);
    expect(view.health(given.node2, given.net1, 11_000).state).toBe('down');
  });

  test('beside good frames the link stays up, and it is shown', () => {
    const view = given.viewOf();
    for (let beat = 1; beat <= 6; beat += 1) {
      view.noteSent(beat, beat * 1_000);
      receive(view, {sequence: beat, heard: given.echo(beat)}, beat * 1_000);
      badAt(view, beat * 1_000, beat + 1);
    }
    expect(view.health(given.node2, given.net1, 6_000)).toMatchObject({
      state: 'up',
      authFailing: true,
    });
  });

  test('a member that we cannot understand is not silent either', () => {
    const view = given.viewOf();
    for (let beat = 0; beat < 10; beat += 1) {
      view.receive(given.net1, given.withExtension(1, [beat]), beat * 1_000, given.now);
    }
    expect(view.health(given.node2, given.net1, 9_000).state).toBe('auth');
  });
});

describe('a view is refused', () => {
  test('for media or nodes that it was not made for', () => {
    const view = given.viewOf();
    expect(() => view.health(given.node3, given.net1, 0)).toThrow('not a peer');
    expect(() => view.health(given.node1, given.net1, 0)).toThrow('not a peer');
    expect(() => view.receive('hb#9' as typeof given.net1, given.bytesOf(), 0, given.now)).toThrow(
      'not configured',
    );
  });
});
