/**
 * Actions that the last daemon of this boot had begun and nobody saw end. Until each is known to be
 * over, nothing that a probe says counts: its script may bring the service up after it was seen
 * down. Then a start that was cut short is taken back and a stop is made again, unless the
 * resources answer clearly.
 */

import type {ServiceProbe} from '../failover/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {Cause} from '../kernel/words.ts';
import {cause, notice, persistChanged, record} from './emit.ts';
import {sendEvent} from './machine.ts';
import {requestProbe} from './plans.ts';
import {markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import type {LeftoverKind} from './ports.ts';
import type {Input} from './types.ts';

export interface LeftoverRuntime {
  readonly kind: LeftoverKind;
  /** `ending`: the shell is at it. `lingers`: it can not be ended, or not be seen. */
  readonly state: 'ending' | 'lingers';
  readonly detail: string;
}

/** At the birth of an engine: what its shell has found, and is about to end. */
export function enterLeftovers(
  engine: Engine,
  found: ReadonlyMap<ServiceName, LeftoverKind>,
): void {
  for (const [name, kind] of found) {
    const service = engine.byName.get(name);
    if (service !== undefined) service.leftover = {kind, state: 'ending', detail: ''};
  }
}

export function onLeftover(engine: Engine, input: Input & {readonly type: 'leftover'}): void {
  const service = engine.byName.get(input.service);
  const known = service?.leftover ?? null;
  if (service === undefined || known === null) return;
  markDirty(engine, service);
  if (input.state === 'lingers') {
    noteLingering(engine, service, {...known, state: 'lingers', detail: input.detail});
    return;
  }
  service.leftover = null;
  // It is over: there is nothing left to be waited out.
  const {kind} = known;
  // A task changes nothing of what its service is.
  if (service.interrupted !== null && kind !== 'run') {
    const isCut = input.state === 'ended';
    service.interrupted = {kind, untilMs: engine.nowMs, isCut};
  }
  const how = input.state === 'ended' ? 'was ended' : 'had ended by itself';
  tell(engine, service, {level: 'warning', what: `a ${kind} of the last daemon ${how}`});
  persistChanged(engine, service);
  requestProbe(engine, service);
}

function noteLingering(engine: Engine, service: ServiceRuntime, now: LeftoverRuntime): void {
  const isNews = service.leftover?.detail !== now.detail;
  service.leftover = now;
  if (!isNews) return;
  const why = tell(engine, service, {level: 'alarm', what: lingeringText(service, now)});
  // What could not be stopped by the last daemon is called so, as after any other restart.
  if (service.state === 'UNKNOWN' && service.failed === 'stop') {
    sendEvent(engine, service, {type: 'probe.done', probed: 'unknown', cause: why});
  }
}

function lingeringText(service: ServiceRuntime, {kind, detail}: LeftoverRuntime): string {
  const command = `ha clear ${service.config.name} --confirm-stopped`;
  return `a ${kind} of the last daemon may still run (${detail}); once it does not: ${command}`;
}

function tell(
  engine: Engine,
  service: ServiceRuntime,
  news: {readonly level: 'warning' | 'alarm'; readonly what: string},
): Cause {
  const why = cause('left-running', news.what);
  notice(engine, news.level, service, why);
  const {name} = service.config;
  record(engine, {kind: 'alarm', service: name, cause: why, data: {state: service.state}});
  return why;
}

/** Why the service is not looked at yet; null: nothing of the last daemon is left. */
export function waitsForLeftover(service: ServiceRuntime): Cause | null {
  const {leftover} = service;
  if (leftover === null) return null;
  const text =
    leftover.state === 'lingers'
      ? lingeringText(service, leftover)
      : `a ${leftover.kind} of the last daemon was never seen to end, and is being ended`;
  return cause('left-running', text);
}

/**
 * Whether what was cut short must be taken down: where a part is up and a part is down; where it
 * can not be asked; and a stop also where all is still up, because somebody ordered it.
 */
export function mustTakeDown(
  {kind, isCut}: NonNullable<ServiceRuntime['interrupted']>,
  probe: ServiceProbe,
): boolean {
  if (probe.partial) return true;
  if (!isCut) return false;
  return !probe.verifiable || (kind === 'stop' && probe.state === 'up');
}
