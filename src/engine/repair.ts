/**
 * A resource of a running service is down, or says itself that it is broken. It is restarted in
 * place as often as was written for it, not faster than its delay; beyond that the monitor action
 * of the service follows. Counts run out with the memory of failures, and begin anew with each
 * start of the service.
 */

import type {MonitorAction} from '../config/types.ts';
import type {ResourceProbe, ServiceProbe} from '../failover/types.ts';
import {resourceId} from '../kernel/ids.ts';
import type {ResourceId} from '../kernel/ids.ts';
import type {ReasonCode} from '../kernel/reasons.ts';
import type {Cause} from '../kernel/words.ts';
import {cause, notice, persistChanged} from './emit.ts';
import {sendEvent} from './machine.ts';
import {isAlive, isCandidate} from './may-start.ts';
import {withdrawStart} from './orders.ts';
import {startPlan} from './plans.ts';
import {dateOf} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import {endNode} from './watchdog.ts';

/** True for what has to be done something about: down, or broken by its own word. */
export function isDead(probe: ResourceProbe): boolean {
  return probe.verifiable && (probe.state === 'down' || probe.broken === true);
}

interface Dead {
  readonly rid: ResourceId;
  readonly optional: boolean;
  readonly monitor: boolean;
  readonly left: number;
  /** When it may be restarted again. */
  readonly dueMs: number;
}

/** `probe` has at least one dead resource, or is down as a whole. */
export function onResourceDown(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): void {
  const detail = probe.resources
    .filter(isDead)
    .map((one) => `${one.rid}: ${one.detail}`)
    .join('; ');
  const freeze = engine.facts.frozen ?? engine.facts.clusterFrozen;
  if (freeze !== null) {
    const text = `${detail}; nothing is done: frozen by ${freeze.by}`;
    waitFor(engine, service, cause('node-frozen', text));
    return;
  }
  const dead = deadOf(engine, service, probe);
  const given = dead.filter(({optional, left}) => !optional && left === 0);
  if (given.length > 0) {
    giveUpOn(engine, service, {given, detail});
    return;
  }
  const tried = dead.filter(({left}) => left > 0);
  if (tried.length > 0) restart(engine, service, {tried, detail});
}

function deadOf(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): readonly Dead[] {
  const rids = probe.resources.filter(isDead).map(({rid}) => rid);
  // Down as a whole, and no word about its parts.
  const named = rids.length > 0 ? rids : [resourceId('all')];
  return named.map((rid) => deadOne(engine, service, rid));
}

function deadOne(engine: Engine, service: ServiceRuntime, rid: ResourceId): Dead {
  const resource = service.config.resources.find((one) => one.rid === rid);
  const {optional = false, monitor = false, restartDelayMs = 0} = resource ?? {};
  const {count, atMs} = countOf(engine, service, rid);
  const most = resource?.restart ?? (optional ? 0 : service.config.restarts);
  const dueMs = count === 0 ? engine.nowMs : atMs + restartDelayMs;
  return {rid, optional, monitor, left: Math.max(0, most - count), dueMs};
}

/** A restart that is older than the memory of failures is forgotten; 0 forgets none. */
function countOf(
  engine: Engine,
  service: ServiceRuntime,
  rid: ResourceId,
): {readonly count: number; readonly atMs: number} {
  const known = service.restarts.get(rid) ?? {count: 0, atMs: 0};
  const memoryMs = service.config.failureMemoryMs;
  const isForgotten = memoryMs > 0 && engine.nowMs - known.atMs >= memoryMs;
  return isForgotten ? {count: 0, atMs: 0} : known;
}

