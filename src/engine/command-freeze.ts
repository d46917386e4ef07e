/**
 * Freezes and drains. A freeze is durable BEFORE it is acknowledged, touches nothing that runs, and
 * says who, since when, until when and why.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {Asked} from './commands.ts';
import {answer, cause, notice, persistChanged, reply} from './emit.ts';
import {sendEvent} from './machine.ts';
import {isAlive} from './may-start.ts';
import {chooseTarget, handOver} from './hand-over.ts';
import {openOrder, withdrawStart} from './orders.ts';
import {abortPlan, requestProbe} from './plans.ts';
import {markAllDirty, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import type {Command, FreezeInfo, NodeFacts, Scope} from './types.ts';

export function onFreezeCommand(engine: Engine, command: Command, asked: Asked): void {
  switch (command.verb) {
    case 'freeze':
      freezeScope(engine, command.scope, command.freeze, asked);
      return;
    case 'unfreeze':
      freezeScope(engine, command.scope, null, asked);
      return;
    case 'freeze-stop':
    case 'freeze-start': {
      const service = engine.byName.get(command.service);
      if (service === undefined) return;
      if (command.verb === 'freeze-stop') freezeStop(engine, service, command.freeze, asked);
      else freezeStart(engine, service, command.freeze, asked);
      return;
    }
    case 'drain':
      setNodeFacts(engine, {...engine.facts, drained: command.freeze});
      drainServices(engine, asked);
      reply(engine, asked.id, answer(exitCodes.done, `${engine.node} is drained`));
      return;
    case 'undrain':
      setNodeFacts(engine, {...engine.facts, drained: null});
      reply(engine, asked.id, answer(exitCodes.done, `${engine.node} takes services again`));
      return;
    default:
      reply(engine, asked.id, answer(exitCodes.usage, `${command.verb} is not understood`));
  }
}

function freezeScope(engine: Engine, scope: Scope, freeze: FreezeInfo | null, asked: Asked): void {
  const word = freeze === null ? 'unfrozen' : 'frozen';
  if (scope.kind === 'node') {
    setNodeFacts(engine, {...engine.facts, frozen: freeze});
    reply(engine, asked.id, answer(exitCodes.done, `${engine.node} is ${word}`));
    return;
  }
  if (scope.kind === 'cluster') {
    setNodeFacts(engine, {...engine.facts, clusterFrozen: freeze});
    reply(engine, asked.id, answer(exitCodes.done, `the cluster is ${word} on ${engine.node}`));
    return;
  }
  const service = engine.byName.get(scope.service);
  if (service === undefined) {
    reply(engine, asked.id, answer(exitCodes.noSuch, `no service is called ${scope.service}`));
    return;
  }
  if (freeze === null) unfreezeService(engine, service, asked);
  else freezeService(engine, service, freeze, asked);
}

function freezeService(
  engine: Engine,
  service: ServiceRuntime,
  freeze: FreezeInfo,
  asked: Asked,
): void {
  service.freeze = freeze;
  withdrawStart(service);
  const why = cause(
    'frozen-by-operator',
    `frozen by ${freeze.by}: ${freeze.why || 'no reason given'}`,
  );
  sendEvent(engine, service, {type: 'freeze', cause: why});
  persistChanged(engine, service);
  markDirty(engine, service);
  reply(
    engine,
    asked.id,
    answer(exitCodes.done, `${service.config.name} is frozen on ${engine.node}`),
  );
}

/** Believes nothing: goes to UNKNOWN, and a fresh probe says whether it runs. */
function unfreezeService(engine: Engine, service: ServiceRuntime, asked: Asked): void {
  const why = cause('unfrozen', `unfrozen by ${asked.actor}`);
  service.freeze = null;
  service.dual = false;
  forgetSilentPeers(engine, service);
  service.freezeAfterStart = null;
  const frozen = service.state === 'FROZEN_START' || service.state === 'FROZEN_STOP';
  if (frozen) service.probe = null;
  sendEvent(engine, service, {type: 'unfreeze', probed: 'unknown', cause: why});
  if (frozen) requestProbe(engine, service);
  persistChanged(engine, service);
  markDirty(engine, service);
  reply(
    engine,
    asked.id,
    answer(exitCodes.done, `${service.config.name} is unfrozen on ${engine.node}`),
  );
}

function freezeStop(
  engine: Engine,
  service: ServiceRuntime,
  freeze: FreezeInfo,
  asked: Asked,
): void {
  const why = cause('frozen-by-operator', `freeze-stop by ${asked.actor}`);
  service.freeze = freeze;
  withdrawStart(service);
  if (service.plan?.kind === 'start') abortPlan(engine, service);
  sendEvent(engine, service, {type: 'freeze.stop', cause: why});
  persistChanged(engine, service);
  openOrder(engine, service, {...asked, verb: 'freeze-stop', target: null});
}

/** OpenHA's freeze-start: from STOPPED it is started first, then no decision is taken any more. */
function freezeStart(
  engine: Engine,
  service: ServiceRuntime,
  freeze: FreezeInfo,
  asked: Asked,
): void {
  const {state} = service;
  if (state === 'STARTED' || state === 'STARTING') {
    freezeService(engine, service, freeze, asked);
    return;
  }
  if (state !== 'STOPPED' && state !== 'START_READY' && state !== 'START_FAILED') {
    const exit = state === 'FROZEN_STOP' ? exitCodes.frozen : exitCodes.failed;
    reply(engine, asked.id, answer(exit, `${service.config.name} is ${state} here`));
    return;
  }
  if (state === 'START_FAILED') {
    const why = cause('cleared', `freeze-start by ${asked.actor}`);
    sendEvent(engine, service, {type: 'clear', confirmStopped: false, cause: why});
  }
  service.ordered = 'start';
  service.freezeAfterStart = freeze;
  openOrder(engine, service, {...asked, verb: 'freeze-start', target: engine.node});
}

/** The operator's word about what the silent nodes had: frozen or stuck counts no more. */
export function forgetSilentPeers(engine: Engine, service: ServiceRuntime): void {
  service.peerLatch = null;
  for (const peer of engine.peers.values()) {
    if (!isAlive(peer)) peer.claims.delete(service.config.name);
  }
}

/** Freezes of node and cluster that end by themselves; called on the beat. */
export function expireNodeFreezes(engine: Engine): void {
  const live = (freeze: FreezeInfo | null): FreezeInfo | null =>
    freeze?.untilMs != null && engine.nowMs >= freeze.untilMs ? null : freeze;
  const {frozen, drained, clusterFrozen} = engine.facts;
  const next = {
    ...engine.facts,
    frozen: live(frozen),
    drained: live(drained),
    clusterFrozen: live(clusterFrozen),
  };
  const same = next.frozen === frozen && next.drained === drained;
  if (same && next.clusterFrozen === clusterFrozen) return;
  notice(engine, 'info', null, cause('unfrozen', 'a freeze of this node has run out'));
  setNodeFacts(engine, next);
}

/** A drained node hands over what it can; what nobody can take stays and is named by the status. */
function drainServices(engine: Engine, asked: Asked): void {
  const why = cause('node-drained', `drained by ${asked.actor}`);
  for (const service of engine.services) {
    if (service.state !== 'STARTED') continue;
    const target = chooseTarget(engine, service, null);
    if (typeof target !== 'number') continue;
    handOver(engine, service, target);
    sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
  }
}

export function setNodeFacts(engine: Engine, facts: NodeFacts): void {
  engine.facts = facts;
  engine.out.push({type: 'persist-node', facts});
  engine.announce = true;
  markAllDirty(engine);
}
