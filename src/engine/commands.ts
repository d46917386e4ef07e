/**
 * What operators, peers and hooks may ask for. A command is checked, written down with who asked,
 * and turned into events of the machine; what takes time becomes an order.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import {forgetSilentPeers, onFreezeCommand} from './command-freeze.ts';
import {answer, cause, persistChanged, record, reply} from './emit.ts';
import {orderFence} from './fencing.ts';
import {chooseTarget, handOver} from './hand-over.ts';
import {beginLeave} from './leave.ts';
import {announceService, sendEvent} from './machine.ts';
import {forbidden, isAlive} from './may-start.ts';
import {openOrder, withdrawStart} from './orders.ts';
import {requestProbe} from './plans.ts';
import {claimOf, dateOf, markAllDirty, markDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import type {Command, FreezeInfo} from './types.ts';

/** A command with its number and who gave it. */
export interface Asked {
  readonly id: number;
  readonly actor: string;
}

export function onCommand(engine: Engine, command: Command, asked: Asked): void {
  const service = 'service' in command ? engine.byName.get(command.service) : undefined;
  if ('service' in command && service === undefined) {
    reply(engine, asked.id, noSuchService(engine, command.service));
    return;
  }
  record(engine, {
    kind: 'command',
    service: 'service' in command ? command.service : null,
    cause: cause('operator-order', `${command.verb} ordered by ${asked.actor}`),
    data: {command, actor: asked.actor},
  });
  if (service !== undefined) onServiceCommand(engine, service, command, asked);
  else onNodeCommand(engine, command, asked);
}

function onNodeCommand(engine: Engine, command: Command, asked: Asked): void {
  switch (command.verb) {
    case 'confirm-dead':
      confirmDead(engine, command.node, asked);
      return;
    case 'fence':
      orderFence(engine, command.node, asked);
      return;
    case 'shutdown':
      beginLeave(engine, command, asked);
      return;
    default:
      onFreezeCommand(engine, command, asked);
  }
}

function onServiceCommand(
  engine: Engine,
  service: ServiceRuntime,
  command: Command,
  asked: Asked,
): void {
  switch (command.verb) {
    case 'start':
    case 'takeover':
      orderStart(engine, service, command.verb, asked);
      return;
    case 'restart':
      orderRestart(engine, service, asked);
      return;
    case 'stop':
      orderStop(engine, service, asked);
      return;
    case 'switch':
      orderSwitch(engine, service, command.to, asked);
      return;
    case 'clear':
      clear(engine, service, command.confirmStopped, asked);
      return;
    case 'declare':
      declare(engine, service, command.running, asked);
      return;
    case 'probe':
      requestProbe(engine, service);
      reply(engine, asked.id, answer(exitCodes.done, `probing ${service.config.name}`));
      return;
    default:
      onFreezeCommand(engine, command, asked);
  }
}

function orderStart(
  engine: Engine,
  service: ServiceRuntime,
  verb: 'start' | 'takeover',
  asked: Asked,
): void {
  const refused = forbidden(engine, service);
  if (refused !== null) {
    reply(
      engine,
      asked.id,
      answer(refused.exit, `${service.config.name}: ${refused.cause.detail}`),
    );
    return;
  }
  const order = cause('operator-order', `${verb} by ${asked.actor}`);
  if (service.state === 'START_FAILED') {
    sendEvent(engine, service, {type: 'clear', confirmStopped: false, cause: order});
  }
  if (service.state === 'STOP_FAILED' || service.state === 'STOPPING') {
    reply(engine, asked.id, busy(service));
    return;
  }
  service.ordered = verb;
  if (service.state === 'UNKNOWN') requestProbe(engine, service);
  openOrder(engine, service, {...asked, verb, target: engine.node});
}

function orderRestart(engine: Engine, service: ServiceRuntime, asked: Asked): void {
  if (service.state !== 'STARTED') {
    if (redirect(engine, service, asked)) return;
    reply(engine, asked.id, busy(service));
    return;
  }
  const why = cause('operator-order', `restart by ${asked.actor}`);
  service.ordered = 'restart';
  sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
  openOrder(engine, service, {...asked, verb: 'restart', target: engine.node});
}

/**
 * OpenHA's stop: it stops here, and another node takes it from there. Where none can, it stays
 * stopped and frozen: a stop that starts again by itself would surprise whoever typed it. What is
 * frozen already is stopped too, and stays frozen here. What moves by command only stays stopped.
 */
function orderStop(engine: Engine, service: ServiceRuntime, asked: Asked): void {
  const why = cause('operator-order', `stop by ${asked.actor}`);
  const movesByItself = service.config.orchestrate === 'ha';
  const isOpen = service.freeze === null && movesByItself;
  const target = isOpen ? chooseTarget(engine, service, null) : null;
  withdrawStart(service);
  if (typeof target === 'number') handOver(engine, service, target);
  else if (movesByItself) service.freeze ??= stopFreeze(engine, asked);
  const type = service.freeze === null ? 'stop' : 'freeze.stop';
  sendEvent(engine, service, {type, failed: false, cause: why});
  persistChanged(engine, service);
  openOrder(engine, service, {...asked, verb: 'stop', target: null});
}

