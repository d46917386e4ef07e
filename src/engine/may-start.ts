/**
 * May-start (SAFETY, section 4): may this node start the service now? Asked in the order of the
 * five clauses; the first that fails is the answer, with what it waits for.
 */

import {proofRank} from '../arbitration/types.ts';
import type {JudgeQuestion, Verdict} from '../arbitration/types.ts';
import type {Cause, ServiceState} from '../kernel/words.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {isHeldThere} from './arbiter-member.ts';
import {wantMark} from './arbiter.ts';
import {cause} from './emit.ts';
import type {Judged, Reading} from './evidence.ts';
import {claimOf} from './state.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';

/** A node that is out, and the verdict that says so. */
export interface Over {
  readonly peer: PeerRuntime;
  readonly verdict: Verdict;
  readonly question: JudgeQuestion;
}

export type MayStart =
  | {readonly ok: true; readonly cause: Cause; readonly over: readonly Over[]}
  | {
      readonly ok: false;
      readonly cause: Cause;
      /** ms until time alone may change the answer; null: only an event does. */
      readonly waitMs: number | null;
      /** How a command that asked for the start ends. */
      readonly exit: number;
    };

export function mayStart(engine: Engine, service: ServiceRuntime, reading: Reading): MayStart {
  const refused = forbidden(engine, service) ?? notOrchestrated(engine, service);
  if (refused !== null) return refused;
  const over: Over[] = [];
  for (const node of service.config.nodes) {
    const peer = engine.peers.get(node);
    if (peer === undefined) continue;
    const outcome = passPeer({engine, service, peer, reading});
    if (!outcome.ok) return outcome;
    if (outcome.judged !== null) over.push({peer, ...outcome.judged});
  }
  const rank = ranking(engine, service);
  if (rank !== null) return rank;
  if (reading.own.stalled) return stalled(engine);
  const unheld = withoutRight(engine, service, reading);
  if (unheld !== null) return unheld;
  const damped = damping(engine, service, over);
  if (damped !== null) return damped;
  return {ok: true, cause: reasonToStart(engine, service, weakest(over)), over};
}

/** Clause 1: freezes, membership, skew, and a state directory that can hold the epoch. */
export function forbidden(
  engine: Engine,
  service: ServiceRuntime,
): (MayStart & {ok: false}) | null {
  const {facts} = engine;
  if (engine.leaving !== 'no') return no('node-leaving', 'this daemon is shutting down');
  if (!service.config.nodes.includes(engine.node)) {
    return no('not-a-member', `${engine.node} is not in the nodes of ${service.config.name}`);
  }
  if (service.freeze !== null) return frozen('frozen', `frozen by ${service.freeze.by}`);
  if (facts.clusterFrozen !== null)
    return frozen('frozen', `the cluster is frozen by ${facts.clusterFrozen.by}`);
  if (facts.frozen !== null)
    return frozen('node-frozen', `this node is frozen by ${facts.frozen.by}`);
  if (facts.drained !== null)
    return frozen('node-drained', `this node is drained by ${facts.drained.by}`);
  if (engine.storageFault !== null) return no('journal-refused', engine.storageFault);
  if (engine.duplicateNode) return no('duplicate-node', `another machine speaks as ${engine.node}`);
  return null;
}

/** Started without a right, it would be stopped at once. */
function withoutRight(
  engine: Engine,
  service: ServiceRuntime,
  {rights}: Reading,
): (MayStart & {ok: false}) | null {
  const {arbiter, quorum} = engine.config;
  if ((arbiter === null && quorum === null) || !rights.isOver(service)) return null;
  const detail = `no lease of ${engine.node} and no promise of every other node would let it run`;
  return no('no-right', detail);
}

/** A hand-over is an order as well: only an operator's switch or drain makes one. */
function notOrchestrated(engine: Engine, service: ServiceRuntime): (MayStart & {ok: false}) | null {
  if (service.ordered !== null || handedBy(engine, service) !== null) return null;
  const {orchestrate} = service.config;
  if (orchestrate === 'ha') return null;
  if (orchestrate === 'start' && !service.autostarted) return null;
  return no('not-orchestrated', `orchestrate = ${orchestrate}: it waits for a command`);
}

interface PeerQuestion {
  readonly engine: Engine;
  readonly service: ServiceRuntime;
  readonly peer: PeerRuntime;
  readonly reading: Reading;
}

type PeerAnswer = (MayStart & {ok: false}) | {readonly ok: true; readonly judged: Judged | null};

