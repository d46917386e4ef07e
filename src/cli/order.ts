/**
 * Orders to one or several daemons, one after the other: said on the way, bounded by `--wait`, left
 * to themselves by Ctrl-C. Three outcomes are told apart: done, failed, and still running.
 */

import type {Command} from '../engine/types.ts';
import {parseDuration} from '../kernel/duration.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {selectionKeys, type Selection} from '../kernel/selection.ts';
import {printable, printableLines} from '../status/text.ts';
import {ask, explainFailure} from './ask.ts';
import type {Invocation} from './invocation.ts';
import {printJson} from './print.ts';
import {misuse} from './usage.ts';
import {WaitLine} from './wait-line.ts';
import {whereIsIt} from './where-is-it.ts';

export interface Step {
  /**
   * The daemon that carries it out, by name also for this one: asked without a name, a daemon
   * spreads what means a whole service or cluster. null: this one, whatever it is called.
   */
  readonly node: NodeName | null;
  readonly command: Command;
  /** `stop web on node1`: for the wait line and for complaints. */
  readonly title: string;
  /**
   * `needed`: a failure ends the order with its exit code; `wanted`: it is only a warning. `each`
   * and `finally` are the same, but are also done where something before them failed.
   */
  readonly duty: 'needed' | 'wanted' | 'each' | 'finally';
  /** True where the daemon ends by it: then its connection may break before its answer. */
  readonly endsDaemon?: boolean;
}

interface StepEnd {
  readonly title: string;
  readonly node: string | null;
  readonly exit: number;
  readonly text: string;
  readonly data: unknown;
  /** What to type where the own daemon could not be asked. */
  readonly hints?: readonly string[];
}

interface Patience {
  /** Longest wait, ms; null: as long as it takes. */
  readonly waitMs: number | null;
  readonly wait: boolean;
}

/** What the operator now has and how to go back, from the titles of the steps that failed. */
export type Afterword = (failed: readonly Step[]) => string;

/** Runs the steps in order; `after` is said at the end where nothing that is needed failed. */
export async function runSteps(
  invocation: Invocation,
  steps: readonly Step[],
  after: Afterword = () => '',
): Promise<number> {
  const patience = patienceOf(invocation);
  if (typeof patience === 'number') return patience;
  const select = selectionOf(invocation);
  if (invocation.flags['dry-run'] === true) return planSteps(invocation, steps, select);
  if (select !== null) {
    const text = 'a part of a service is planned only, and not acted on: add --dry-run';
    return misuse(invocation.world, invocation.command, text);
  }
  const json = invocation.flags['json'] === true;
  const ends: StepEnd[] = [];
  const line = new WaitLine(invocation.world, {quiet: json});
  const interrupt = new AbortController();
  const release = invocation.world.onInterrupt(() => interrupt.abort());
  try {
    for (const step of steps) {
      const failed = worstExit(steps, ends) !== exitCodes.done;
      if (failed && step.duty !== 'each' && step.duty !== 'finally') continue;
      const end = await runStep(invocation, step, {line, patience, signal: interrupt.signal});
      ends.push(end);
      if (!json) say(invocation, step, {...end, alone: steps.length === 1});
    }
  } finally {
    line.close();
    release();
  }
  const exit = worstExit(steps, ends);
  const failed = steps.filter((step) =>
    ends.some((end) => end.title === step.title && end.exit !== exitCodes.done),
  );
  const afterword = exit === exitCodes.done ? after(failed) : '';
  if (json) printJson(invocation.world, {exit, steps: ends});
  else if (afterword !== '') invocation.world.stdout.write(`${afterword}\n`);
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
  line.begin(step.title, () => whereIsIt(invocation, step));
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
    const {paths, world} = invocation;
    const failure = {paths, world, error: answer.error};
    const {exit, text, commands: hints} = (await import('./unreachable.ts')).unreachable(failure);
    return {title, node, exit, text, data: null, hints};
  }
  const follow = 'service' in step.command ? ` --service ${step.command.service}` : '';
  const text = `${title} is still running; follow it with: ha events -f${follow}`;
  return {title, node, exit: exitCodes.running, text, data: null};
}

/** Results on stdout; complaints on stderr, with what to type. */
function say({world}: Invocation, step: Step, end: StepEnd & {readonly alone: boolean}): void {
  const text = end.text === '' ? 'done' : printableLines(end.text);
  if (end.exit === exitCodes.done || end.exit === exitCodes.running) {
    world.stdout.write(end.alone && end.text !== '' ? `${text}\n` : `${step.title}: ${text}\n`);
    return;
  }
  const warning = counts(step) ? '' : 'warning: ';
  world.stderr.write(`ha: ${warning}${step.title}: ${text}\n`);
  for (const hint of end.hints ?? []) world.stderr.write(`   -> ${hint}\n`);
}

function counts({duty}: Step): boolean {
  return duty === 'needed' || duty === 'each';
}

/** The exit code of the first step that failed and counts. */
function worstExit(steps: readonly Step[], ends: readonly StepEnd[]): number {
  const needed = new Set(steps.filter(counts).map(({title}) => title));
  const failed = ends.find((end) => end.exit !== exitCodes.done && needed.has(end.title));
  return failed?.exit ?? exitCodes.done;
}

/** What `--rid` and the like leave of the service; null where none of them was typed. */
function selectionOf({flags}: Invocation): Selection | null {
  const text = (key: keyof Selection): string | null => {
    const value = flags[key];
    return typeof value === 'string' ? value : null;
  };
  if (selectionKeys.every((key) => text(key) === null)) return null;
  const [rid, tags, subset] = [text('rid'), text('tags'), text('subset')];
  return {rid, tags, subset, upto: text('upto'), downto: text('downto')};
}

/** `--dry-run`: the daemon plans and says what it would call. */
async function planSteps(
  invocation: Invocation,
  steps: readonly Step[],
  select: Selection | null,
): Promise<number> {
  const {world, flags} = invocation;
  const ends: StepEnd[] = [];
  // Of a part only what acts on it is of interest: nothing is frozen for it.
  const acts = ({title}: Step): boolean => title.startsWith(`${invocation.command.name} `);
  for (const step of select === null ? steps : steps.filter(acts)) {
    const {title, node, command} = step;
    const part = select === null ? {} : {select};
    const answer = await ask(invocation, {op: 'plan', node, command, ...part});
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
