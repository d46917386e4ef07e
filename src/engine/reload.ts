/**
 * A new configuration, already checked. Services that are the same go on undisturbed; a service
 * that is gone is dropped only at rest; media are rebuilt only where they changed.
 */

import type {ClusterConfig} from '../config/types.ts';
import {createArbiter} from './arbiter.ts';
import {addPeer, addService, createMedia, createPeerView} from './create.ts';
import {cause, notice, record} from './emit.ts';
import {announceService} from './machine.ts';
import {knownLives} from './peer-memory.ts';
import {markAllDirty} from './state.ts';
import type {Engine, ServiceRuntime} from './state.ts';
import {activeStates} from './types.ts';

export function onReload(engine: Engine, config: ClusterConfig): void {
  const before = engine.config;
  engine.config = config;
  if (mediaKey(before) !== mediaKey(config)) {
    engine.media = createMedia(config, engine.nowMs);
    engine.viewSinceMs = engine.nowMs;
    engine.peerView = createPeerView({
      config,
      node: engine.node,
      incarnation: engine.incarnation,
      nonce: engine.nonce,
      auth: engine.auth,
      known: knownLives(engine.facts),
      nowMs: engine.nowMs,
    });
  }
  if (arbiterKey(before) !== arbiterKey(config) || engine.arbiter.fault?.kind === 'foreign') {
    engine.arbiter = createArbiter(engine.nowMs);
  }
  reloadPeers(engine, config);
  reloadServices(engine, config);
  engine.claimsDigest = null;
  engine.announce = true;
  const why = cause('operator-order', `configuration reloaded, digest ${config.digest}`);
  record(engine, {
    kind: 'config',
    service: null,
    cause: why,
    data: {digest: config.digest, before: before.digest},
  });
  notice(engine, 'info', null, why);
  markAllDirty(engine);
}

function arbiterKey({arbiter, nodes}: ClusterConfig): string {
  return JSON.stringify([nodes, arbiter?.endpoints, arbiter?.prefix, arbiter?.ttlMs]);
}

function mediaKey(config: ClusterConfig): string {
  const links = config.links.map((link) => `${link.id} ${link.deadMs}`);
  const disks = config.disks.map((disk) => `${disk.id} ${disk.deadMs} ${disk.slotBlocks}`);
  return [...config.nodes, ...links, ...disks, config.timing.beatMs].join('|');
}

function reloadPeers(engine: Engine, config: ClusterConfig): void {
  for (const name of config.nodes) {
    if (name !== engine.node && !engine.peers.has(name)) addPeer(engine, name);
  }
  for (const peer of engine.peers.values()) {
    if (config.nodes.includes(peer.name)) continue;
    engine.peers.delete(peer.name);
    engine.peersByHash.delete(peer.hash);
  }
}

function reloadServices(engine: Engine, config: ClusterConfig): void {
  const kept: ServiceRuntime[] = [];
  for (const service of engine.services) {
    const next = config.services.find((entry) => entry.name === service.config.name);
    if (next === undefined && !activeStates.includes(service.state)) {
      engine.byName.delete(service.config.name);
      engine.byHash.delete(service.hash);
      continue;
    }
    if (next === undefined) {
      const why = cause(
        'operator-order',
        `no longer configured but ${service.state}: kept until it is stopped`,
      );
      notice(engine, 'alarm', service, why);
    } else {
      service.config = next;
    }
    kept.push(service);
  }
  engine.services = kept;
  for (const entry of config.services) {
    if (engine.byName.has(entry.name)) continue;
    const service = addService(engine, {
      service: entry,
      index: engine.services.length,
      facts: engine.storedFacts.get(entry.name),
    });
    announceService(engine, service);
  }
  engine.services.forEach((service, index) => {
    service.index = index;
  });
  engine.rotation = 0;
}
