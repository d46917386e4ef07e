/**
 * S1: at most one node has an effect for a service, as far as the class of the service demands.
 * Counted is what really runs, from the first call of a start to the end of the stop that took it
 * down.
 *
 * What each class leaves open is written down here and in docs/simulator.md; anything else is a
 * violation:
 * - all: a node whose fence device said that it is off while it is on.
 * - data: nothing else.
 * - exclusive (P2: the other one SHOULD have stopped): a node whose daemon stands still or is gone
 *   cannot stop what it runs; it is excused until the daemon is back, has had its barrier turn or
 *   one lease, and begins to stop. A stop that began in time (I4) but takes too long or fails is
 *   excused. So is a node whose state directory has just begun to refuse: the stop is done without
 *   a record, but only after the commit was waited for. And a service frozen while it ran, of which
 *   the others have not heard: a freeze may not be broken.
 * - address, none (P1, P0): two nodes that do not hear each other may both run it. Once two nodes
 *   hear each other again, or the excuse is over, one of them must begin to stop within the
 *   settling time.
 */

import {leasesOf} from '../../config/inequalities.ts';
import type {ServiceConfig} from '../../config/types.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {Observer, ScriptCall} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

/** While two are active the excuses are looked at this often, ms. */
const lookMs = 50;
/** A commit without an answer for this long counts as failed, ms. */
const commitMsMax = 5_000;

interface Dual {
  readonly sinceMs: number;
  /** Nodes that had frozen it while it ran, unheard by the others. */
  readonly frozen: Set<NodeName>;
}

