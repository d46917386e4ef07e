/**
 * The right to run (SAFETY, section 5). A node whose disk can be read by its peers may run a leased
 * service only while it can write that disk, or while every peer acknowledges it: a peer that hears
 * us has promised not to take over. Both rights end before a contender may act (I5, I13).
 */

import {proofNeeded, proofRank} from '../arbitration/types.ts';
import {stopReserveMs} from '../config/inequalities.ts';
import type {DiskConfig} from '../config/types.ts';
import type {Engine, ServiceRuntime} from './state.ts';

/**
 * A peer could take this service over on the proof of a disk lease, so the lease binds us: of class
 * data only with a watchdog that makes it P3, and of class address nobody waits for it.
 */
export function isLeased(engine: Engine, service: ServiceRuntime): boolean {
  if (engine.config.disks.length === 0 || service.config.nodes.length < 2) return false;
  const need = proofRank(proofNeeded[service.config.serviceClass]);
  return need === proofRank('P2') || (need === proofRank('P3') && mayAttest(engine));
}

/** Peers may have heard of a watchdog here that makes the lease P3; a former life counts too. */
function mayAttest({config, node, watchdog}: Engine): boolean {
  return watchdog.proof !== 'P2' && (watchdog.proof !== null || config.watchdogs.has(node));
}

/** Engine time at which the right to run ends. */
export function rightUntilMs(engine: Engine, service: ServiceRuntime): number {
  return Math.max(diskRightMs(engine), promiseRightMs(engine, service));
}

/** When a stop must begin: half a lease before the right ends, or as early as it needs (I4). */
export function stopBeginsMs(engine: Engine, service: ServiceRuntime): number {
  const stopMs = stopReserveMs(service.config, engine.config.disks);
  const disk = diskRightMs(engine) - stopMs;
  const promise = promiseRightMs(engine, service) - Math.min(stopMs, linkDeadMs(engine) / 5);
  return Math.max(disk, promise);
}

/**
 * Asked for every service that runs, several times in a turn: nothing is allocated where there is
 * one disk, which is the rule.
 */
function diskRightMs(engine: Engine): number {
  const {disks} = engine.config;
  if (disks.length === 0) return Infinity;
  if (disks.length === 1) return rightOnDiskMs(engine, disks[0]!);
  // With several disks the right lives as long as a majority of them.
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

/**
 * Who said goodbye or was off counts too: it may be back and not hear us, and it would find our
 * slot unchanged.
 */
function promiseRightMs(engine: Engine, service: ServiceRuntime): number {
  let untilMs = Infinity;
  for (const node of service.config.nodes) {
    const peer = engine.peers.get(node);
    if (peer === undefined) continue;
    const echoMs = engine.peerView.echoSentMs(peer.name) ?? engine.viewSinceMs;
    untilMs = Math.min(untilMs, echoMs + linkDeadMs(engine));
  }
  return untilMs;
}

function linkDeadMs(engine: Engine): number {
  let shortestMs = engine.config.timing.deadMs;
  for (const link of engine.config.links) shortestMs = Math.min(shortestMs, link.deadMs);
  return shortestMs;
}
