import {describe, expect, test} from 'vitest';
import {at, headerBytes, recordBytes, tagBytes} from '../../src/heartbeat/layout.ts';
import type {PeerView} from '../../src/heartbeat/peer-view.ts';
import {encodeSlot} from '../../src/heartbeat/slot.ts';
import {Chance} from '../../src/kernel/chance.ts';
import {hashName} from '../../src/kernel/hash.ts';
import {mediaMax, nodesMax} from '../../src/kernel/limits.ts';
import * as given from './cluster-of-frames.ts';

const seed = 20_261_120;

/** Bytes to cut random pieces from: far cheaper than to draw each byte of each piece. */
function pool(chance: Chance): Uint8Array {
  const bytes = new Uint8Array(1 << 20);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = chance.nextUint32();
  return bytes;
}

function dropCount(view: PeerView): number {
  return Object.values(view.drops).reduce((sum, count) => sum + count, 0);
}

/** The peer still gets through, and no list has grown. */
function expectUnharmed(view: PeerView): void {
  const bytes = given.bytesOf({incarnation: 2 ** 47, claims: given.claimsOf(3)});
  expect(view.receive(given.net1, bytes, 1_000, given.now)).toMatchObject({kind: 'accepted'});
  expect(view.heardList()).toHaveLength(given.media.length);
}

const interesting = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
const counts = [at.headerBytes, at.frameBytes, at.frameBytes + 1, at.claimsTotal, at.claimsCount];
const tender = [...counts, at.claimsCount + 1, at.heardGroups, headerBytes + 10, headerBytes + 41];

function mutate(bytes: Uint8Array, chance: Chance): Uint8Array {
  let mutant = bytes.slice();
  for (let edits = chance.between(1, 4); edits > 0; edits -= 1) {
    const tenderly = chance.percent(60);
    const index = tenderly ? chance.pick(tender) : chance.between(0, mutant.length - 1);
    const value = chance.percent(50) ? chance.pick(interesting) : chance.nextUint32();
    mutant[index % mutant.length] = value;
  }
  if (chance.percent(10)) mutant = mutant.slice(0, chance.between(0, mutant.length));
  return mutant;
}

/** New to the replay guard, so that it is not turned away before the checks that are meant. */
function renumber(mutant: Uint8Array, sequence: number): void {
  if (mutant.length < given.smallest) return;
  const view = new DataView(mutant.buffer);
  view.setUint16(at.incarnation, 0);
  view.setUint32(at.incarnation + 2, 7);
  view.setUint16(at.sequence, 0);
  view.setUint32(at.sequence + 2, sequence);
}

/** Gives the mutant a right length and a right tag, so that the parser itself has to cope. */
function makeCredible(mutant: Uint8Array): void {
  if (mutant.length < given.smallest) return;
  const view = new DataView(mutant.buffer);
  view.setUint16(at.frameBytes, mutant.length);
  const scope = {
    sender: view.getUint32(at.sender),
    medium: view.getUint32(at.medium),
    incarnation: view.getUint16(at.incarnation) * 2 ** 32 + view.getUint32(at.incarnation + 2),
  };
  given.auth.sign(scope, mutant, mutant.length - tagBytes);
}

describe('hostile input', () => {
  test('a million of random bytes are dropped', () => {
    const chance = new Chance(seed);
    const random = pool(chance);
    const view = given.viewOf();
    const count = 1_000_000;
    for (let index = 0; index < count; index += 1) {
      const start = chance.between(0, random.length - 1_400);
      const bytes = random.subarray(start, start + chance.between(0, 1_400));
      if (chance.percent(50) && bytes.length > 8) {
        new DataView(bytes.buffer, start).setUint32(0, 0x48417573);
        bytes[4] = 1;
      }
      view.receive(given.net1, bytes, index, given.now);
    }
    expect(dropCount(view)).toBe(count);
    expect(view.life(given.node2).count).toBe(0);
    expectUnharmed(view);
  });

  test('300,000 near-frames are dropped unless they are signed', () => {
    const chance = new Chance(seed);
    const heard = Array.from({length: nodesMax * mediaMax}, (_, index) => ({
      peer: 1 + (index >> 3),
      medium: index,
      incarnation: 1,
      sequence: index,
    }));
    const corpus = [0, 3, 40].flatMap((claims) =>
      [0, 1, heard.length].map((length) =>
        given.bytesOf({heard: heard.slice(0, length), claims: given.claimsOf(claims)}),
      ),
    );
    const view = given.viewOf();
    for (let index = 0; index < 300_000; index += 1) {
      const mutant = mutate(chance.pick(corpus), chance);
      renumber(mutant, index + 2);
      const credible = chance.percent(50);
      if (credible) makeCredible(mutant);
      const outcome = view.receive(given.net1, mutant, index, given.now);
      if (outcome.kind === 'accepted' && !credible) throw new Error(`forged at ${index}`);
    }
    expect(view.drops['bad-tag']).toBeGreaterThan(1_000);
    expect(view.drops['malformed']).toBeGreaterThan(10_000);
    expect(view.drops['unknown-mandatory-field']).toBeGreaterThan(10);
    expectUnharmed(view);
  });

  test('100,000 slots, torn and forged', () => {
    const chance = new Chance(seed);
    const view = given.viewOf();
    const slots = [1, 2, 3].map((sequence) => {
      const claims = given.claimsOf(60);
      const frame = given.frameOf({medium: hashName(given.disk), sequence, claims});
      return encodeSlot(frame, {slotBlocks: 3, auth: given.auth}).bytes;
    });
    const where = {disk: given.disk, node: given.node2};
    for (let index = 0; index < 100_000; index += 1) {
      let slot = mutate(chance.pick(slots), chance);
      if (chance.percent(30) && slot.length > recordBytes) {
        slot = slot.slice();
        slot.set(chance.pick(slots).subarray(0, slot.length - recordBytes), recordBytes);
      }
      const outcome = view.receiveSlot(where, slot, index, given.now);
      if (outcome.kind === 'accepted' && outcome.frames.length > 3) throw new Error('too many');
    }
    expect(view.life(given.node2).count).toBeLessThanOrEqual(1);
    expectUnharmed(view);
  });
});
