/**
 * How the engine speaks: effects are only ever appended here, in the order in which they must be
 * carried out. A record comes BEFORE the effect that it accounts for.
 */

import type {Cause, ServiceState} from '../kernel/words.ts';
import type {ReasonCode} from '../kernel/reasons.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import type {Answer, NoticeLevel, RecordEntry, ServiceFacts} from './types.ts';

export const cause = (reason: ReasonCode, detail: string): Cause => ({reason, detail});

export function record(engine: Engine, entry: Omit<RecordEntry, 'node' | 'atMs'>): void {
  engine.out.push({
    type: 'record',
    entry: {...entry, node: engine.node, atMs: engine.nowMs},
  });
}

export function notice(
  engine: Engine,
  level: NoticeLevel,
  service: ServiceRuntime | null,
  why: Cause,
): void {
  engine.out.push({type: 'notice', level, service: service?.config.name ?? null, cause: why});
}

/** A state change in the journal, and as a line in the log. */
export function recordTransition(
  engine: Engine,
  service: ServiceRuntime,
  change: {readonly from: ServiceState; readonly to: ServiceState; readonly cause: Cause},
): void {
  const {from, to} = change;
  record(engine, {
    kind: 'transition',
    service: service.config.name,
    cause: change.cause,
    data: {from, to, epoch: service.epoch, owner: service.owner},
  });
  const level = to === 'START_FAILED' || to === 'STOP_FAILED' ? 'alarm' : 'info';
  notice(engine, level, service, {
    reason: change.cause.reason,
    detail: `${from} -> ${to}: ${change.cause.detail}`,
  });
}

/** What the service must remember goes to disk before anything that follows in this batch. */
export function persistChanged(engine: Engine, service: ServiceRuntime): void {
  const facts = factsOf(service);
  const text = JSON.stringify(facts);
  if (text === service.persisted) return;
  service.persisted = text;
  engine.storedFacts.set(service.config.name, facts);
  engine.out.push({type: 'persist-service', service: service.config.name, facts});
}

export function factsOf(service: ServiceRuntime): ServiceFacts {
  return {
    epoch: service.epoch,
    owner: service.owner,
    frozen: frozenOf(service),
    freeze: service.freeze,
    failed: service.failed,
    lastAction: service.lastAction,
    bootId: service.bootId,
    peerLatch: service.peerLatch,
    underWay: service.plan?.kind ?? service.interrupted?.kind ?? null,
  };
}

/** The freeze as it is kept: the state says it once the machine rests, the order before that. */
export function frozenOf(service: ServiceRuntime): 'stop' | 'start' | null {
  if (service.state === 'FROZEN_START') return 'start';
  if (service.state === 'FROZEN_STOP') return 'stop';
  if (service.freeze === null) return null;
  if (service.state === 'UNKNOWN') return service.actor.getSnapshot().context.frozen;
  return service.state === 'STARTED' || service.state === 'STARTING' ? 'start' : 'stop';
}

export function reply(engine: Engine, id: number, final: Answer): void {
  engine.out.push({type: 'reply', id, answer: final});
}

export function answer(exit: number, text: string): Answer {
  return {exit, text, askNode: null};
}
