/**
 * What a node must not do too often, or at all: S11, nothing is heard of a node that has decided to
 * end itself. L3, no node takes over a service twice within the damping window, unless a person has
 * ordered something of it meanwhile. L6, while all nodes of a service hear each other well over a
 * link, no lease is lost: a disk that fails stops nothing.
 */

import type {Effect, RecordEntry} from '../../engine/types.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {DaemonEvent, Heard, Observer, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

/** Older on arrival than this, ms: not heard well. */
const freshMs = 100;

export class Restraint implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #fenced = new Set<NodeName>();
  /** When a node last took a service over, virtual ms. */
  readonly #takenMs = new Map<string, number>();
  /** Frames of one node that reach another over links, beat for beat. */
  readonly #well = new Map<string, {sinceMs: number; lastMs: number}>();
  readonly #gapMs: number;

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
    this.#gapMs = 1.5 * ledger.world.config.timing.beatMs;
  }

  onHeard({from, to, medium, sentMs, atMs}: Heard): void {
    if (atMs - sentMs > freshMs) return;
    if (!this.#ledger.world.config.links.some((link) => link.id === medium)) return;
    const key = `${to}<${from}`;
    const run = this.#well.get(key);
    if (run === undefined || atMs - run.lastMs > this.#gapMs) {
      this.#well.set(key, {sinceMs: atMs, lastMs: atMs});
    } else run.lastMs = atMs;
  }

  /** A daemon that starts remembers no takeover of the one before it. */
  onDaemon(node: NodeName, event: DaemonEvent): void {
    if (event !== 'up' && event !== 'down') return;
    this.#fenced.delete(node);
    for (const {name} of this.#ledger.world.config.services) {
      this.#takenMs.delete(`${node}/${name}`);
    }
  }

  onTurn({node, effects, atMs}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'self-fence') this.#fenced.add(node);
      else if (effect.type === 'record') this.#noteRecord(effect.entry, atMs);
      else if (this.#fenced.has(node)) this.#checkMute(node, effect);
    }
  }

  #checkMute(node: NodeName, effect: Effect): void {
    if (effect.type !== 'send' && effect.type !== 'write-slot') return;
    const text = `${effect.type} after the node has decided to end itself`;
    this.#report({rule: 'S11', node, service: null, text});
  }

  #noteRecord({kind, node, service, cause, data}: RecordEntry, atMs: number): void {
    if (service === null) {
      // An order for the whole node is one for each of its services.
      if (kind === 'command') this.#forget(node);
      return;
    }
    if (kind === 'command') this.#takenMs.delete(`${node}/${service}`);
    else if (kind === 'verdict' && data['decision'] === 'take') {
      this.#checkDamping(node, service, {proof: String(data['proof']), atMs});
    } else if (kind === 'transition' && cause.reason === 'lease-lost') {
      this.#checkLease(node, service);
    }
  }

  #forget(node: NodeName): void {
    for (const key of this.#takenMs.keys()) {
      if (key.startsWith(`${node}/`)) this.#takenMs.delete(key);
    }
  }

  #checkDamping(
    node: NodeName,
    service: ServiceName,
    {proof, atMs}: {readonly proof: string; readonly atMs: number},
  ): void {
    if (proof === 'P4') return;
    const key = `${node}/${service}`;
    const sinceMs = atMs - (this.#takenMs.get(key) ?? -Infinity);
    // In one turn it may be taken over from several nodes. Two clocks differ by a little.
    const {dampingMs} = this.#ledger.world.config.timing;
    if (sinceMs > 0 && sinceMs < dampingMs * 0.998) {
      const text = `taken over again after ${Math.round(sinceMs)} ms`;
      this.#report({rule: 'L3', node, service, text});
    }
    this.#takenMs.set(key, atMs);
  }

  #checkLease(node: NodeName, name: ServiceName): void {
    const {config} = this.#ledger.world;
    const service = config.services.find((one) => one.name === name);
    const others = service?.nodes.filter((other) => other !== node) ?? [];
    const contactMs = Math.min(...others.map((other) => this.#contactMs(node, other)));
    if (others.length === 0 || contactMs < 2 * config.timing.deadMs) return;
    const text = 'its lease is lost though all nodes hear each other';
    this.#report({rule: 'L6', node, service: name, text});
  }

  /** How long two nodes have heard each other well; 0: they do not. */
  #contactMs(left: NodeName, right: NodeName): number {
    const nowMs = this.#ledger.world.clock.nowMs();
    const spans = [`${left}<${right}`, `${right}<${left}`].map((key) => {
      const run = this.#well.get(key);
      return run === undefined || nowMs - run.lastMs > this.#gapMs ? 0 : nowMs - run.sinceMs;
    });
    return Math.min(...spans);
  }
}
