/**
 * Services of FreeBSD's rc.d by way of service(8). The `one` verbs work whether or not rc.conf
 * enables the service, which it must not: it would start at boot beside us.
 */

import type {RcResource} from '../config/resources/rc.ts';
import type {Driver, DriverContext, ProbeOutcome, StepOutcome} from '../failover/types.ts';
import {call, type DriverHost} from './call.ts';
import {outcomeOf} from './outcome.ts';
import {answer, lastActionCounts, unverifiable, verdictOf} from './verdict.ts';

interface Order {
  readonly host: DriverHost;
  readonly resource: RcResource;
  readonly context: DriverContext;
}

export function createRcDriver(host: DriverHost): Driver<RcResource> {
  return {
    type: 'app.rc',
    label: ({service}) => service,
    describe: ({service}, action) => [`service ${service} one${action}`],
    probe: (resource, context) => probe({host, resource, context}),
    start: (resource, context) => act({host, resource, context}, 'start'),
    stop: (resource, context) => act({host, resource, context}, 'stop'),
  };
}

async function act(order: Order, action: 'start' | 'stop'): Promise<StepOutcome> {
  const {service} = order.resource;
  const result = await call({...order, action, argv: [program(order), service, `one${action}`]});
  const {deadlineMs} = order.context;
  return outcomeOf({program: `service ${service} one${action}`, result, deadlineMs});
}

/** A 1 is a "no", but for a script without the verb, and where there is no such script. */
async function probe(order: Order): Promise<ProbeOutcome> {
  const {service} = order.resource;
  const argv = [program(order), service, 'onestatus'];
  const result = await call({...order, action: 'status', argv});
  const {deadlineMs} = order.context;
  const said = `${result.stdout}\n${result.stderr}`;
  if (/unknown directive/.test(said)) {
    return unverifiable(`${service} has no status; ${lastActionCounts}`);
  }
  const verdict = verdictOf({program: `service ${service}`, result, deadlineMs, table: 'lsb'});
  if (!/does not exist in \S*rc\.d/.test(said)) return verdict;
  return answer('unknown', verdict.detail);
}

function program({host}: Order): string {
  return host.service ?? 'service';
}
