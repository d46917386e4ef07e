/**
 * Orders: commands whose end somebody waits for. An order never holds anything up and changes no
 * rule; it only says when, and with which exit code, the waiting is over.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {ordersMax} from '../kernel/limits.ts';
import {answer, reply} from './emit.ts';
import {claimOf, markDirty} from './state.ts';
import type {Engine, Order, ServiceRuntime} from './state.ts';
import type {Answer} from './types.ts';

/** Longest time an order is followed beyond the budgets of its plans. */
const orderSlackMs = 30_000;

export function openOrder(
  engine: Engine,
  service: ServiceRuntime,
  order: {
    readonly id: number;
    readonly verb: string;
    readonly actor: string;
    readonly target: NodeName | null;
  },
): void {
  if (engine.orders.size >= ordersMax) {
    // A restart has begun with its stop by now; any other start was not ordered after all.
    if (service.ordered !== 'restart') withdrawStart(service);
    reply(engine, order.id, answer(exitCodes.busy, `${ordersMax} orders are under way; try again`));
    return;
  }
  const budgetMs = service.config.resources.reduce(
    (sum, resource) => sum + resource.startMs + 2 * resource.stopMs + 2 * resource.probeMs,
    orderSlackMs,
  );
  engine.orders.set(order.id, {
    ...order,
    service: service.config.name,
    startedMs: engine.nowMs,
    deadlineMs: engine.nowMs + 2 * budgetMs,
    epoch: service.epoch,
  });
  markDirty(engine, service);
}

/**
 * A start that was ordered is not to be made any more, nor the freeze that was to follow it:
 * neither may strike later by surprise.
 */
export function withdrawStart(service: ServiceRuntime): void {
  service.ordered = null;
  service.freezeAfterStart = null;
}

/** Ends the orders of a service that are over; called after each look at it. */
export function settleOrders(engine: Engine, service: ServiceRuntime): void {
  if (engine.orders.size === 0) return;
  for (const order of engine.orders.values()) {
    if (order.service !== service.config.name) continue;
    const ended = outcomeOf(engine, service, order);
    if (ended === null) continue;
    engine.orders.delete(order.id);
    reply(engine, order.id, ended);
  }
}

function outcomeOf(engine: Engine, service: ServiceRuntime, order: Order): Answer | null {
  if (engine.nowMs >= order.deadlineMs) {
    return answer(exitCodes.running, `${order.verb} ${order.service} is still under way`);
  }
  switch (order.verb) {
    case 'start':
    case 'takeover':
    case 'restart':
    case 'freeze-start':
      return startOutcome(engine, service, order);
    case 'stop':
    case 'freeze-stop':
      return stopOutcome(service, order);
    case 'switch':
      return switchOutcome(engine, service, order);
    default:
      return answer(exitCodes.done, `${order.verb} ${order.service}: done`);
  }
}

function startOutcome(engine: Engine, service: ServiceRuntime, order: Order): Answer | null {
  const {state, cause} = service;
  const name = order.service;
  if (state === 'STARTED' || state === 'FROZEN_START') {
    if (service.ordered === 'restart' || service.freezeAfterStart !== null) return null;
    return answer(exitCodes.done, `${name} is ${state} on ${engine.node}`);
  }
  if (state === 'START_FAILED' || state === 'STOP_FAILED') {
    if (service.sinceMs < order.startedMs) return null;
    return answer(exitCodes.failed, `${name} is ${state} on ${engine.node}: ${cause.detail}`);
  }
  if (state !== 'STOPPED' || service.waiting === null || service.ordered === null) return null;
  // Refused, not merely delayed.
  withdrawStart(service);
  const exit = service.waiting.reason.includes('frozen') ? exitCodes.frozen : exitCodes.noProof;
  return answer(exit, `${name} is not started: ${service.waiting.detail}`);
}

function stopOutcome(service: ServiceRuntime, order: Order): Answer | null {
  const {state} = service;
  if (state === 'STOPPED' || state === 'FROZEN_STOP' || state === 'START_FAILED') {
    return answer(exitCodes.done, `${order.service} is ${state}`);
  }
  if (state === 'STOP_FAILED' && service.sinceMs >= order.startedMs && service.plan === null) {
    return answer(exitCodes.failed, `${order.service} is STOP_FAILED: ${service.cause.detail}`);
  }
  return null;
}

function switchOutcome(engine: Engine, service: ServiceRuntime, order: Order): Answer | null {
  const name = order.service;
  if (service.state === 'STOP_FAILED') {
    return answer(exitCodes.failed, `${name} could not be stopped here: ${service.cause.detail}`);
  }
  for (const peer of engine.peers.values()) {
    const claim = claimOf(service, peer);
    if (claim?.state === 'STARTED' && claim.epoch > order.epoch) {
      return answer(exitCodes.done, `${name} is STARTED on ${peer.name}`);
    }
  }
  if (service.state === 'STARTED' && service.epoch > order.epoch) {
    return answer(
      exitCodes.failed,
      `${name} was not started by ${order.target ?? 'a peer'} and runs here again`,
    );
  }
  return null;
}
