/**
 * What is known of a peer and of ourselves, gathered once per turn: one reading per decision. The
 * verdicts of all services of a class on one peer are the same, so they are judged once per turn.
 */

import {judge} from '../arbitration/judge.ts';
import type {
  ArbiterEvidence,
  DiskEvidence,
  JudgeQuestion,
  LinkEvidence,
  OwnEvidence,
  PeerEvidence,
  Verdict,
} from '../arbitration/types.ts';
import {contenderWaitMs, ownerEndsMs, watchedWaitMs} from '../config/inequalities.ts';
import type {OwnersNumbers} from '../config/inequalities.ts';
import type {ServiceClass} from '../config/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import {isSpent} from './fence-auto.ts';
import {fencesOf} from './fencing.ts';
import {isHeld} from './arbiter-right.ts';
import {markOf} from './arbiter.ts';
import {hasQuorum, quorumEvidence} from './quorum.ts';
import {Rights} from './rights.ts';
import {pingReachable} from './ping.ts';
import type {Engine, MediumRuntime, PeerRuntime} from './state.ts';

export interface Judged {
  /** Of the first service of its class that asked; they differ in nothing but the name. */
  readonly question: JudgeQuestion;
  readonly verdict: Verdict;
}

/** One turn's reading, each part made when it is first asked for; dropped when the turn ends. */
export class Reading {
  readonly #engine: Engine;
  readonly #judged = new Map<string, Judged>();
  #own: OwnEvidence | null = null;
  #rights: Rights | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get own(): OwnEvidence {
    this.#own ??= ownEvidence(this.#engine);
    return this.#own;
  }

  get rights(): Rights {
    this.#rights ??= new Rights(this.#engine);
    return this.#rights;
  }

  /** The verdict, and the question that it answers: the journal keeps both. */
  judged(peer: PeerRuntime, service: ServiceName, serviceClass: ServiceClass): Judged {
    const key = `${peer.name}/${serviceClass}`;
    const known = this.#judged.get(key);
    if (known !== undefined) return known;
    const question: JudgeQuestion = {
      service,
      serviceClass,
      takeover: this.#engine.config.takeover,
      peer: peerEvidence(this.#engine, peer),
      own: this.own,
    };
    const judged = {question, verdict: judge(question)};
    this.#judged.set(key, judged);
    return judged;
  }
}

export function ownEvidence(engine: Engine): OwnEvidence {
  const links = engine.media.filter((medium) => medium.kind === 'link');
  const healthy = links.filter((link) => link.fault === null);
  return {
    stalled: engine.draining || engine.nowMs < engine.unfitUntilMs,
    isolated: links.length > 0 && healthy.length === 0,
    overloaded: false,
    pingReachable: pingReachable(engine),
    quorum: hasQuorum(engine),
    carrier: healthy.length > 0,
    configSkew: false,
    duplicateNode: engine.duplicateNode,
  };
}

export function peerEvidence(engine: Engine, peer: PeerRuntime): PeerEvidence {
  const links: LinkEvidence[] = [];
  const disks: DiskEvidence[] = [];
  for (const medium of engine.media) {
    if (medium.kind === 'link') links.push(linkEvidence(engine, peer, medium));
    else disks.push(diskEvidence(engine, peer, medium));
  }
  return {
    node: peer.name,
    links,
    disks,
    left: peer.left,
    keepingMs: peer.keepingUntilMs === null ? null : peer.keepingUntilMs - engine.nowMs,
    confirmedDead: peer.confirmedDead,
    fence: fenceEvidence(engine, peer),
    arbiter: arbiterEvidence(engine, peer),
    quorum: quorumEvidence(engine, peer, links),
    reservation: null,
    heardThisLife: peer.heardThisLife,
  };
}

/** An attempt that was ordered counts though the section is gone since: it was made. */
function fenceEvidence(engine: Engine, peer: PeerRuntime): PeerEvidence['fence'] {
  const {name, fence} = peer;
  if (fence.state === 'none' && isSpent(engine, peer)) return 'damped';
  return fence.state === 'none' && fencesOf(engine, name).length === 0 ? null : fence.state;
}

function arbiterEvidence(engine: Engine, peer: PeerRuntime): ArbiterEvidence | null {
  const {config, arbiter, nowMs} = engine;
  if (config.arbiter === null) return null;
  const row = arbiter.rows.get(peer.name);
  const member = row?.member ?? null;
  const mark = markOf(engine, peer.name);
  const {clockErrorRatio} = config.timing;
  const watchdogMs = Math.max(peer.watchdogMs, member?.watchdogMs ?? 0);
  const owner = {leaseMs: member?.ttlMs ?? 0, watchdogMs, clockErrorRatio};
  // Both its last words must say so, where both were heard: it may have failed since.
  const isAttested =
    (member?.watchdogMs ?? 0) > 0 && (peer.incarnation === 0 || peer.watchdogMs > 0);
  return {
    medium: config.arbiter.id,
    // A mark holds by our own lease, whatever the last question came to.
    fault: mark === null ? arbiterFault(engine) : null,
    member: member === null ? null : {keeping: member.keeping},
    present: (row?.present ?? null) !== null,
    markedMs: mark === null ? null : nowMs - mark.atMs,
    stopMs: ownerEndsMs(owner, config.arbiter.ttlMs),
    resetMs: isAttested ? watchedWaitMs(0, watchdogMs, clockErrorRatio) : 0,
  };
}

function arbiterFault(engine: Engine): string | null {
  const {fault, answeredMs} = engine.arbiter;
  if (fault !== null) return `${fault.kind}: ${fault.detail}`;
  if (answeredMs === null) return 'it has not answered this daemon yet';
  return isHeld(engine) ? null : 'this node holds no lease there itself';
}

function linkEvidence(engine: Engine, peer: PeerRuntime, medium: MediumRuntime): LinkEvidence {
  const health = engine.peerView.health(peer.name, medium.id, engine.nowMs);
  return {
    medium: medium.id,
    ageMs: health.ageMs,
    watchedMs: engine.nowMs - medium.watchedSinceMs,
    deadMs: health.deadMs,
    proven: health.proven,
    localFault: medium.fault,
    authFailing: health.authFailing || engine.peerView.hasStranger(peer.name, engine.nowMs),
  };
}

function diskEvidence(engine: Engine, peer: PeerRuntime, medium: MediumRuntime): DiskEvidence {
  const health = engine.peerView.health(peer.name, medium.id, engine.nowMs);
  const disk = engine.config.disks.find((entry) => entry.id === medium.id);
  const owner = numbersOf(engine, peer);
  const ageOf = (atMs: number | null): number | null =>
    atMs === null ? null : engine.nowMs - atMs;
  return {
    medium: medium.id,
    readAgeMs: ageOf(medium.readMs),
    writeAgeMs: ageOf(medium.writeMs),
    changeAgeMs: health.ageMs,
    watchedMs: Math.min(health.watchedMs, engine.nowMs - medium.watchedSinceMs),
    waitMs: contenderWaitMs(owner, disk?.waitMs ?? 0),
    deadMs: health.deadMs,
    stopMs: ownerEndsMs(owner, disk?.leaseMs ?? 0),
    fault: health.fault,
    watchdogMs: peer.watchdogMs,
  };
}

/** The owner's own numbers: I5 is computed from them. */
function numbersOf(engine: Engine, {leaseMs, watchdogMs}: PeerRuntime): OwnersNumbers {
  return {leaseMs, watchdogMs, clockErrorRatio: engine.config.timing.clockErrorRatio};
}
