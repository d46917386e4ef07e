import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {LinkHealth, LinkState} from '../../src/heartbeat/link-track.ts';
import {PeerView} from '../../src/heartbeat/peer-view.ts';
import {hashName} from '../../src/kernel/hash.ts';
import type {LinkId} from '../../src/kernel/ids.ts';
import * as given from './cluster-of-frames.ts';

/** node1's view, and a node2 that hears everything unless it is told not to. */
class Pair {
  readonly view = given.viewOf();
  nowMs = 0;
  #own = 0;
  #peer = 0;
  #life = 7;
  readonly #heardByPeer = new Map<LinkId, number>();

  /** One beat of both nodes on each of the links; `out`: ours arrive, `in`: the peer's arrive. */
  beat(links: Partial<Record<LinkId, {in: boolean; out: boolean}>>, nowMs: number): void {
    this.nowMs = nowMs;
    for (const [link, open] of entries(links)) {
      this.#own += 1;
      this.view.noteSent(this.#own, nowMs);
      if (open.out) this.#heardByPeer.set(link, this.#own);
    }
    const heard = [...this.#heardByPeer].flatMap(([link, sequence]) =>
      given.echo(sequence, [link]),
    );
    for (const [link, open] of entries(links)) {
      this.#peer += 1;
      const incarnation = this.#life;
      const medium = hashName(link);
      const bytes = given.bytesOf({incarnation, sequence: this.#peer, medium, heard});
      if (open.in) this.view.receive(link, bytes, nowMs, given.now);
    }
  }

  /** The peer comes back in a new life, which has heard nothing yet. */
  restart(): void {
    this.#life += 1;
    this.#peer = 0;
    this.#heardByPeer.clear();
  }

  health(link: LinkId = given.net1, nowMs = this.nowMs): LinkHealth {
    return this.view.health(given.node2, link, nowMs);
  }
}

const both = {in: true, out: true};
const onlyIn = {in: true, out: false};
const onlyOut = {in: false, out: true};
const cut = {in: false, out: false};

function entries(links: object): [LinkId, {in: boolean; out: boolean}][] {
  return Object.entries(links) as [LinkId, {in: boolean; out: boolean}][];
}

describe('a link', () => {
  test('is unknown before its first beat, and down once that is overdue', () => {
    const {view} = new Pair();
    const at = (nowMs: number) => view.health(given.node2, given.net1, nowMs);
    expect(at(4_999)).toMatchObject({state: 'unknown', rx: 'unknown', tx: 'unknown', ageMs: null});
    expect(view.nextDueMs(0)).toBe(5_000);
    expect(at(5_000)).toMatchObject({state: 'down', rx: 'down', tx: 'unknown', ageMs: null});
  });

  test('is up with the second beat: the first cannot echo yet', () => {
    const pair = new Pair();
    pair.beat({[given.net1]: onlyIn}, 100);
    expect(pair.health()).toMatchObject({rx: 'up', tx: 'unknown', proven: false, state: 'unknown'});
    pair.beat({[given.net1]: both}, 1_100);
    expect(pair.health()).toMatchObject({rx: 'up', tx: 'up', proven: true, state: 'up'});
    expect(pair.view.heardProvenThisLife(given.node2)).toBe(true);
    expect(pair.view.echoSentMs(given.node2)).toBe(1_100);
  });

  test('first heard long after the others, or again, is not called deaf at once', () => {
    const pair = new Pair();
    for (let second = 1; second <= 20; second += 1) {
      pair.beat({[given.net1]: both, [given.net2]: cut}, second * 1_000);
    }
    pair.beat({[given.net1]: both, [given.net2]: onlyIn}, 21_000);
    expect(pair.health(given.net2)).toMatchObject({rx: 'up', tx: 'unknown', state: 'unknown'});
    pair.beat({[given.net1]: onlyIn}, 40_000);
    expect(pair.health(given.net1)).toMatchObject({rx: 'up', tx: 'unknown', state: 'held-down'});
  });

  test('is down at its dead time, not before', () => {
    const pair = new Pair();
    pair.beat({[given.net1]: both}, 1_000);
    expect(pair.view.nextDueMs(1_000)).toBe(6_000);
    expect(pair.health(given.net1, 5_999)).toMatchObject({rx: 'up', ageMs: 4_999, state: 'up'});
    expect(pair.health(given.net1, 6_000)).toMatchObject({rx: 'down', ageMs: 5_000, state: 'down'});
  });

  test('that loses every second beat stays up', () => {
    const pair = new Pair();
    for (let second = 1; second <= 60; second += 1) {
      pair.beat({[given.net1]: second % 2 === 0 ? both : cut}, second * 1_000);
      if (second > 2) expect(pair.health().state).toBe('up');
    }
  });
});

describe('a link that works one way', () => {
  test('we hear them, they do not hear us: degraded, seen from their heard list', () => {
    const pair = new Pair();
    for (let second = 1; second <= 3; second += 1) pair.beat({[given.net1]: both}, second * 1_000);
    for (let second = 4; second <= 8; second += 1)
      pair.beat({[given.net1]: onlyIn}, second * 1_000);
    expect(pair.health()).toMatchObject({rx: 'up', tx: 'down', proven: false, state: 'degraded'});
  });

  test('they hear us, we do not hear them: down here, and known to be up outwards', () => {
    const pair = new Pair();
    for (let second = 1; second <= 3; second += 1) {
      pair.beat({[given.net1]: both, [given.net2]: both}, second * 1_000);
    }
    for (let second = 4; second <= 8; second += 1) {
      pair.beat({[given.net1]: onlyOut, [given.net2]: both}, second * 1_000);
    }
    expect(pair.health(given.net1)).toMatchObject({rx: 'down', tx: 'up', state: 'down'});
    expect(pair.health(given.net2)).toMatchObject({rx: 'up', tx: 'up', state: 'up'});
  });

  test('each link the other way round: both are told apart, the peer is proven alive', () => {
    const pair = new Pair();
    for (let second = 1; second <= 10; second += 1) {
      pair.beat({[given.net1]: onlyIn, [given.net2]: onlyOut}, second * 1_000);
    }
    expect(pair.health(given.net1)).toMatchObject({rx: 'up', tx: 'down', state: 'degraded'});
    expect(pair.health(given.net1).proven).toBe(true);
    expect(pair.health(given.net2)).toMatchObject({rx: 'down', tx: 'up', state: 'down'});
    expect(pair.view.echoSentMs(given.node2)).toBe(10_000);
  });

  test('frames held back on the way come in, but prove nothing', () => {
    const view = given.viewOf();
    for (let second = 1; second <= 60; second += 1) {
      view.noteSent(second, second * 1_000);
      if (second <= 20) continue;
      const held = second - 20;
      const bytes = given.bytesOf({sequence: held, heard: given.echo(held)});
      view.receive(given.net1, bytes, second * 1_000, given.now);
    }
    expect(view.health(given.node2, given.net1, 60_000)).toMatchObject({
      rx: 'up',
      proven: false,
      state: 'degraded',
    });
    expect(view.echoSentMs(given.node2)).toBe(40_000);
  });

  test('recordings on one link do not pass for a working link beside a live one', () => {
    const pair = new Pair();
    for (let second = 1; second <= 20; second += 1) {
      pair.beat({[given.net1]: both, [given.net2]: onlyOut}, second * 1_000);
      const recorded = given.bytesOf({sequence: second, medium: hashName(given.net2)});
      pair.view.receive(given.net2, recorded, second * 1_000, given.now);
    }
    expect(pair.health(given.net2)).toMatchObject({
      rx: 'up',
      tx: 'up',
      proven: false,
      state: 'degraded',
    });
    expect(pair.health(given.net1).state).toBe('up');
  });

  test('an echo of what we never sent is no proof', () => {
    const view = given.viewOf();
    view.noteSent(1, 0);
    const bytes = given.bytesOf({heard: given.echo(2)});
    view.receive(given.net1, bytes, 10, given.now);
    expect(view.health(given.node2, given.net1, 10)).toMatchObject({proven: false, tx: 'unknown'});
    expect(view.heardProvenThisLife(given.node2)).toBe(false);
  });
});

/** States of hb#1 at each change, while it is open for `upMs` and cut for `downMs` by turns. */
function squareWave(wave: {upMs: number; downMs: number; forMs: number}): Map<LinkState, number> {
  const pair = new Pair();
  const shareMs = new Map<LinkState, number>();
  const stepMs = 100;
  for (let nowMs = 0; nowMs < wave.forMs; nowMs += stepMs) {
    const open = nowMs % (wave.upMs + wave.downMs) < wave.upMs ? both : cut;
    if (nowMs % given.beatMs === 0) pair.beat({[given.net1]: open}, nowMs);
    const {state} = pair.health(given.net1, nowMs);
    shareMs.set(state, (shareMs.get(state) ?? 0) + stepMs);
  }
  return shareMs;
}

describe('a link that flaps', () => {
  test('comes back after three beats in a row and three beats of time', () => {
    const pair = new Pair();
    for (let second = 1; second <= 3; second += 1) pair.beat({[given.net1]: both}, second * 1_000);
    expect(pair.health(given.net1, 9_000).state).toBe('down');
    const states = [10, 11, 12, 13].map((second) => {
      pair.beat({[given.net1]: both}, second * 1_000);
      return pair.health().state;
    });
    expect(states).toEqual(['held-down', 'held-down', 'held-down', 'up']);
  });

  test('is alive all the while that it is held down', () => {
    const pair = new Pair();
    pair.beat({[given.net1]: both}, 1_000);
    pair.beat({[given.net1]: both}, 10_000);
    expect(pair.health()).toMatchObject({
      state: 'held-down',
      rx: 'up',
      tx: 'up',
      proven: true,
      ageMs: 0,
    });
  });

  test('begins its three beats again where one is missing', () => {
    const pair = new Pair();
    pair.beat({[given.net1]: both}, 1_000);
    for (const second of [10, 11, 13, 14, 15]) {
      pair.beat({[given.net1]: both}, second * 1_000);
      expect(pair.health().state).toBe('held-down');
    }
    pair.beat({[given.net1]: both}, 16_000);
    expect(pair.health().state).toBe('up');
  });

  test('doubles the hold with each flap up to the limit, and calm halves it again', () => {
    const pair = new Pair();
    let nowMs = 1_000;
    const holdMs = (): number => {
      const startMs = (nowMs += 6_000);
      for (; ; nowMs += 1_000) {
        pair.beat({[given.net1]: both}, nowMs);
        if (pair.health().state === 'up') return nowMs - startMs;
      }
    };
    pair.beat({[given.net1]: both}, nowMs);
    const holds = Array.from({length: 7}, holdMs);
    expect(holds).toEqual([3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000]);
    for (const endMs = nowMs + 3 * 60_000; nowMs < endMs; nowMs += 1_000) {
      pair.beat({[given.net1]: both}, nowMs);
    }
    nowMs -= 1_000;
    expect(holdMs()).toBe(24_000);
  });

  test('did not, where its peer was away and comes back in a new life', () => {
    const pair = new Pair();
    let nowMs = 1_000;
    for (let life = 0; life < 20; life += 1) {
      for (let beat = 0; beat < 10; beat += 1) pair.beat({[given.net1]: both}, (nowMs += 1_000));
      expect(pair.health().state).toBe('up');
      nowMs += 30_000;
      pair.restart();
    }
  });

  test('is held down for as long as before where its peer restarts again and again', () => {
    const pair = new Pair();
    let nowMs = 0;
    pair.beat({[given.net1]: both}, nowMs);
    // Four flaps: a hold of 24 s.
    for (let flap = 0; flap < 4; flap += 1) pair.beat({[given.net1]: both}, (nowMs += 6_000));
    for (let life = 0; life < 20; life += 1) {
      nowMs += 6_000;
      pair.restart();
      for (let beat = 0; beat < 20; beat += 1) pair.beat({[given.net1]: both}, (nowMs += 1_000));
      expect(pair.health().state).toBe('held-down');
    }
  });

  test('while its peer was long back on another link, is held down like any other', () => {
    const pair = new Pair();
    pair.beat({[given.net1]: both, [given.net2]: both}, 1_000);
    pair.restart();
    for (let second = 8; second < 20; second += 1) {
      pair.beat({[given.net1]: both, [given.net2]: cut}, second * 1_000);
    }
    pair.beat({[given.net1]: both, [given.net2]: both}, 20_000);
    expect(pair.health(given.net1).state).toBe('up');
    expect(pair.health(given.net2).state).toBe('held-down');
  });

  test.each([
    {upMs: 1_000, downMs: 3_000},
    {upMs: 2_000, downMs: 2_000},
    {upMs: 10_000, downMs: 3_000},
  ])('with gaps shorter than the dead time is never down: %o', (wave) => {
    const shares = squareWave({...wave, forMs: 600_000});
    expect(shares.get('down') ?? 0).toBe(0);
    expect(shares.get('held-down') ?? 0).toBe(0);
    expect(shares.get('up')).toBeGreaterThan(590_000);
  });

  test.each([
    {upMs: 6_000, downMs: 6_000},
    {upMs: 15_000, downMs: 8_000},
    {upMs: 40_000, downMs: 10_000},
  ])('again and again spends its time held down, not up: %o', (wave) => {
    const shares = squareWave({...wave, forMs: 3_600_000});
    expect((shares.get('up') ?? 0) / 3_600_000).toBeLessThan(0.05);
    expect(shares.get('held-down') ?? 0).toBeGreaterThan(0);
  });
});

describe('when we stood still', () => {
  function stalled(): Pair {
    const pair = new Pair();
    for (let second = 1; second <= 3; second += 1) {
      pair.beat({[given.net1]: both, [given.net2]: cut}, second * 1_000);
    }
    return pair;
  }
  // hb#2 was silent from the start, hb#1 was up; then 20 s pass without us.
  const stall = {sinceMs: 6_000, nowMs: 26_000};

  test('what queued up meanwhile is read, but makes nobody younger', () => {
    const {view} = stalled();
    const bytes = given.bytesOf({sequence: 900, claims: given.claimsOf(1)});
    const outcome = view.receive(given.net1, bytes, 26_000, given.queued);
    expect(outcome).toMatchObject({kind: 'accepted', fresh: false, frame: {sequence: 900}});
    expect(view.health(given.node2, given.net1, 26_000)).toMatchObject({
      lastMs: 3_000,
      state: 'down',
    });
    expect(view.receive(given.net1, bytes, 26_000, given.now).kind).toBe('unchanged');
  });

  test('who was alive has a whole dead time again, who was down stays down', () => {
    const {view} = stalled();
    view.restartTimers(stall);
    expect(view.health(given.node2, given.net1, 26_000)).toMatchObject({
      state: 'up',
      rx: 'up',
      ageMs: 0,
    });
    expect(view.health(given.node2, given.net2, 26_000).state).toBe('down');
    expect(view.health(given.node2, given.net1, 31_000).state).toBe('down');
  });

  test('is no flap of the link', () => {
    const pair = stalled();
    pair.view.restartTimers(stall);
    pair.beat({[given.net1]: both}, 26_500);
    expect(pair.health().state).toBe('up');
  });

  test('lengthens no promise: that counts from what we sent', () => {
    const {view} = stalled();
    view.restartTimers(stall);
    expect(view.echoSentMs(given.node2)).toBe(3_000);
  });
});

describe('after ten years', () => {
  const tenYearsMs = 10 * 365.25 * 86_400_000;

  test('ages, sequences and echoes are still exact', () => {
    const view = new PeerView({
      self: given.node1,
      incarnation: 3,
      nonce: 0x1111,
      nodes: [given.node1, given.node2],
      media: given.media,
      holdDownMsMax: 60_000,
      auth: given.auth,
      nowMs: tenYearsMs,
    });
    const sequence = 10 ** 12;
    for (let beat = 1; beat <= 5; beat += 1) {
      const nowMs = tenYearsMs + beat * 1_000.25;
      view.noteSent(sequence + beat, nowMs);
      const heard = given.echo(sequence + beat);
      const bytes = given.bytesOf({sequence: sequence + beat, incarnation: 2 ** 40, heard});
      view.receive(given.net1, bytes, nowMs, given.now);
    }
    const lastMs = tenYearsMs + 5_001.25;
    expect(view.health(given.node2, given.net1, lastMs + 0.5)).toMatchObject({
      ageMs: 0.5,
      state: 'up',
    });
    expect(view.echoSentMs(given.node2)).toBe(lastMs);
    expect(view.nextDueMs(lastMs)).toBe(tenYearsMs + 6_000.25);
  });
});

describe('the next instant that matters', () => {
  const step = fc.record({
    waitMs: fc.integer({min: 1, max: 4_000}),
    what: fc.constantFrom('in', 'out', 'both', 'bad', 'twin', 'own', 'slot', 'none' as const),
  });

  test('is the end of a proof too, where acknowledgements went on over another link', () => {
    const view = given.viewOf();
    const hear = (link: LinkId, sequence: number, nowMs: number): void => {
      view.noteSent(sequence, nowMs);
      const frame = {sequence, medium: hashName(link), heard: given.echo(sequence)};
      view.receive(link, given.bytesOf(frame), nowMs, given.now);
    };
    hear(given.net1, 1, 8_000);
    hear(given.net1, 2, 10_000);
    hear(given.net2, 3, 12_000);
    const late = given.bytesOf({sequence: 4});
    view.receive(given.net1, late, 14_000, given.now);
    expect(view.health(given.node2, given.net1, 14_999).proven).toBe(true);
    expect(view.nextDueMs(14_000)).toBe(15_000);
    expect(view.health(given.node2, given.net1, 15_000).proven).toBe(false);
  });

  test('comes before any answer of the view changes by time alone', () => {
    fc.assert(
      fc.property(fc.array(step, {maxLength: 25}), (steps) => {
        const pair = new Pair();
        let nowMs = 0;
        for (const {waitMs, what} of steps) {
          expectSteady(pair.view, nowMs, nowMs + waitMs);
          nowMs += waitMs;
          act(pair, what, nowMs);
        }
        expectSteady(pair.view, nowMs, nowMs + 70_000);
      }),
      {numRuns: 60},
    );
  });

  function act(pair: Pair, what: string, nowMs: number): void {
    if (what === 'in') pair.beat({[given.net1]: onlyIn, [given.net2]: onlyOut}, nowMs);
    if (what === 'out') pair.beat({[given.net1]: onlyOut}, nowMs);
    if (what === 'both') pair.beat({[given.net1]: both, [given.net2]: both}, nowMs);
    const bytes = given.bytesOf({sequence: 1e6 + nowMs, nonce: what === 'twin' ? 1 : 0x2222});
    if (what === 'bad') bytes[bytes.length - 1]! ^= 1;
    if (what === 'own') new DataView(bytes.buffer).setUint32(20, hashName(given.node1));
    if (what === 'bad' || what === 'twin' || what === 'own') {
      pair.view.receive(given.net1, bytes, nowMs, given.now);
    }
    if (what !== 'slot') return;
    const record = new Uint8Array(512);
    record.set(given.bytesOf({sequence: nowMs, medium: hashName(given.disk)}));
    pair.view.receiveSlot({disk: given.disk, node: given.node2}, record, nowMs, given.now);
  }

  function expectSteady(view: PeerView, fromMs: number, toMs: number): void {
    let before = answers(view, fromMs);
    let dueMs = view.nextDueMs(fromMs) ?? Infinity;
    for (let nowMs = fromMs; nowMs < toMs; nowMs += 250) {
      if (nowMs < dueMs) expect(answers(view, nowMs), `${nowMs} before ${dueMs}`).toEqual(before);
      else {
        before = answers(view, nowMs);
        dueMs = view.nextDueMs(nowMs) ?? Infinity;
      }
    }
  }

  function answers(view: PeerView, nowMs: number): unknown {
    const links = given.media.map((medium) => {
      const health = view.health(given.node2, medium.id, nowMs);
      return {...health, ageMs: null, watchedMs: 0};
    });
    return [links, view.isDuplicate(nowMs), view.hasStranger(given.node2, nowMs)];
  }
});
