/**
 * What every rule needs to know and no engine is asked for: who really heard whom, who stood still,
 * whose state directory failed, what is durable in whose journal, and the states that the records
 * spoke of. Built from what the world saw alone.
 */

import type {RecordEntry, ServiceFacts} from '../../engine/types.ts';
import type {FenceReport} from '../../failover/types.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {ServiceState} from '../../kernel/words.ts';
import type {DaemonEvent, Heard, Observer, Turn} from '../observer.ts';
import type {DurableEffect} from '../storage.ts';
import {frameOrder, lifeOf, sequenceOf} from '../frame-order.ts';
import type {World} from '../world.ts';

/** A span that may still last. */
interface Span {
  sinceMs: number;
  untilMs: number;
}

/** Frames from one node that reached another, as an unbroken run. */
interface HeardRun {
  lastMs: number;
  /** The one before the last. */
  beforeMs: number;
  /** The newest of them. */
  made: Made;
  sinceMs: number;
}

/** What one node has heard of another. */
interface Ear {
  run: HeardRun | null;
  /** As the run, counting what was found on a disk at first sight; -Infinity: nothing. */
  seenMs: number;
  /** The newest frame that came over each medium, whichever daemon heard it. */
  readonly newest: Map<string, number>;
}

/**
 * When a frame was made, and in which turn of all: it says what its sender knew then. It may be
 * sent, or land on a disk, much later: behind a record that waits for a slow state directory.
 */
interface Made {
  readonly atMs: number;
  readonly turn: number;
}

export interface KnownState {
  readonly state: ServiceState;
  readonly sinceMs: number;
  /** The turn that went there; the frames of the same turn say so already. */
  readonly turn: number;
}

/** What a durable `verdict` record said. */
export interface KnownVerdict {
  readonly over: string;
  readonly proof: string;
  readonly reason: string;
  readonly epoch: number;
}

const neverMade: Made = {atMs: -Infinity, turn: -1};
const noSpan: Readonly<Span> = {sinceMs: -Infinity, untilMs: -Infinity};

export class Ledger implements Observer {
  readonly world: World;
  readonly #gapMs: number;
  readonly #ears = new Map<NodeName, Map<NodeName, Ear>>();
  /** By node and life: each frame by its sequence. */
  readonly #made = new Map<NodeName, Map<number, Made[]>>();
  readonly #blind = new Map<NodeName, Span>();
  readonly #storageFailedMs = new Map<NodeName, number>();
  readonly #states = new Map<string, KnownState>();
  readonly #undoing = new Map<string, number>();
  readonly #facts = new Map<string, ServiceFacts>();
  readonly #nodeFrozen = new Map<NodeName, boolean>();
  readonly #plans = new Map<string, RecordEntry>();
  readonly #liedAbout = new Set<NodeName>();
  readonly #verdicts = new Map<string, KnownVerdict[]>();

  /** Turns of all daemons so far. */
  turn = 0;

  constructor(world: World) {
    this.world = world;
    this.#gapMs = 2.5 * world.config.timing.beatMs;
  }

  /** When `to` last heard a genuine frame of `from` before now; -Infinity: never. */
  heardMs(to: NodeName, from: NodeName): number {
    const run = this.#ear(to, from).run;
    if (run === null) return -Infinity;
    // A timer that is due goes before what arrives in the same instant.
    return run.lastMs < this.world.clock.nowMs() ? run.lastMs : run.beforeMs;
  }

  /** As heardMs, counting also what was found on a disk at first sight. */
  seenMs(to: NodeName, from: NodeName): number {
    return this.#ear(to, from).seenMs;
  }

  /** When the newest frame of `from` that `to` has heard was made. */
  heardMade(to: NodeName, from: NodeName): Made {
    return this.#ear(to, from).run?.made ?? neverMade;
  }