/** Clauses 2 and 3: each other node is alive and does not run it, or is out on proof. */
function passPeer(question: PeerQuestion): PeerAnswer {
  const {engine, service, peer, reading} = question;
  if (isAlive(peer)) return passAlive(question);
  // A claim read from the disk may be older than the latch; a current one would have cleared it.
  const last = latchOf(service, peer) ?? claimOf(service, peer)?.state;
  // A frozen instance is left alone by all, whatever became of its node.
  if (last === 'FROZEN_START') {
    const hint = `ha unfreeze ${service.config.name} once it does not run there`;
    return no('peer-frozen', `${peer.name} had it frozen while running; ${hint}`);
  }
  const judged = reading.judged(peer, service.config.name, service.config.serviceClass);
  const {verdict} = judged;
  noteVerdict(engine, {service, peer, verdict});
  const {reason} = verdict.cause;
  if (reason === 'arbiter-wait' || reason === 'disk-wait') wantMark(engine, peer);
  if (verdict.decision !== 'take') {
    return {ok: false, cause: verdict.cause, waitMs: verdict.waitMs, exit: exitCodes.noProof};
  }
  if (verdict.proof !== 'P4' && isHeldThere(engine, peer.name, service.config.name)) {
    const hint = `once it does not run there: ha confirm-dead ${peer.name} --i-have-checked`;
    return no('peer-frozen', `the arbiter says that ${peer.name} had it frozen or stuck; ${hint}`);
  }
  if (peer.left && peer.confirmedDead === null && !isDown(last)) {
    return no('peer-state-unknown', `${peer.name} left without saying that it had stopped it`);
  }
  // Its goodbye says what runs; an unfinished stop is over only with power or a person's word.
  if (last === 'STOP_FAILED' && (verdict.proof !== 'P4' || peer.left)) {
    return no('peer-stop-failed', `${peer.name} could not stop it before it fell silent`);
  }
  return {ok: true, judged};
}

/** States in which a node that leaves has nothing of the service. */
function isDown(state: ServiceState | undefined): boolean {
  return state === 'STOPPED' || state === 'FROZEN_STOP' || state === 'START_FAILED';
}

function latchOf(
  service: ServiceRuntime,
  peer: PeerRuntime,
): 'FROZEN_START' | 'STOP_FAILED' | null {
  return service.peerLatch?.node === peer.name ? service.peerLatch.state : null;
}

function passAlive({engine, service, peer}: PeerQuestion): PeerAnswer {
  const name = peer.name;
  if (peer.configDigest !== engine.config.digest) {
    return no('config-skew', `the configuration of ${name} differs from ours`);
  }
  if (engine.peerView.hasStranger(name, engine.nowMs)) {
    // What the one says hides what the other runs; the memory of it ends by time alone.
    const why = cause('duplicate-node', `two machines, or two lives of one, speak as ${name}`);
    const waitMs = engine.config.timing.holdDownMsMax;
    return {ok: false, cause: why, waitMs, exit: exitCodes.failed};
  }
  if (!peer.heardThisLife) return no('peer-unheard', `${name} has not answered this daemon yet`);
  if (!peer.proven) {
    return no('one-way', `${name} is heard but does not hear this node`);
  }
  const claim = claimOf(service, peer);
  switch (claim?.state) {
    case undefined:
    case 'UNKNOWN':
      return no('peer-state-unknown', `${name} has not said yet whether it runs it`);
    case 'STARTING':
    case 'STARTED':
    case 'STOPPING':
      return no('peer-runs-it', `${claim.state} on ${name}`);
    case 'STOP_FAILED':
      return no('peer-stop-failed', `STOP_FAILED on ${name}: it may still run there`);
    case 'FROZEN_START':
      return no('peer-frozen', `FROZEN_START on ${name}`);
    case 'START_READY':
    case 'STOPPED':
    case 'START_FAILED':
    case 'FROZEN_STOP':
      return {ok: true, judged: null};
  }
}

/** The living node that stopped it for this one to start; null where none did. */
function handedBy(engine: Engine, service: ServiceRuntime): PeerRuntime | null {
  const own = service.config.nodes.indexOf(engine.node) + 1;
  const handed = (peer: PeerRuntime): boolean => claimOf(service, peer)?.handTo === own;
  return [...engine.peers.values()].find((peer) => isAlive(peer) && handed(peer)) ?? null;
}

/** Clause 4: the last owner, then the order of nodes; a hand-over names the next one. */
function ranking(engine: Engine, service: ServiceRuntime): (MayStart & {ok: false}) | null {
  if (service.handTo !== 0) {
    return no('hand-over-pending', `handed to ${service.config.nodes[service.handTo - 1] ?? '?'}`);
  }
  const own = service.config.nodes.indexOf(engine.node) + 1;
  for (const node of service.config.nodes) {
    const peer = engine.peers.get(node);
    const handTo = peer === undefined ? 0 : (claimOf(service, peer)?.handTo ?? 0);
    if (peer === undefined || handTo === 0 || !isAlive(peer)) continue;
    if (handTo === own) return null;
    return no(
      'hand-over-pending',
      `${node} handed it to ${service.config.nodes[handTo - 1] ?? '?'}`,
    );
  }
  if (service.ordered !== null) return null;
  const better = betterPlaced(engine, service);
  return better === null
    ? null
    : no('better-placed-peer', `${better.name} is better placed and able`);
}

