/**
 * When a silent node is fenced without an order. Whoever could take a service over fires, and who
 * holds one that the silent node could take fires too: of two that have lost each other the one
 * that runs more fires at once, and the other waits until it would have been off by then. One
 * confirmed shot per node and damping window; what failed is tried again a few times, then by hand.
 */

import {biasMs} from '../config/fence-time.ts';
import type {ServiceClass} from '../config/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import {cause, notice} from './emit.ts';
import type {Reading} from './evidence.ts';
import {beginFence, fencesOf} from './fencing.ts';
import {betterPlaced} from './may-start.ts';
import {claimOf, heardAgeMs} from './state.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';
import {activeStates} from './types.ts';

/** What a running service weighs where two nodes run something. */
const weights: Readonly<Record<ServiceClass, number>> = {
  data: 4,
  exclusive: 2,
  address: 1,
  none: 1,
};
const roundsMax = 3;
const retryMs = 30_000;

/** Once a turn, after the services were looked at. */
export function driveFencing(engine: Engine, reading: () => Reading): void {
  if (engine.config.fences.length === 0) return;
  const mayFire = isFit(engine);
  for (const peer of engine.peers.values()) {
    if (peer.state !== 'silent' || fencesOf(engine, peer.name).length === 0) {
      peer.fence.dueMs = Infinity;
      continue;
    }
    const why = mayFire ? whyFence(engine, peer, reading()) : null;
    if (why === null) peer.fence.dueMs = Infinity;
    else if (peer.fence.dueMs === Infinity) aim(engine, peer, why);
    if (engine.nowMs >= peer.fence.dueMs) fire(engine, peer, why);
  }
}

/** When a shot is due; Infinity: none is. */
export function fencingDueMs(engine: Engine): number {
  if (engine.config.fences.length === 0) return Infinity;
  let dueMs = Infinity;
  for (const {fence} of engine.peers.values()) dueMs = Math.min(dueMs, fence.dueMs);
  return dueMs;
}

/** It was fenced without an order a moment ago. */
export function isSpent(engine: Engine, {fence}: PeerRuntime): boolean {
  const {dampingMs} = engine.config.timing;
  return fence.autoAtMs !== null && engine.nowMs - fence.autoAtMs < dampingMs;
}

/** A node that is frozen, drained, leaving or in doubt of itself accuses nobody. */
function isFit(engine: Engine): boolean {
  const {frozen, drained, clusterFrozen} = engine.facts;
  return (
    engine.leaving === 'no' &&
    (frozen ?? drained ?? clusterFrozen) === null &&
    engine.storageFault === null &&
    !engine.duplicateNode &&
    engine.nowMs >= engine.unfitUntilMs
  );
}

/** The service that asks for it, in words, or null. */
function whyFence(engine: Engine, peer: PeerRuntime, reading: Reading): string | null {
  const {fence} = peer;
  const isOpen = fence.state === 'none' || (fence.state === 'failed' && hasRounds(fence));
  const isKnown = peer.heardThisLife && peer.configDigest === engine.config.digest;
  if (!isOpen || !isKnown || fence.lied || isSpent(engine, peer)) return null;
  for (const service of engine.services) {
    const isShared = service.config.nodes.includes(peer.name);
    if (!isShared || service.freeze !== null || service.config.orchestrate !== 'ha') continue;
    const {name, serviceClass} = service.config;
    const {decision, cause: found} = reading.judged(peer, name, serviceClass).verdict;
    if (decision !== 'fence' && found.reason !== 'fence-failed') continue;
    if (holds(service)) return `${name} runs here, and ${peer.name} could take it over`;
    if (isWaitingFor(engine, service)) return `${name} waits for the proof that it is off`;
  }
  return null;
}

function hasRounds({failures}: PeerRuntime['fence']): boolean {
  return failures < roundsMax;
}

function holds({state}: ServiceRuntime): boolean {
  return state === 'STARTED' || state === 'STARTING';
}

/** All else that a start needs is there: it is this proof that it waits for. */
function isWaitingFor(engine: Engine, service: ServiceRuntime): boolean {
  const reason = service.waiting?.reason;
  if (service.state !== 'STOPPED' || betterPlaced(engine, service) !== null) return false;
  return reason === 'fencing' || reason === 'fence-failed' || reason === 'damping';
}

function aim(engine: Engine, peer: PeerRuntime, why: string): void {
  const {fence} = peer;
  const bias = firesFirst(engine, peer) ? 0 : biasMs(engine.config, peer.name);
  const rest = fence.state === 'failed' ? retryMs * 2 ** (fence.failures - 1) : 0;
  const waitMs = Math.max(bias, fence.sinceMs + rest - engine.nowMs);
  fence.dueMs = engine.nowMs + Math.max(0, waitMs);
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  const text = `${peer.name} is silent and is fenced in ${seconds} s unless it is heard`;
  notice(engine, 'warning', null, cause('fencing', `${text}: ${why}`));
}

function fire(engine: Engine, peer: PeerRuntime, why: string | null): void {
  peer.fence.dueMs = Infinity;
  peer.fence.automatic = true;
  beginFence(engine, peer, cause('fencing', `${peer.name} is silent and is fenced: ${why ?? ''}`));
}

/**
 * Both must come to opposite answers from what each last heard of the other. Where something had
 * just changed they may know different things: then the order of nodes decides.
 */
function firesFirst(engine: Engine, peer: PeerRuntime): boolean {
  const shared = engine.services.filter(({config}) => config.nodes.includes(peer.name));
  const own = sum(shared, holds);
  const theirs = sum(shared, (service) => {
    const state = claimOf(service, peer)?.state;
    return state !== undefined && activeStates.includes(state);
  });
  const heardMs = engine.nowMs - (heardAgeMs(engine, peer) ?? 0);
  const calmMs = heardMs - 2 * engine.config.timing.deadMs;
  const changed = shared.some((service) => {
    const changedMs = Math.max(service.sinceMs, claimOf(service, peer)?.sinceMs ?? 0);
    return changedMs > calmMs && changedMs <= heardMs;
  });
  if (own !== theirs && !changed) return own > theirs;
  const at = (node: NodeName): number => engine.config.nodes.indexOf(node);
  return at(engine.node) < at(peer.name);
}

function sum(
  services: readonly ServiceRuntime[],
  runs: (service: ServiceRuntime) => boolean,
): number {
  const running = services.filter(runs);
  return running.reduce((total, {config}) => total + weights[config.serviceClass], 0);
}