function stopFreeze(engine: Engine, asked: Asked): FreezeInfo {
  const since = dateOf(engine, engine.nowMs);
  const why = 'stopped by command while no other node could take it';
  return {by: asked.actor, why, since, untilMs: null, until: null};
}

/** Planned move: the owner stops, confirms, and names who goes on (S9: stop before give). */
function orderSwitch(
  engine: Engine,
  service: ServiceRuntime,
  to: NodeName | null,
  asked: Asked,
): void {
  if (service.state !== 'STARTED') {
    if (redirect(engine, service, asked)) return;
    reply(engine, asked.id, busy(service));
    return;
  }
  const target = chooseTarget(engine, service, to);
  if (typeof target !== 'number') {
    reply(engine, asked.id, target);
    return;
  }
  const why = cause(
    'operator-order',
    `switch to ${service.config.nodes[target]!} by ${asked.actor}`,
  );
  handOver(engine, service, target);
  sendEvent(engine, service, {type: 'stop', failed: false, cause: why});
  openOrder(engine, service, {...asked, verb: 'switch', target: service.config.nodes[target]!});
}

/** Planned verbs are carried out by the owner: names it, so that the shell asks there. */
function redirect(engine: Engine, service: ServiceRuntime, asked: Asked): boolean {
  for (const peer of engine.peers.values()) {
    if (!isAlive(peer) || claimOf(service, peer)?.state !== 'STARTED') continue;
    const text = `${service.config.name} runs on ${peer.name}`;
    reply(engine, asked.id, {exit: exitCodes.failed, text, askNode: peer.name});
    return true;
  }
  return false;
}

function clear(
  engine: Engine,
  service: ServiceRuntime,
  confirmStopped: boolean,
  asked: Asked,
): void {
  const why = cause('cleared', `cleared by ${asked.actor}`);
  service.takenOverAtMs = null;
  if (confirmStopped) forgetSilentPeers(engine, service);
  const changed = sendEvent(engine, service, {type: 'clear', confirmStopped, cause: why});
  if (!changed && service.state === 'STOP_FAILED') {
    requestProbe(engine, service);
    const command = `ha clear ${service.config.name} --confirm-stopped`;
    const hint = `it may still run here; check, then: ${command}`;
    reply(engine, asked.id, answer(exitCodes.unsafe, hint));
    return;
  }
  markDirty(engine, service);
  persistChanged(engine, service);
  reply(engine, asked.id, answer(exitCodes.done, `${service.config.name} is ${service.state}`));
}

/** OpenHA's force-start and force-stop: the operator's word, no script is called. */
function declare(engine: Engine, service: ServiceRuntime, running: boolean, asked: Asked): void {
  const word = running ? 'STARTED' : 'STOPPED';
  const why = cause('declared', `declared ${word} by ${asked.actor}`);
  if (running && betterRunning(engine, service)) {
    reply(
      engine,
      asked.id,
      answer(exitCodes.unsafe, `${service.config.name} runs on another node`),
    );
    return;
  }
  if (running) {
    service.epoch += 1;
    service.owner = true;
  }
  const changed = sendEvent(engine, service, {type: 'declare', running, cause: why});
  const exit = changed || service.state === word ? exitCodes.done : exitCodes.failed;
  persistChanged(engine, service);
  announceService(engine, service);
  reply(engine, asked.id, answer(exit, `${service.config.name} is ${service.state}`));
}

function betterRunning(engine: Engine, service: ServiceRuntime): boolean {
  for (const peer of engine.peers.values()) {
    const state = claimOf(service, peer)?.state;
    if (isAlive(peer) && (state === 'STARTED' || state === 'STARTING')) return true;
  }
  return false;
}

/** The operator is the proof (D23), unless the peer shows a sign of life. */
function confirmDead(engine: Engine, node: NodeName, asked: Asked): void {
  const peer = engine.peers.get(node);
  if (peer === undefined) {
    reply(engine, asked.id, answer(exitCodes.noSuch, `no other node is called ${node}`));
    return;
  }
  if (isAlive(peer)) {
    const text = `${node} is ${peer.state}: it was heard just now, so it is not dead`;
    reply(engine, asked.id, answer(exitCodes.unsafe, text));
    return;
  }
  peer.confirmedDead = {by: asked.actor, atMs: engine.nowMs};
  peer.state = 'dead';
  peer.stateSinceMs = engine.nowMs;
  markAllDirty(engine);
  reply(engine, asked.id, answer(exitCodes.done, `${node} counts as dead until it is heard again`));
}

function busy(service: ServiceRuntime): ReturnType<typeof answer> {
  const {name} = service.config;
  if (service.plan === null && service.freeze !== null) {
    return answer(
      exitCodes.frozen,
      `${name} is ${service.state} here; lift it: ha unfreeze ${name}`,
    );
  }
  const under = service.plan === null ? '' : `, a ${service.plan.kind} is under way`;
  const exit = service.plan === null ? exitCodes.failed : exitCodes.busy;
  return answer(exit, `${name} is ${service.state} here${under}`);
}

function noSuchService(engine: Engine, name: ServiceName): ReturnType<typeof answer> {
  const known = engine.services.map((service) => service.config.name).slice(0, 10);
  const list = known.length === 0 ? 'none is configured' : `known: ${known.join(', ')}`;
  return answer(exitCodes.noSuch, `no service is called ${name} (${list})`);
}
