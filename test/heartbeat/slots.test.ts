import {describe, expect, test} from 'vitest';
import {decodeFrame} from '../../src/heartbeat/decode-frame.ts';
import {keyedChecksum} from '../../src/heartbeat/keyed-checksum.ts';
import {recordBytes} from '../../src/heartbeat/layout.ts';
import type {PeerView} from '../../src/heartbeat/peer-view.ts';
import type {ReceivedSlot} from '../../src/heartbeat/received.ts';
import {encodeSlot} from '../../src/heartbeat/slot.ts';
import type {Authenticator, Frame} from '../../src/heartbeat/types.ts';
import {hashName} from '../../src/kernel/hash.ts';
import {diskId} from '../../src/kernel/ids.ts';
import * as given from './cluster-of-frames.ts';

const where = {disk: given.disk, node: given.node2};

function slotOf(
  changes: Partial<Frame> = {},
  options: {slotBlocks?: number; auth?: Authenticator} = {},
): Uint8Array {
  const frame = given.frameOf({medium: hashName(given.disk), ...changes});
  return encodeSlot(frame, {slotBlocks: 2, auth: given.auth, ...options}).bytes;
}

function read(view: PeerView, bytes: Uint8Array, nowMs: number): ReceivedSlot {
  return view.receiveSlot(where, bytes, nowMs, given.now);
}

function health(view: PeerView, nowMs: number): ReturnType<PeerView['health']> {
  return view.health(given.node2, given.disk, nowMs);
}

/** A view that has seen node2's slot change at 1 s and 2 s, sequences 1 and 2. */
function watching(): PeerView {
  const view = given.viewOf();
  read(view, slotOf({sequence: 1}), 1_000);
  read(view, slotOf({sequence: 2}), 2_000);
  return view;
}