  /** How long two nodes have heard each other without a gap; 0: they do not. */
  contactMs(left: NodeName, right: NodeName): number {
    const runs = [this.#ear(left, right).run, this.#ear(right, left).run];
    const nowMs = this.world.clock.nowMs();
    let contactMs = Infinity;
    for (const run of runs) {
      if (run === null || nowMs - run.lastMs > this.#gapMs) return 0;
      contactMs = Math.min(contactMs, nowMs - run.sinceMs);
    }
    return contactMs;
  }

  /** The last span in which the daemon stood still or was gone; `untilMs` Infinity: it lasts. */
  blind(node: NodeName): Readonly<Span> {
    return this.#blind.get(node) ?? noSpan;
  }

  /** When its state directory last began to refuse. */
  storageFailedMs(node: NodeName): number {
    return this.#storageFailedMs.get(node) ?? -Infinity;
  }

  state(node: NodeName, service: ServiceName): KnownState | undefined {
    return this.#states.get(`${node}/${service}`);
  }

  /** Since when a plan that was ended early is being taken back; null: none is. */
  undoingMs(node: NodeName, service: ServiceName): number | null {
    return this.#undoing.get(`${node}/${service}`) ?? null;
  }

  /** As made durable last. */
  facts(node: NodeName, service: ServiceName): ServiceFacts | undefined {
    return this.#facts.get(`${node}/${service}`);
  }

  isNodeFrozen(node: NodeName): boolean {
    return this.#nodeFrozen.get(node) ?? false;
  }

  /** The durable `plan` record. */
  plan(node: NodeName, id: string): RecordEntry | undefined {
    return this.#plans.get(`${node}/${id}`);
  }

  verdicts(node: NodeName, service: ServiceName): readonly KnownVerdict[] {
    return this.#verdicts.get(`${node}/${service}`) ?? [];
  }

  onHeard({from, to, medium, sentMs, order, atMs, isNews}: Heard): void {
    const ear = this.#ear(to, from);
    ear.seenMs = atMs;
    if (!isNews) return;
    // A copy, or a frame that a newer one has overtaken on its medium, is no news.
    if (order <= (ear.newest.get(medium) ?? 0)) return;
    ear.newest.set(medium, order);
    const {run} = ear;
    const known = run?.made ?? neverMade;
    const told = this.#toldOf(from, order) ?? {atMs: sentMs, turn: known.turn};
    const made = told.atMs >= known.atMs ? told : known;
    if (run === null || atMs - run.lastMs > this.#gapMs) {
      const beforeMs = run?.lastMs ?? -Infinity;
      ear.run = {lastMs: atMs, beforeMs, made, sinceMs: atMs};
      return;
    }
    if (atMs > run.lastMs) run.beforeMs = run.lastMs;
    run.lastMs = atMs;
    run.made = made;
  }

  onDaemon(node: NodeName, event: DaemonEvent, atMs: number): void {
    if (event === 'power-off') this.#liedAbout.delete(node);
    const span = this.#blind.get(node);
    const lasts = span?.untilMs === Infinity;
    if (event === 'down' || event === 'paused') {
      if (!lasts) this.#blind.set(node, {sinceMs: atMs, untilMs: Infinity});
    } else if ((event === 'up' || event === 'resumed') && span !== undefined) span.untilMs = atMs;
    if (event !== 'up' && event !== 'down') return;
    for (const {name} of this.world.config.services) this.#states.delete(`${node}/${name}`);
    for (const ear of this.#ears.get(node)?.values() ?? []) {
      ear.run = null;
      ear.seenMs = -Infinity;
    }
  }

  /** A device said "off" of it while it was on, and it was not off since. */
  isLiedAbout(node: NodeName): boolean {
    return this.#liedAbout.has(node);
  }

  onFenceEnd(_node: NodeName, over: NodeName, {off}: FenceReport): void {
    if (off && this.world.machine(over).powered) this.#liedAbout.add(over);
  }

  onStorage(node: NodeName, failed: boolean, atMs: number): void {
    if (failed) this.#storageFailedMs.set(node, atMs);
  }

  onTurn({node, effects, atMs}: Turn): void {
    this.turn += 1;
    const made = {atMs, turn: this.turn};
    for (const effect of effects) {
      if (effect.type === 'send' || effect.type === 'write-slot') {
        this.#noteMade(node, frameOrder(effect.bytes), made);
      }
      if (effect.type === 'abort-plan') this.#undoing.set(`${node}/${effect.service}`, atMs);
      if (effect.type !== 'record' || effect.entry.kind !== 'transition') continue;
      const {service, data} = effect.entry;
      const state = data['to'] as ServiceState;
      this.#states.set(`${node}/${service}`, {state, sinceMs: atMs, turn: this.turn});
      this.#undoing.delete(`${node}/${service}`);
    }
  }

  onDurable(node: NodeName, effect: DurableEffect): void {
    if (effect.type === 'persist-service') {
      this.#facts.set(`${node}/${effect.service}`, effect.facts);
    } else if (effect.type === 'persist-node') {
      const {frozen, clusterFrozen} = effect.facts;
      this.#nodeFrozen.set(node, frozen !== null || clusterFrozen !== null);
    } else if (effect.entry.kind === 'plan') {
      this.#plans.set(`${node}/${String(effect.entry.data['plan'])}`, effect.entry);
    } else if (effect.entry.kind === 'verdict') this.#noteVerdict(node, effect.entry);
  }

  #ear(to: NodeName, from: NodeName): Ear {
    let ears = this.#ears.get(to);
    if (ears === undefined) this.#ears.set(to, (ears = new Map<NodeName, Ear>()));
    let ear = ears.get(from);
    if (ear === undefined)
      ears.set(from, (ear = {run: null, seenMs: -Infinity, newest: new Map()}));
    return ear;
  }

  #toldOf(node: NodeName, order: number): Made | undefined {
    return this.#made.get(node)?.get(lifeOf(order))?.[sequenceOf(order)];
  }

  #noteMade(node: NodeName, order: number, made: Made): void {
    const lives = this.#made.get(node) ?? new Map<number, Made[]>();
    this.#made.set(node, lives);
    const frames = lives.get(lifeOf(order)) ?? [];
    lives.set(lifeOf(order), frames);
    frames[sequenceOf(order)] = made;
  }

  #noteVerdict(node: NodeName, {service, data, cause}: RecordEntry): void {
    const key = `${node}/${service}`;
    const list = this.#verdicts.get(key) ?? [];
    list.push({
      over: String(data['over']),
      proof: String(data['proof']),
      reason: cause.reason,
      epoch: Number(data['epoch']),
    });
    this.#verdicts.set(key, list);
  }
}
