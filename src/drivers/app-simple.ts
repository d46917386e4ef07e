/**
 * A program that stays in the foreground. It is started apart from this daemon, which may end
 * without it, and is found again by the variables that it was started with. Its processes are what
 * says that it runs; a check command may say more.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {SimpleAppResource} from '../config/resources/app-simple.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import {commandLine} from '../kernel/shell-word.ts';
import {call, environmentOf, withRest, type DriverHost} from './call.ts';
import {fixedPath} from './host/fixed-path.ts';
import {firstOf, ownProcesses, signalOwn, type OwnProcess} from './host/own-processes.ts';
import {recentChecks} from './host/recent-checks.ts';
import {startProgram, type Program} from './host/start-program.ts';
import {outcomeOf} from './outcome.ts';
import {wordsBefore} from './run-as.ts';
import {answer, verdictByCodes, verdictOf} from './verdict.ts';

interface Order {
  readonly host: DriverHost;
  readonly resource: SimpleAppResource;
  readonly context: DriverContext;
}

/** A program that ends within this time after its start has not started, ms. */
const settleMs = 200;
/** Between two looks at what is being ended, ms. */
const pollMs = 50;
/** Share of a stop after which KILL follows TERM. */
const killShare = 3 / 4;

export function createSimpleAppDriver(host: DriverHost): Driver<SimpleAppResource> {
  return {
    type: 'app.simple',
    label: ({start}) => start[0] ?? '',
    describe({start, stop, kill}, action) {
      if (action === 'start') return [commandLine(start)];
      return [stop === null ? `signal TERM (${kill})` : commandLine(stop)];
    },
    probe: (resource, context) => probe({host, resource, context}),
    start: (resource, context) => begin({host, resource, context}),
    stop: (resource, context) => finish({host, resource, context}),
  };
}

/** What its processes were started with and those of its check and stop commands were not. */
function marksOf({host, resource, context}: Order): readonly string[] {
  return [
    `HA_SERVICE=${context.service.name}`,
    `HA_RESOURCE=${resource.rid}`,
    `HA_NODE=${host.node}`,
    'HA_ACTION=start',
  ];
}

async function probe(order: Order): Promise<ProbeOutcome> {
  const sinceMs = performance.now();
  const found = await ownProcesses(marksOf(order));
  if (!found.ok) return answer('unknown', found.error);
  const [first] = firstOf(found.value);
  if (first === undefined) return answer('down', `${order.resource.start[0]}: no process of it`);
  const {check} = order.resource;
  if (check === null) return answer('up', `process ${first.pid}`);
  const context = withRest(order.context, sinceMs);
  const result = await call({...order, context, action: 'status', argv: check});
  const asked = {program: check[0] ?? '', result, deadlineMs: context.deadlineMs};
  const {retcodes} = order.resource;
  const said =
    retcodes === null
      ? verdictOf({...asked, table: 'lsb'})
      : verdictByCodes({...asked, codes: retcodes});
  if (said.state !== 'down') return said;
  // A process is there: it is no "down", whatever the command says.
  return {...answer('unknown', `process ${first.pid}, but ${said.detail}`), broken: true};
}

async function begin(order: Order): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const done = (outcome: Omit<StepOutcome, 'durationMs'>): StepOutcome => ({
    ...outcome,
    durationMs: performance.now() - sinceMs,
  });
  const {resource, context} = order;
  const refuse = (detail: string): StepOutcome => done({kind: 'failed', detail, untouched: true});
  const before = await wordsBefore(resource.runAs, context);
  if (!before.ok) return refuse(before.error);
  const [program = '', ...rest] = resource.start;
  const checked = await recentChecks.check(program);
  if (!checked.ok) return refuse(checked.fault);
  const line = commandLine(resource.start);
  const as = resource.runAs.user === null ? '' : ` as user ${resource.runAs.user}`;
  context.log(`exec ${line}${as}`);
  const started = await startProgram({
    argv: [...before.value, checked.path, ...rest],
    environment: environmentFor(order),
    outputFile: '/dev/null',
  });
  if (!started.ok) return done({kind: 'failed', detail: started.error.message});
  const ended = await endedAtOnce(started.value);
  if (ended !== null) return done({kind: 'failed', detail: `${program}: it ended: ${ended}`});
  return done({kind: 'done', detail: `process ${started.value.pid}`});
}

function environmentFor(order: Order): Readonly<Record<string, string>> {
  const environment = Object.fromEntries(order.resource.runAs.environment);
  return {
    PATH: fixedPath,
    LANG: 'C',
    LC_ALL: 'C',
    ...environmentOf({...order, action: 'start', environment}),
  };
}

/** How it ended, or null where it goes on. */
async function endedAtOnce({ended}: Program): Promise<string | null> {
  const late = new AbortController();
  const first = await Promise.race([
    ended,
    sleep(settleMs, null, {signal: late.signal}).catch(() => null),
  ]);
  late.abort();
  return first;
}

async function finish(order: Order): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const {resource, context} = order;
  const command = resource.stop;
  if (command === null) return endAll(order, sinceMs);
  const result = await call({...order, action: 'stop', argv: command});
  const {deadlineMs} = context;
  const outcome = outcomeOf({program: command[0] ?? '', result, deadlineMs});
  return outcome.kind === 'done' ? {...(await endAll(order, sinceMs))} : outcome;
}

/** TERM, and at three quarters of the deadline KILL to whatever is left. */
async function endAll(order: Order, sinceMs: number): Promise<StepOutcome> {
  const {resource, context} = order;
  const marks = marksOf(order);
  const told = new Set<number>();
  let isKilling = false;
  for (;;) {
    const found = await ownProcesses(marks);
    const durationMs = performance.now() - sinceMs;
    if (!found.ok) return {kind: 'unknown', detail: found.error, durationMs};
    if (found.value.length === 0)
      return {kind: 'done', detail: textOf(told, isKilling), durationMs};
    if (durationMs >= context.deadlineMs || context.signal.aborted) {
      const left = found.value.map(({pid}) => pid).join(', ');
      const within = formatDuration(context.deadlineMs);
      return {kind: 'failed', detail: `not ended within ${within}: process ${left}`, durationMs};
    }
    isKilling = durationMs >= context.deadlineMs * killShare;
    const targets = isKilling || resource.kill === 'tree' ? found.value : firstOf(found.value);
    await tell({targets, marks, told, signal: isKilling ? 'SIGKILL' : 'SIGTERM'});
    await sleep(pollMs);
  }
}

/** TERM once to each; KILL each time. */
async function tell(order: {
  readonly targets: readonly OwnProcess[];
  readonly marks: readonly string[];
  readonly told: Set<number>;
  readonly signal: 'SIGTERM' | 'SIGKILL';
}): Promise<void> {
  const {targets, marks, told, signal} = order;
  for (const {pid} of targets) {
    if (signal === 'SIGTERM' && told.has(pid)) continue;
    told.add(pid);
    await signalOwn(pid, marks, signal);
  }
}

function textOf(told: ReadonlySet<number>, isKilled: boolean): string {
  if (told.size === 0) return 'no process of it is left';
  const how = isKilled ? 'killed' : 'ended';
  return `process ${[...told].join(', ')} ${how}`;
}