describe('a slot', () => {
  test('is whole records: liveness, pages with what did not fit, zeros', () => {
    const frame = given.frameOf({
      medium: hashName(given.disk),
      heard: given.echo(1),
      claims: given.claimsOf(60),
    });
    const {bytes, claimsWritten} = encodeSlot(frame, {slotBlocks: 4, auth: given.auth});
    expect({length: bytes.length, claimsWritten}).toEqual({length: 2_048, claimsWritten: 60});
    const record = (index: number): Uint8Array =>
      bytes.subarray(index * recordBytes, (index + 1) * recordBytes);
    const frames = [0, 1].map((index) => decodeFrame(record(index), given.auth, {padded: true}));
    expect(frames.map((outcome) => outcome.ok && outcome.value.claims.length)).toEqual([40, 20]);
    expect(record(2).some((byte) => byte !== 0)).toBe(false);
  });

  test('says how many claims found room, so that the caller rotates', () => {
    const frame = given.frameOf({claims: given.claimsOf(300)});
    const options = {slotBlocks: 2, auth: given.auth};
    expect(encodeSlot(frame, options).claimsWritten).toBe(84);
  });

  test('gives back its liveness record first, then the pages of the same write', () => {
    const view = given.viewOf();
    const outcome = read(view, slotOf({claims: given.claimsOf(60)}), 1_000);
    const frames = outcome.kind === 'accepted' ? outcome.frames : [];
    expect(frames.map((frame) => frame.claims.length)).toEqual([42, 18]);
  });

  test('at first sight may be years old: it is known, not alive', () => {
    const view = given.viewOf();
    expect(read(view, slotOf(), 1_000)).toMatchObject({kind: 'accepted', fresh: false});
    expect(health(view, 1_000)).toMatchObject({lastMs: null, rx: 'unknown', watchedMs: 0});
    expect(read(view, slotOf(), 4_000)).toEqual({kind: 'unchanged', node: given.node2});
    expect(health(view, 4_000)).toMatchObject({lastMs: null, rx: 'unknown', watchedMs: 3_000});
  });

  test('that changes is alive, and dead when nobody writes it any more', () => {
    const view = watching();
    expect(health(view, 2_000)).toMatchObject({lastMs: 2_000, rx: 'up', state: 'unknown'});
    for (let second = 3; second <= 7; second += 1)
      read(view, slotOf({sequence: 2}), second * 1_000);
    expect(health(view, 7_000)).toMatchObject({lastMs: 2_000, rx: 'down', state: 'down'});
  });

  test('that nobody can read is unknown, not silent', () => {
    const view = watching();
    expect(health(view, 7_000)).toMatchObject({rx: 'unknown', state: 'unknown'});
    read(view, slotOf({sequence: 2}), 8_000);
    expect(health(view, 8_000).state).toBe('down');
    expect(health(view, 13_000).state).toBe('unknown');
  });

  test('at first sight is alive where it echoes what we just sent', () => {
    const view = given.viewOf();
    view.noteSent(1, 900);
    const slot = slotOf({heard: given.echo(1, [given.disk])});
    expect(read(view, slot, 1_000)).toMatchObject({kind: 'accepted', fresh: true});
    expect(health(view, 1_000)).toMatchObject({rx: 'up', tx: 'up', state: 'up', proven: true});
  });

  test('that was never written says nothing', () => {
    const view = given.viewOf();
    const empty = new Uint8Array(1_024);
    expect(read(view, empty, 1_000)).toEqual({kind: 'unchanged', node: given.node2});
    expect(health(view, 1_000)).toMatchObject({fault: null, state: 'unknown', watchedMs: 0});
  });

  test('read after a stall gives its content and no age', () => {
    const view = watching();
    const slot = slotOf({sequence: 9});
    const outcome = view.receiveSlot(where, slot, 60_000, given.queued);
    expect(outcome).toMatchObject({kind: 'accepted', fresh: false});
    expect(health(view, 60_000).lastMs).toBe(2_000);
  });

  test('tells the other direction of every medium', () => {
    const view = watching();
    view.noteSent(1, 2_500);
    read(view, slotOf({sequence: 3, heard: given.echo(1, [given.net1, given.disk])}), 3_000);
    expect(view.health(given.node2, given.net1, 3_000)).toMatchObject({rx: 'unknown', tx: 'up'});
    expect(health(view, 3_000)).toMatchObject({rx: 'up', tx: 'up', state: 'up'});
  });

  test('begins a new life when its owner restarted', () => {
    const view = watching();
    const outcome = read(view, slotOf({incarnation: 8, sequence: 1}), 3_000);
    expect(outcome).toMatchObject({kind: 'accepted', firstOfLife: true, fresh: true});
  });

  test('with the old life in it is in order until its owner, heard on a link, writes', () => {
    const view = given.viewOf();
    view.receive(given.net1, given.bytesOf({incarnation: 8}), 500, given.now);
    expect(read(view, slotOf({incarnation: 7, sequence: 9}), 1_000)).toMatchObject({
      reason: 'older-life',
    });
    expect(health(view, 1_000).fault).toBeNull();
    expect(read(view, slotOf({incarnation: 8, sequence: 2}), 2_000).kind).toBe('accepted');
  });
});

