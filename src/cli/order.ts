/**
 * Orders to one or several daemons, one after the other: said on the way, bounded by `--wait`, left
 * to themselves by Ctrl-C. Three outcomes are told apart: done, failed, and still running.
 */

import type {Command} from '../engine/types.ts';
import {parseDuration} from '../kernel/duration.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {printable} from '../status/text.ts';
import {ask, explainFailure} from './ask.ts';
import type {Invocation} from './invocation.ts';
import {printJson} from './print.ts';
import {misuse} from './usage.ts';
import {WaitLine} from './wait-line.ts';

export interface Step {
  /** The daemon that carries it out; null: this one. */
  readonly node: NodeName | null;
  readonly command: Command;
  /** `stop web on node1`: for the wait line and for complaints. */
  readonly title: string;
  /** False: where it fails, say so and go on; the exit code stays that of the others. */
  readonly needed: boolean;
  /** True where the daemon ends by it: then its connection may break before its answer. */
  readonly endsDaemon?: boolean;
}

export interface StepEnd {
  readonly title: string;
  readonly node: string | null;
  readonly exit: number;
  readonly text: string;
  readonly data: unknown;
}

interface Patience {
  /** Longest wait, ms; null: as long as it takes. */
  readonly waitMs: number | null;
  readonly wait: boolean;
}

/**
 * Runs the steps in order and stops at the first needed one that fails. `after` is said once all
 * is done: what the operator now has, and how to go back.
 */
export async function runSteps(
  invocation: Invocation,
  steps: readonly Step[],
  after = '',
): Promise<number> {
  const patience = patienceOf(invocation);
  if (typeof patience === 'number') return patience;
  if (invocation.flags['dry-run'] === true) return planSteps(invocation, steps);
  const json = invocation.flags['json'] === true;
  const ends: StepEnd[] = [];
  const line = new WaitLine(invocation.world, {quiet: json});
  const interrupt = new AbortController();
  const release = invocation.world.onInterrupt(() => interrupt.abort());
  try {
    for (const step of steps) {
      const end = await runStep(invocation, step, {line, patience, signal: interrupt.signal});
      ends.push(end);
      if (!json) say(invocation, step, end);
      if (end.exit !== exitCodes.done && (step.needed || interrupt.signal.aborted)) break;
    }
  } finally {
    line.close();
    release();
  }
  const exit = worstExit(steps, ends);
  if (json) printJson(invocation.world, {exit, steps: ends});
  else if (exit === exitCodes.done && after !== '') invocation.world.stdout.write(`${after}\n`);
  return exit;
}

/** `--wait=TIME`, `--no-wait` or neither; a number is the exit code of a complaint. */
function patienceOf(invocation: Invocation): Patience | number {
  const {flags, command, world} = invocation;
  const wait = flags['no-wait'] !== true;
  const text = flags['wait'];
  if (typeof text !== 'string' || text === '') return {wait, waitMs: null};
  if (!wait) return misuse(world, command, 'expected --wait or --no-wait, found both');
  const waitMs = parseDuration(text);
  if (waitMs !== null) return {wait, waitMs};
  return misuse(world, command, `--wait expected a duration as 30s or 2m, found "${text}"`);
}

interface StepContext {
  readonly line: WaitLine;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

async function runStep(
  invocation: Invocation,
  step: Step,
  {line, patience, signal}: StepContext,
): Promise<StepEnd> {
  const {waitMs, wait} = patience;
  const limit = waitMs === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  line.begin(step.title);
  const answer = await ask(
    invocation,
    {op: 'command', node: step.node, command: step.command, wait},
    {
      // A daemon that waits for a script says nothing meanwhile; its own deadlines bound it.
      ...(wait ? {silenceMs: null} : {}),
      onProgress: (text) => line.progress(text),
      signal: limit,
    },
  );
  line.end();
  const {title, node} = step;
  if (answer.ok) return {title, node, ...answer.value};
  if (step.endsDaemon === true && answer.error.code === 'HA_DAEMON_GONE') {
    return {title, node, exit: exitCodes.done, text: `${title}: it has ended`, data: null};
  }
  if (answer.error.code !== 'HA_DETACHED') {
    const exit = await exitOfFailure(invocation, step, answer.error);
    return {title, node, exit, text: answer.error.message, data: null};
  }
  const follow = 'service' in step.command ? ` --service ${step.command.service}` : '';
  const text = `still running; follow it with: ha events -f${follow}`;
  return {title, node, exit: exitCodes.running, text: `${title}: ${text}`, data: null};
}

async function exitOfFailure(
  {paths, world, flags}: Invocation,
  step: Step,
  error: Parameters<typeof explainFailure>[1],
): Promise<number> {
  const mute = flags['json'] === true || !step.needed;
  const target = mute ? {...world, stderr: {...world.stderr, write: () => undefined}} : world;
  return explainFailure({paths, world: target}, error);
}

/** Results on stdout; complaints on stderr, unless they were made already. */
function say({world}: Invocation, step: Step, end: StepEnd): void {
  const text = printable(end.text);
  if (end.exit === exitCodes.done || end.exit === exitCodes.running) {
    world.stdout.write(`${text === '' ? `${step.title}: done` : text}\n`);
  } else if (!step.needed) world.stderr.write(`ha: warning: ${step.title}: ${text}\n`);
  else if (end.exit !== exitCodes.unreachable && end.exit !== exitCodes.notPermitted) {
    world.stderr.write(`ha: ${step.title}: ${text}\n`);
  }
}

function worstExit(steps: readonly Step[], ends: readonly StepEnd[]): number {
  const failed = ends.find((end, at) => end.exit !== exitCodes.done && steps[at]!.needed);
  const left = ends.find((end) => end.exit === exitCodes.running);
  return failed?.exit ?? left?.exit ?? exitCodes.done;
}

/** `--dry-run`: the daemon plans and says what it would call. */
async function planSteps(invocation: Invocation, steps: readonly Step[]): Promise<number> {
  const {world, flags} = invocation;
  const ends: StepEnd[] = [];
  for (const step of steps) {
    const {title, node, command} = step;
    const answer = await ask(invocation, {op: 'plan', node, command});
    if (!answer.ok) return explainFailure(invocation, answer.error);
    ends.push({title, node, ...answer.value});
    if (flags['json'] === true) continue;
    world.stdout.write(`would ${title}:\n`);
    for (const text of answer.value.text.split('\n')) world.stdout.write(`  ${printable(text)}\n`);
  }
  const exit = worstExit(steps, ends);
  if (flags['json'] === true) printJson(world, {exit, dryRun: true, steps: ends});
  return exit;
}
