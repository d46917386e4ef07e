/**
 * One call of a script or launcher on behalf of a resource: its environment, its share of the
 * deadline, and the lines an operator of OpenSVC looks for in the log.
 */

import type {ResourceConfig} from '../config/types.ts';
import type {DriverContext} from '../failover/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import {markName} from './host/action-records.ts';
import type {ActionRecord, ActionRecords} from './host/action-records.ts';
import {lastLine, printable} from './host/output.ts';
import {run, type RunResult} from './host/run.ts';

/** What drivers need to know of the node they work on. */
export interface DriverHost {
  readonly node: NodeName;
  /** Added to the environment of every child: the daemon's own HA_CONF, HA_STATE, HA_RUN. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where resource agents lie. Default: the usual place of this system. */
  readonly ocfRoot?: string;
  /** Programs that drivers call. Default: `systemctl` and `service` along our fixed PATH. */
  readonly systemctl?: string;
  readonly service?: string;
  /** Where each action is entered while it runs; absent: nowhere. */
  readonly actions?: Pick<ActionRecords, 'begin'>;
}

export interface Call {
  readonly host: DriverHost;
  readonly resource: ResourceConfig;
  readonly context: DriverContext;
  readonly action: 'start' | 'stop' | 'status' | 'run';
  readonly argv: readonly string[];
  /** Beside what every call finds. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before it: as whom, where and within which limits it runs. */
  readonly before?: readonly string[];
}

/** Lines of a script's output that go to the log of its service. */
const loggedLinesMax = 20;
const loggedCharsMax = 200;
/** How long an action waits to be entered, ms: a stop is made all the same. */
const entryMsMax = {start: 5_000, stop: 500, run: 5_000} as const;

/** Runs the call; a status is not logged, because it is asked on every beat of the monitor. */
export async function call(order: Call): Promise<RunResult> {
  const isLogged = order.action !== 'status';
  const program = order.argv.map((part) => printable(part, loggedCharsMax)).join(' ');
  if (isLogged) order.context.log(`spawn: ${program}`);
  const sinceMs = performance.now();
  const record = isLogged ? await enter(order) : null;
  const result =
    record === 'refused'
      ? unwritten(program, performance.now() - sinceMs)
      : await runEntered(withRestOf(order, sinceMs), record);
  if (isLogged) logResult(order, result);
  return result;
}

/** Of a start or run that is not entered the next daemon could know nothing: it is not made. */
async function enter(order: Call): Promise<ActionRecord | 'refused' | null> {
  const {host, action, resource, context} = order;
  if (host.actions === undefined || action === 'status') return null;
  const {deadlineMs, service} = context;
  const facts = {service: service.name, rid: resource.rid, action, deadlineMs};
  const boundMs = Math.min(deadlineMs, entryMsMax[action]);
  const record = await host.actions.begin(facts, boundMs);
  return record ?? (action === 'stop' ? null : 'refused');
}

async function runEntered(order: Call, record: ActionRecord | null): Promise<RunResult> {
  const mark = record === null ? {} : {[markName]: record.mark};
  const result = await run({
    argv: order.argv,
    deadlineMs: order.context.deadlineMs,
    signal: order.context.signal,
    environment: {...environmentOf(order), ...mark},
    onSpawn: (pid) => record?.spawned(pid),
    ...(order.before === undefined ? {} : {before: order.before}),
  });
  // What can not be ended stays entered: the next daemon must know of it too.
  if (result.ended) record?.ended();
  return result;
}

function withRestOf(order: Call, sinceMs: number): Call {
  return {...order, context: withRest(order.context, sinceMs)};
}

function unwritten(program: string, durationMs: number): RunResult {
  const fault = `${program}: not run, as its record in the state directory can not be written`;
  return {
    kind: 'spawn-failed',
    code: null,
    signal: null,
    stdout: '',
    stderr: '',
    durationMs,
    began: false,
    ended: true,
    outputHeld: false,
    fault,
  };
}

/** The same context with what is left of its deadline: several calls share one absolute budget. */
export function withRest(context: DriverContext, sinceMs: number): DriverContext {
  const restMs = context.deadlineMs - (performance.now() - sinceMs);
  return {...context, deadlineMs: Math.max(0, restMs)};
}

/** What a child finds beside PATH, LANG and LC_ALL: our names, and OpenSVC's for its launchers. */
export function environmentOf(
  order: Pick<Call, 'host' | 'resource' | 'context' | 'action' | 'environment'>,
): Readonly<Record<string, string>> {
  const {host, resource, context, action} = order;
  const service = context.service.name;
  return {
    ...order.environment,
    ...host.environment,
    HA_SERVICE: service,
    HA_NODE: host.node,
    HA_EPOCH: String(context.epoch),
    HA_ACTION: action,
    HA_RESOURCE: resource.rid,
    OPENSVC_SVCNAME: service,
    OPENSVC_SVCPATH: service,
    OPENSVC_ACTION: action,
    OPENSVC_RID: resource.rid,
  };
}

function logResult(order: Call, result: RunResult): void {
  const {log} = order.context;
  for (const line of outputLines(result)) log(`output: ${line}`);
  const took = formatElapsed(result.durationMs);
  if (result.kind === 'exited') log(`${order.action} done in ${took} - ret ${result.code}`);
  else if (result.kind === 'signalled') {
    log(`${order.action} killed after ${took} - signal ${result.signal}`);
  } else if (result.began) {
    const why = result.kind === 'aborted' ? 'cancelled' : 'deadline';
    log(`${order.action} interrupted after ${took} - ${why}`);
  } else log(`${order.action} not run - ${lastLine(result.fault, 400) || result.kind}`);
}

function outputLines(result: RunResult): readonly string[] {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim());
  const kept = lines.slice(-loggedLinesMax).map((line) => printable(line, loggedCharsMax));
  const leftOut = lines.length - kept.length;
  return leftOut > 0 ? [`(${leftOut} lines left out)`, ...kept] : kept;
}

/** `0:00:00.004513`: hours, minutes, seconds with microseconds, as OpenSVC's log has it. */
export function formatElapsed(durationMs: number): string {
  const micros = Math.round(durationMs * 1_000);
  const seconds = Math.floor(micros / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const clock = `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}.${String(micros % 1_000_000).padStart(6, '0')}`;
}
