/**
 * One look at one service: what does its state, with all that is known now, ask for? Called for dirty
 * services only, so a frame that changes nothing costs nothing. A change marks the service dirty
 * again and the next look goes on from there, until nothing changes.
 */

import type {Verdict} from '../arbitration/types.ts';
import type {Cause} from '../kernel/words.ts';
import {resolveConflict} from './conflict.ts';
import {cause, notice, record} from './emit.ts';
import type {Reading} from './evidence.ts';
import {announceService, persistChanged, sendEvent} from './machine.ts';
import {isCandidate, mayStart} from './may-start.ts';
import {settleOrders} from './orders.ts';
import {requestProbe} from './plans.ts';
import {probeDue} from './probes.ts';
import {isLeased, rightUntilMs, stopBeginsMs} from './rights.ts';
import {claimOf, dateOf, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';

export function lookAt(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  if (resolveConflict(engine, service)) return;
  expireFreeze(engine, service);
  expireHandOver(engine, service);
  switch (service.state) {
    case 'UNKNOWN':
      lookAtUnknown(engine, service);
      break;
    case 'STOPPED':
      lookAtStopped(engine, service, reading);
      break;
    case 'START_READY':
      lookAtReady(engine, service, reading);
      break;
    case 'STARTED':
      lookAtStarted(engine, service);
      break;
    case 'START_FAILED':
      forgetFailure(engine, service);
      break;
    case 'STARTING':
    case 'STOPPING':
    case 'STOP_FAILED':
    case 'FROZEN_STOP':
    case 'FROZEN_START':
      break;
  }
  if (service.state !== 'UNKNOWN') probeDue(engine, service);
  settleOrders(engine, service);
}

function lookAtUnknown(engine: Engine, service: ServiceRuntime): void {
  if (service.probe === null) requestProbe(engine, service);
  else probeDue(engine, service);
  wait(service, cause('waiting-for-probe', 'its resources have not given a clear answer'), null);
}

function lookAtStopped(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  const answer = mayStart(engine, service, reading);
  if (!answer.ok) {
    const untilMs = answer.waitMs === null ? null : engine.nowMs + answer.waitMs;
    wait(service, answer.cause, untilMs);
    return;
  }
  sendEvent(engine, service, {type: 'ready', cause: answer.cause});
}

/** Grace: whoever else could start it must have acknowledged, or had the time to object (I7). */
function lookAtReady(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  const answer = mayStart(engine, service, reading);
  if (!answer.ok) {
    sendEvent(engine, service, {type: 'yield', cause: answer.cause});
    return;
  }
  const grace = graceOver(engine, service);
  if (grace === null) {
    const untilMs = service.readyAtMs + engine.config.timing.graceMs;
    wait(service, cause('grace-over', 'listening whether another node objects'), untilMs);
    return;
  }
  const verdict = answer.overPeer === null ? null : service.verdicts.get(answer.overPeer.name);
  const why = answer.overPeer === null && service.ordered === null ? grace : answer.cause;
  go(engine, service, {
    why,
    verdict: verdict?.verdict ?? null,
    over: answer.overPeer?.name ?? null,
  });
}

/** Why the grace is over, or null while it lasts. */
function graceOver(engine: Engine, service: ServiceRuntime): Cause | null {
  const others = [...engine.peers.values()].filter(
    (peer) => service.config.nodes.includes(peer.name) && isCandidate(engine, service, peer),
  );
  const handed = [...engine.peers.values()].some(
    (peer) => claimOf(service, peer)?.handTo === ownIndex(engine, service),
  );
  if (handed) return cause('handed-over', 'the former owner stopped it and named this node');
  if (others.length === 0) return cause('no-other-candidate', 'no other node is able to run it');
  const sequence = service.readySequence;
  if (sequence > 0 && others.every((peer) => peer.ackSequence >= sequence)) {
    const names = others.map((peer) => peer.name).join(', ');
    return cause('acknowledged', `${names} acknowledged that this node starts it`);
  }
  if (engine.nowMs < service.readyAtMs + engine.config.timing.graceMs) return null;
  return cause('grace-over', 'nobody better placed came forward within the grace');
}

function ownIndex(engine: Engine, service: ServiceRuntime): number {
  return service.config.nodes.indexOf(engine.node) + 1;
}

/** The new epoch and the verdict are durable BEFORE the first resource is touched. */
function go(
  engine: Engine,
  service: ServiceRuntime,
  decision: {readonly why: Cause; readonly verdict: Verdict | null; readonly over: string | null},
): void {
  service.epoch += 1;
  service.owner = true;
  service.autostarted = true;
  if (decision.verdict !== null) {
    if (decision.verdict.proof !== 'P4') service.takenOverAtMs = engine.nowMs;
    record(engine, {
      kind: 'verdict',
      service: service.config.name,
      cause: decision.verdict.cause,
      data: {
        decision: decision.verdict.decision,
        over: decision.over,
        epoch: service.epoch,
        proof: decision.verdict.proof,
        class: service.config.serviceClass,
        clauses: decision.verdict.clauses,
        evidence: decision.verdict.evidence,
      },
    });
  }
  sendEvent(engine, service, {type: 'go', epoch: service.epoch, cause: decision.why});
}

/** A running service is held only while the right to run it lasts. */
function lookAtStarted(engine: Engine, service: ServiceRuntime): void {
  if (service.freezeAfterStart !== null) {
    service.freeze = service.freezeAfterStart;
    service.freezeAfterStart = null;
    const why = cause('frozen-by-operator', `frozen by ${service.freeze.by}`);
    sendEvent(engine, service, {type: 'freeze', cause: why});
    return;
  }
  if (!isLeased(engine, service) || service.plan !== null) return;
  const beginsMs = stopBeginsMs(engine, service);
  if (engine.nowMs < beginsMs) return;
  const leftMs = Math.round(rightUntilMs(engine, service) - engine.nowMs);
  const why = cause(
    'lease-lost',
    `no peer and no disk confirms our right to run it (${leftMs} ms left)`,
  );
  notice(engine, 'alarm', service, why);
  sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
}

function forgetFailure(engine: Engine, service: ServiceRuntime): void {
  if (service.failedUntilMs === null || engine.nowMs < service.failedUntilMs) return;
  const why = cause('failure-forgotten', 'the memory of the failed start has run out');
  sendEvent(engine, service, {type: 'clear', confirmStopped: false, cause: why});
}

function expireFreeze(engine: Engine, service: ServiceRuntime): void {
  const untilMs = service.freeze?.untilMs ?? null;
  if (untilMs === null || engine.nowMs < untilMs) return;
  service.freeze = null;
  service.probe = null;
  const why = cause('unfrozen', `the freeze ran out at ${dateOf(engine, engine.nowMs)}`);
  sendEvent(engine, service, {type: 'unfreeze', probed: 'unknown', cause: why});
  persistChanged(engine, service);
}

/** A hand-over ends when its target runs the service, cannot, or does not come. */
function expireHandOver(engine: Engine, service: ServiceRuntime): void {
  if (service.handTo === 0 || service.state === 'STOPPING' || service.state === 'STARTED') return;
  const node = service.config.nodes[service.handTo - 1];
  const peer = node === undefined ? undefined : engine.peers.get(node);
  const claim = peer === undefined ? undefined : claimOf(service, peer);
  const arrived = claim?.state === 'STARTED' || claim?.state === 'START_FAILED';
  const gone = peer === undefined || (peer.state !== 'alive' && peer.state !== 'degraded');
  const late = service.handUntilMs !== null && engine.nowMs >= service.handUntilMs;
  const failed = service.state === 'STOP_FAILED';
  if (!arrived && !gone && !late && !failed) return;
  service.handTo = 0;
  service.handUntilMs = null;
  announceService(engine, service);
  markDirty(engine, service);
}

function wait(service: ServiceRuntime, why: Cause, untilMs: number | null): void {
  service.waiting = why;
  service.waitUntilMs = untilMs;
}

/** When this service wants to be looked at again by time alone; Infinity: not by time. */
export function serviceDueMs(engine: Engine, service: ServiceRuntime): number {
  const due = Math.min(
    service.waitUntilMs ?? Infinity,
    service.nextProbeMs ?? Infinity,
    service.failedUntilMs ?? Infinity,
    service.handUntilMs ?? Infinity,
    service.freeze?.untilMs ?? Infinity,
  );
  if (service.state !== 'STARTED' || !isLeased(engine, service)) return due;
  return Math.min(due, stopBeginsMs(engine, service));
}
