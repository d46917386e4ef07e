/**
 * The right to run (SAFETY, section 5). A node whose disk can be read by its peers, or that obeys
 * an arbiter, may run a leased service only while it can write that disk, or holds its lease there,
 * or while every peer acknowledges it: a peer that hears us has promised not to take over. All
 * rights end before a contender may act (I5, I13).
 */

import {
  isBoundByLease,
  leasesOf,
  promiseMs,
  promiseReserveMs,
  stopReserveMs,
} from '../config/inequalities.ts';
import type {DiskConfig} from '../config/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import {arbiterRightMs} from './arbiter-right.ts';
import {quorumRightMs} from './quorum.ts';
import type {Engine, ServiceRuntime} from './state.ts';

/** Asked for every service that runs, in every turn. */
export function isLeased(engine: Engine, service: ServiceRuntime): boolean {
  const {serviceClass, nodes} = service.config;
  const leaseCount = leasesOf(engine.config).length;
  if (leaseCount === 0) return false;
  const mayAttest = mayAttestP3(engine);
  return isBoundByLease({serviceClass, nodeCount: nodes.length, leaseCount, mayAttest});
}

/** Peers may have heard of a watchdog here that makes the lease P3; a former life counts too. */
function mayAttestP3({config, node, watchdog}: Engine): boolean {
  return watchdog.proof !== 'P2' && (watchdog.proof !== null || config.watchdogs.has(node));
}

/**
 * All rights of one turn. Only an input moves what they are made of, the echoes, the writes and the
 * configuration, so they hold until the turn ends: nobody keeps them longer.
 */
export class Rights {
  readonly #engine: Engine;
  readonly #linkDeadMs: number;
  readonly #diskMs: number;
  readonly #arbiterMs: number;
  readonly #quorumMs: number;
  /** Engine time at which the promise of each peer ends. */
  readonly #promisesMs = new Map<NodeName, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#linkDeadMs = promiseMs(engine.config);
    this.#diskMs = diskRightMs(engine);
    this.#arbiterMs = arbiterRightMs(engine);
    this.#quorumMs = quorumRightMs(engine);
    // Who said goodbye or was off counts too: it may be back and not hear us, and it would find our
    // slot unchanged.
    for (const {name} of engine.peers.values()) {
      const echoMs = engine.peerView.echoSentMs(name) ?? engine.viewSinceMs;
      this.#promisesMs.set(name, echoMs + this.#linkDeadMs);
    }
  }

  get #leaseMs(): number {
    return Math.max(this.#diskMs, this.#arbiterMs, this.#quorumMs);
  }

  /** Engine time at which the right to run ends. */
  untilMs(service: ServiceRuntime): number {
    return Math.max(this.#leaseMs, this.#promiseMs(service));
  }

  /** When a stop must begin: half a lease before the right ends, or as early as it needs (I4). */
  stopBeginsMs(service: ServiceRuntime): number {
    const leases = leasesOf(this.#engine.config);
    // The shortest lease bounds what is kept free of each of them.
    const stopMs = stopReserveMs(service.config, leases);
    const lease = this.#leaseMs - stopMs;
    const promise = this.#promiseMs(service) - promiseReserveMs(stopMs, this.#linkDeadMs);
    return Math.max(lease, promise);
  }

  /** The right to run it is so short that its stop must begin now. */
  isOver(service: ServiceRuntime): boolean {
    const engine = this.#engine;
    return isLeased(engine, service) && engine.nowMs >= this.stopBeginsMs(service);
  }

  #promiseMs(service: ServiceRuntime): number {
    let untilMs = Infinity;
    for (const node of service.config.nodes) {
      untilMs = Math.min(untilMs, this.#promisesMs.get(node) ?? Infinity);
    }
    return untilMs;
  }
}

/** With several disks the right lives as long as a majority of them. */
function diskRightMs(engine: Engine): number {
  const {disks} = engine.config;
  if (disks.length === 0) return leasesOf(engine.config).length === 0 ? Infinity : -Infinity;
  const ends = disks.map((disk) => rightOnDiskMs(engine, disk));
  ends.sort((left, right) => right - left);
  return ends[Math.floor(ends.length / 2)]!;
}

function rightOnDiskMs(engine: Engine, disk: DiskConfig): number {
  for (const medium of engine.media) {
    // A daemon that has just come back gets one lease to write its slot: what it found running
    // ran without it before, and stopping it at once would only add an outage.
    if (medium.id === disk.id) return (medium.writeMs ?? medium.bornMs) + disk.leaseMs;
  }
  return disk.leaseMs;
}
