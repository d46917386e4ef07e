/**
 * One turn of the functional core: an input goes in, effects come out, nothing else happens. The
 * order within a turn is fixed: stall barrier, the input, what time has made due, the services that
 * anything has touched, and at last the frames that tell the others.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import {ordersMax, servicesPerTurnMax} from '../kernel/limits.ts';
import {unreachable} from '../kernel/assert.ts';
import {arbiterDueMs, onArbiterAnswer, tendArbiter} from './arbiter.ts';
import {refreshAlarms} from './alarms.ts';
import {expireNodeFreezes} from './command-freeze.ts';
import {onCommand} from './commands.ts';
import {answer, cause, notice, record, reply} from './emit.ts';
import {Reading} from './evidence.ts';
import {driveFencing, fencingDueMs} from './fence-auto.ts';
import {onFenceResult} from './fencing.ts';
import {sendDue} from './frames.ts';
import {continueLeave, endLeave} from './leave.ts';
import {onLeftover} from './leftovers.ts';
import {sendEvent} from './machine.ts';
import {onPacket, onSlot, refreshPeer} from './peers.ts';
import {onPinged} from './ping.ts';
import {onPlanProgress, onPlanResult} from './plan-results.ts';
import {onProbeResult} from './probes.ts';
import {onReload} from './reload.ts';
import type {Rights} from './rights.ts';
import {lookAt, serviceDueMs} from './services.ts';
import {detectStall, isReviewing, onDrained} from './stall.ts';
import {markAllDirty, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import type {Effect, Input} from './types.ts';
import {onWatchdog, tendWatchdog, watchdogDueMs} from './watchdog.ts';

export function takeStep(engine: Engine, input: Input, nowMs: number): readonly Effect[] {
  engine.out = [];
  engine.nowMs = Math.max(engine.nowMs, nowMs);
  const stalled = detectStall(engine, engine.nowMs);
  if (!isReviewing(engine)) for (const late of engine.deferred.splice(0)) handle(engine, late);
  handle(engine, input);
  if (!engine.draining && !stalled && engine.fenced === null) act(engine);
  engine.dueMs = nextDue(engine);
  const effects = engine.out;
  engine.out = [];
  return effects;
}

function handle(engine: Engine, input: Input): void {
  switch (input.type) {
    case 'packet':
      return onPacket(engine, input);
    case 'slot':
      return onSlot(engine, input);
    case 'link-state':
      return onLinkState(engine, input);
    case 'disk-state':
      return onDiskState(engine, input);
    case 'tick':
      return;
    case 'drained':
      return onDrained(engine);
    case 'command':
      return isReviewing(engine)
        ? deferCommand(engine, input)
        : onCommand(engine, input.command, input);
    case 'plan-progress':
      return onPlanProgress(engine, input.progress);
    case 'plan-result':
      // One for each plan that runs at most.
      if (isReviewing(engine)) engine.deferred.push(input);
      else onPlanResult(engine, input);
      return;
    case 'probe-result':
      return onProbeResult(engine, input);
    case 'leftover':
      return onLeftover(engine, input);
    case 'watchdog':
      return onWatchdog(engine, input.report);
    case 'fence-result':
      return onFenceResult(engine, input);
    case 'pinged':
      return onPinged(engine, input);
    case 'arbiter-answer':
      return onArbiterAnswer(engine, input.answer);
    case 'storage-state':
      return onStorageState(engine, input);
    case 'reload':
      return onReload(engine, input.config);
    default:
      return unreachable(input);
  }
}

/** Nothing is ordered on what was known before a stall. */
function deferCommand(engine: Engine, input: Input & {readonly type: 'command'}): void {
  const waiting = engine.deferred.filter(({type}) => type === 'command').length;
  if (waiting < ordersMax) engine.deferred.push(input);
  else
    reply(engine, input.id, answer(exitCodes.busy, 'the daemon recovers from a stall; try again'));
}

/** Everything that may lead to an action; never reached while a stall is being cleared up. */
function act(engine: Engine): void {
  const {nowMs} = engine;
  const beat = nowMs >= engine.nextBeatMs;
  if (beat || nowMs >= engine.peerDueMs) {
    for (const peer of engine.peers.values()) refreshPeer(engine, peer);
    engine.duplicateNode = engine.peerView.isDuplicate(nowMs);
  }
  const reading = new Reading(engine);
  if (nowMs >= engine.serviceDueMs) markDueServices(engine, reading.rights);
  lookAtDirty(engine, reading);
  driveFencing(engine, () => new Reading(engine));
  if (beat) {
    expireNodeFreezes(engine);
    refreshAlarms(engine);
  }
  if (!isReviewing(engine)) continueLeave(engine);
  tendWatchdog(engine, reading, beat);
  if (engine.fenced !== null) return;
  tendArbiter(engine, beat);
  const sends = engine.announce || beat || nowMs >= (engine.burst[0] ?? Infinity);
  sendDue(engine);
  if (sends) endLeave(engine);
}

