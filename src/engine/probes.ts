/**
 * The resources are the truth: what a probe says about a service at rest. An answer that comes
 * while an action runs is old; a service found running that nobody else claims is adopted, one
 * found dead is restarted in place or given up, and nothing is ever started because of a probe that
 * failed.
 */

import type {ServiceProbe} from '../failover/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {Cause, ProbeState} from '../kernel/words.ts';
import {cause, notice} from './emit.ts';
import {mustTakeDown} from './leftovers.ts';
import {nextProbe, sendEvent} from './machine.ts';
import {requestProbe} from './plans.ts';
import {isDead, onResourceDown} from './repair.ts';
import {isReviewing} from './stall.ts';
import {claimOf, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';

/**
 * A stopped service is looked at less often than a running one: only to find what people started.
 */
const restingProbeFactor = 6;
/** An unclear answer holds the service up on every node, so it is asked again, monitored or not. */
const unclearProbeMs = 5_000;

export function onProbeResult(
  engine: Engine,
  input: {readonly service: ServiceName; readonly probe: ServiceProbe},
): void {
  const service = engine.byName.get(input.service);
  if (service === undefined) return;
  service.probing = false;
  if (isReviewing(engine)) {
    // Asked before the stall: ask again after it.
    service.nextProbeMs = engine.nowMs;
    return;
  }
  service.probe = input.probe;
  service.probeAtMs = engine.nowMs;
  const monitorMs = nextProbe(engine, service);
  const resting = service.state !== 'STARTED' && service.state !== 'FROZEN_START';
  service.nextProbeMs =
    monitorMs !== null && resting
      ? engine.nowMs + service.config.monitorMs * restingProbeFactor
      : monitorMs;
  markDirty(engine, service);
  if (service.plan !== null) return;
  judgeProbe(engine, service, input.probe);
  if (service.state !== 'UNKNOWN') return;
  const untilMs = service.interrupted?.untilMs ?? Infinity;
  service.nextProbeMs = Math.min(engine.nowMs + unclearProbeMs, Math.max(untilMs, engine.nowMs));
}

function judgeProbe(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): void {
  const believed = believe(engine, service, probe);
  switch (service.state) {
    case 'UNKNOWN':
      if (service.leftover !== null) return;
      if (mayStillChange(engine, service, probe)) return;
      if (finishInterrupted(engine, service, probe)) return;
      sendEvent(engine, service, {
        type: 'probe.done',
        probed: believed.state,
        cause: believed.cause,
      });
      return;
    case 'STARTED':
      if (onResourceLost(engine, service, probe)) return;
      if (needsRepair(probe, believed.state)) onResourceDown(engine, service, probe);
      else service.waiting = null;
      return;
    case 'STOPPED':
      if (probe.verifiable && believed.state === 'up') onFoundRunning(engine, service);
      return;
    case 'STOP_FAILED':
      if (probe.verifiable && believed.state === 'down') {
        const why = cause('found-stopped', 'it answers as stopped by now');
        sendEvent(engine, service, {type: 'probe.done', probed: 'down', cause: why});
      }
      return;
    case 'START_READY':
    case 'STARTING':
    case 'STOPPING':
    case 'START_FAILED':
    case 'FROZEN_STOP':
      return;
    case 'FROZEN_START':
      tellLost(engine, service, probe);
      return;
  }
}

/** What cannot be asked is not repaired: nobody knows that it is broken. */
function needsRepair(probe: ServiceProbe, believed: ProbeState): boolean {
  const isPart = probe.partial || probe.resources.some((one) => one.broken === true);
  const isOptional = probe.state === 'up' && probe.resources.some(isDead);
  return probe.verifiable && (believed === 'down' || isPart || isOptional);
}

/**
 * The last daemon died in the middle of a plan and left a part up and a part down: a stop is
 * finished, a start is taken back. A freeze that the stop was to rest in does not stand against
 * that: the stop was ordered, and what is called stopped must be. Any other freeze waits for a
 * person.
 */
function finishInterrupted(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): boolean {
  const {interrupted} = service;
  const isClear = probe.state !== 'unknown' || probe.partial;
  if (isClear || (interrupted !== null && mustTakeDown(interrupted, probe))) {
    service.interrupted = null;
  }
  if (interrupted === null || !mustTakeDown(interrupted, probe)) return false;
  const isFrozen = service.freeze !== null;
  if (isFrozen && interrupted.kind === 'start') return false;
  const detail = `the last daemon ended in the middle of a ${interrupted.kind}: it is taken down`;
  const why = cause('outcome-unknown', detail);
  notice(engine, 'warning', service, why);
  if (isFrozen) sendEvent(engine, service, {type: 'freeze.stop', cause: why});
  else sendEvent(engine, service, {type: 'stop', failed: interrupted.kind === 'start', cause: why});
  return true;
}

/** A script that the last daemon began may still bring it to where the plan was going. */
function mayStillChange(engine: Engine, service: ServiceRuntime, found: ServiceProbe): boolean {
  const {interrupted} = service;
  if (interrupted === null || engine.nowMs >= interrupted.untilMs) return false;
  return !found.verifiable || found.state !== (interrupted.kind === 'start' ? 'up' : 'down');
}

/** What each resource said, for a person who has to make one of the two of it. */
export function unclearDetail({resources}: ServiceProbe): string {
  const parts = resources.map((resource) => `${resource.rid} ${resource.state}`).join(', ');
  return `no clear answer: ${parts}`;
}

/**
 * What cannot be asked: within one boot the last completed action counts, after a reboot it is
 * stopped. Some up and some down is neither; it stays UNKNOWN and is reported.
 */
export function believe(
  engine: Engine,
  service: ServiceRuntime,
  probe: ServiceProbe,
): {readonly state: ProbeState; readonly cause: Cause} {
  if (probe.state === 'up')
    return {state: 'up', cause: cause('adopted', 'its resources answer as up')};
  if (probe.state === 'down') {
    return {state: 'down', cause: cause('found-stopped', 'its resources answer as down')};
  }
  if (probe.verifiable || probe.partial) {
    return {state: 'unknown', cause: cause('waiting-for-probe', unclearDetail(probe))};
  }
  if (service.bootId !== engine.bootId) {
    return {state: 'down', cause: cause('unverified-reboot', 'rebooted since the last action')};
  }
  if (service.failed === 'stop') {
    const detail = 'its last stop failed in this boot, and it cannot be asked';
    return {state: 'unknown', cause: cause('stop-failed', detail)};
  }
  const started = service.lastAction === 'started';
  const detail = `the last action of this boot was ${started ? 'a start' : 'a stop'}`;
  return {state: started ? 'up' : 'down', cause: cause('unverified-boot', detail)};
}

/** Started by hand, or by something that is not us. Ours only if nobody else has it. */
function onFoundRunning(engine: Engine, service: ServiceRuntime): void {
  const why = cause('adopted', 'found running though this daemon had not started it');
  notice(engine, 'warning', service, why);
  for (const peer of engine.peers.values()) {
    const claim = claimOf(service, peer);
    if (claim?.state === 'STARTED' || claim?.state === 'STARTING') return;
  }
  service.epoch += 1;
  service.owner = true;
  sendEvent(engine, service, {type: 'probe.done', probed: 'up', cause: why});
}

/** Another node has what this one runs on. No restart in place: that would take it back. */
function onResourceLost(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): boolean {
  const why = lostCause(probe);
  if (why === null) return false;
  notice(engine, 'alarm', service, why);
  sendEvent(engine, service, {type: 'stop', failed: true, cause: why});
  return true;
}

/** What is frozen is not touched; a person must know that it writes into nothing. */
function tellLost(engine: Engine, service: ServiceRuntime, probe: ServiceProbe): void {
  const why = lostCause(probe);
  const isKnown = service.waiting?.reason === 'reservation-lost';
  if (why === null) {
    if (isKnown) service.waiting = null;
    return;
  }
  service.waiting = why;
  if (!isKnown) notice(engine, 'alarm', service, why);
}

function lostCause({resources}: ServiceProbe): Cause | null {
  const lost = resources.filter((resource) => resource.lost === true);
  if (lost.length === 0) return null;
  const detail = lost.map((resource) => `${resource.rid}: ${resource.detail}`).join('; ');
  return cause('reservation-lost', detail);
}

/** Probes that are due by the monitor's beat. */
export function probeDue(engine: Engine, service: ServiceRuntime): void {
  if (service.nextProbeMs === null || engine.nowMs < service.nextProbeMs) return;
  service.nextProbeMs = nextProbe(engine, service);
  if (service.plan === null) requestProbe(engine, service);
}
