/**
 * The engine's grip on the service machines: an event goes in, the new state is written down, what
 * must be durable is persisted, and the intents become plans. This is the only place that sends
 * events to an actor, so every state change passes here.
 */

import {createActor} from 'xstate';
import {serviceMachine, stateOf} from '../fsm/service-machine.ts';
import type {ServiceActor, ServiceInput} from '../fsm/service-machine.ts';
import type {ServiceEvent, ServiceIntent} from '../fsm/types.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';
import {cause, notice, persistChanged, recordTransition} from './emit.ts';
import {withdrawStart} from './orders.ts';
import {startPlan} from './plans.ts';
import {announceCopies, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';

export function createServiceActor(input: ServiceInput, intents: ServiceIntent[]): ServiceActor {
  // Without `after` or `invoke` the machine needs no clock: all time is the engine's.
  const actor = createActor(serviceMachine, {input});
  actor.on('start', (intent) => intents.push(intent));
  actor.on('stop', (intent) => intents.push(intent));
  actor.start();
  return actor;
}

/** Sends one event; true where the state or what the machine remembers has changed. */
export function sendEvent(engine: Engine, service: ServiceRuntime, event: ServiceEvent): boolean {
  const before = service.actor.getSnapshot();
  const from = service.state;
  service.actor.send(event);
  const after = service.actor.getSnapshot();
  if (after.status !== 'active') return replaceBroken(engine, service);
  if (after === before) {
    engine.intents.length = 0;
    return false;
  }
  const to = stateOf(after);
  if (to !== from) enter(engine, service, {from, to, cause: event.cause});
  const intents = engine.intents.splice(0);
  for (const intent of intents) startPlan(engine, service, intent);
  // A plan has made durable what belongs to it, in one write.
  if (intents.length === 0) persistChanged(engine, service);
  markDirty(engine, service);
  return true;
}

function enter(
  engine: Engine,
  service: ServiceRuntime,
  change: {readonly from: ServiceState; readonly to: ServiceState; readonly cause: Cause},
): void {
  const {from, to} = change;
  service.state = to;
  service.sinceMs = engine.nowMs;
  service.cause = change.cause;
  service.waiting = null;
  service.waitUntilMs = null;
  // A person's word on what is unknown stands against what may linger, too.
  const isDoubt = (state: ServiceState): boolean => state === 'UNKNOWN' || state === 'STOP_FAILED';
  if (isDoubt(from) && to !== 'STOPPING' && !isDoubt(to)) service.leftover = null;
  rememberOutcome(engine, service, change);
  recordTransition(engine, service, change);
  announceService(engine, service);
  // Who heard that it begins counts it as running: that it has begun is no news for them.
  if (from !== 'STARTING' || to !== 'STARTED') service.toldSequence = 0;
  if (to === 'START_READY' || to === 'FROZEN_START') service.readySequence = 0;
  if (to === 'STOPPING') service.freezeAfterStart = null;
  else if (to !== 'STOP_FAILED') service.fallback = null;
  if (to === 'START_FAILED' || to === 'STOP_FAILED') withdrawStart(service);
  if (to === 'STARTED' && from === 'STARTING') {
    service.ordered = null;
    service.restarts.clear();
  }
  if (to === 'STARTED' || to === 'FROZEN_START') service.nextProbeMs = nextProbe(engine, service);
}

/** What a restart of the daemon must know: failures, freezes and the last completed action. */
function rememberOutcome(
  engine: Engine,
  service: ServiceRuntime,
  {from, to}: {readonly from: ServiceState; readonly to: ServiceState},
): void {
  service.failed = to === 'START_FAILED' ? 'start' : to === 'STOP_FAILED' ? 'stop' : null;
  const memoryMs = service.config.failureMemoryMs;
  service.failedUntilMs = to === 'START_FAILED' && memoryMs > 0 ? engine.nowMs + memoryMs : null;
  const runs = to === 'STARTED' || to === 'FROZEN_START';
  const rests = to === 'STOPPED' || to === 'FROZEN_STOP' || to === 'START_FAILED';
  // Out of UNKNOWN nothing was done: the last action stays that of the boot in which it was done.
  if (!runs && (!rests || from === 'UNKNOWN')) return;
  service.lastAction = runs ? 'started' : 'stopped';
  service.bootId = engine.bootId;
}

/** The own claim changed: tell everybody at once. */
export function announceService(engine: Engine, service: ServiceRuntime): void {
  service.announceLeft = announceCopies;
  engine.claimsDigest = null;
  engine.announce = true;
}

/**
 * A defect in a guard or action ends an actor for good and in silence; a fresh one that believes
 * nothing takes its place, frozen, so that nothing moves before a person has looked.
 */
function replaceBroken(engine: Engine, service: ServiceRuntime): boolean {
  engine.intents.length = 0;
  service.actor = createServiceActor({frozen: 'stop', failed: null}, engine.intents);
  const why = cause(
    'outcome-unknown',
    'the state machine broke on an event; frozen until looked at',
  );
  const from = service.state;
  service.state = 'UNKNOWN';
  notice(engine, 'alarm', service, why);
  recordTransition(engine, service, {from, to: 'UNKNOWN', cause: why});
  announceService(engine, service);
  return true;
}

export function nextProbe(engine: Engine, service: ServiceRuntime): number | null {
  return service.config.monitorMs === 0 ? null : engine.nowMs + service.config.monitorMs;
}
