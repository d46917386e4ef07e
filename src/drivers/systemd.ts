/**
 * Units of systemd. `systemctl start` and `stop` wait for their job, whose end systemd tells; at
 * our deadline only the waiting ends, so that the outcome is unknown and the stop that follows
 * takes the job back.
 */

import type {SystemdResource} from '../config/resources/systemd.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {call, withRest, type DriverHost} from './call.ts';
import type {RunResult} from './host/run.ts';
import {outcomeOf, sentence} from './outcome.ts';
import {
  loadFault,
  readUnit,
  shownProperties,
  unitText,
  unitVerdict,
  type Unit,
} from './systemd-unit.ts';
import {answer} from './verdict.ts';

interface Order {
  readonly host: DriverHost;
  readonly resource: SystemdResource;
  readonly context: DriverContext;
}

type Verb = 'start' | 'stop' | 'reset-failed';

export function createSystemdDriver(host: DriverHost): Driver<SystemdResource> {
  return {
    type: 'app.systemd',
    label: ({unit}) => unit,
    describe: ({unit}, action) => [`systemctl ${action} ${unit}`],
    probe: (resource, context) => probe({host, resource, context}),
    start: (resource, context) => start({host, resource, context}),
    stop: (resource, context) => act({host, resource, context}, 'stop'),
  };
}

async function probe(order: Order): Promise<ProbeOutcome> {
  const shown = await show(order);
  return shown.unit === null ? answer('unknown', shown.fault) : unitVerdict(shown.unit);
}

async function start(order: Order): Promise<StepOutcome> {
  const sinceMs = performance.now();
  const rest = (): Order => ({...order, context: withRest(order.context, sinceMs)});
  const ended = (outcome: StepOutcome): StepOutcome => ({
    ...outcome,
    durationMs: performance.now() - sinceMs,
  });
  const shown = await show(order);
  const fault = shown.unit === null ? shown.fault : loadFault(shown.unit);
  if (shown.unit === null || fault !== null) {
    return ended({kind: 'failed', detail: fault ?? '', durationMs: 0, untouched: true});
  }
  await makeReady(rest(), shown.unit);
  const outcome = await act(rest(), 'start');
  if (outcome.kind === 'done') return ended(outcome);
  const after = await show(rest());
  const state = after.unit === null ? '' : `; ${unitText(after.unit)}`;
  return ended({...outcome, detail: `${outcome.detail}${state}`});
}

/**
 * What failed too often is not started again before it was reset (StartLimitBurst=), and a start
 * of what waits for its own restart would wait with it. Whether it helped shows at the start.
 */
async function makeReady(order: Order, unit: Unit): Promise<void> {
  if (unit.active === 'failed') await systemctl(order, 'reset-failed');
  if (unit.sub.startsWith('auto-restart')) await systemctl(order, 'stop');
}

async function act(order: Order, verb: 'start' | 'stop'): Promise<StepOutcome> {
  const result = await systemctl(order, verb);
  const {deadlineMs} = order.context;
  return outcomeOf({program: `systemctl ${verb} ${order.resource.unit}`, result, deadlineMs});
}

function systemctl(order: Order, verb: Verb): Promise<RunResult> {
  const argv = [program(order), '--no-ask-password', verb, '--', order.resource.unit];
  return call({...order, action: verb === 'stop' ? 'stop' : 'start', argv, environment});
}

type Shown = {readonly unit: Unit} | {readonly unit: null; readonly fault: string};

async function show(order: Order): Promise<Shown> {
  const {resource, context} = order;
  const properties = `--property=${shownProperties.join(',')}`;
  const argv = [program(order), 'show', '--no-pager', properties, '--', resource.unit];
  const result = await call({...order, action: 'status', argv, environment});
  const {deadlineMs} = context;
  const isGood = result.kind === 'exited' && result.code === 0;
  const unit = isGood ? readUnit(resource.unit, result.stdout) : null;
  if (unit !== null) return {unit};
  const said = sentence({program: `systemctl show ${resource.unit}`, result, deadlineMs});
  return {unit: null, fault: isGood ? `${said}: no answer that can be read` : said};
}

function program({host}: Order): string {
  return host.systemctl ?? 'systemctl';
}

/** No pager and no colours, whatever the settings of the system. */
const environment = {SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0'};
