/**
 * When a node is fenced without an order: one that is silent, or that lives and could not stop what
 * another one would start. Whoever could take a service over fires, and who holds one that the
 * silent node could take fires too: of two that have lost each other the one that runs more fires
 * at once, and the other waits until it would have been off by then. One confirmed shot per node
 * and damping window; what failed is tried again a few times, then by hand.
 */

import {proofNeeded, proofRank} from '../arbitration/types.ts';
import {biasMs} from '../config/fence-time.ts';
import type {ServiceClass} from '../config/types.ts';
import type {ReasonCode} from '../kernel/reasons.ts';
import type {ServiceState} from '../kernel/words.ts';
import {cause, notice} from './emit.ts';
import type {Reading} from './evidence.ts';
import {beginFence, fencesOf, rememberFences} from './fencing.ts';
import {betterPlaced, isAlive} from './may-start.ts';
import {claimOf} from './state.ts';
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
    if (peer.fence.autoAtMs !== null && !isSpent(engine, peer)) peer.fence.autoAtMs = null;
    const why = mayFire ? whyFence(engine, peer, reading) : null;
    if (why === null) peer.fence.dueMs = Infinity;
    else if (peer.fence.dueMs === Infinity) aim(engine, peer, why);
    if (engine.nowMs >= peer.fence.dueMs) fire(engine, peer, why ?? '');
  }
  rememberFences(engine);
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
function whyFence(engine: Engine, peer: PeerRuntime, reading: () => Reading): string | null {
  const {fence} = peer;
  if (peer.state !== 'silent' && !isAlive(peer)) return null;
  if (fencesOf(engine, peer.name).length === 0) return null;
  const isOpen = fence.state === 'none' || (fence.state === 'failed' && hasRounds(fence));
  const isKnown = peer.heardThisLife && peer.configDigest === engine.config.digest;
  if (!isOpen || !isKnown || fence.lied || isSpent(engine, peer)) return null;
  for (const service of engine.services) {
    const isShared = service.config.nodes.includes(peer.name);
    if (!isShared || service.freeze !== null || service.config.orchestrate !== 'ha') continue;
    const why =
      peer.state === 'silent'
        ? whySilent(engine, {service, peer, reading})
        : whyAlive(engine, {service, peer, reading});
    if (why !== null) return why;
  }
  return null;
}

interface Asked {
  readonly service: ServiceRuntime;
  readonly peer: PeerRuntime;
  readonly reading: () => Reading;
}

function whySilent(engine: Engine, {service, peer, reading}: Asked): string | null {
  const {name, serviceClass} = service.config;
  const {decision, cause: found} = reading().judged(peer, name, serviceClass).verdict;
  if (decision !== 'fence' && found.reason !== 'fence-failed') return null;
  if (holds(service)) return `is silent: ${name} runs here, and ${peer.name} could take it over`;
  const waits = isWaitingFor(engine, service, ['fencing', 'fence-failed', 'damping']);
  return waits ? `is silent: ${name} waits for the proof that it is off` : null;
}

/**
 * It lives and says that it could not stop the service: then it runs on nobody's terms, and nothing
 * but power ends that. `stop_failed = latch` leaves it to a person.
 */
function whyAlive(engine: Engine, {service, peer, reading}: Asked): string | null {
  const {stopFailed, takeover} = engine.config;
  const {name, serviceClass} = service.config;
  if (stopFailed !== 'fence' || takeover === 'manual' || !peer.proven) return null;
  if (proofRank(proofNeeded[serviceClass]) < proofRank('P2')) return null;
  if (claimOf(service, peer)?.state !== 'STOP_FAILED') return null;
  if (!isWaitingFor(engine, service, ['peer-stop-failed'])) return null;
  const {stalled, pingReachable} = reading().own;
  if (stalled || pingReachable === false) return null;
  return `could not stop ${name}, which this node would start`;
}

function hasRounds({failures}: PeerRuntime['fence']): boolean {
  return failures < roundsMax;
}

function holds({state}: ServiceRuntime): boolean {
  return state === 'STARTED' || state === 'STARTING';
}

/** All else that a start needs is there: it is this proof that it waits for. */
function isWaitingFor(
  engine: Engine,
  service: ServiceRuntime,
  reasons: readonly ReasonCode[],
): boolean {
  const reason = service.waiting?.reason;
  if (service.state !== 'STOPPED' || betterPlaced(engine, service) !== null) return false;
  return reason !== undefined && reasons.includes(reason);
}

function aim(engine: Engine, peer: PeerRuntime, why: string): void {
  const {fence} = peer;
  const rest = fence.state === 'failed' ? retryMs * 2 ** (fence.failures - 1) : 0;
  const waitMs = Math.max(turnMs(engine, peer), fence.sinceMs + rest - engine.nowMs);
  fence.dueMs = engine.nowMs + Math.max(0, waitMs);
  if (waitMs <= 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  const text = `${peer.name} ${why}; it is fenced in ${seconds} s unless that changes`;
  notice(engine, 'warning', null, cause('fencing', text));
}

function fire(engine: Engine, peer: PeerRuntime, why: string): void {
  peer.fence.dueMs = Infinity;
  peer.fence.automatic = true;
  beginFence(engine, peer, cause('fencing', `${peer.name} ${why}; it is fenced`));
}

/**
 * How long this node lets the other one fire first, ms.
 *
 * Two that have lost each other may know different things: what was said last was perhaps not
 * heard. So a node counts of its own services only those of which the other one has acknowledged
 * that they run: never more than the other one counts for it. Then never both are first. Both may
 * be second, where each has stopped something unheard: for that the later one in the order of
 * nodes waits for two turns, unless the other one has acknowledged that nothing runs here.
 */
function turnMs(engine: Engine, peer: PeerRuntime): number {
  const {config, node} = engine;
  if (isAlive(peer) && !isStuckHere(engine, peer)) return 0;
  const shared = engine.services.filter(({config: {nodes}}) => nodes.includes(peer.name));
  const own = sum(shared, (service) => holds(service) && isTold(service, peer));
  const theirs = sum(shared, (service) => isActive(claimOf(service, peer)?.state));
  const isEarlier = config.nodes.indexOf(node) < config.nodes.indexOf(peer.name);
  if (own > theirs || (own === theirs && isEarlier)) return 0;
  const onceMs = biasMs(config, peer.name);
  const isIdle = shared.every((service) => !isActive(service.state) && isTold(service, peer));
  return isEarlier || isIdle ? onceMs : onceMs + biasMs(config, node);
}

/** Only who waits for a stop of ours would fence us while it hears us. */
function isStuckHere(engine: Engine, peer: PeerRuntime): boolean {
  return engine.services.some(
    ({state, config}) => state === 'STOP_FAILED' && config.nodes.includes(peer.name),
  );
}

/** The other node has acknowledged the present state. */
function isTold({toldSequence}: ServiceRuntime, {ackSequence}: PeerRuntime): boolean {
  return toldSequence > 0 && ackSequence >= toldSequence;
}

function isActive(state: ServiceState | undefined): boolean {
  return state !== undefined && activeStates.includes(state);
}

function sum(
  services: readonly ServiceRuntime[],
  runs: (service: ServiceRuntime) => boolean,
): number {
  const running = services.filter(runs);
  return running.reduce((total, {config}) => total + weights[config.serviceClass], 0);
}
