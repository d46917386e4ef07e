/**
 * Switching other nodes off (SAFETY, section 5). One attempt per node at a time; its result counts
 * only while the life that it was about is the last one heard of, and only the verified `off` is a
 * proof. A node that was verified off and is heard again in the same life was not off: the device
 * lied, and is not believed again before a person has looked.
 */

import type {FenceConfig} from '../config/types.ts';
import type {FenceReport} from '../failover/types.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {Cause} from '../kernel/words.ts';
import {ordersMax} from '../kernel/limits.ts';
import type {Asked} from './commands.ts';
import {answer, cause, notice, record, reply} from './emit.ts';
import {markAllDirty} from './state.ts';
import type {Engine, PeerRuntime} from './state.ts';
import type {FenceFact} from './types.ts';
import type {FenceView} from './view.ts';

export interface FenceRuntime {
  /** `confirmed`: verified to be off, and not heard since. */
  state: 'none' | 'pending' | 'confirmed' | 'failed';
  /** Number of the attempt under way or last made. */
  attempt: number;
  /** Life of the node that the attempt is about. */
  incarnation: number;
  sinceMs: number;
  detail: string;
  /** Verified to be off once, and heard after that. */
  lied: boolean;
  /** The attempt was nobody's order. */
  automatic: boolean;
  /** When a silent node is fenced without an order; Infinity: it is not. */
  dueMs: number;
  /** Attempts of this silence that failed. */
  failures: number;
  /** When one without an order was last confirmed. */
  autoAtMs: number | null;
  /** Orders that wait for the end of the attempt. */
  readonly asked: number[];
}

/** `known`: of former lives of this daemon. Their clock is not ours: the window begins anew. */
export function createFence(known: FenceFact | undefined, nowMs: number): FenceRuntime {
  const lied = known?.lied ?? false;
  return {
    state: lied ? 'failed' : 'none',
    attempt: 0,
    incarnation: 0,
    sinceMs: nowMs,
    detail: lied ? 'it was verified to be off once and was heard after that' : '',
    lied,
    automatic: false,
    dueMs: Infinity,
    failures: 0,
    autoAtMs: known?.spent === true ? nowMs : null,
    asked: [],
  };
}

/** What must outlast this daemon, in the same batch as what it follows from. */
export function rememberFences(engine: Engine): void {
  const fences: FenceFact[] = [];
  for (const {name, fence} of engine.peers.values()) {
    const spent = fence.autoAtMs !== null;
    if (fence.lied || spent) fences.push({node: name, lied: fence.lied, spent});
  }
  if (JSON.stringify(fences) === JSON.stringify(engine.facts.fences)) return;
  engine.facts = {...engine.facts, fences};
  engine.out.push({type: 'persist-node', facts: engine.facts});
}

/** The ways to switch a node off, the first one to try first. */
export function fencesOf({config}: Engine, node: NodeName): readonly FenceConfig[] {
  return config.fences.filter((fence) => fence.node === node);
}

export function orderFence(engine: Engine, node: NodeName, asked: Asked): void {
  const peer = engine.peers.get(node);
  if (peer === undefined) {
    const text =
      node === engine.node
        ? `${node} is this node, and a node does not fence itself: ask another one`
        : `no other node is called ${node}`;
    reply(engine, asked.id, answer(exitCodes.noSuch, text));
    return;
  }
  if (fencesOf(engine, node).length === 0) {
    const text = `cluster.conf has no section [fence#${node}]: this node cannot switch it off`;
    reply(engine, asked.id, answer(exitCodes.failed, text));
    return;
  }
  if (peer.fence.asked.length >= ordersMax) {
    reply(engine, asked.id, answer(exitCodes.busy, `too many wait for the fencing of ${node}`));
    return;
  }
  peer.fence.asked.push(asked.id);
  if (peer.fence.state === 'pending') return;
  // A person who fences has looked at the device.
  peer.fence.lied = false;
  rememberFences(engine);
  peer.fence.automatic = false;
  peer.fence.failures = 0;
  beginFence(engine, peer, cause('fencing', `${node} is being fenced, ordered by ${asked.actor}`));
}