describe('a slot that must not be believed is down, with the reason, and never alive', () => {
  const torn = (): Uint8Array => {
    const bytes = slotOf({sequence: 3, heard: given.echo(1)});
    bytes.set(slotOf({sequence: 2}).subarray(60, 120), 60);
    return bytes;
  };
  const key9 = keyedChecksum('blue', [{id: 9, seed: 1}]);
  const red = keyedChecksum('red', [{id: 1, seed: 11}]);

  test.each<[string, () => Uint8Array, string, string]>([
    ['torn', torn, 'bad-tag', 'is torn, or signed with another key'],
    [
      'cut off by the end of the device',
      () => slotOf().subarray(0, 100),
      'truncated',
      'is shorter than a record: the device ends there',
    ],
    [
      'foreign data',
      () => new Uint8Array(1_024).fill(0xe5),
      'bad-magic',
      'holds no heartbeat record: something else writes there',
    ],
    [
      'wiped',
      () => new Uint8Array(1_024),
      'bad-magic',
      'holds no heartbeat record: something else writes there',
    ],
    [
      'of another cluster',
      () => slotOf({sequence: 3}, {auth: red}),
      'other-cluster',
      'belongs to another cluster',
    ],
    [
      'of another node',
      () => slotOf({sender: hashName(given.node3)}),
      'unknown-sender',
      'was written by another node',
    ],
    [
      'of ourselves',
      () => slotOf({sender: hashName(given.node1)}),
      'own-name',
      'was written under the name of this node',
    ],
    [
      'of another disk',
      () => slotOf({medium: hashName(diskId('hb#4'))}),
      'wrong-medium',
      'was written for another disk: are the devices swapped?',
    ],
    [
      'with a key we do not hold',
      () => slotOf({sequence: 3}, {auth: key9}),
      'unknown-key',
      'is signed with a key that is not in secret.key',
    ],
    [
      'an old image of its life',
      () => slotOf({sequence: 1}),
      'replayed',
      'went back in time: an old image was restored, or two machines write it',
    ],
    [
      'an old image of an older life',
      () => slotOf({incarnation: 6, sequence: 99}),
      'older-life',
      'went back in time: an old image was restored, or two machines write it',
    ],
    [
      'a second writer in the same life',
      () => slotOf({sequence: 3, nonce: 0x5555}),
      'older-life',
      'went back in time: an old image was restored, or two machines write it',
    ],
    [
      'the same sequence with other content',
      () => slotOf({sequence: 2, decisionAgeMs: 9}),
      'replayed',
      'went back in time: an old image was restored, or two machines write it',
    ],
  ])('%s', (_, slot, reason, text) => {
    const view = watching();
    expect(read(view, slot(), 3_000)).toEqual({kind: 'dropped', reason, node: given.node2});
    expect(view.drops[reason as keyof typeof view.drops]).toBe(1);
    expect(health(view, 3_000)).toMatchObject({
      lastMs: 2_000,
      rx: 'down',
      state: 'down',
      fault: `the slot of node2 ${text}`,
    });
  });

  test('foreign data is a fault at first sight too', () => {
    const view = given.viewOf();
    read(view, new Uint8Array(1_024).fill(0xe5), 1_000);
    expect(health(view, 1_000)).toMatchObject({
      state: 'down',
      fault: 'the slot of node2 holds no heartbeat record: something else writes there',
    });
  });

  test('any single flipped bit of the record', () => {
    const good = slotOf({sequence: 3, claims: given.claimsOf(2)}, {slotBlocks: 1});
    const view = watching();
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const flipped = good.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(read(view, flipped, 3_000).kind, `bit ${bit}`).toBe('dropped');
    }
    expect(health(view, 3_000).lastMs).toBe(2_000);
  });

  test('any mixture of the sectors of two writes: the pages of the other are left out', () => {
    const view = watching();
    const before = slotOf({sequence: 2, claims: given.claimsOf(60)});
    const after = slotOf({sequence: 3, claims: given.claimsOf(60)});
    const mixed = after.slice();
    mixed.set(before.subarray(recordBytes), recordBytes);
    const outcome = read(view, mixed, 3_000);
    expect(outcome).toMatchObject({kind: 'accepted', fresh: true});
    expect(outcome.kind === 'accepted' && outcome.frames).toHaveLength(1);
    expect(view.drops.replayed).toBe(1);
  });

  test('a torn one is in order again with the next whole one', () => {
    const view = watching();
    read(view, torn(), 3_000);
    read(view, slotOf({sequence: 3}), 4_000);
    expect(health(view, 4_000)).toMatchObject({fault: null, rx: 'up'});
  });

  test('one with two writers stays in doubt for a dead time after the last contradiction', () => {
    const view = watching();
    for (let second = 3; second <= 10; second += 1) {
      const sequence = second % 2 === 0 ? 1 : second;
      read(view, slotOf({sequence}), second * 1_000);
      expect(health(view, second * 1_000).state).toBe(second === 3 ? 'unknown' : 'down');
    }
    read(view, slotOf({sequence: 20}), 14_900);
    expect(health(view, 14_900).state).toBe('down');
    read(view, slotOf({sequence: 21}), 15_000);
    expect(health(view, 15_000).fault).toBeNull();
  });

  test('whose key is wrong and which changes is AUTH: its owner is not silent', () => {
    const view = watching();
    for (let second = 3; second <= 5; second += 1) {
      read(view, slotOf({sequence: second}, {auth: key9}), second * 1_000);
    }
    expect(health(view, 5_000).authFailing).toBe(true);
    const still = watching();
    for (let second = 3; second <= 9; second += 1) {
      read(still, slotOf({sequence: 3}, {auth: key9}), second * 1_000);
    }
    expect(health(still, 9_000).authFailing).toBe(false);
  });
});