function restart(
  engine: Engine,
  service: ServiceRuntime,
  {tried, detail}: {readonly tried: readonly Dead[]; readonly detail: string},
): void {
  const dueMs = Math.max(...tried.map((one) => one.dueMs));
  if (engine.nowMs < dueMs) {
    const text = `${detail}; restarted in place when its restart_delay is over`;
    waitFor(engine, service, cause('restarting-resource', text));
    service.waitUntilMs = dueMs;
    service.nextProbeMs = Math.min(service.nextProbeMs ?? Infinity, dueMs);
    return;
  }
  service.waiting = null;
  for (const {rid} of tried) {
    const {count} = countOf(engine, service, rid);
    service.restarts.set(rid, {count: count + 1, atMs: engine.nowMs});
  }
  const left = Math.min(...tried.map((one) => one.left - 1));
  const why = cause('restarting-resource', `${detail}; ${left} restarts left`);
  notice(engine, 'warning', service, why);
  startPlan(engine, service, {type: 'start', cause: why}, true);
}

/** Where resources are watched (`monitor = yes`), only their loss sets the action off. */
function giveUpOn(
  engine: Engine,
  service: ServiceRuntime,
  {given, detail}: {readonly given: readonly Dead[]; readonly detail: string},
): void {
  const isWatched = service.config.resources.some((one) => one.monitor);
  if (isWatched && given.every(({monitor}) => !monitor)) {
    const text = `${detail}; nothing is done: none of these has monitor = yes`;
    waitFor(engine, service, cause('monitor-none', text));
    return;
  }
  const [action = 'switch', fallback = null] = service.config.monitorActions;
  takeAction(engine, service, {action, fallback, detail});
}

function takeAction(
  engine: Engine,
  service: ServiceRuntime,
  {
    action,
    fallback,
    detail,
  }: {action: MonitorAction; fallback: MonitorAction | null; detail: string},
): void {
  const because = (reason: ReasonCode, text = detail): Cause => cause(reason, text);
  switch (action) {
    case 'none':
      waitFor(engine, service, because('monitor-none', `${detail}; monitor_action = none`));
      return;
    case 'switch':
      service.fallback = fallback;
      sendEvent(engine, service, {type: 'stop', failed: true, cause: because('resource-failed')});
      return;
    case 'freezestop':
      service.fallback = fallback;
      freezeAndStop(engine, service, because('monitor-freezestop'));
      return;
    case 'reboot':
    case 'crash':
      endOwnNode(engine, service, {action, detail});
  }
}

function freezeAndStop(engine: Engine, service: ServiceRuntime, why: Cause): void {
  const since = dateOf(engine, engine.nowMs);
  service.freeze = {by: 'monitor_action', why: why.detail, since, untilMs: null, until: null};
  withdrawStart(service);
  notice(engine, 'alarm', service, why);
  sendEvent(engine, service, {type: 'freeze.stop', cause: why});
  persistChanged(engine, service);
}

/** Only where somebody is there to go on: a node that ends for nothing helps nobody. */
function endOwnNode(
  engine: Engine,
  service: ServiceRuntime,
  {action, detail}: {readonly action: 'reboot' | 'crash'; readonly detail: string},
): void {
  const heir = [...engine.peers.values()].find(
    (peer) => isAlive(peer) && isCandidate(engine, service, peer),
  );
  if (heir === undefined) {
    const text = `${detail}; no ${action}: no other node is able to run it`;
    waitFor(engine, service, cause('monitor-none', text));
    return;
  }
  const why = cause('monitor-reboot', `${detail}; monitor_action = ${action}`);
  notice(engine, 'alarm', service, why);
  endNode(engine, service, {
    why,
    method: action === 'crash' ? 'sysrq' : 'reboot',
    data: {action, heir: heir.name},
  });
}

/** The stop that a monitor action asked for has failed: its second word follows. */
export function fallBack(engine: Engine, service: ServiceRuntime): void {
  const {fallback} = service;
  service.fallback = null;
  if (fallback !== 'reboot' && fallback !== 'crash') return;
  endOwnNode(engine, service, {action: fallback, detail: service.cause.detail});
}

function waitFor(engine: Engine, service: ServiceRuntime, why: Cause): void {
  const isKnown = service.waiting?.reason === why.reason;
  service.waiting = why;
  if (!isKnown) notice(engine, 'warning', service, why);
}
