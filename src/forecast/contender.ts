/**
 * What the contender decides, and when: the judge itself is asked, at every instant at which its
 * answer can change. No formula of it is repeated here.
 */

import {judge} from '../arbitration/judge.ts';
import type {Verdict} from '../arbitration/types.ts';
import {shotOf} from './fencing.ts';
import {heardMs, markedMs, questionAt, seenMs, staleMs} from './evidence.ts';
import type {Phase} from './evidence.ts';
import type {Ground, Moment, Signs, Span} from './types.ts';
import {reasons} from '../kernel/reasons.ts';

/** An answer that differs from the one before. */
interface Look {
  readonly atMs: number;
  readonly verdict: Verdict;
}

export interface ContenderForecast {
  readonly moments: readonly Moment[];
  /** The last word in the worst case. */
  readonly verdict: Verdict;
  readonly start: Span | null;
}

/** Questions asked for one phase: each medium gives a handful of instants. */
const looksMax = 512;

export function forecastContender(ground: Ground, signs: Signs): ContenderForecast {
  const early = looksOf(ground, signs, 'early');
  const late = looksOf(ground, signs, 'late');
  const last = late.at(-1)!;
  const moments = late.map((look): Moment => {
    const {reason} = look.verdict.cause;
    const same = early.find(({verdict}) => verdict.cause.reason === reason);
    const fromMs = same === undefined ? look.atMs : Math.min(same.atMs, look.atMs);
    return {...spanOf(ground, fromMs, look.atMs), node: ground.contender, ...wordsOf(look)};
  });
  return {moments, verdict: last.verdict, start: startOf(ground, early.at(-1)!, last)};
}

function wordsOf({verdict}: Look): Pick<Moment, 'text' | 'reason'> {
  const {reason} = verdict.cause;
  return {text: `${verdict.decision}: ${reasons[reason]}`, reason};
}

/** Two clocks differ by the error that I5 allows. */
function spanOf({config}: Ground, fromMs: number, untilMs: number): Span & {untilMs: number} {
  const ratio = config.timing.clockErrorRatio;
  return {
    fromMs: Math.max(0, Math.floor(fromMs * (1 - ratio))),
    untilMs: Math.ceil(untilMs * (1 + ratio)),
  };
}

/** After the verdict: its own turns, the record on disk, and the word of whoever else is alive. */
function startOf(ground: Ground, early: Look, late: Look): Span | null {
  if (late.verdict.decision !== 'take') return null;
  const {timing} = ground.config;
  const graceMs = ground.service.nodes.length > 2 ? timing.graceMs : 0;
  return spanOf(ground, early.atMs, late.atMs + timing.stallMs + graceMs);
}

function looksOf(ground: Ground, signs: Signs, phase: Phase): readonly Look[] {
  const looks: Look[] = [];
  const instants = [...instantsOf(ground, signs, phase)];
  const shot = shotOf(ground, phase);
  let firedMs = Infinity;
  let atMs = 0;
  for (let asked = 0; asked < looksMax; asked += 1) {
    const fence = shot === null ? null : fenceAt(atMs - firedMs, shot.agentMs);
    const verdict = judge(questionAt(ground, signs, {phase, ms: atMs, fence}));
    const last = looks.at(-1)?.verdict;
    const isNews =
      last?.cause.reason !== verdict.cause.reason || last.decision !== verdict.decision;
    if (isNews) looks.push({atMs, verdict});
    if (verdict.decision === 'take') break;
    if (verdict.decision === 'fence' && shot !== null && firedMs === Infinity) {
      firedMs = atMs + shot.turnMs;
      instants.push(firedMs, firedMs + shot.agentMs);
      if (firedMs + shot.agentMs <= atMs) continue;
    }
    const {waitMs} = verdict;
    const dueMs = waitMs === null || waitMs <= 0 ? Infinity : atMs + waitMs;
    const nextMs = Math.min(dueMs, ...instants.filter((instant) => instant > atMs));
    if (nextMs === Infinity) break;
    atMs = nextMs;
  }
  return looks;
}

/** `sinceMs`: from the call of the agent; negative before it. */
function fenceAt(sinceMs: number, agentMs: number): 'none' | 'pending' | 'confirmed' {
  if (sinceMs < 0) return 'none';
  return sinceMs < agentMs ? 'pending' : 'confirmed';
}

/** When the age of anything passes a threshold that the judge may look at. */
function instantsOf(ground: Ground, signs: Signs, phase: Phase): readonly number[] {
  const {config} = ground;
  const silent = signs.links ? [] : config.links.map(({deadMs}) => heardMs(config, phase) + deadMs);
  const {peer} = questionAt(ground, signs, {phase, ms: 0, fence: null});
  const {arbiter} = peer;
  if (config.arbiter !== null && arbiter !== null) {
    const markMs = markedMs(config.arbiter, phase);
    silent.push(...silent.map((ms) => ms + arbiter.stopMs));
    if (!signs.arbiter) silent.push(markMs, markMs + arbiter.resetMs);
  }
  if (signs.disk) return silent;
  const changed = config.disks.flatMap((disk, index) => {
    const {waitMs, deadMs, stopMs} = peer.disks[index]!;
    const changeMs = seenMs(disk, phase);
    const ends = [changeMs + deadMs, changeMs + waitMs, ...silent.map((ms) => ms + stopMs)];
    // Each counts once it is seen, which the age of the newest look delays.
    return ends.flatMap((ms) => [ms, ms + staleMs(disk, phase)]);
  });
  return [...silent, ...changed];
}
