/**
 * Our side of the arbiter (SAFETY, section 5): this node renews its lease there, and asks for a
 * mark against a node that has fallen silent. One question is under way at a time. That no answer
 * comes is never taken for the death of anybody: it gives no right and no proof, and nothing else.
 */

import type {
  ArbiterAnswer,
  ArbiterFault,
  ArbiterOutcome,
  ArbiterQuestion,
  ArbiterRow,
} from '../arbitration/arbiter.ts';
import {heldMs, markEveryMs} from '../config/inequalities.ts';
import type {ArbiterConfig} from '../config/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import {memberOf} from './arbiter-member.ts';
import {isHeld} from './arbiter-right.ts';
import {cause, notice, record} from './emit.ts';
import {markAllDirty, markDirty} from './state.ts';
import type {Engine, PeerRuntime} from './state.ts';
import {mayRun} from './watchdog.ts';

export interface ArbiterRuntime {
  /** When this daemon began to use it. */
  readonly bornMs: number;
  /** Our lease, as the arbiter last confirmed it; null: none. */
  leaseId: string | null;
  /** Until when it counts, on our own clock, from when the question was issued. */
  heldUntilMs: number;
  everHeld: boolean;
  fault: {readonly kind: ArbiterFault; readonly detail: string} | null;
  /** When the last question that was answered had been issued; null: none yet. */
  answeredMs: number | null;
  /** The arbiter that we know: another one, or one that has forgotten, is not believed. */
  clusterId: string | null;
  revision: number;
  rows: ReadonlyMap<NodeName, ArbiterRow>;
  asked: {
    readonly id: number;
    readonly question: ArbiterQuestion;
    readonly untilMs: number;
  } | null;
  questions: number;
  /** When the lease is renewed, or asked for again. */
  nextMs: number;
  nextMarkMs: number;
  /** Nodes against which a start waits for a mark. */
  readonly wanted: Set<NodeName>;
  readonly marks: Map<NodeName, Mark>;
  /** Last sign of life of each node, on any medium. */
  readonly lifeMs: Map<NodeName, number>;
  /** The mark against ourselves, and when we first saw it. */
  markedUs: {readonly revision: number; readonly seenMs: number} | null;
  /** What was last written of us; empty: not known. */
  memberText: string;
  /** We give our lease back, or have: it is not asked for again. */
  releasing: 'no' | 'asked' | 'over';
}

export interface Mark {
  /** Revision of the arbiter when it was made: no epoch that anybody made before is higher. */
  readonly revision: number;
  readonly leaseId: string;
  readonly atMs: number;
}

/** What the shell may be late with an answer beyond its deadline, ms. */
const lateMs = 2_000;
/** Life numbers are dates: a lease id of this life is made of its nonce and a counter. */
const idsPerNonce = 2n ** 31n;

export function createArbiter(nowMs: number): ArbiterRuntime {
  return {
    bornMs: nowMs,
    leaseId: null,
    heldUntilMs: -Infinity,
    everHeld: false,
    fault: null,
    answeredMs: null,
    clusterId: null,
    revision: 0,
    rows: new Map(),
    asked: null,
    questions: 0,
    nextMs: nowMs,
    nextMarkMs: nowMs,
    wanted: new Set(),
    marks: new Map(),
    lifeMs: new Map(),
    markedUs: null,
    memberText: '',
    releasing: 'no',
  };
}

/** When the arbiter wants a turn. */
export function arbiterDueMs({arbiter, config, leaving}: Engine): number {
  if (config.arbiter === null || leaving === 'gone') return Infinity;
  if (arbiter.asked !== null) return arbiter.asked.untilMs;
  if (arbiter.releasing !== 'no') return arbiter.releasing === 'asked' ? -Infinity : Infinity;
  const isWanted = arbiter.wanted.size > 0 && arbiter.leaseId !== null;
  return isWanted ? Math.min(arbiter.nextMs, arbiter.nextMarkMs) : arbiter.nextMs;
}

/** A sign of life, on any medium: a mark that was asked for before it counts no more. */
export function noteArbiterLife({arbiter, nowMs}: Engine, peer: NodeName): void {
  arbiter.lifeMs.set(peer, nowMs);
  arbiter.marks.delete(peer);
  arbiter.wanted.delete(peer);
}

