import {setTimeout as wait} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import {LagMeter} from '../../src/daemon/lag.ts';
import {Loop} from '../../src/daemon/loop.ts';
import {linkId} from '../../src/kernel/ids.ts';
import type {Effect, Input} from '../../src/engine/types.ts';
import {eventually} from '../eventually.ts';

const packet = (byte: number): Input => ({
  type: 'packet',
  link: linkId('hb#1'),
  bytes: Uint8Array.of(byte),
  from: '',
});

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) continue;
}

const loops: Loop[] = [];
afterEach(() => {
  for (const loop of loops.splice(0)) loop.stop();
});

/** A loop over a stand-in for the engine that writes down what it is given. */
function started(options: {readonly beatMs: number; readonly onStep?: (input: Input) => void}) {
  const seen: string[] = [];
  let dueMs = performance.now() + options.beatMs;
  const loop = new Loop({
    nowMs: () => performance.now(),
    nextDueMs: () => dueMs,
    step: (input, nowMs): readonly Effect[] => {
      seen.push(input.type === 'packet' ? `packet ${input.bytes[0]!}` : input.type);
      if (input.type === 'tick') dueMs = nowMs + options.beatMs;
      options.onStep?.(input);
      return [];
    },
    submit: (_effects, done) => done?.(),
  });
  loops.push(loop);
  loop.start();
  return {loop, seen};
}

describe('the loop', () => {
  test('ticks by itself at the due times', async () => {
    const {seen} = started({beatMs: 5});
    await eventually(() => expect(seen.length).toBeGreaterThan(5));
    expect(new Set(seen)).toEqual(new Set(['tick']));
  });

  test('drains inputs in their order and says when each is done', async () => {
    const {loop, seen} = started({beatMs: 60_000});
    const done: number[] = [];
    for (let byte = 0; byte < 5; byte += 1) loop.give(packet(byte), () => done.push(byte));
    expect(seen).toEqual([]);
    await eventually(() => expect(done).toEqual([0, 1, 2, 3, 4]));
    expect(seen).toEqual(['packet 0', 'packet 1', 'packet 2', 'packet 3', 'packet 4']);
  });

  test('gives a tick that is late before the packets that queued up meanwhile', async () => {
    const {loop, seen} = started({beatMs: 30});
    loop.give(packet(1));
    loop.give(packet(2));
    block(60);
    await eventually(() => expect(seen).toContain('packet 2'));
    expect(seen.slice(0, 3)).toEqual(['tick', 'packet 1', 'packet 2']);
    expect(loop.lag.maxMs).toBeGreaterThanOrEqual(29);
  });

  test('says drained only after all that still came out of the sockets', async () => {
    const {loop, seen} = started({beatMs: 60_000});
    loop.drain();
    // Like libuv, which hands over 32 packets and goes on in the next turn.
    let byte = 0;
    const more = (): void => {
      loop.give(packet(byte));
      byte += 1;
      if (byte < 20) setImmediate(more);
    };
    setImmediate(more);
    await eventually(() => expect(seen).toContain('drained'));
    expect(seen).toHaveLength(21);
    expect(seen.at(-1)).toBe('drained');
  });

  test('says drained even where packets never end', async () => {
    let flooding = true;
    const {loop, seen} = started({beatMs: 60_000});
    const flood = (): void => {
      loop.give(packet(0));
      if (flooding) setImmediate(flood);
    };
    flood();
    loop.drain();
    await eventually(() => expect(seen).toContain('drained'));
    flooding = false;
  });

  test('keeps its beats while inputs pour in', async () => {
    const {loop, seen} = started({beatMs: 5, onStep: () => block(1)});
    for (let count = 0; count < 100; count += 1) loop.give(packet(1));
    await eventually(() => expect(seen.filter((one) => one !== 'tick')).toHaveLength(100));
    expect(seen.slice(0, 100)).toContain('tick');
  });

  test('drops packets before anything else where too much waits, and counts it', () => {
    const {loop} = started({beatMs: 60_000});
    const packets = Array.from({length: 3_000}, () => loop.give(packet(0)));
    expect(packets.filter(Boolean)).toHaveLength(2_048);
    const others = Array.from({length: 7_000}, () => loop.give({type: 'tick'}));
    expect(others.filter(Boolean)).toHaveLength(8_192 - 2_048);
    expect(loop.refusedCount).toBe(952 + 856);
  });

  test('gives nothing any more once it was stopped', async () => {
    const {loop, seen} = started({beatMs: 1});
    loop.stop();
    const {length} = seen;
    loop.give(packet(1));
    await wait(20);
    expect(seen).toHaveLength(length);
  });
});

test('the lag tells the worst hundredth and the worst of all', () => {
  const meter = new LagMeter();
  expect(meter.read()).toEqual({p99Ms: 0, maxMs: 0});
  meter.add(900);
  for (let count = 0; count < 1_000; count += 1) meter.add((count % 100) / 10);
  expect(meter.read()).toEqual({p99Ms: 9.9, maxMs: 900});
});
