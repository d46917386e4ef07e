/** What the others said before our own restart is known after it, whatever a disk shows. */

import {describe, expect, it} from 'vitest';
import type {NodeFacts} from '../../src/engine/index.ts';
import {Desk, clusterConfig, disk, link, node1, node2} from './rig.ts';

const config = clusterConfig({serviceClass: 'exclusive', disk: true});
const dayMs = 86_400_000;

/** The last slot that a desk wrote, and the last frame that it sent. */
function saidBy(desk: Desk): {readonly slot: Uint8Array; readonly frame: Uint8Array} {
  let slot = new Uint8Array();
  let frame = new Uint8Array();
  for (const effect of desk.effects) {
    if (effect.type === 'write-slot') slot = Uint8Array.from(effect.bytes);
    if (effect.type === 'send') frame = Uint8Array.from(effect.bytes);
  }
  return {slot, frame};
}

/** Reads the same slot of node1 every second, as a disk that works and does not change. */
function readOn(desk: Desk, slot: Uint8Array, endMs: number): void {
  for (let atMs = desk.nowMs + 1_000; atMs <= endMs; atMs += 1_000) {
    desk.runUntil(atMs);
    for (const action of ['write', 'read'] as const) {
      desk.give({type: 'disk-state', disk, action, issuedMs: atMs, fault: null});
    }
    desk.give({type: 'slot', disk, node: node1, bytes: slot});
  }
}

/** node1 announces maintenance over the link alone; node2 hears it and makes it durable. */
function announced(): {readonly slot: Uint8Array; readonly facts: NodeFacts | null} {
  const one = new Desk(config);
  one.probe('up');
  one.runUntil(3_000);
  const {slot} = saidBy(one);
  one.command({verb: 'shutdown', keep: true, keepMs: 600_000});
  const two = new Desk(config, {node: node2});
  two.give({type: 'slot', disk, node: node1, bytes: slot});
  two.give({type: 'packet', link, bytes: saidBy(one).frame, from: '127.0.0.1'});
  const facts = two.effects.findLast((effect) => effect.type === 'persist-node')?.facts ?? null;
  return {slot, facts};
}

function restarted(nodeFacts: NodeFacts): Desk {
  const desk = new Desk(config, {node: node2, incarnation: 2, nodeFacts});
  desk.probe('down');
  return desk;
}

describe('a node that left its services running', () => {
  it('is remembered over our own restart, though its slot on the disk does not say so', () => {
    const {slot, facts} = announced();
    expect(facts?.peers).toMatchObject([{node: node1, incarnation: 1}]);
    const desk = restarted(facts!);
    readOn(desk, slot, 60_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'peer-maintenance']);
    readOn(desk, slot, 700_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'peer-maintenance']);
  });

  it('is taken over as any other where nothing was announced', () => {
    const {slot} = announced();
    const desk = restarted({
      frozen: null,
      drained: null,
      clusterFrozen: null,
      fences: [],
      peers: [],
    });
    readOn(desk, slot, 60_000);
    expect(desk.state()).toBe('STARTING');
  });

  it('is as any other again in its next life', () => {
    const {facts} = announced();
    const desk = restarted(facts!);
    const next = new Desk(config, {incarnation: 2});
    next.runUntil(1_000);
    desk.give({type: 'packet', link, bytes: saidBy(next).frame, from: '127.0.0.1'});
    expect(desk.engine.facts.peers).toMatchObject([{incarnation: 2, keepingUntil: null}]);
    readOn(desk, saidBy(next).slot, 60_000);
    expect(desk.state()).toBe('STARTING');
  });
});

describe('a slot that is older than what was heard of its node', () => {
  it('proves nothing, and its disk with it', () => {
    const {slot, facts} = announced();
    const heard = facts!.peers.map((one) => ({...one, keepingUntil: null}));
    const desk = restarted({...facts!, peers: heard});
    readOn(desk, slot, 60_000);
    expect([desk.state(), desk.waiting()]).toEqual(['STOPPED', 'disk-unreadable']);
  });

  it('counts again once a node without its memory answers us in a lower life', () => {
    const {facts} = announced();
    const heard = facts!.peers.map((one) => ({...one, incarnation: dayMs, keepingUntil: null}));
    const desk = restarted({...facts!, peers: heard});
    const one = new Desk(config, {incarnation: 7});
    desk.runUntil(1_000);
    one.give({type: 'packet', link, bytes: saidBy(desk).frame, from: '127.0.0.1'});
    one.runUntil(1_000);
    desk.give({type: 'packet', link, bytes: saidBy(one).frame, from: '127.0.0.1'});
    expect(desk.engine.facts.peers).toMatchObject([{incarnation: 7}]);
    readOn(desk, saidBy(one).slot, 60_000);
    expect(desk.state()).toBe('STARTING');
  });
});