/** The mark against a silent node, while the lease with which it was asked for is still ours. */
export function markOf(engine: Engine, peer: NodeName): Mark | null {
  const mark = engine.arbiter.marks.get(peer);
  return mark !== undefined && mark.leaseId === engine.arbiter.leaseId && isHeld(engine)
    ? mark
    : null;
}

/** A start waits for a mark against this node. */
export function wantMark(engine: Engine, peer: PeerRuntime): void {
  if (engine.config.arbiter !== null && markOf(engine, peer.name) === null) {
    engine.arbiter.wanted.add(peer.name);
  }
}

/** Once a turn: asks what is due. */
export function tendArbiter(engine: Engine, beat: boolean): void {
  const {arbiter, config, nowMs} = engine;
  if (config.arbiter === null || engine.leaving === 'gone') return;
  if (arbiter.asked !== null && nowMs < arbiter.asked.untilMs) return;
  // Lost on its way: whatever it would say comes too late.
  if (arbiter.asked?.question.kind === 'release') arbiter.releasing = 'over';
  arbiter.asked = null;
  if (arbiter.releasing !== 'no') return release(engine, config.arbiter);
  const hasNews = beat && arbiter.leaseId !== null && memberNews(engine) !== null;
  if (nowMs >= arbiter.nextMs || hasNews) {
    arbiter.nextMs = nowMs + config.arbiter.renewMs;
    ask(engine, config.arbiter, dueQuestion(engine, config.arbiter));
    return;
  }
  const [peer] = arbiter.wanted;
  if (peer === undefined || arbiter.leaseId === null || nowMs < arbiter.nextMarkMs) return;
  arbiter.wanted.delete(peer);
  // With several silent nodes one question follows the other; then there is a pause.
  if (arbiter.wanted.size === 0) arbiter.nextMarkMs = nowMs + markEveryMs(config.arbiter.ttlMs);
  const entry = {by: engine.node, life: engine.incarnation};
  ask(engine, config.arbiter, {kind: 'mark', peer, leaseId: arbiter.leaseId, entry});
}

/**
 * Nothing runs here any more, and nothing will: the others need not wait for the end of our lease.
 * True once that is done, or cannot be.
 */
export function isLeaseGiven({arbiter, config}: Engine): boolean {
  if (config.arbiter === null || arbiter.releasing === 'over') return true;
  if (arbiter.leaseId === null && arbiter.releasing === 'no') return true;
  if (arbiter.releasing === 'no') arbiter.releasing = 'asked';
  return false;
}

/** Once: what cannot be asked now ends by its own time. */
function release(engine: Engine, config: ArbiterConfig): void {
  const {arbiter} = engine;
  const {leaseId} = arbiter;
  if (leaseId === null) arbiter.releasing = 'over';
  if (arbiter.releasing === 'over' || leaseId === null) return;
  ask(engine, config, {kind: 'release', leaseId});
  lose(engine);
}

function ask(engine: Engine, config: ArbiterConfig, question: ArbiterQuestion): void {
  const {arbiter, nowMs} = engine;
  arbiter.questions += 1;
  const id = arbiter.questions;
  arbiter.asked = {id, question, untilMs: nowMs + config.timeoutMs + lateMs};
  engine.out.push({type: 'ask-arbiter', id, question});
}

function dueQuestion(engine: Engine, config: ArbiterConfig): ArbiterQuestion {
  const {arbiter, node, incarnation: life, nonce} = engine;
  if (arbiter.leaseId !== null) {
    return {kind: 'renew', leaseId: arbiter.leaseId, member: memberNews(engine)};
  }
  const own = arbiter.rows.get(node);
  if (own === undefined || !mayAcquire(engine)) return {kind: 'read'};
  const count = BigInt((engine.hash + arbiter.questions) % Number(idsPerNonce));
  return {
    kind: 'acquire',
    leaseId: String(BigInt(nonce) * idsPerNonce + count + 1n),
    ttlMs: config.ttlMs,
    nodeRevision: own.present?.revision ?? 0,
    markRevision: own.mark?.revision ?? 0,
    entry: {life, nonce},
    member: memberOf(engine, config),
  };
}

