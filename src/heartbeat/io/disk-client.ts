/**
 * The daemon's side of one shared disk: starts the process that does the I/O, gives it one round at
 * a time, and judges it by its reports alone. A round that stands still is a fault after ioMs and
 * stays one until it ends; nothing ever waits for it, the end of the daemon least of all.
 */

import type {DiskConfig} from '../../config/types.ts';
import {startServant} from '../../drivers/host/start-servant.ts';
import type {Servant} from '../../drivers/host/start-servant.ts';
import {assert} from '../../kernel/assert.ts';
import type {NodeName} from '../../kernel/ids.ts';
import {recordBytes} from '../layout.ts';
import {monotonicMs, packSlot, unpackSlot} from './disk-messages.ts';
import type {DiskAction, DiskCommand, DiskReport, DiskTask, SlotRange} from './disk-messages.ts';

/** Our own I/O, as the engine's input `disk-state` wants it. */
export interface DiskState {
  readonly action: DiskAction;
  /** When it was asked for: a lease counts from here. */
  readonly issuedMs: number;
  /** Null: it succeeded. */
  readonly fault: string | null;
}

export interface DiskClientOptions {
  readonly disk: DiskConfig;
  readonly node: NodeName;
  /** The monotonic clock of the engine. */
  readonly nowMs: () => number;
  /** A peer's slot as just read; `issuedMs` is before the read began. */
  readonly onSlot: (node: NodeName, bytes: Uint8Array, issuedMs: number) => void;
  readonly onState: (state: DiskState) => void;
  /** Worth a line in the log: the device was opened without direct I/O. */
  readonly onNote: (text: string) => void;
}

/** One command under way. */
interface Round {
  readonly id: number;
  readonly issuedMs: number;
  /** What has not been reported yet, in the order in which it is done. */
  actions: readonly DiskAction[];
  /** Ends in a fault if no report comes before. */
  timer: NodeJS.Timeout;
}

/**
 * Small and steady: a heap cap that a defect would hit soon, no helper threads, no compilers (one
 * round a second needs none, and their code would double what the process grows by).
 */
const servantFlags = [
  '--max-old-space-size=16',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--single-threaded',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--disable-sigusr1',
];
const actionsAll: readonly DiskAction[] = ['write', 'read'];
/** A Node process under load; longer than that is not load. */
const startMsMax = 10_000;
const restartMsMin = 500;
const restartMsMax = 10_000;
/** The longest report: a slot of 1,024 blocks in base64. */
const lineCharsMax = 1_000_000;

export class DiskClient {
  readonly #options: DiskClientOptions;
  readonly #task: DiskTask;
  #servant: Servant | null = null;
  #round: Round | null = null;
  #lastId = 0;
  #pending: {readonly bytes: Uint8Array; readonly issuedMs: number} | null = null;
  #readDue = true;
  #readTimer: NodeJS.Timeout | null = null;
  #startTimer: NodeJS.Timeout | null = null;
  #restartTimer: NodeJS.Timeout | null = null;
  /** The process takes commands. */
  #ready = false;
  #restarts = 0;
  #input = '';
  #closed = false;

  constructor(options: DiskClientOptions) {
    this.#options = options;
    this.#task = taskOf(options);
    this.#start();
  }

  /** Process id of the servant, for `ha hb -s`; null: none runs. */
  get pid(): number | null {
    return this.#servant?.pid ?? null;
  }

