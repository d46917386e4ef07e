/**
 * One look at one service: what does its state, with all that is known now, ask for? Called for
 * dirty services only, so a frame that changes nothing costs nothing. A change marks the service
 * dirty again and the next look goes on from there, until nothing changes.
 */

import {keepQuestion} from '../arbitration/question.ts';
import type {Cause} from '../kernel/words.ts';
import {markOf} from './arbiter.ts';
import {resolveConflict} from './conflict.ts';
import {cause, notice, persistChanged, record} from './emit.ts';
import type {Reading} from './evidence.ts';
import {waitsForLeftover} from './leftovers.ts';
import {announceService, sendEvent} from './machine.ts';
import {isAlive, isCandidate, mayStart} from './may-start.ts';
import type {Over} from './may-start.ts';
import {settleOrders} from './orders.ts';
import {abortPlan, requestProbe} from './plans.ts';
import {probeDue, unclearDetail} from './probes.ts';
import {fallBack} from './repair.ts';
import {isLeased} from './rights.ts';
import type {Rights} from './rights.ts';
import {claimOf, dateOf, markDirty} from './state.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';
import {awaitsWatchdog} from './watchdog.ts';

/** Epochs are 32 bits on the wire; what an older cluster of etcd counts beyond is left out. */
const epochMax = 0xffff_fff0;