/**
 * Somebody may rely on the mark against us. While something may run here it is lifted only once
 * every other node has acknowledged a frame that we sent after we had seen the mark: who hears us
 * forgets the mark, and one that is made after that has another revision.
 */
function mayAcquire(engine: Engine): boolean {
  const {arbiter, peers, peerView, services} = engine;
  const {markedUs} = arbiter;
  if (isDuplicate(engine)) return false;
  if (markedUs === null) return true;
  const isIdle = services.every(
    (service) =>
      service.config.nodes.length < 2 || (service.state !== 'UNKNOWN' && !mayRun(engine, service)),
  );
  return (
    isIdle || [...peers.keys()].every((peer) => (peerView.echoSentMs(peer) ?? -1) > markedUs.seenMs)
  );
}

/** Another life under our name holds the lease, and it is not an earlier one of ours. */
function isDuplicate({arbiter, node, incarnation, nonce}: Engine): boolean {
  const present = arbiter.rows.get(node)?.present ?? null;
  if (present === null || present.life < incarnation) return false;
  return present.life > incarnation || present.nonce !== nonce;
}

/** What must be written of us, where it is not what was written last. */
function memberNews(engine: Engine): ReturnType<typeof memberOf> | null {
  const member = memberOf(engine, engine.config.arbiter!);
  return JSON.stringify(member) === engine.arbiter.memberText ? null : member;
}

/** The arbiter has what others must know of us. */
export function isMemberWritten(engine: Engine): boolean {
  return engine.config.arbiter === null || memberNews(engine) === null;
}

export function onArbiterAnswer(engine: Engine, answer: ArbiterAnswer): void {
  const {arbiter, config} = engine;
  const {asked} = arbiter;
  if (asked === null || asked.id !== answer.id || config.arbiter === null) return;
  arbiter.asked = null;
  const {outcome, issuedMs} = answer;
  if (asked.question.kind === 'release') {
    arbiter.releasing = 'over';
    return;
  }
  if (!outcome.ok) return failed(engine, outcome);
  const strange = strangeness(engine, outcome);
  if (strange !== null) return failed(engine, {ok: false, fault: 'foreign', detail: strange});
  arbiter.clusterId = outcome.clusterId;
  arbiter.revision = outcome.revision;
  arbiter.answeredMs = issuedMs;
  arbiter.rows = new Map(outcome.rows.map((row) => [row.node, row]));
  noteMarkAgainstUs(engine);
  if (isDuplicate(engine)) {
    const detail = `another machine holds the lease of ${engine.node}`;
    return failed(engine, {ok: false, fault: 'foreign', detail});
  }
  arbiter.fault = null;
  const wasHeld = isHeld(engine);
  apply(engine, config.arbiter, {question: asked.question, issuedMs, outcome});
  tellChange(engine, wasHeld);
  wakeWhoWaits(engine);
}

interface Answered {
  readonly question: ArbiterQuestion;
  readonly issuedMs: number;
  readonly outcome: ArbiterOutcome & {readonly ok: true};
}

function apply(engine: Engine, config: ArbiterConfig, answered: Answered): void {
  const {arbiter, nowMs} = engine;
  const {question, issuedMs, outcome} = answered;
  switch (question.kind) {
    case 'release':
      return;
    case 'read':
      // What was read may allow to ask for the lease at once.
      arbiter.nextMs = mayAcquire(engine) ? nowMs : nowMs + config.timeoutMs;
      return;
    case 'acquire':
      if (outcome.done) hold(engine, config, answered);
      else arbiter.nextMs = nowMs + config.timeoutMs;
      return;
    case 'renew':
      if (outcome.done) hold(engine, config, answered);
      else lose(engine);
      return;
    case 'mark': {
      const {peer, leaseId} = question;
      const isLate = issuedMs <= (arbiter.lifeMs.get(peer) ?? -1) || leaseId !== arbiter.leaseId;
      if (!outcome.done || isLate) return;
      const revision = outcome.revision;
      arbiter.marks.set(peer, {revision, leaseId, atMs: nowMs});
      const why = cause('arbiter-granted', `${peer} was marked out at revision ${revision}`);
      record(engine, {kind: 'peer', service: null, cause: why, data: {peer, revision}});
    }
  }
}