  /** The whole slot. Only the newest waits where a round is under way. */
  write(bytes: Uint8Array): void {
    assert(bytes.length === this.#task.own.lengthBytes, 'a slot has the wrong length');
    if (this.#closed) return;
    this.#pending = {bytes, issuedMs: this.#options.nowMs()};
    this.#next();
  }

  /** No callback comes after this. The process is killed and not waited for: it may be stuck. */
  close(): void {
    this.#closed = true;
    const {timer} = this.#round ?? {};
    for (const each of [this.#readTimer, this.#startTimer, this.#restartTimer, timer]) {
      if (each) clearTimeout(each);
    }
    this.#servant?.kill();
    this.#servant = null;
  }

  #start(): void {
    this.#input = '';
    this.#servant = startServant({
      script: servantScript(),
      flags: servantFlags,
      argument: JSON.stringify(this.#task),
      onText: (text) => this.#read(text),
      onEnd: (how) => this.#ended(how),
    });
    this.#startTimer = setTimeout(() => {
      const issuedMs = this.#options.nowMs();
      for (const action of actionsAll) this.#state(action, issuedMs, 'its process does not start');
    }, startMsMax);
  }

  /** Gives the process the next round, where it is free and there is one. */
  #next(): void {
    if (this.#round !== null || !this.#ready) return;
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null && !this.#readDue) return;
    this.#readDue = false;
    this.#lastId += 1;
    this.#round = {
      id: this.#lastId,
      issuedMs: pending?.issuedMs ?? this.#options.nowMs(),
      actions: pending === null ? ['read'] : ['write', 'read'],
      timer: this.#stuckTimer(),
    };
    const command: DiskCommand = {
      id: this.#lastId,
      write: pending && packSlot(pending.bytes),
      untilMs: monotonicMs() + this.#options.disk.ioMs,
    };
    this.#servant?.tell(`${JSON.stringify(command)}\n`);
    if (this.#readTimer !== null) clearTimeout(this.#readTimer);
    this.#readTimer = setTimeout(() => {
      this.#readDue = true;
      this.#next();
    }, this.#options.disk.renewMs);
  }

  #read(text: string): void {
    const lines = (this.#input + text).split('\n');
    this.#input = lines.pop() ?? '';
    assert(this.#input.length <= lineCharsMax, 'the disk process speaks without an end');
    for (const line of lines) {
      if (!this.#closed) this.#take(JSON.parse(line) as DiskReport);
    }
  }

  #take(message: DiskReport): void {
    if (message.type === 'ready') {
      if (this.#startTimer !== null) clearTimeout(this.#startTimer);
      this.#ready = true;
      this.#next();
    } else if (message.type === 'open') {
      if (message.note !== null) this.#options.onNote(`${this.#task.device}: ${message.note}`);
    } else if (message.id === this.#round?.id) {
      clearTimeout(this.#round.timer);
      this.#progress(this.#round, message);
    }
  }

  #progress(round: Round, message: Exclude<DiskReport, {type: 'ready' | 'open'}>): void {
    if (message.type === 'done') {
      this.#round = null;
      this.#restarts = 0;
      this.#tell(round, 'read', null);
      this.#next();
      return;
    }
    round.timer = this.#stuckTimer();
    if (message.type === 'wrote') this.#tell(round, 'write', null);
    else if (message.type === 'failed') this.#tell(round, message.action, message.text);
    else {
      const bytes = new Uint8Array(unpackSlot(message.packed, this.#task.own.lengthBytes));
      this.#options.onSlot(message.node as NodeName, bytes, round.issuedMs);
    }
  }

  /** Reports an action of the round once; a standstill that was told may still end well. */
  #tell(round: Round, action: DiskAction, text: string | null): void {
    if (!round.actions.includes(action)) return;
    round.actions = round.actions.filter((other) => other !== action);
    this.#state(action, round.issuedMs, text);
  }

  #state(action: DiskAction, issuedMs: number, text: string | null): void {
    const fault = text && `${this.#task.device}: ${text}`;
    this.#options.onState({action, issuedMs, fault});
  }

  #stuckTimer(): NodeJS.Timeout {
    const {ioMs} = this.#options.disk;
    return setTimeout(() => {
      const round = this.#round;
      if (round === null) return;
      for (const action of round.actions) {
        this.#state(action, round.issuedMs, `a ${round.actions[0]} takes longer than ${ioMs} ms`);
      }
    }, ioMs);
  }

  #ended(how: string): void {
    const round = this.#round;
    this.#servant = null;
    this.#ready = false;
    this.#round = null;
    for (const timer of [this.#startTimer, round?.timer]) if (timer) clearTimeout(timer);
    const delayMs = Math.min(restartMsMax, restartMsMin * 2 ** this.#restarts);
    this.#restarts = Math.min(this.#restarts + 1, 16);
    this.#restartTimer = setTimeout(() => this.#start(), delayMs);
    const text = `its process ended (${how})`;
    const issuedMs = round?.issuedMs ?? this.#options.nowMs();
    for (const action of actionsAll) this.#state(action, issuedMs, text);
  }
}

function taskOf({disk, node}: DiskClientOptions): DiskTask {
  const ranges = [...disk.slotBlock].map(([owner, block]): SlotRange => ({
    node: owner,
    offsetBytes: block * recordBytes,
    lengthBytes: disk.slotBlocks * recordBytes,
  }));
  const own = ranges.find((range) => range.node === node);
  const device = disk.device.get(node);
  assert(own !== undefined && device !== undefined, 'a disk without a slot of this node');
  return {device, own, peers: ranges.filter((range) => range !== own)};
}

/** Beside this file, as source or as built. */
function servantScript(): URL {
  const built = new URL('./disk-servant.js', import.meta.url);
  return import.meta.url.endsWith('.ts') ? new URL(built.href.replace(/js$/, 'ts')) : built;
}