function markDueServices(engine: Engine, rights: Rights): void {
  let laterMs = Infinity;
  for (const service of engine.services) {
    const dueMs = serviceDueMs(engine, service, rights);
    if (dueMs <= engine.nowMs) markDirty(engine, service);
    else laterMs = Math.min(laterMs, dueMs);
  }
  // Those that are due say after their look when they want the next one.
  engine.serviceDueMs = laterMs;
}

/** Bounded work per turn: what is left waits for the next turn, which is due at once. */
function lookAtDirty(engine: Engine, reading: Reading): void {
  const looked = engine.dirty.splice(0, servicesPerTurnMax);
  engine.reviewLeft = Math.max(0, engine.reviewLeft - looked.length);
  for (const service of looked) service.dirty = false;
  for (const service of looked) lookUntilCalm(engine, service, reading);
  // Too early is harmless, as with a lease renewed since: when it comes, all are asked anew.
  for (const service of looked) {
    engine.serviceDueMs = Math.min(
      engine.serviceDueMs,
      serviceDueMs(engine, service, reading.rights),
    );
  }
}

/** A look may cause the next one; the arrows of the machine have no circle without an answer. */
function lookUntilCalm(engine: Engine, service: ServiceRuntime, reading: Reading): void {
  const looksMax = 6;
  for (let look = 0; look < looksMax; look += 1) {
    const before = service.state;
    lookAt(engine, service, reading);
    for (const {service: target, event} of engine.internal.splice(0))
      sendEvent(engine, target, event);
    if (service.state === before) return;
  }
}

function onLinkState(engine: Engine, input: Input & {readonly type: 'link-state'}): void {
  const medium = engine.media.find((entry) => entry.id === input.link);
  if (medium === undefined || medium.fault === input.fault) return;
  medium.fault = input.fault;
  // Silence while our own end was out of order says nothing about the others.
  if (input.fault === null) medium.watchedSinceMs = engine.nowMs;
  const why = cause('isolated', `${input.link}: ${input.fault ?? 'in order again'}`);
  record(engine, {
    kind: 'link',
    service: null,
    cause: why,
    data: {link: input.link, fault: input.fault},
  });
  notice(engine, input.fault === null ? 'info' : 'warning', null, why);
  markAllDirty(engine);
}

function onDiskState(engine: Engine, input: Input & {readonly type: 'disk-state'}): void {
  const medium = engine.media.find((entry) => entry.id === input.disk);
  if (medium === undefined) return;
  if (input.fault === null) {
    // The right counts from when the I/O was issued, not from when it came back.
    if (input.action === 'write') medium.writeMs = Math.max(medium.writeMs ?? 0, input.issuedMs);
    else medium.readMs = Math.max(medium.readMs ?? 0, input.issuedMs);
    if (input.action === 'write') medium.sentMs = input.issuedMs;
    if (input.action === 'read') wakeWhoWaitsForDisk(engine);
  }
  if (medium.fault === input.fault) return;
  if (input.fault === null) medium.watchedSinceMs = engine.nowMs;
  medium.fault = input.fault;
  const why = cause('disk-unreadable', `${input.disk}: ${input.fault ?? 'in order again'}`);
  record(engine, {
    kind: 'link',
    service: null,
    cause: why,
    data: {disk: input.disk, fault: input.fault},
  });
  notice(engine, input.fault === null ? 'info' : 'warning', null, why);
  markAllDirty(engine);
}

/** A slot that was read once more may now prove what time alone did not. */
function wakeWhoWaitsForDisk(engine: Engine): void {
  for (const service of engine.services) {
    const reason = service.waiting?.reason;
    if (reason === 'disk-wait' || reason === 'fencing') markDirty(engine, service);
  }
}

function onStorageState(engine: Engine, input: Input & {readonly type: 'storage-state'}): void {
  const fault = input.failed ? input.detail : null;
  if (engine.storageFault === fault) return;
  engine.storageFault = fault;
  engine.announce = true;
  const why = cause('journal-refused', fault ?? 'the state directory can be written again');
  notice(engine, input.failed ? 'alarm' : 'info', null, why);
  markAllDirty(engine);
}

function nextDue(engine: Engine): number {
  if (engine.draining || engine.fenced !== null) return engine.nowMs + engine.config.timing.beatMs;
  if (engine.dirty.length > 0 || engine.deferred.length > 0) return engine.nowMs;
  let dueMs = Math.min(engine.nextBeatMs, engine.burst[0] ?? Infinity, engine.serviceDueMs);
  dueMs = Math.min(dueMs, watchdogDueMs(engine), fencingDueMs(engine), arbiterDueMs(engine));
  if (engine.wanted) dueMs = Math.min(dueMs, engine.answerFromMs);
  engine.peerDueMs = engine.peerView.nextDueMs(engine.nowMs) ?? Infinity;
  dueMs = Math.min(dueMs, engine.peerDueMs);
  for (const medium of engine.media) {
    if (medium.kind === 'disk') dueMs = Math.min(dueMs, medium.nextWriteMs);
  }
  return Math.max(dueMs, engine.nowMs);
}
