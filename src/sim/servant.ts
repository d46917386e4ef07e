/**
 * The child process that serves one disk for one daemon: reads every peer's slot once per renewal,
 * writes the newest own slot, one access at a time. Its parent judges it by the age of what is under
 * way, so a disk that hangs is reported though no answer ever comes.
 */

import type {Input} from '../engine/types.ts';
import type {DiskId, NodeName} from '../kernel/ids.ts';
import type {SharedDisk} from './disk.ts';
import type {Life} from './runner.ts';

/** A slot with news from its owner. */
export interface SlotNews {
  readonly from: NodeName;
  readonly sentMs: number;
}

export interface ServantPorts {
  readonly life: Life;
  readonly disk: SharedDisk;
  readonly node: NodeName;
  readonly peers: readonly NodeName[];
  /** False once the power is gone: then nothing lands any more. */
  readonly isPowered: () => boolean;
  /** A timer of the child: it runs on while the daemon stands still, and ends with it. */
  readonly tick: (ms: number, run: () => void) => void;
  readonly give: (input: Input) => void;
  readonly onHeard: (news: SlotNews) => void;
}

type Job = {readonly action: 'read' | 'write'; readonly bytes: Uint8Array | null; issuedMs: number};

export class Servant {
  readonly #ports: ServantPorts;
  #busy: Job | null = null;
  #nextWrite: Job | null = null;
  readonly #seenMs = new Map<NodeName, number>();
  #readDue = false;
  #closed = false;

  constructor(ports: ServantPorts) {
    this.#ports = ports;
    this.#pollReads();
    this.#watch();
  }

  write(bytes: Uint8Array): void {
    this.#nextWrite = {action: 'write', bytes, issuedMs: this.#ports.life.nowMs()};
    this.#next();
  }

  /** The daemon is gone; what the kernel has begun goes on without us. */
  close(): void {
    this.#closed = true;
  }

  #pollReads(): void {
    if (this.#closed) return;
    this.#readDue = true;
    this.#next();
    this.#ports.tick(this.#ports.disk.config.renewMs, () => this.#pollReads());
  }

  /** Judged by the parent: what is under way for longer than D has failed. */
  #watch(): void {
    const {life, disk} = this.#ports;
    const {ioMs, id} = disk.config;
    life.later(ioMs / 2, () => {
      if (this.#closed) return;
      const job = this.#busy;
      if (job !== null && life.nowMs() - job.issuedMs > ioMs) {
        this.#report(id, job, `no answer for more than ${ioMs} ms`);
      }
      this.#watch();
    });
  }

  #next(): void {
    if (this.#busy !== null || this.#closed) return;
    const job = this.#nextWrite ?? (this.#readDue ? this.#readJob() : null);
    if (job === null) return;
    if (job.action === 'write') this.#nextWrite = null;
    else this.#readDue = false;
    this.#busy = job;
    const {disk, node, isPowered} = this.#ports;
    const work = (): void => {
      if (job.bytes !== null && isPowered()) disk.land(node, job.bytes);
    };
    disk.access(node, work, (error) => this.#done(job, error));
  }

  #readJob(): Job {
    return {action: 'read', bytes: null, issuedMs: this.#ports.life.nowMs()};
  }

  #done(job: Job, error: string | null): void {
    this.#busy = null;
    if (this.#closed) return;
    const {life, disk, peers, give} = this.#ports;
    const {id} = disk.config;
    const slots =
      job.action === 'read' && error === null
        ? peers.map((peer) => ({peer, ...disk.slot(peer)}))
        : [];
    life.event(() => {
      this.#report(id, job, error);
      for (const {peer, bytes, writtenMs} of slots) {
        this.#noteHeard(peer, writtenMs);
        give({type: 'slot', disk: id, node: peer, bytes});
      }
    });
    this.#next();
  }

  #noteHeard(from: NodeName, writtenMs: number | null): void {
    if (writtenMs === null || this.#seenMs.get(from) === writtenMs) return;
    this.#seenMs.set(from, writtenMs);
    this.#ports.onHeard({from, sentMs: writtenMs});
  }

  #report(id: DiskId, job: Job, fault: string | null): void {
    const {action, issuedMs} = job;
    this.#ports.give({type: 'disk-state', disk: id, action, issuedMs, fault});
  }
}
