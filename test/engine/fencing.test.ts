/** Fencing by hand in the engine: what counts as a proof, and for how long. */

import {describe, expect, test} from 'vitest';
import type {FenceConfig} from '../../src/config/types.ts';
import {view} from '../../src/engine/index.ts';
import type {FenceView} from '../../src/engine/view.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {clusterConfig, Desk, exchange, node1, node2, serviceConfig, web} from './rig.ts';

const fences: readonly FenceConfig[] = [
  {
    node: node2,
    level: 1,
    method: {kind: 'command', off: ['/opt/off'], status: ['/opt/status']},
    action: 'off',
    timeoutMs: 10_000,
    retries: 0,
    delayMs: null,
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
    one.runUntil(one.nowMs + 20_000);
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

describe('a silent node', () => {
  const shots = (desk: Desk): number => desk.take().filter((line) => line === 'fence').length;
  const both = [...fences, {...fences[0]!, node: node1}];
  const biasMs = 10_000 + 2_050;

  const lost = (
    change: Parameters<typeof clusterConfig>[0]['change'] = {},
  ): {readonly one: Desk; readonly two: Desk} => {
    const settings = clusterConfig({
      serviceClass: 'data',
      service,
      change: {fences: both, ...change},
    });
    const one = new Desk(settings);
    const two = new Desk(settings, {node: node2});
    for (const desk of [one, two]) desk.probe('down');
    talk(one, two, 4_000);
    two.finish('done');
    two.probe('up');
    talk(one, two, 20_000);
    for (const desk of [one, two]) desk.take();
    return {one, two};
  };

  test('is fenced at once by the node that runs more, and later by the other', () => {
    const {one, two} = lost();
    for (const desk of [one, two]) desk.runUntil(desk.nowMs + 7_000);
    expect([shots(one), shots(two)]).toEqual([0, 1]);
    one.runUntil(one.nowMs + biasMs - 2_500);
    expect(shots(one)).toBe(0);
    expect(one.waiting()).toBe('fencing');
    one.runUntil(one.nowMs + 2_500);
    expect(shots(one)).toBe(1);
    answer(one, true);
    one.runUntil(one.nowMs + 1_000);
    expect(did(one)).toContain('run-plan start');
  });

  test('is fenced by the order of nodes where both run the same', () => {
    const {one, two} = lost({services: [serviceConfig({serviceClass: 'data', ...service})]});
    two.command({verb: 'stop', service: web});
    two.finish('done');
    two.probe('down');
    talk(one, two, two.nowMs + 1_000);
    for (const desk of [one, two]) desk.take();
    one.runUntil(one.nowMs + 7_000);
    two.runUntil(two.nowMs + 7_000);
    expect(shots(two)).toBe(0);
  });

  test('that is heard in time is not fenced', () => {
    const {one, two} = lost();
    one.runUntil(one.nowMs + 10_000);
    two.runUntil(two.nowMs + 10_000);
    talk(one, two, one.nowMs + 3_000);
    two.take();
    talk(one, two, one.nowMs + biasMs + 5_000);
    expect([shots(one), shots(two)]).toEqual([0, 0]);
  });

  test('is tried again after 30 s and 60 s, and then left to a person', () => {
    const {one} = lost();
    const seen: number[] = [];
    const beginMs = one.nowMs;
    for (let turn = 0; turn < 600; turn += 1) {
      one.runUntil(one.nowMs + 1_000);
      if (shots(one) === 0) continue;
      seen.push(Math.round((one.nowMs - beginMs) / 1_000));
      answer(one, false, seen.length);
      one.take();
    }
    expect(seen).toHaveLength(3);
    expect(seen[1]! - seen[0]!).toBeGreaterThanOrEqual(30);
    expect(seen[2]! - seen[1]!).toBeGreaterThanOrEqual(60);
    expect([one.state(), one.waiting()]).toEqual(['STOPPED', 'fence-failed']);
  });

  test.each([
    ['takeover = manual', {takeover: 'manual'}, 'peer-not-proven-dead'],
    [
      'another class',
      {services: [serviceConfig({...service, serviceClass: 'address'})]},
      'nothing',
    ],
    ['no section of its own', {fences: [{...fences[0]!, node: node1}]}, 'peer-not-proven-dead'],
  ] as const)('is not fenced with %s', (_, change, reason) => {
    const {one} = lost(change);
    one.runUntil(one.nowMs + 60_000);
    expect(shots(one)).toBe(0);
    expect(one.waiting()).toBe(reason);
  });

  test('is not fenced by a node that is frozen, or that cannot write its journal', () => {
    for (const trouble of ['frozen', 'journal'] as const) {
      const {one} = lost();
      const freeze = {by: 'root', why: '', since: '', untilMs: null, until: null};
      if (trouble === 'frozen') one.command({verb: 'freeze', scope: {kind: 'node'}, freeze});
      else one.give({type: 'storage-state', failed: true, detail: 'full'});
      one.runUntil(one.nowMs + 60_000);
      expect(shots(one)).toBe(0);
    }
  });

  test('that was never heard is not fenced: a node that boots into a cut cable waits', () => {
    const settings = clusterConfig({serviceClass: 'data', service, change: {fences: both}});
    const one = new Desk(settings);
    one.probe('down');
    one.runUntil(120_000);
    expect(shots(one)).toBe(0);
    expect(one.state()).toBe('STOPPED');
  });

  test('that was fenced a moment ago is not fenced again by itself', () => {
    const {one} = lost();
    one.runUntil(one.nowMs + 7_000 + biasMs);
    expect(shots(one)).toBe(1);
    answer(one, true);
    const again = new Desk(one.engine.config, {node: node2, incarnation: 2});
    again.probe('down');
    again.nowMs = one.nowMs;
    talk(one, again, one.nowMs + 3_000);
    one.take();
    one.runUntil(one.nowMs + 100_000);
    expect(shots(one)).toBe(0);
    one.runUntil(one.nowMs + 300_000);
    expect(shots(one)).toBe(1);
  });

  test('that was fenced by a former life of this daemon is not fenced again by itself', () => {
    const {one, two} = lost();
    one.runUntil(one.nowMs + 7_000 + biasMs);
    expect(shots(one)).toBe(1);
    answer(one, true);
    const {fences: facts} = one.engine.facts;
    expect(facts).toEqual([{node: node2, lied: false, spent: true}]);
    const next = new Desk(one.engine.config, {incarnation: 2, fences: facts});
    const again = new Desk(one.engine.config, {
      node: node2,
      incarnation: two.engine.incarnation + 1,
    });
    for (const desk of [next, again]) desk.probe('down');
    talk(next, again, 3_000);
    next.finish('done');
    next.probe('up');
    again.probe('down');
    talk(next, again, 6_000);
    next.runUntil(next.nowMs + 100_000);
    expect(shots(next)).toBe(0);
    next.runUntil(next.nowMs + 300_000);
    expect(shots(next)).toBe(1);
    expect(next.engine.facts.fences).toEqual([]);
  });
});

describe('a device that lied', () => {
  const facts = [{node: node2, lied: true, spent: false}];

  test('is remembered before anything else is done', () => {
    const {one, two} = pair();
    one.command({verb: 'fence', node: node2});
    answer(one, true);
    one.take();
    one.runUntil(one.nowMs + 1_500);
    two.runUntil(one.nowMs);
    exchange(two, one);
    const done = one.take();
    expect(done.indexOf('persist-node')).toBe(done.indexOf('record fence fence-lied') + 1);
    expect(one.engine.facts.fences).toEqual(facts);
  });

  test('is not believed by the next life of this daemon, nor in a new life of the node', () => {
    const one = new Desk(config, {incarnation: 2, fences: facts});
    const two = new Desk(config, {node: node2, incarnation: 3});
    for (const desk of [one, two]) desk.probe('down');
    talk(one, two, 4_000);
    two.finish('done');
    two.probe('up');
    talk(one, two, 6_000);
    expect(fenceOf(one)).toMatchObject({state: 'failed', lied: true});
    one.runUntil(one.nowMs + 60_000);
    expect(one.take()).not.toContain('fence');
    expect(one.waiting()).toBe('fence-failed');
    expect(view(one.engine, one.nowMs).alarms.map(({code}) => code)).toContain('FENCE_LIED');
  });

  test('is believed again when a person orders it', () => {
    const one = new Desk(config, {incarnation: 2, fences: facts});
    one.command({verb: 'fence', node: node2});
    expect(one.take().filter((line) => /^(persist-node|fence)$/.test(line))).toEqual([
      'persist-node',
      'fence',
    ]);
    expect(one.engine.facts.fences).toEqual([]);
  });
});

describe('a living node that could not stop a service', () => {
  /** node2 runs it, and its stop fails. */
  function stuck(change: Parameters<typeof clusterConfig>[0]['change'] = {}): Desk {
    const settings = clusterConfig({serviceClass: 'data', service, change: {fences, ...change}});
    const one = new Desk(settings);
    const two = new Desk(settings, {node: node2});
    for (const desk of [one, two]) desk.probe('down');
    talk(one, two, 4_000);
    two.finish('done');
    two.probe('up');
    talk(one, two, 6_000);
    two.command({verb: 'stop', service: web});
    one.take();
    two.finish('failed', false);
    talk(one, two, two.nowMs + 3_000);
    return one;
  }

  test('is fenced at once by the one that would start it', () => {
    const one = stuck();
    expect(did(one)).toEqual(['record fence fencing', 'fence']);
    answer(one, true);
    one.runUntil(one.nowMs + 8_000);
    expect(did(one)).toContain('run-plan start');
  });

  test.each([
    ['stop_failed = latch', {stopFailed: 'latch'}],
    ['takeover = manual', {takeover: 'manual'}],
    ['another class', {services: [serviceConfig({...service, serviceClass: 'address'})]}],
    ['no section of its own', {fences: [{...fences[0]!, node: node1}]}],
    [
      'orchestrate = start',
      {services: [serviceConfig({...service, serviceClass: 'data', orchestrate: 'start'})]},
    ],
  ] as const)('is left to a person with %s', (_, change) => {
    const one = stuck(change);
    expect(did(one)).toEqual([]);
  });
});
