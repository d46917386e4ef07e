/** What a node says and does must stay little, whatever the others say. */

import {describe, expect, it} from 'vitest';
import type {Effect} from '../../src/engine/index.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {Desk, clusterConfig, exchange, node1, node2} from './rig.ts';

const isFrame = (effect: Effect): boolean => effect.type === 'send';

/** Frames of both in `ms`, each heard at once. */
function framesIn(one: Desk, two: Desk, ms: number): number {
  let frames = 0;
  for (let nowMs = 0; nowMs < ms; nowMs += 1) {
    one.runUntil(nowMs);
    two.runUntil(nowMs);
    const said = [one, two].flatMap((desk) => desk.effects.filter(isFrame));
    frames += said.length;
    exchange(one, two);
    exchange(two, one);
  }
  return frames;
}

describe('frames', () => {
  const config = (name: string, digest: string) =>
    clusterConfig({service: {name: serviceName(name)}, change: {digest}});

  it('are few where each node has a service that the other does not know', () => {
    const one = new Desk(config('web', '1111111111111111'), {node: node1});
    const two = new Desk(config('mail', '2222222222222222'), {node: node2});
    // Ten beats each, and three copies of what changed at the beginning.
    expect(framesIn(one, two, 10_000)).toBeLessThan(60);
  });

  it('answer those who lack states at most every 50 ms', () => {
    const one = new Desk(config('web', '1111111111111111'), {node: node1});
    const two = new Desk(config('mail', '1111111111111111'), {node: node2});
    expect(framesIn(one, two, 10_000)).toBeLessThan(2 * (10_000 / 50 + 60));
  });
});

describe('a start that gives way to a higher epoch', () => {
  it('is taken back once, and does not turn round meanwhile', () => {
    const one = new Desk(clusterConfig({}), {node: node1});
    const two = new Desk(clusterConfig({}), {node: node2});
    one.runUntil(10_000);
    two.runUntil(10_000);
    for (const desk of [one, two]) desk.probe('down');
    one.runUntil(10_100);
    two.runUntil(10_100);
    expect([one.state(), two.state()]).toEqual(['STARTING', 'STARTING']);
    one.finish('done');
    one.runUntil(10_200);
    two.runUntil(10_200);
    // The other one has to speak first: what does not echo a node is no proof of life to it.
    exchange(two, one);
    one.runUntil(12_000);
    two.take();
    exchange(one, two);
    two.runUntil(12_000);
    expect(two.state()).toBe('STARTING');
    const aborts = two.effects.filter(({type}) => type === 'abort-plan');
    expect(aborts).toHaveLength(1);
    two.runUntil(13_000);
    // Two beats and three copies of what changed; each turn without end would add a notice.
    expect(two.effects.filter(({type}) => type === 'notice').length).toBeLessThan(10);
    // What it says of itself adds up for who comes anew.
    const fresh = new Desk(clusterConfig({}), {node: node1, incarnation: 2});
    exchange(two, fresh);
    expect(fresh.engine.peers.get(node2)?.complete).toBe(true);
  });
});
