/**
 * OpenSVC's application: commands for start, stop and check, or a folder of launchers where no
 * command is given. Unlike OpenSVC 1.5 a launcher that fails is a failure, not a line in a log.
 */

import type {AppResource} from '../config/resources/app.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import {commandLine} from '../kernel/shell-word.ts';
import {call, withRest, type Call, type DriverHost} from './call.ts';
import {readLaunchers, type LaunchersRead} from './launchers.ts';
import {outcomeOf} from './outcome.ts';
import {wordsBefore} from './run-as.ts';
import {answer, lastActionCounts, unverifiable, verdictByCodes, verdictOf} from './verdict.ts';

export function createAppDriver(host: DriverHost): Driver<AppResource> {
  return {
    type: 'app',
    label,
    describe: (resource, action) => describe(resource, action),
    probe: (resource, context) => probe({host, resource, context}),
    start: (resource, context) => act({host, resource, context}, 'start'),
    stop: (resource, context) => act({host, resource, context}, 'stop'),
  };
}

interface Order {
  readonly host: DriverHost;
  readonly resource: AppResource;
  readonly context: DriverContext;
}

function label(resource: AppResource): string {
  const command = resource.start ?? resource.check ?? resource.stop;
  return command?.[0] ?? resource.launchers ?? 'nothing to call';
}

function describe(resource: AppResource, action: 'start' | 'stop'): readonly string[] {
  const command = resource[action];
  if (command !== null) return [commandLine(command)];
  const letter = action === 'start' ? 'S' : 'K';
  return resource.launchers === null ? [] : [`${resource.launchers}/${letter}* ${action}`];
}

async function act(order: Order, action: 'start' | 'stop'): Promise<StepOutcome> {
  const command = order.resource[action];
  if (command !== null) return callOnce(order, action, command);
  if (order.resource.launchers !== null) return callLaunchers(order, action);
  return {kind: 'done', detail: `no ${action} command: nothing to do`, durationMs: 0};
}

async function callOnce(
  order: Order,
  action: 'start' | 'stop',
  argv: readonly string[],
): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const before = await wordsBefore(order.resource.runAs, order.context);
  if (!before.ok) return {kind: 'failed', detail: before.error, durationMs: 0, untouched: true};
  const context = withRest(order.context, sinceMs);
  const result = await call({...order, context, action, argv, ...ownPart(order, before.value)});
  return outcomeOf({program: argv[0] ?? '', result, deadlineMs: order.context.deadlineMs});
}

/** In order; the first that fails ends it. All of them share the one deadline of the action. */
async function callLaunchers(order: Order, action: 'start' | 'stop'): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const folder = order.resource.launchers ?? '';
  const read = await readWithin(order);
  const finished = (outcome: Omit<StepOutcome, 'durationMs'>): StepOutcome => ({
    ...outcome,
    durationMs: performance.now() - sinceMs,
  });
  if (!read.ok) return finished({kind: 'failed', detail: read.fault, untouched: true});
  for (const finding of read.launchers.findings) order.context.log(`${folder}: ${finding}`);
  const names = read.launchers[action];
  for (const [index, name] of names.entries()) {
    const context = withRest(order.context, sinceMs);
    const outcome = await callOnce({...order, context}, action, [`${folder}/${name}`, action]);
    if (outcome.kind === 'done') continue;
    const {untouched, ...begun} = outcome;
    return finished(index === 0 && untouched === true ? outcome : begun);
  }
  const letter = action === 'start' ? 'S' : 'K';
  const detail =
    names.length === 0
      ? `${folder}: no ${letter} launcher: nothing to do`
      : `${names.join(', ')}: exit code 0 after ${formatDuration(performance.now() - sinceMs)}`;
  return finished({kind: 'done', detail});
}

async function probe(order: Order): Promise<ProbeOutcome> {
  const {check, launchers} = order.resource;
  if (check !== null) return probeCommand(order, check);
  if (launchers !== null) return probeLaunchers(order, launchers);
  return unverifiable(`it has no check command; ${lastActionCounts}`);
}

async function probeCommand(order: Order, check: readonly string[]): Promise<ProbeOutcome> {
  const sinceMs = performance.now();
  const {resource} = order;
  const before = await wordsBefore(resource.runAs, order.context);
  if (!before.ok) return answer('unknown', before.error);
  const own = ownPart(order, before.value);
  const context = withRest(order.context, sinceMs);
  const result = await call({...order, context, action: 'status', argv: check, ...own});
  const {deadlineMs} = context;
  const asked = {program: check[0] ?? '', result, deadlineMs};
  const {retcodes} = resource;
  return retcodes === null
    ? verdictOf({...asked, table: 'lsb'})
    : verdictByCodes({...asked, codes: retcodes});
}

/** Its own environment, and the words that bring it to its user and folder. */
function ownPart(
  {resource}: Order,
  before: readonly string[],
): Pick<Call, 'environment' | 'before'> {
  return {environment: Object.fromEntries(resource.runAs.environment), before};
}

/** All up is up, all down is down; anything between is unknown, and says who said what. */
async function probeLaunchers(order: Order, folder: string): Promise<ProbeOutcome> {
  const sinceMs = performance.now();
  const read = await readWithin(order);
  if (!read.ok) return answer('unknown', read.fault);
  const {check, findings} = read.launchers;
  if (check.length === 0) {
    // In the words of OpenSVC, which stand in its tree.
    return unverifiable(['no checkup scripts', ...findings, lastActionCounts].join('; '));
  }
  const answers: ProbeOutcome[] = [];
  for (const name of check) {
    const context = withRest(order.context, sinceMs);
    const argv = [`${folder}/${name}`, 'status'];
    const result = await call({...order, context, action: 'status', argv});
    const {deadlineMs} = context;
    answers.push(verdictOf({program: name, result, deadlineMs, table: 'launcher'}));
  }
  return answer(commonState(answers), [...answers.map(said), ...findings].join('; '));
}

function said(one: ProbeOutcome): string {
  return `${one.detail} (${one.state})`;
}

function commonState(answers: readonly ProbeOutcome[]): ProbeOutcome['state'] {
  if (answers.every((one) => one.state === 'up')) return 'up';
  return answers.every((one) => one.state === 'down') ? 'down' : 'unknown';
}

/** The folder may lie on a file system that hangs: reading it has the deadline of the action. */
async function readWithin(order: Order): Promise<LaunchersRead> {
  const folder = order.resource.launchers ?? '';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<LaunchersRead>((resolve) => {
    const fault = `${folder}: its file system does not answer`;
    timer = setTimeout(() => resolve({ok: false, fault}), order.context.deadlineMs);
  });
  const first = await Promise.race([readLaunchers(folder), late]);
  clearTimeout(timer);
  return first;
}
