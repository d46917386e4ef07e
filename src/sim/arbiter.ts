/**
 * The etcd of a simulated cluster, as its users see it: changes are atomic and ordered, a lease
 * ends some time after its last renewal and never before, without a majority nothing happens, and
 * a new leader gives every lease its full time anew. Each node reaches it over a path of its own;
 * a question that gets no answer may have been carried out all the same, and late.
 */

import type {
  ArbiterAnswer,
  ArbiterOutcome,
  ArbiterQuestion,
  ArbiterRow,
  MarkEntry,
  MemberEntry,
  NodeEntry,
  Read,
} from '../arbitration/arbiter.ts';
import type {ArbiterConfig} from '../config/types.ts';
import {assert} from '../kernel/assert.ts';
import type {Chance} from '../kernel/chance.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';

/** `lossy`: half of the questions and half of the answers are lost. */
export const arbiterModes = ['ok', 'slow', 'lossy', 'hang'] as const;
export type ArbiterMode = (typeof arbiterModes)[number];

/** etcd looks twice a second for leases that are over. */
const expiryMsMax = 1_000;
/** From question to answer on a good day, ms. */
const travelMs = 4;

interface Row {
  present: (Read<NodeEntry> & {readonly leaseId: string}) | null;
  member: Read<MemberEntry> | null;
  mark: Read<MarkEntry> | null;
}

export class SimEtcd {
  readonly #config: ArbiterConfig;
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #rows: ReadonlyMap<NodeName, Row>;
  readonly #modes = new Map<NodeName, ArbiterMode>();
  /** End of each lease that was granted; it is gone some time after that. */
  readonly #leases = new Map<string, number>();
  #revision = 1;
  #hasMajority = true;

  constructor(config: ArbiterConfig, clock: VirtualClock, chance: Chance) {
    this.#config = config;
    this.#clock = clock;
    this.#chance = chance;
    this.#rows = new Map(
      [...config.files.keys()].map((node) => [node, {present: null, member: null, mark: null}]),
    );
  }

  setMode(node: NodeName, mode: ArbiterMode): void {
    this.#modes.set(node, mode);
  }

  /** Without one nothing is answered and no lease ends; the leader that comes gives all anew. */
  setMajority(hasMajority: boolean): void {
    if (hasMajority && !this.#hasMajority) this.changeLeader();
    this.#hasMajority = hasMajority;
  }

  changeLeader(): void {
    for (const leaseId of this.#leases.keys()) this.#prolong(leaseId);
  }

  /** `issuedMs`: the clock of the asker. The answer comes within its deadline, good or bad. */
  ask(
    node: NodeName,
    {id, question, issuedMs}: {id: number; question: ArbiterQuestion; issuedMs: number},
    reply: (answer: ArbiterAnswer) => void,
  ): void {
    const {timeoutMs} = this.#config;
    const mode = this.#modes.get(node) ?? 'ok';
    let isAnswered = false;
    const answer = (outcome: ArbiterOutcome): void => {
      if (isAnswered) return;
      isAnswered = true;
      reply({id, issuedMs, outcome});
    };
    this.#later(timeoutMs, () => {
      answer({ok: false, fault: 'unreachable', detail: `no answer within ${timeoutMs} ms`});
    });
    const isLossy = mode === 'lossy';
    const isLost = mode === 'hang' || (isLossy && this.#chance.percent(50));
    if (isLost) return;
    const isDeaf = isLossy && this.#chance.percent(50);
    const delayMs = mode === 'slow' ? this.#chance.between(1, 2 * timeoutMs) : travelMs / 2;
    this.#later(delayMs, () => {
      if (!this.#hasMajority) return;
      const outcome = this.#carryOut(node, question);
      if (!isDeaf) this.#later(travelMs / 2, () => answer(outcome));
    });
  }

  #later(ms: number, run: () => void): void {
    this.#clock.at(this.#clock.nowMs() + ms, run);
  }

  #carryOut(node: NodeName, question: ArbiterQuestion): ArbiterOutcome {
    const done = this.#change(node, question);
    const rows = [...this.#rows].map(([name, row]): ArbiterRow => ({node: name, ...row}));
    const grantedMs = this.#config.ttlMs;
    return {ok: true, done, clusterId: 'simulated', revision: this.#revision, grantedMs, rows};
  }

  #change(node: NodeName, question: ArbiterQuestion): boolean {
    const own = this.#row(node);
    switch (question.kind) {
      case 'read':
        return true;
      case 'acquire': {
        const isSame =
          (own.present?.revision ?? 0) === question.nodeRevision &&
          (own.mark?.revision ?? 0) === question.markRevision;
        if (!isSame) return false;
        const revision = this.#next();
        own.present = {...question.entry, leaseId: question.leaseId, revision};
        own.member = {...question.member, revision};
        own.mark = null;
        this.#leases.set(question.leaseId, 0);
        this.#prolong(question.leaseId);
        return true;
      }
      case 'renew': {
        const {leaseId, member} = question;
        if (!this.#leases.has(leaseId)) return false;
        this.#prolong(leaseId);
        if (own.present?.leaseId !== leaseId) return false;
        if (member !== null) own.member = {...member, revision: this.#next()};
        return true;
      }
      case 'release':
        this.#leases.delete(question.leaseId);
        if (own.present?.leaseId !== question.leaseId) return true;
        own.present = null;
        this.#next();
        return true;
      case 'mark': {
        const row = this.#row(question.peer);
        const isOut = row.present === null && row.member !== null;
        if (!isOut || own.present?.leaseId !== question.leaseId) return false;
        row.mark = {...question.entry, revision: this.#next()};
        return true;
      }
    }
  }

  #prolong(leaseId: string): void {
    const endMs = this.#clock.nowMs() + this.#config.ttlMs;
    this.#leases.set(leaseId, endMs);
    this.#expireAt(leaseId, endMs);
  }

  #expireAt(leaseId: string, endMs: number): void {
    this.#clock.at(endMs + this.#chance.between(0, expiryMsMax), () => {
      if (this.#leases.get(leaseId) !== endMs || !this.#hasMajority) return;
      this.#leases.delete(leaseId);
      for (const row of this.#rows.values()) {
        if (row.present?.leaseId !== leaseId) continue;
        row.present = null;
        this.#next();
      }
    });
  }

  #next(): number {
    this.#revision += 1;
    return this.#revision;
  }

  #row(node: NodeName): Row {
    const row = this.#rows.get(node);
    assert(row !== undefined, `no node ${node}`);
    return row;
  }
}
