/**
 * The child process that serves one disk for one daemon, by the rules of heartbeat/io: one round at
 * a time, the own slot written first, then every peer's read; the daemon gives the rounds and
 * judges them by the age of the last report, so a disk that hangs is reported though no answer ever
 * comes.
 */

import type {Input} from '../engine/types.ts';
import type {Chance} from '../kernel/chance.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {SharedDisk} from './disk.ts';
import {frameOrder} from './frame-order.ts';
import type {Life} from './runner.ts';

/** A slot with news from its owner. */
export interface SlotNews {
  readonly from: NodeName;
  readonly sentMs: number;
  readonly order: number;
  /** False at first sight: what lies there may be old. */
  readonly isNews: boolean;
}

export interface ServantPorts {
  readonly life: Life;
  readonly disk: SharedDisk;
  readonly node: NodeName;
  readonly peers: readonly NodeName[];
  readonly chance: Chance;
  /** Monotonic clock of the machine: the child has one of its own. */
  readonly nowMs: () => number;
  /** False once the power is gone: then nothing lands any more. */
  readonly isPowered: () => boolean;
  readonly give: (input: Input) => void;
  readonly onHeard: (news: SlotNews) => void;
}

type Action = 'read' | 'write';

interface Round {
  readonly issuedMs: number;
  /** A write that would come later is not done. */
  readonly untilMs: number;
  readonly bytes: Uint8Array | null;
  /** Not reported yet. */
  actions: readonly Action[];
  cancelTimer: () => void;
}

export class Servant {
  readonly #ports: ServantPorts;
  readonly #seenMs = new Map<NodeName, number>();
  #round: Round | null = null;
  #pending: {readonly bytes: Uint8Array; readonly issuedMs: number} | null = null;
  #readDue = true;
  #cancelRead: () => void = () => undefined;
  #closed = false;

  constructor(ports: ServantPorts) {
    this.#ports = ports;
    this.#next();
  }

  /** The whole slot. Only the newest waits where a round is under way. */
  write(bytes: Uint8Array): void {
    this.#pending = {bytes, issuedMs: this.#ports.life.nowMs()};
    this.#next();
  }

  /** The daemon is gone, and the child notices; what the kernel has begun goes on. */
  close(): void {
    this.#closed = true;
  }

  #next(): void {
    if (this.#round !== null || this.#closed) return;
    const pending = this.#pending;
    if (pending === null && !this.#readDue) return;
    this.#pending = null;
    this.#readDue = false;
    const {life, disk} = this.#ports;
    const {ioMs, renewMs} = disk.config;
    const round: Round = {
      issuedMs: pending?.issuedMs ?? life.nowMs(),
      untilMs: life.nowMs() + ioMs,
      bytes: pending?.bytes ?? null,
      actions: pending === null ? ['read'] : ['write', 'read'],
      cancelTimer: () => undefined,
    };
    this.#round = round;
    this.#watch(round);
    if (round.bytes === null) this.#read(round);
    else this.#write(round, round.bytes);
    this.#cancelRead();
    this.#cancelRead = life.later(renewMs, () => {
      this.#readDue = true;
      this.#next();
    });
  }

  #write(round: Round, bytes: Uint8Array): void {
    const {disk, node, life, chance, nowMs, isPowered} = this.#ports;
    // A hang holds it before its check of the time, or inside the system call itself.
    const isInside = chance.percent(50);
    const work = (): string | null => {
      if (!isPowered()) return 'no power';
      if (!isInside && (this.#closed || nowMs() > round.untilMs))
        return 'the write waited too long';
      disk.land(node, bytes);
      return null;
    };
    disk.access(node, work, (error) => {
      life.event(() => this.#tell(round, 'write', error));
      if (!this.#closed) this.#read(round);
    });
  }

  #read(round: Round): void {
    const {disk, node, peers, life} = this.#ports;
    const looked = (): null => null;
    disk.access(node, looked, (error) => {
      const slots = error === null ? peers.map((peer) => ({peer, ...disk.slot(peer)})) : [];
      life.event(() => {
        for (const {peer, bytes, writtenMs} of slots) this.#handOver(peer, bytes, writtenMs);
        this.#tell(round, 'read', error);
        round.cancelTimer();
        this.#round = null;
        this.#next();
      });
    });
  }

  #handOver(from: NodeName, bytes: Uint8Array, writtenMs: number | null): void {
    const {give, onHeard, disk} = this.#ports;
    const seenMs = this.#seenMs.get(from);
    if (writtenMs !== null) this.#seenMs.set(from, writtenMs);
    if (writtenMs !== null && seenMs !== writtenMs) {
      const order = frameOrder(bytes);
      onHeard({from, sentMs: writtenMs, order, isNews: seenMs !== undefined});
    }
    give({type: 'slot', disk: disk.config.id, node: from, bytes});
  }

  /** Once for each action of a round; a standstill that was told may still end well. */
  #tell(round: Round, action: Action, fault: string | null): void {
    if (!round.actions.includes(action)) return;
    round.actions = round.actions.filter((other) => other !== action);
    this.#state(action, round.issuedMs, fault);
    if (round.actions.length > 0) this.#watch(round);
  }

  #watch(round: Round): void {
    const {life, disk} = this.#ports;
    const {ioMs} = disk.config;
    round.cancelTimer();
    round.cancelTimer = life.later(ioMs, () => {
      if (this.#round !== round || this.#closed) return;
      const fault = `a ${round.actions[0]} takes longer than ${ioMs} ms`;
      for (const action of round.actions) this.#state(action, round.issuedMs, fault);
    });
  }

  #state(action: Action, issuedMs: number, fault: string | null): void {
    const {id} = this.#ports.disk.config;
    this.#ports.give({type: 'disk-state', disk: id, action, issuedMs, fault});
  }
}