function hold(
  engine: Engine,
  config: ArbiterConfig,
  {question, issuedMs, outcome}: Answered,
): void {
  const {arbiter} = engine;
  if (question.kind !== 'acquire' && question.kind !== 'renew') return;
  const ttlMs = Math.min(config.ttlMs, outcome.grantedMs ?? config.ttlMs);
  const untilMs = issuedMs + heldMs(ttlMs, engine.config.timing.clockErrorRatio);
  arbiter.heldUntilMs = Math.max(arbiter.heldUntilMs, untilMs);
  if (question.member !== null) arbiter.memberText = JSON.stringify(question.member);
  arbiter.everHeld = true;
  if (question.kind === 'renew') return;
  arbiter.leaseId = question.leaseId;
  arbiter.nextMs = engine.nowMs + config.renewMs;
  arbiter.marks.clear();
}

/** The arbiter says that our lease is gone: the right ends now, whatever our clock says. */
function lose(engine: Engine): void {
  const {arbiter} = engine;
  arbiter.leaseId = null;
  arbiter.heldUntilMs = -Infinity;
  arbiter.marks.clear();
  arbiter.nextMs = engine.nowMs;
}

function strangeness({arbiter}: Engine, outcome: Answered['outcome']): string | null {
  const {clusterId, revision} = arbiter;
  if (clusterId !== null && clusterId !== outcome.clusterId) {
    return `expected the etcd cluster ${clusterId}, found ${outcome.clusterId}`;
  }
  if (outcome.revision >= revision) return null;
  return `expected revision ${revision} or later, found ${outcome.revision}: it has forgotten`;
}

function noteMarkAgainstUs(engine: Engine): void {
  const {arbiter, node, nowMs} = engine;
  const revision = arbiter.rows.get(node)?.mark?.revision;
  if (revision === undefined) arbiter.markedUs = null;
  else if (arbiter.markedUs?.revision !== revision) {
    arbiter.markedUs = {revision, seenMs: nowMs};
    // The others must acknowledge something that we say after this.
    engine.announce = true;
  }
}

/** Asked again soon. Our lease counts on by our own clock, but not with a foreign arbiter. */
function failed(engine: Engine, {fault: kind, detail}: Fault): void {
  const {arbiter, config, nowMs} = engine;
  const isNews = arbiter.fault?.kind !== kind;
  const wasHeld = isHeld(engine);
  arbiter.fault = {kind, detail};
  if (kind === 'foreign') {
    lose(engine);
    arbiter.everHeld = true;
  }
  const {timeoutMs = 0} = config.arbiter ?? {};
  const pauseMs = kind === 'unreachable' ? timeoutMs / 4 : timeoutMs;
  arbiter.nextMs = nowMs + pauseMs;
  tellChange(engine, wasHeld);
  if (isNews) wakeWhoWaits(engine);
}

type Fault = ArbiterOutcome & {readonly ok: false};

/** Into the journal and the log: that the lease was gained or lost. */
function tellChange(engine: Engine, wasHeld: boolean): void {
  const {arbiter, config} = engine;
  const holds = isHeld(engine);
  if (holds === wasHeld) return;
  const id = config.arbiter?.id ?? '';
  const detail = arbiter.fault?.detail ?? 'the lease is gone';
  const why = holds
    ? cause('arbiter-back', `${id}: lease ${arbiter.leaseId ?? ''} at revision ${arbiter.revision}`)
    : cause('arbiter-lost', `${id}: ${detail}`);
  record(engine, {
    kind: 'link',
    service: null,
    cause: why,
    data: {arbiter: id, holds, revision: arbiter.revision},
  });
  notice(engine, holds ? 'info' : 'warning', null, why);
  markAllDirty(engine);
}

function wakeWhoWaits(engine: Engine): void {
  for (const service of engine.services) {
    const reason = service.waiting?.reason ?? '';
    const waits = reason.startsWith('arbiter-') || reason === 'no-right' || reason === 'disk-wait';
    if (waits || reason === 'proof-too-weak') markDirty(engine, service);
  }
}
