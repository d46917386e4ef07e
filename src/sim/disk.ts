/**
 * A shared disk with one slot per node, reached by each node over a path of its own that can be
 * slow, hang, fail, or tear a write. The platters are one: what lands is seen by all. A hanging
 * write is not lost; it lands when the path comes back, long after its writer has died.
 */

import type {DiskConfig} from '../config/types.ts';
import type {Chance} from '../kernel/chance.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';

export const pathModes = ['ok', 'slow', 'hang', 'eio'] as const;
export type PathMode = (typeof pathModes)[number];

const recordBytes = 512;
/** Images kept for a rollback of the whole disk. */
const imagesMax = 32;

/** What lies in a slot, and when its owner wrote it; null: not as its owner wrote it. */
export interface SlotImage {
  readonly bytes: Uint8Array;
  readonly writtenMs: number | null;
}

interface Path {
  mode: PathMode;
  /** The next write lands in part. */
  tearsNext: boolean;
  readonly held: (() => void)[];
}

export class SharedDisk {
  readonly config: DiskConfig;
  /** For whoever draws while using this disk. */
  readonly chance: Chance;
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #slots = new Map<NodeName, SlotImage>();
  readonly #paths = new Map<NodeName, Path>();
  readonly #images: {readonly atMs: number; readonly slots: Map<NodeName, SlotImage>}[] = [];

  constructor(config: DiskConfig, clock: VirtualClock, chance: Chance) {
    this.config = config;
    this.#clock = clock;
    this.#chance = chance;
    this.chance = chance.fork();
    for (const node of config.device.keys()) {
      this.#slots.set(node, {
        bytes: new Uint8Array(config.slotBlocks * recordBytes),
        writtenMs: null,
      });
      this.#paths.set(node, {mode: 'ok', tearsNext: false, held: []});
    }
  }

  mode(node: NodeName): PathMode {
    return this.#path(node).mode;
  }

  setMode(node: NodeName, mode: PathMode): void {
    const path = this.#path(node);
    path.mode = mode;
    if (mode === 'hang') return;
    for (const run of path.held.splice(0)) run();
  }

  tearNextWrite(node: NodeName): void {
    this.#path(node).tearsNext = true;
  }

  /** The whole disk as it was `ageMs` ago, or as far back as is known (a restored snapshot). */
  rollBack(ageMs: number): void {
    const dueMs = this.#clock.nowMs() - ageMs;
    const image = this.#images.findLast((one) => one.atMs <= dueMs) ?? this.#images[0];
    if (image === undefined) return;
    for (const [node, {bytes}] of image.slots) this.#slots.set(node, {bytes, writtenMs: null});
  }

  slot(node: NodeName): SlotImage {
    return this.#slots.get(node)!;
  }

  /** One access over the path of `node`; `work` and `done` speak of an error, or null. */
  access(node: NodeName, work: () => string | null, done: (error: string | null) => void): void {
    const path = this.#path(node);
    if (path.mode === 'hang') {
      path.held.push(() => this.access(node, work, done));
      return;
    }
    const {ioMs} = this.config;
    const takesMs =
      path.mode === 'slow'
        ? this.#chance.between(Math.round(ioMs / 2), Math.round(ioMs * 1.5))
        : this.#chance.between(1, 4);
    this.#clock.at(this.#clock.nowMs() + takesMs, () => {
      const {mode} = path;
      if (mode === 'hang') {
        path.held.push(() => this.access(node, work, done));
      } else if (mode === 'eio') done('input/output error');
      else done(work());
    });
  }

  /** What a write of `node` leaves on the platters. */
  land(node: NodeName, bytes: Uint8Array): void {
    const path = this.#path(node);
    this.#keepImage();
    if (!path.tearsNext) {
      this.#slots.set(node, {bytes, writtenMs: this.#clock.nowMs()});
      return;
    }
    path.tearsNext = false;
    const torn = Uint8Array.from(this.slot(node).bytes);
    torn.set(bytes.subarray(0, this.#chance.between(1, bytes.length - 1)));
    this.#slots.set(node, {bytes: torn, writtenMs: null});
  }

  #keepImage(): void {
    const atMs = this.#clock.nowMs();
    const last = this.#images.at(-1);
    if (last !== undefined && atMs - last.atMs < this.config.renewMs) return;
    this.#images.push({atMs, slots: new Map(this.#slots)});
    if (this.#images.length > imagesMax) this.#images.shift();
  }

  #path(node: NodeName): Path {
    return this.#paths.get(node)!;
  }
}