/** The peer that would start it rather than this node, or null. */
export function betterPlaced(engine: Engine, service: ServiceRuntime): PeerRuntime | null {
  const owner = lastOwner(engine, service);
  if (owner === engine.node) return null;
  for (const node of service.config.nodes) {
    if (node === engine.node && owner === null) return null;
    const peer = engine.peers.get(node);
    if (peer === undefined || !isCandidate(engine, service, peer)) continue;
    if (owner === null || owner === node) return peer;
  }
  if (owner === null) return null;
  // The last owner is not able: the order of nodes decides among the rest.
  for (const node of service.config.nodes) {
    if (node === engine.node) return null;
    const peer = engine.peers.get(node);
    if (peer !== undefined && isCandidate(engine, service, peer)) return peer;
  }
  return null;
}

/**
 * Who made the highest epoch known, if it still claims that; null where nobody did. Two that took
 * over in a partition may both have made it: the order of nodes decides, the same for everybody.
 */
export function lastOwner(engine: Engine, service: ServiceRuntime): NodeName | null {
  for (const node of service.config.nodes) {
    if (node === engine.node && service.owner) return node;
    const peer = engine.peers.get(node);
    const claim = peer === undefined ? undefined : claimOf(service, peer);
    if (claim?.owner === true && claim.epoch === service.epoch) return node;
  }
  return null;
}

/**
 * Alive, proven, and neither frozen, drained, leaving nor busy: it could start the service itself.
 */
export function isCandidate(engine: Engine, service: ServiceRuntime, peer: PeerRuntime): boolean {
  if (!isAlive(peer) || !peer.proven) return false;
  if (peer.frozen || peer.drained || peer.leaving || peer.unfit) return false;
  const claim = claimOf(service, peer);
  const able = claim?.state === 'STOPPED' || claim?.state === 'START_READY';
  return able && claim.handTo === 0;
}

export function isAlive(peer: PeerRuntime): boolean {
  return peer.state === 'alive' || peer.state === 'degraded';
}

function damping(
  engine: Engine,
  service: ServiceRuntime,
  over: readonly Over[],
): (MayStart & {ok: false}) | null {
  const windowMs = engine.config.timing.dampingMs;
  if (service.ordered !== null || service.takenOverAtMs === null || windowMs === 0) return null;
  if (over.every(({verdict}) => verdict.proof === 'P4')) return null;
  const agoMs = engine.nowMs - service.takenOverAtMs;
  if (agoMs >= windowMs) return null;
  const command = `ha clear ${service.config.name}`;
  const detail = `taken over ${Math.round(agoMs / 1_000)} s ago; ${command} lifts the latch`;
  return {
    ok: false,
    cause: cause('damping', detail),
    waitMs: windowMs - agoMs,
    exit: exitCodes.noProof,
  };
}

/** With several nodes out, the start rests on the weakest of their proofs. */
function weakest(over: readonly Over[]): Verdict | null {
  let least: Verdict | null = null;
  for (const {verdict} of over) {
    if (least === null || proofRank(verdict.proof) < proofRank(least.proof)) least = verdict;
  }
  return least;
}

function reasonToStart(engine: Engine, service: ServiceRuntime, verdict: Verdict | null): Cause {
  if (service.ordered !== null) return cause('operator-order', 'ordered by an operator');
  if (verdict !== null) return verdict.cause;
  const handed = handedBy(engine, service);
  if (handed !== null) return cause('handed-over', `${handed.name} stopped it and named this node`);
  if (lastOwner(engine, service) === engine.node) return cause('last-owner', 'it ran here last');
  return cause('rank-first', 'this node is the first of those that are able');
}

function noteVerdict(
  engine: Engine,
  note: {readonly service: ServiceRuntime; readonly peer: PeerRuntime; readonly verdict: Verdict},
): void {
  note.service.verdicts.set(note.peer.name, {verdict: note.verdict, atMs: engine.nowMs});
}

function no(reason: Cause['reason'], detail: string): MayStart & {ok: false} {
  return {ok: false, cause: cause(reason, detail), waitMs: null, exit: exitCodes.failed};
}

function stalled(engine: Engine): MayStart & {ok: false} {
  const waitMs = Math.max(0, engine.unfitUntilMs - engine.nowMs);
  const why = cause('stalled', 'this daemon stood still and looks again first');
  return {ok: false, cause: why, waitMs, exit: exitCodes.failed};
}

function frozen(reason: Cause['reason'], detail: string): MayStart & {ok: false} {
  return {ok: false, cause: cause(reason, detail), waitMs: null, exit: exitCodes.frozen};
}
