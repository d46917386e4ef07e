/**
 * Going away. A clean leave stops every service, confirms it by probe and then says goodbye: the
 * strongest proof there is (P4). With `keep` the services stay and the peers are asked to wait.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import {isLeaseGiven, isMemberWritten} from './arbiter.ts';
import type {Asked} from './commands.ts';
import {answer, cause, notice, record, reply} from './emit.ts';
import {sendEvent} from './machine.ts';
import {abortPlan} from './plans.ts';
import {markAllDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import {isKeepKnown} from './watchdog.ts';
import type {Command} from './types.ts';

/**
 * The goodbye is said this often, one beat of the burst apart: it saves the peers their waiting.
 */
const goodbyeCount = 3;
const slackMs = 10_000;

export function beginLeave(
  engine: Engine,
  command: Command & {readonly verb: 'shutdown'},
  asked: Asked,
): void {
  if (engine.leaving !== 'no') {
    reply(engine, asked.id, answer(exitCodes.busy, 'this daemon is shutting down already'));
    return;
  }
  const why = cause(
    'shutdown',
    `shutdown by ${asked.actor}${command.keep ? ', services kept' : ''}`,
  );
  record(engine, {kind: 'daemon', service: null, cause: why, data: {keep: command.keep}});
  notice(engine, 'info', null, why);
  engine.leaving = command.keep ? 'keeping' : 'stopping';
  engine.keepMs = command.keepMs;
  engine.keepSequence = command.keep ? engine.sequence + 1 : 0;
  engine.goodbyesLeft = goodbyeCount;
  engine.announce = true;
  let budgetMs = slackMs;
  for (const service of engine.services) {
    const stopMs = service.config.resources.reduce((sum, r) => sum + 2 * r.stopMs + r.probeMs, 0);
    budgetMs = Math.max(budgetMs, stopMs + slackMs);
    if (!command.keep) stopForLeave(engine, service);
  }
  engine.leaveOrder = {id: asked.id, deadlineMs: engine.nowMs + budgetMs};
  markAllDirty(engine);
}

/** What is frozen stays as it is: a freeze says that nobody touches it. */
function stopForLeave(engine: Engine, service: ServiceRuntime): void {
  const why = cause('shutdown', 'the daemon on this node is shutting down');
  service.ordered = null;
  if (service.plan?.kind === 'start') abortPlan(engine, service);
  const frozen = service.state === 'UNKNOWN' && service.freeze !== null;
  if (service.state !== 'STOP_FAILED' && !frozen)
    sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
}

/** Says goodbye once everything rests, then ends the process. */
export function continueLeave(engine: Engine): void {
  const order = engine.leaveOrder;
  if (engine.leaving === 'no' || engine.leaving === 'gone' || order === null) return;
  const busy = engine.services.filter((service) => service.plan !== null);
  const late = engine.nowMs >= order.deadlineMs;
  // Also with `keep`: an action cut off in the middle would be undone, and the service with it.
  if (busy.length > 0 && !late) return;
  const failed = engine.services.filter(isStillActive);
  const kept = engine.leaving === 'keeping';
  // Released only once nobody takes the kept services over; else it resets this node.
  const armed = kept && engine.watchdog.state === 'armed' && !isKeepKnown(engine);
  if (armed && !late) return;
  // Who has not heard us, and starts anew meanwhile, finds there that our services were kept.
  if (kept && !isMemberWritten(engine) && !late) return;
  if (!kept && failed.length === 0 && !isLeaseGiven(engine) && !late) return;
  if (!kept) engine.leaving = 'gone';
  engine.announce = true;
  const exit = !kept && failed.length > 0 ? exitCodes.failed : exitCodes.done;
  const names = failed.map((service) => `${service.config.name} is ${service.state}`).join(', ');
  const guard = armed ? '; its watchdog stays armed and resets this node, as not all heard us' : '';
  const said =
    exit === exitCodes.done ? 'goodbye said, the daemon ends' : `the daemon ends; ${names}`;
  const text = `${said}${guard}`;
  reply(engine, order.id, answer(exit, text));
  engine.leaveOrder = null;
}

/** The goodbye frames of the burst, then the end. Called after frames were sent. */
export function endLeave(engine: Engine): void {
  if (engine.leaving === 'no' || engine.leaveOrder !== null || engine.goodbyesLeft === 0) return;
  engine.goodbyesLeft -= 1;
  if (engine.goodbyesLeft > 0) return;
  const failed = engine.leaving === 'gone' && engine.services.some(isStillActive);
  engine.out.push({type: 'exit', code: failed ? exitCodes.failed : exitCodes.done});
}

function isStillActive(service: ServiceRuntime): boolean {
  const {state} = service;
  return (
    state === 'STOP_FAILED' || state === 'STARTED' || state === 'STARTING' || state === 'STOPPING'
  );
}