export class SingleEffect implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #duals = new Map<ServiceName, Dual>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onTruth(_node: NodeName, name: ServiceName, atMs: number): void {
    const service = this.#ledger.world.config.services.find((one) => one.name === name);
    if (service !== undefined) this.#look(service, atMs);
  }

  /**
   * Nothing is started twice: not on one node either, by a daemon that knows nothing of the first.
   */
  onScript({node, plan, action, rid}: ScriptCall): void {
    const resource = this.#ledger.world.machine(node).resource(plan.service, rid);
    if (action !== 'start' || resource.running('start') === 0) return;
    const text = `${plan.id}: ${rid} is started while a start of it still runs`;
    this.#report({rule: 'S1', node, service: plan.service, text});
  }

  #look(service: ServiceConfig, atMs: number): void {
    const {world} = this.#ledger;
    const active = world.nodes.filter((node) => world.machine(node).isActive(service.name));
    if (active.length < 2) {
      this.#duals.delete(service.name);
      return;
    }
    const known = this.#duals.get(service.name);
    const dual = known ?? {sinceMs: atMs, frozen: new Set<NodeName>()};
    const bare = active.filter((node) => !this.#isExcused(service, node, {active, dual}));
    if (this.#clash(service, bare)) {
      const states = bare.map(
        (node) => `${node} ${this.#ledger.state(node, service.name)?.state ?? 'UNKNOWN'}`,
      );
      this.#report({
        rule: 'S1',
        node: null,
        service: service.name,
        text: `class ${service.serviceClass}: active on ${states.join(' and ')}`,
      });
      return;
    }
    if (known !== undefined) return;
    this.#duals.set(service.name, dual);
    this.#watch(service, dual);
  }

  #watch(service: ServiceConfig, dual: Dual): void {
    const {clock} = this.#ledger.world;
    clock.at(clock.nowMs() + lookMs, () => {
      if (this.#duals.get(service.name) !== dual) return;
      this.#look(service, clock.nowMs());
      this.#watch(service, dual);
    });
  }

  /**
   * Two that have no excuse; without proof they must also have heard each other for long enough.
   */
  #clash(service: ServiceConfig, bare: readonly NodeName[]): boolean {
    if (service.serviceClass === 'data' || service.serviceClass === 'exclusive') {
      return bare.length > 1;
    }
    return bare.some((node) =>
      bare.some(
        (other) => other !== node && this.#ledger.contactMs(node, other) >= this.#settleMs(),
      ),
    );
  }

  #isExcused(
    service: ServiceConfig,
    node: NodeName,
    seen: {readonly active: readonly NodeName[]; readonly dual: Dual},
  ): boolean {
    // Nobody can know: the device of its power said that it is off.
    if (this.#ledger.isLiedAbout(node)) return true;
    switch (service.serviceClass) {
      case 'data':
        return false;
      case 'exclusive':
        return this.#excusedExclusive(service, node, seen);
      case 'address':
      case 'none':
        return this.#excusedUnproven(service, node);
    }
  }

  #excusedExclusive(
    service: ServiceConfig,
    node: NodeName,
    seen: {readonly active: readonly NodeName[]; readonly dual: Dual},
  ): boolean {
    const {world} = this.#ledger;
    if (leasesOf(world.config).length === 0) return false;
    const nowMs = world.clock.nowMs();
    const blind = this.#ledger.blind(node);
    if (nowMs < blind.untilMs + this.#returnMs(service, node)) return true;
    if (nowMs < this.#ledger.storageFailedMs(node) + commitMsMax + this.#settleMs()) return true;
    return (
      this.#stopsTooLong(service, node, seen.dual) ||
      this.#isFrozenUnheard(service, node, seen) ||
      this.#cannotBeEnded(service, node) ||
      this.#cannotBeAsked(service, node)
    );
  }

  #excusedUnproven(service: ServiceConfig, node: NodeName): boolean {
    const known = this.#ledger.state(node, service.name);
    const state = known?.state;
    if (state === 'STOPPING' || state === 'STOP_FAILED' || state === 'FROZEN_START') return true;
    if (this.#ledger.undoingMs(node, service.name) !== null) return true;
    const nowMs = this.#ledger.world.clock.nowMs();
    if (nowMs - (known?.sinceMs ?? nowMs) < this.#settleMs()) return true;
    if (this.#cannotBeEnded(service, node) || this.#cannotBeAsked(service, node)) return true;
    return nowMs < this.#ledger.storageFailedMs(node) + commitMsMax + this.#settleMs();
  }

  /**
   * From the return of a daemon until it must have begun to stop: its own lease, and some turns;
   * where the last one died in the middle of a plan, first the deadlines of the scripts it had
   * called.
   */
  #returnMs(service: ServiceConfig, node: NodeName): number {
    const leases = leasesOf(this.#ledger.world.config);
    const leaseMs = Math.max(0, ...leases.map((lease) => lease.leaseMs));
    const probeMs = Math.max(...service.resources.map((one) => one.probeMs));
    const underWay = this.#ledger.facts(node, service.name)?.underWay ?? null;
    const planMs = service.resources.reduce((sum, one) => sum + one.startMs + one.stopMs, 0);
    return leaseMs + this.#settleMs() + probeMs + (underWay === null ? 0 : planMs);
  }

  #settleMs(): number {
    const {beatMs, stallMs} = this.#ledger.world.config.timing;
    return 3 * beatMs + stallMs + 1_000;
  }

  /** It stops, or could not; and it began early enough before the other one came (I4). */
  #stopsTooLong(service: ServiceConfig, node: NodeName, dual: Dual): boolean {
    const known = this.#ledger.state(node, service.name);
    if (known?.state === 'STOP_FAILED') return true;
    const undoingMs = this.#ledger.undoingMs(node, service.name);
    const sinceMs = known?.state === 'STOPPING' ? known.sinceMs : undoingMs;
    if (sinceMs === null) return false;
    if (sinceMs > dual.sinceMs) return true;
    const stopMs = service.resources.reduce((sum, one) => sum + one.stopMs, 0);
    const leaseMs = Math.min(...leasesOf(this.#ledger.world.config).map((lease) => lease.leaseMs));
    return dual.sinceMs - sinceMs >= 0.99 * Math.min(stopMs, leaseMs / 2);
  }

  /** Frozen while it ran, before the other had heard of it; only a person ends that. */
  #isFrozenUnheard(
    service: ServiceConfig,
    node: NodeName,
    seen: {readonly active: readonly NodeName[]; readonly dual: Dual},
  ): boolean {
    const known = this.#ledger.state(node, service.name);
    if (known?.state !== 'FROZEN_START') return false;
    const unheard = seen.active.some(
      (other) => other !== node && this.#ledger.heardMade(other, node).turn < known.turn,
    );
    if (unheard) seen.dual.frozen.add(node);
    return seen.dual.frozen.has(node);
  }

  /** A script outlived its daemon, and hangs in the kernel, or nobody can tell which it is. */
  #cannotBeEnded(service: ServiceConfig, node: NodeName): boolean {
    const resources = this.#ledger.world.machine(node).resourcesOf(service.name);
    return resources.some((resource) => resource.lingers);
  }

  /** Its status script gives no answer: the daemon does not know that it runs. */
  #cannotBeAsked(service: ServiceConfig, node: NodeName): boolean {
    const state = this.#ledger.state(node, service.name)?.state ?? 'UNKNOWN';
    if (state !== 'UNKNOWN') return false;
    const {clock} = this.#ledger.world;
    const resources = this.#ledger.world.machine(node).resourcesOf(service.name);
    const probeMs = Math.max(...service.resources.map((one) => one.probeMs));
    // A look that hangs ends by its deadline, and the next one follows.
    return resources.some(
      (resource) => clock.nowMs() < resource.unaskableUntilMs + 3 * probeMs + this.#settleMs(),
    );
  }
}
