/**
 * What one turn of the engine costs at 1, 256 and 1,000 services: every step of the active node in
 * minutes of ordinary life, by what came in, and the minute in which its peer dies.
 *
 * The engine is deterministic: the same life gives the same steps. So each life is lived several
 * times, and a step counts with the shortest time it ever took: what is above that was the machine.
 */

import {createHmac, randomBytes} from 'node:crypto';
import {HmacAuthenticator} from '../../src/heartbeat/io/hmac-auth.ts';
import {serviceName} from '../../src/kernel/ids.ts';
import {frameBytesMax} from '../../src/kernel/limits.ts';
import {buildConfig} from './build-config.ts';
import {medianOf, row, samplesUs, spreadOf, type Row} from './measure.ts';
import {Pair} from './pair.ts';

const counts = [1, 256, 1_000];
/** Long enough that every service has been started and announced, and the code is compiled. */
const settleMs = 60_000;
const lifeSeconds = 120;
const lives = 7;
/** Until the disk lease of a dead peer has run out, at the default profile. */
const takeoverMs = 60_000;
const stepUsMax = 100;
const targetCount = 256;

/** The yardstick: the smallest thing that a signed frame can cost. */
function hmacUs(): number {
  const key = randomBytes(32);
  const bytes = randomBytes(frameBytesMax);
  return medianOf(samplesUs(5_000, () => createHmac('sha256', key).update(bytes).digest()));
}

export function engineBench(): readonly Row[] {
  const yardstickUs = hmacUs();
  return counts.flatMap((count) => [...lifeRows(count, yardstickUs), ...deathRows(count)]);
}

function makePair(count: number): Pair {
  const keys = [{id: 1, secret: new Uint8Array(32).fill(7)}];
  const pair = new Pair(buildConfig(count), () => new HmacAuthenticator('bench', keys));
  pair.run(settleMs);
  const started = pair.startedOn(pair.node1);
  if (started !== count) throw new Error(`expected ${count} services started, found ${started}`);
  return pair;
}

interface Timed {
  readonly type: string;
  us: number;
}

/** Beats, slots, monitors of all services, and one service frozen or unfrozen every second. */
function lifeOf(count: number): Timed[] {
  const pair = makePair(count);
  const steps: Timed[] = [];
  pair.onStep = (side, input, us) => {
    if (side === pair.node1) steps.push({type: input.type, us});
  };
  for (let second = 0; second < lifeSeconds; second += 1) {
    pair.run(1_000);
    freezeByTurns(pair, second);
  }
  return steps;
}

/** Step by step the shortest of several identical runs. */
function shortest(runs: readonly (readonly Timed[])[]): readonly Timed[] {
  const [first = [], ...others] = runs;
  for (const other of others) {
    if (other.length !== first.length) throw new Error('two identical lives had different steps');
  }
  return first.map(({type}, index) => ({
    type,
    us: Math.min(...runs.map((run) => run[index]?.us ?? Infinity)),
  }));
}

function lifeRows(count: number, yardstickUs: number): readonly Row[] {
  const runs = Array.from({length: lives}, () => lifeOf(count));
  const steps = shortest(runs);
  const at = `${count} services`;
  const bound = count === targetCount ? {atMost: stepUsMax} : {};
  const all = spreadOf(steps.map(({us}) => us));
  const raw = spreadOf(runs.at(-1)!.map(({us}) => us));
  const beside = `${(all.p50 / yardstickUs).toFixed(1)} x HMAC of a full frame`;
  return [
    row({what: 'step: all inputs of ordinary life, p50', at, value: all.p50, unit: 'us', beside}),
    row({
      what: 'step: all inputs of ordinary life, p99',
      at,
      value: all.p99,
      unit: 'us',
      beside: `of one run alone: ${raw.p99.toFixed(0)} us`,
      ...bound,
    }),
    ...['packet', 'slot', 'tick', 'probe-result', 'command'].flatMap((type) => {
      const {
        p50,
        p99,
        count: samples,
      } = spreadOf(steps.filter((one) => one.type === type).map(({us}) => us));
      const share = `${samples} of ${all.count} steps`;
      return [
        row({what: `step: ${type}, p50`, at, value: p50, unit: 'us', beside: share}),
        row({what: `step: ${type}, p99`, at, value: p99, unit: 'us'}),
      ];
    }),
  ];
}

function freezeByTurns(pair: Pair, second: number): void {
  const scope = {kind: 'service', service: serviceName('s0')} as const;
  const freeze = {by: 'bench', why: '', since: '', untilMs: null, until: null};
  pair.command(
    pair.node1,
    second % 2 === 0 ? {verb: 'freeze', scope, freeze} : {verb: 'unfreeze', scope},
  );
}

/** The peer dies: from the first step that sees it to the last start command. */
function deathRows(count: number): readonly Row[] {
  const steps = shortest(Array.from({length: lives}, () => deathOf(makePair(count))));
  const at = `${count} services`;
  const totalMs = steps.reduce((sum, {us}) => sum + us, 0) / 1_000;
  const longestMs = Math.max(...steps.map(({us}) => us)) / 1_000;
  const beside = `${((totalMs * 1_000) / count).toFixed(0)} us a service`;
  return [
    row({what: 'peer death: all steps to the last start', at, value: totalMs, unit: 'ms', beside}),
    row({what: 'peer death: longest single step', at, value: longestMs, unit: 'ms'}),
  ];
}

function deathOf(pair: Pair): readonly Timed[] {
  const {node1, node2} = pair;
  const count = node2.engine.services.length;
  const steps: Timed[] = [];
  pair.onStep = (_side, input, us) => steps.push({type: input.type, us});
  node1.dead = true;
  pair.run(takeoverMs, () => node2.plansStarted >= count);
  if (node2.plansStarted < count) throw new Error(`${node2.plansStarted} of ${count} starts`);
  return steps;
}
