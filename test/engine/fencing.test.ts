/** Fencing by hand in the engine: what counts as a proof, and for how long. */

import {describe, expect, test} from 'vitest';
import type {FenceConfig} from '../../src/config/types.ts';
import {view} from '../../src/engine/index.ts';
import type {FenceView} from '../../src/engine/view.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {clusterConfig, Desk, exchange, node1, node2} from './rig.ts';

const fences: readonly FenceConfig[] = [
  {
    node: node2,
    level: 1,
    method: {kind: 'command', off: ['/opt/off'], status: ['/opt/status']},
    action: 'off',
    timeoutMs: 10_000,
    retries: 0,
    place: {file: 'cluster.conf', line: 1},
  },
];
const service = {nodes: [node2, node1]};
const config = clusterConfig({serviceClass: 'data', service, change: {fences}});

/** Two daemons that hear each other; the one on node2 runs the service and is what is fenced. */
function pair(): {readonly one: Desk; readonly two: Desk} {
  const one = new Desk(config);
  const two = new Desk(config, {node: node2});
  for (const desk of [one, two]) desk.probe('down');
  talk(one, two, 4_000);
  two.finish('done');
  two.probe('up');
  talk(one, two, 6_000);
  one.take();
  return {one, two};
}

function talk(one: Desk, two: Desk, untilMs: number): void {
  for (let nowMs = one.nowMs; nowMs <= untilMs; nowMs += 200) {
    for (const desk of [one, two]) desk.runUntil(nowMs);
    exchange(one, two);
    exchange(two, one);
  }
}

function fenceOf(desk: Desk): FenceView | null | undefined {
  return view(desk.engine, desk.nowMs).nodes.find(({name}) => name === node2)?.fence;
}

const stateOf = (desk: Desk): string | undefined =>
  view(desk.engine, desk.nowMs).nodes.find(({name}) => name === node2)?.state;

function answer(desk: Desk, off: boolean, attempt = 1): void {
  const report = {off, level: off ? 1 : null, detail: 'as told', durationMs: 5};
  desk.give({type: 'fence-result', node: node2, attempt, report});
}

const did = (desk: Desk): readonly string[] =>
  desk.take().filter((line) => /^(fence|reply|run-plan|record fence)/.test(line));

describe('an order to fence', () => {
  test('is written down before the agent is called, and answered by its outcome', () => {
    const {one} = pair();
    one.take();
    one.command({verb: 'fence', node: node2});
    expect(did(one)).toEqual(['record fence fencing', 'fence']);
    answer(one, true);
    expect(did(one)).toEqual(['record fence fenced', 'reply 0: node2 is off, verified: as told']);
    one.runUntil(one.nowMs + 8_000);
    expect(stateOf(one)).toBe('dead');
    expect(did(one)).toContain('run-plan start');
  });

  test('that failed proves nothing, and stands as an alarm', () => {
    const {one} = pair();
    one.command({verb: 'fence', node: node2});
    answer(one, false);
    expect(did(one).at(-1)).toBe('reply 1: node2 could not be fenced: as told');
    one.runUntil(one.nowMs + 30_000);
    expect(did(one)).toEqual([]);
    expect(one.state()).toBe('STOPPED');
    expect(view(one.engine, one.nowMs).alarms.map(({code}) => code)).toContain('FENCE_FAILED');
  });

  test('given twice starts one attempt, whose end answers both', () => {
    const {one} = pair();
    one.take();
    one.command({verb: 'fence', node: node2});
    one.command({verb: 'fence', node: node2});
    expect(did(one)).toEqual(['record fence fencing', 'fence']);
    answer(one, true);
    expect(did(one).filter((line) => line.startsWith('reply 0'))).toHaveLength(2);
  });

  test.each([
    [node1, /^reply 5: node1 is this node/],
    [nodeName('node9'), /^reply 5: no other node is called node9/],
  ])('of %s is refused', (node, text) => {
    const {one} = pair();
    one.take();
    one.command({verb: 'fence', node});
    expect(did(one)).toEqual([expect.stringMatching(text)]);
  });

  test('of a node without a section is refused', () => {
    const one = new Desk(clusterConfig({serviceClass: 'data'}));
    one.command({verb: 'fence', node: node2});
    expect(did(one)).toEqual([expect.stringMatching(/^reply 1: .*no section \[fence#node2\]/)]);
    expect(fenceOf(one)).toBeNull();
  });
});

describe('a verified off', () => {
  test('of another attempt is not taken for this one', () => {
    const {one} = pair();
    one.command({verb: 'fence', node: node2});
    answer(one, false);
    one.command({verb: 'fence', node: node2});
    answer(one, true, 1);
    expect(fenceOf(one)?.state).toBe('pending');
  });

  test('is worth nothing for a life that began meanwhile', () => {
    const {one} = pair();
    one.command({verb: 'fence', node: node2});
    const again = new Desk(config, {node: node2, incarnation: 2});
    again.probe('down');
    again.nowMs = one.nowMs;
    talk(one, again, one.nowMs + 400);
    answer(one, true);
    expect(fenceOf(one)?.state).toBe('none');
    expect(did(one).at(-1)).toMatch(/^reply 1: node2 was off and node2 speaks in a new life/);
  });

  test('is over when the node speaks in a new life', () => {
    const {one} = pair();
    one.command({verb: 'fence', node: node2});
    answer(one, true);
    expect(fenceOf(one)?.state).toBe('confirmed');
    one.runUntil(one.nowMs + 8_000);
    const again = new Desk(config, {node: node2, incarnation: 2});
    again.probe('down');
    again.nowMs = one.nowMs;
    talk(one, again, one.nowMs + 1_000);
    expect(fenceOf(one)).toMatchObject({state: 'none', lied: false});
    expect(stateOf(one)).toMatch(/alive|degraded/);
  });

  test('of a node that is heard afterwards was a lie: an alarm, and no proof', () => {
    const {one, two} = pair();
    one.command({verb: 'fence', node: node2});
    answer(one, true);
    talk(one, two, one.nowMs + 3_000);
    expect(fenceOf(one)).toMatchObject({state: 'failed', lied: true});
    one.runUntil(one.nowMs + 30_000);
    expect(one.state()).toBe('STOPPED');
    expect(view(one.engine, one.nowMs).alarms.map(({code}) => code)).toContain('FENCE_LIED');
  });

  test('outlasts a packet that was sent before it', () => {
    const {one, two} = pair();
    two.runUntil(one.nowMs + 1_000);
    one.runUntil(one.nowMs + 1_000);
    one.command({verb: 'fence', node: node2});
    answer(one, true);
    exchange(two, one);
    expect(fenceOf(one)?.state).toBe('confirmed');
  });
});