export function lookAt(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  const {rightLost} = service;
  service.rightLost = false;
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
    case 'STARTING':
      // A start that takes long must not outlive the right to run either: it is taken back.
      if (service.plan?.aborted === true) break;
      if (rightLost || reading.rights.isOver(service)) giveUp(engine, service, reading.rights);
      break;
    case 'STARTED':
      if (rightLost || reading.rights.isOver(service)) giveUp(engine, service, reading.rights);
      else freezeOnceStarted(engine, service);
      break;
    case 'START_FAILED':
      forgetFailure(engine, service);
      break;
    case 'STOP_FAILED':
      fallBack(engine, service);
      break;
    case 'STOPPING':
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
  const {interrupted, probe} = service;
  const left = waitsForLeftover(service);
  if (left !== null) return wait(service, left, null);
  const detail =
    interrupted !== null
      ? `the last daemon had begun a ${interrupted.kind}, which may not have ended yet`
      : probe === null
        ? 'its resources have not been asked yet'
        : unclearDetail(probe);
  wait(service, cause('waiting-for-probe', detail), null);
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

/** Every other living node must have acknowledged; time alone never stands in for that. */
function lookAtReady(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  const answer = mayStart(engine, service, reading);
  if (!answer.ok) {
    sendEvent(engine, service, {type: 'yield', cause: answer.cause});
    return;
  }
  const agreed = agreement(engine, service);
  if (!agreed.ok) {
    wait(service, agreed.cause, null);
    return;
  }
  const unguarded = awaitsWatchdog(engine, service);
  if (unguarded !== null) {
    wait(service, unguarded, null);
    return;
  }
  const why = answer.over.length === 0 && service.ordered === null ? agreed.cause : answer.cause;
  go(engine, service, {why, over: answer.over});
}

/**
 * Every living node must have heard that we are ready, also one that is not able now: it may be
 * unfrozen in the same instant. Who falls silent meanwhile is out only on proof.
 */
function agreement(
  engine: Engine,
  service: ServiceRuntime,
): {readonly ok: boolean; readonly cause: Cause} {
  const alive = [...engine.peers.values()].filter(
    (peer) => service.config.nodes.includes(peer.name) && isAlive(peer),
  );
  const yes = (why: Cause): {ok: true; cause: Cause} => ({ok: true, cause: why});
  if (alive.length === 0) {
    return yes(cause('no-other-candidate', 'no other node is alive to run it'));
  }
  const sequence = service.readySequence;
  const late = alive.filter((peer) => sequence === 0 || peer.ackSequence < sequence);
  if (late.length > 0) {
    const detail = `${names(late)} has not acknowledged yet that this node starts it`;
    return {ok: false, cause: cause('unacknowledged', detail)};
  }
  const handed = alive.some((peer) => claimOf(service, peer)?.handTo === ownIndex(engine, service));
  if (handed) return yes(cause('handed-over', 'the former owner stopped it and named this node'));
  if (!alive.some((peer) => isCandidate(engine, service, peer))) {
    return yes(cause('no-other-candidate', `${names(alive)} is not able to run it`));
  }
  return yes(cause('acknowledged', `${names(alive)} acknowledged that this node starts it`));
}

function names(peers: readonly PeerRuntime[]): string {
  return peers.map((peer) => peer.name).join(', ');
}

function ownIndex(engine: Engine, service: ServiceRuntime): number {
  return service.config.nodes.indexOf(engine.node) + 1;
}

/** The new epoch and every verdict are durable BEFORE the first resource is touched. */
function go(
  engine: Engine,
  service: ServiceRuntime,
  decision: {readonly why: Cause; readonly over: readonly Over[]},
): void {
  // Who fell silent may have started it once more before that, with an epoch that nobody heard of.
  const unheard = decision.over.some(({peer}) => !peer.left);
  service.epoch = Math.max(service.epoch + (unheard ? 2 : 1), revisionOf(engine, decision.over));
  service.owner = true;
  service.autostarted = true;
  for (const {peer, verdict, question} of decision.over) {
    if (verdict.proof !== 'P4') service.takenOverAtMs = engine.nowMs;
    record(engine, {
      kind: 'verdict',
      service: service.config.name,
      cause: verdict.cause,
      data: {
        decision: verdict.decision,
        over: peer.name,
        epoch: service.epoch,
        proof: verdict.proof,
        class: service.config.serviceClass,
        clauses: verdict.clauses,
        evidence: verdict.evidence,
        question: keepQuestion({...question, service: service.config.name}),
      },
    });
  }
  sendEvent(engine, service, {type: 'go', epoch: service.epoch, cause: decision.why});
}

/** A freeze-start comes to its end: only now, as a right that was lost goes before any freeze. */
function freezeOnceStarted(engine: Engine, service: ServiceRuntime): void {
  if (service.freezeAfterStart === null) return;
  service.freeze = service.freezeAfterStart;
  service.freezeAfterStart = null;
  const why = cause('frozen-by-operator', `frozen by ${service.freeze.by}`);
  sendEvent(engine, service, {type: 'freeze', cause: why});
}

/** A mark is younger than any start of the node that it is about: so is its revision. */
function revisionOf(engine: Engine, over: readonly Over[]): number {
  const revisions = over.map(({peer}) => markOf(engine, peer.name)?.revision ?? 0);
  return Math.max(0, ...revisions.filter((revision) => revision <= epochMax));
}

/** A running service is held only while the right to run it lasts. */
function giveUp(engine: Engine, service: ServiceRuntime, rights: Rights): void {
  const leftMs = Math.round(rights.untilMs(service) - engine.nowMs);
  const why = cause(
    'lease-lost',
    `no peer and no lease confirms our right to run it (${leftMs} ms left)`,
  );
  notice(engine, 'alarm', service, why);
  abortPlan(engine, service);
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
export function serviceDueMs(engine: Engine, service: ServiceRuntime, rights: Rights): number {
  const due = Math.min(
    service.waitUntilMs ?? Infinity,
    service.nextProbeMs ?? Infinity,
    service.failedUntilMs ?? Infinity,
    service.handUntilMs ?? Infinity,
    service.freeze?.untilMs ?? Infinity,
  );
  const holds = service.state === 'STARTED' || service.state === 'STARTING';
  if (!holds || service.plan?.aborted === true || !isLeased(engine, service)) return due;
  return Math.min(due, rights.stopBeginsMs(service));
}