/** The record is durable BEFORE the agent is called. */
export function beginFence(engine: Engine, peer: PeerRuntime, why: Cause): void {
  const {fence} = peer;
  fence.dueMs = Infinity;
  fence.state = 'pending';
  fence.attempt += 1;
  fence.incarnation = peer.incarnation;
  fence.sinceMs = engine.nowMs;
  fence.detail = why.detail;
  const {attempt} = fence;
  const levels = fencesOf(engine, peer.name).length;
  const {automatic} = fence;
  const data = {over: peer.name, attempt, levels, automatic, incarnation: peer.incarnation};
  record(engine, {kind: 'fence', service: null, cause: why, data});
  notice(engine, 'warning', null, why);
  engine.out.push({type: 'fence', node: peer.name, attempt});
  markAllDirty(engine);
}

export function onFenceResult(
  engine: Engine,
  result: {readonly node: NodeName; readonly attempt: number; readonly report: FenceReport},
): void {
  const peer = engine.peers.get(result.node);
  if (peer === undefined) return;
  const {fence} = peer;
  if (fence.state !== 'pending' || fence.attempt !== result.attempt) return;
  const {off, detail, level, durationMs} = result.report;
  const newLife = off && fence.incarnation !== peer.incarnation;
  fence.state = newLife ? 'none' : off ? 'confirmed' : 'failed';
  fence.sinceMs = engine.nowMs;
  fence.failures = off ? 0 : fence.failures + 1;
  if (fence.state === 'confirmed' && fence.automatic) fence.autoAtMs = engine.nowMs;
  fence.detail = newLife ? `${peer.name} speaks in a new life since; ${detail}` : detail;
  const why = newLife
    ? cause('peer-alive', `${peer.name} was off and ${fence.detail}`)
    : off
      ? cause('fenced', `${peer.name} is off, verified: ${detail}`)
      : cause('fence-failed', `${peer.name} could not be fenced: ${detail}`);
  const data = {over: peer.name, attempt: fence.attempt, off, level, durationMs};
  record(engine, {kind: 'fence', service: null, cause: why, data});
  rememberFences(engine);
  notice(engine, off ? 'warning' : 'alarm', null, why);
  const exit = fence.state === 'confirmed' ? exitCodes.done : exitCodes.failed;
  for (const id of fence.asked.splice(0)) reply(engine, id, answer(exit, why.detail));
  engine.peerDueMs = engine.nowMs;
  markAllDirty(engine);
}

/**
 * A life that was not known when the node was switched off: nothing is proved of it. A device that
 * lied is not believed in this life either.
 */
export function forgetFence({fence}: PeerRuntime): void {
  fence.failures = 0;
  if (fence.state !== 'pending') fence.state = fence.lied ? 'failed' : 'none';
}

/**
 * A sign of life in the life that was verified to be off. What was sent before that may still
 * arrive for a moment; `pathMs` is the longest way that it can have.
 */
export function doubtFence(engine: Engine, peer: PeerRuntime, pathMs: number): void {
  const {fence} = peer;
  // Its silence is over, and with it what was tried meanwhile.
  if (fence.state === 'failed' && fence.automatic && !fence.lied) forgetFence(peer);
  const isSame = fence.state === 'confirmed' && fence.incarnation === peer.incarnation;
  if (!isSame || engine.nowMs <= fence.sinceMs + pathMs) return;
  fence.state = 'failed';
  fence.lied = true;
  fence.sinceMs = engine.nowMs;
  fence.detail = `it was verified to be off and is heard again: check [fence#${peer.name}]`;
  const why = cause('fence-lied', `${peer.name}: ${fence.detail}`);
  record(engine, {kind: 'fence', service: null, cause: why, data: {over: peer.name}});
  rememberFences(engine);
  notice(engine, 'alarm', null, why);
  markAllDirty(engine);
}

export function fenceView(engine: Engine, peer: PeerRuntime): FenceView | null {
  const {state, sinceMs, detail, lied} = peer.fence;
  const levels = fencesOf(engine, peer.name).length;
  if (levels === 0 && state === 'none') return null;
  return {state, levels, detail, lied, ageMs: state === 'none' ? null : engine.nowMs - sinceMs};
}
