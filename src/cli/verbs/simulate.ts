/**
 * `ha simulate`: whole clusters in memory, one seed after the other, with faults drawn by chance
 * and every rule of docs/simulator.md checked after every step. Touches nothing that runs. A
 * failing seed is shrunk to the shortest schedule that still breaks the rule, and printed as a
 * scenario.
 */

import {readFile, writeFile} from 'node:fs/promises';
import {performance} from 'node:perf_hooks';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {runSchedule, shrink} from '../../sim/explore.ts';
import {parseScenario, playScenario} from '../../sim/scenario.ts';
import {formatSchedule} from '../../sim/schedule.ts';
import {denseDensity, drawSchedule} from '../../sim/swarm.ts';
import {hasFaults} from '../fault-options.ts';
import type {Flags} from '../parse.ts';
import type {Invocation} from '../invocation.ts';
import {printJson} from '../print.ts';
import {misuse} from '../usage.ts';
import type {World} from '../world.ts';

/** A hundred seeds are a few seconds; a million is a long night. */
const seedsDefault = 100;
const seedsMax = 1_000_000;
const nodesRange = [2, 8] as const;

interface Plan {
  readonly from: number;
  readonly count: number;
  readonly nodes: number | null;
  readonly density: number;
}

export interface Failure {
  readonly seed: number;
  readonly rule: string;
  /** Virtual time. */
  readonly atMs: number;
  readonly text: string;
  readonly schedule: string;
}

export async function simulate(invocation: Invocation): Promise<number> {
  const {world, flags, command, operands} = invocation;
  if (hasFaults(flags)) {
    const {playFaults} = await import('../play-faults.ts');
    return playFaults(invocation);
  }
  if (operands[0] !== undefined) return playFile(invocation, operands[0]);
  const plan = readPlan(flags);
  if (typeof plan === 'string') return misuse(world, command, plan);
  const startMs = performance.now();
  let failure: Failure | null = null;
  let seed = plan.from;
  let virtualMs = 0;
  for (; seed < plan.from + plan.count && failure === null; seed += 1) {
    const schedule = drawSchedule(seed, plan);
    const violation = runSchedule(schedule);
    virtualMs += schedule.endMs;
    if (violation === null) continue;
    const shortest = shrink(schedule, violation);
    const {rule, atMs, text} = violation;
    failure = {seed, rule, atMs, text, schedule: formatSchedule(shortest)};
  }
  const wallMs = performance.now() - startMs;
  const seeds = seed - plan.from;
  const {from, density} = plan;
  const speed = virtualMs / wallMs;
  const result = {seeds, from, density, wallMs, virtualMs, speed, failure};
  const unsaved = await save(flags, failure);
  if (unsaved !== null) return misuse(world, command, unsaved);
  if (flags['json'] === true) printJson(world, result);
  else printText(world, result);
  return failure === null ? exitCodes.done : exitCodes.failed;
}

/** What `ha simulate FILE` plays. */
export function scenarioOf({seed, rule, text, schedule}: Failure): string {
  return `# seed ${seed} breaks ${rule}: ${text.replaceAll('\n', ' ')}\n${schedule}`;
}

/** Where `--save` says, as a scenario; a sentence where it cannot be written. */
async function save(flags: Flags, failure: Failure | null): Promise<string | null> {
  const path = flags['save'];
  if (typeof path !== 'string' || failure === null) return null;
  const error = await writeFile(path, scenarioOf(failure)).catch((fault: unknown) => fault);
  return error instanceof Error ? `${path}: ${error.message}` : null;
}

/** A scenario from a file: its transcript, and exit 1 where a rule was broken. */
async function playFile({world, command}: Invocation, path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch((error: unknown) =>
    error instanceof Error ? error : new Error('unreadable'),
  );
  if (text instanceof Error) return misuse(world, command, `${path}: ${text.message}`);
  // A golden text has its transcript after this line.
  const scenario = parseScenario(text.split('\n----\n')[0]!);
  if (!scenario.ok) return misuse(world, command, `${path}: ${scenario.error}`);
  const played = playScenario(scenario.value);
  world.stdout.write(played);
  return played.includes(' BROKEN ') ? exitCodes.failed : exitCodes.done;
}

function printText(
  world: World,
  result: {
    readonly seeds: number;
    readonly from: number;
    readonly density: number;
    readonly wallMs: number;
    readonly speed: number;
    readonly failure: Failure | null;
  },
): void {
  const {seeds, from, density, wallMs, speed, failure} = result;
  const took = `${(wallMs / 1_000).toFixed(1)} s, ${Math.round(speed)} x real time`;
  if (failure === null) {
    const what = density === 1 ? 'seeds' : 'dense seeds';
    world.stdout.write(`${seeds} ${what} from ${from}: no rule was broken (${took})\n`);
    return;
  }
  const {seed, rule, atMs, text, schedule} = failure;
  const when = `${(atMs / 1_000).toFixed(3)} s`;
  world.stdout.write(`seed ${seed} breaks ${rule} at ${when}: ${text}\n`);
  world.stdout.write('\nthe shortest schedule that does:\n');
  world.stdout.write(schedule);
  const dense = density === 1 ? '' : '--dense ';
  world.stdout.write(`\nagain: ha simulate ${dense}--from ${seed} --seeds 1\n`);
}

/** A sentence where an option is not what it must be. */
function readPlan(flags: Flags): Plan | string {
  const count = readCount(flags['seeds'], seedsDefault);
  const from = readCount(flags['from'], 1);
  const nodes = flags['nodes'] === undefined ? null : readCount(flags['nodes'], 2);
  if (count === null || count < 1 || count > seedsMax) {
    return `--seeds expected a whole number from 1 to ${seedsMax}, got ${String(flags['seeds'])}`;
  }
  if (from === null) return `--from expected a whole number, got ${String(flags['from'])}`;
  const [least, most] = nodesRange;
  if (flags['nodes'] !== undefined && (nodes === null || nodes < least || nodes > most)) {
    return `--nodes expected ${least} to ${most}, got ${String(flags['nodes'])}`;
  }
  return {from, count, nodes, density: flags['dense'] === true ? denseDensity : 1};
}

function readCount(value: unknown, fallback: number): number | null {
  if (value === undefined) return fallback;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
