/** The engine as plain data (view.ts). Made on demand; changes nothing. */

import {pingView} from './ping.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {ServiceState} from '../kernel/words.ts';
import {fenceView} from './fencing.ts';
import {arbiterView} from './arbiter-view.ts';
import {lastOwner} from './may-start.ts';
import {claimOf, heardAgeMs} from './state.ts';
import type {Engine, MediumRuntime, PeerRuntime, ServiceRuntime} from './state.ts';
import {takeoverView} from './takeover-view.ts';
import type {
  EngineView,
  InstanceView,
  LocalInstanceView,
  MediumView,
  NodeView,
  ServiceView,
  WatchdogView,
} from './view.ts';

export function buildView(engine: Engine): EngineView {
  const {nowMs} = engine;
  const arbiter = arbiterView(engine);
  return {
    cluster: engine.config.name,
    node: engine.node,
    nowMs,
    incarnation: engine.incarnation,
    configDigest: engine.config.digest,
    takeover: takeoverView(engine),
    nodes: engine.config.nodes.map((name) => nodeView(engine, name)),
    media: engine.media.map((medium) => mediumView(engine, medium)),
    services: engine.services.map((service) => serviceView(engine, service)),
    alarms: [...engine.alarms.values()].map(({code, severity, text, remedies, sinceMs}) => ({
      code,
      severity,
      text,
      remedies,
      ageMs: nowMs - sinceMs,
    })),
    drops: {...engine.peerView.drops},
    stalls: {
      count: engine.stallCount,
      lastAgeMs: engine.stallLastMs === null ? null : nowMs - engine.stallLastMs,
      worstMs: engine.stallWorstMs,
    },
    watchdog: watchdogView(engine),
    ping: pingView(engine),
    ...(arbiter === null ? {} : {arbiter}),
    clusterFrozen: engine.facts.clusterFrozen,
    nodeFrozen: engine.facts.frozen,
    joining: [...engine.peers.values()].some((peer) => peer.state === 'joining'),
  };
}

function watchdogView({watchdog, config, node, nowMs}: Engine): WatchdogView {
  const configured = config.watchdogs.get(node) ?? watchdog.config;
  return {
    mode: config.watchdogs.get(node)?.mode ?? 'off',
    state: watchdog.state,
    device: configured?.device ?? null,
    timeoutMs: watchdog.state === 'armed' ? watchdog.timeoutMs : null,
    proof: watchdog.proof,
    detail: watchdog.detail,
    fedAgeMs: watchdog.fedMs === null ? null : nowMs - watchdog.fedMs,
    selfFence: configured?.selfFence ?? null,
  };
}

function nodeView(engine: Engine, name: NodeName): NodeView {
  const peer = engine.peers.get(name);
  return peer === undefined ? ownNodeView(engine) : peerNodeView(engine, peer);
}

function ownNodeView(engine: Engine): NodeView {
  const {facts, nowMs} = engine;
  return {
    name: engine.node,
    local: true,
    state: 'alive',
    stateAgeMs: nowMs - engine.startedMs,
    heardAgeMs: 0,
    incarnation: engine.incarnation,
    frozen: facts.frozen !== null || facts.clusterFrozen !== null,
    drained: facts.drained !== null,
    leaving: engine.leaving === 'stopping' || engine.leaving === 'gone',
    keeping: engine.leaving === 'keeping',
    configSkew: false,
    decisionAgeMs: 0,
    address: null,
    peerPort: engine.config.peerPort.get(engine.node) ?? 0,
  };
}

function peerNodeView(engine: Engine, peer: PeerRuntime): NodeView {
  const {nowMs} = engine;
  return {
    name: peer.name,
    local: false,
    state: peer.state,
    stateAgeMs: nowMs - peer.stateSinceMs,
    heardAgeMs: heardAgeMs(engine, peer),
    incarnation: peer.incarnation,
    frozen: peer.frozen,
    drained: peer.drained,
    leaving: peer.leaving,
    keeping: peer.keepingUntilMs !== null,
    configSkew: peer.configDigest !== '' && peer.configDigest !== engine.config.digest,
    decisionAgeMs: peer.decisionAgeMs,
    address: peer.address,
    peerPort: peer.peerPort,
    fence: fenceView(engine, peer),
  };
}

function mediumView(engine: Engine, medium: MediumRuntime): MediumView {
  const {nowMs} = engine;
  return {
    id: medium.id,
    kind: kindOf(engine, medium),
    label: labelOf(engine, medium),
    fault: medium.fault,
    sentAgeMs: medium.sentMs === null ? null : nowMs - medium.sentMs,
    peers: [...engine.peers.values()].map((peer) => {
      const health = engine.peerView.health(peer.name, medium.id, nowMs);
      const {rx, tx, state, ageMs, deadMs} = health;
      return {node: peer.name, rx, tx, state, ageMs, deadMs};
    }),
  };
}

function kindOf(engine: Engine, medium: MediumRuntime): MediumView['kind'] {
  if (medium.kind === 'disk') return 'disk';
  return engine.config.links.find((link) => link.id === medium.id)?.kind ?? 'unicast';
}

/** `eth0:239.131.50.10:1234` or `/dev/sdb:0`: the own sending end, as OpenHA names it. */
function labelOf(engine: Engine, medium: MediumRuntime): string {
  const link = engine.config.links.find((entry) => entry.id === medium.id);
  if (link !== undefined) {
    const end = link.ends.get(engine.node);
    const to = end?.sendTo[0];
    return `${end?.iface ?? 'any'}:${to?.address ?? '-'}:${to?.port ?? 0}`;
  }
  const disk = engine.config.disks.find((entry) => entry.id === medium.id);
  return `${disk?.device.get(engine.node) ?? '-'}:${disk?.slotBlock.get(engine.node) ?? 0}`;
}

function serviceView(engine: Engine, service: ServiceRuntime): ServiceView {
  const instances = service.config.nodes.map((node) => instanceView(engine, service, node));
  const running = instances.find((instance) => isRunning(instance.state));
  return {
    name: service.config.name,
    serviceClass: service.config.serviceClass,
    orchestrate: service.config.orchestrate,
    nodes: service.config.nodes,
    owner: running?.node ?? null,
    epoch: service.epoch,
    frozen: service.freeze !== null || instances.some((entry) => entry.state.startsWith('FROZEN')),
    avail: availOf(instances),
    instances,
  };
}

function isRunning(state: ServiceState): boolean {
  return state === 'STARTED' || state === 'FROZEN_START';
}

function availOf(instances: readonly InstanceView[]): ServiceView['avail'] {
  const running = instances.filter((instance) => isRunning(instance.state)).length;
  if (running > 1 || instances.some((instance) => instance.state === 'STOP_FAILED')) return 'warn';
  if (running === 1) return 'up';
  return instances.every((instance) => instance.state === 'UNKNOWN') ? 'n/a' : 'down';
}

function instanceView(engine: Engine, service: ServiceRuntime, node: NodeName): InstanceView {
  const peer = engine.peers.get(node);
  if (peer === undefined) {
    return {
      node,
      state: service.state,
      stateAgeMs: engine.nowMs - service.sinceMs,
      epoch: service.epoch,
      owner: lastOwner(engine, service) === engine.node,
      local: node === engine.node ? localView(engine, service) : null,
    };
  }
  const claim = claimOf(service, peer);
  // A silent node's last word is not its present state: what is not heard is not known.
  const current = peer.state === 'alive' || peer.state === 'degraded' || peer.state === 'left';
  return {
    node,
    state: current ? (claim?.state ?? 'UNKNOWN') : 'UNKNOWN',
    stateAgeMs:
      engine.nowMs - (current ? (claim?.sinceMs ?? peer.stateSinceMs) : peer.stateSinceMs),
    epoch: claim?.epoch ?? 0,
    owner: lastOwner(engine, service) === node,
    local: null,
  };
}

function localView(engine: Engine, service: ServiceRuntime): LocalInstanceView {
  const {nowMs} = engine;
  const {probe, plan} = service;
  return {
    cause: service.cause,
    waiting: service.waiting,
    waitMs: service.waitUntilMs === null ? null : Math.max(0, service.waitUntilMs - nowMs),
    verdicts: [...service.verdicts].map(([node, {verdict, atMs}]) => ({
      node,
      verdict,
      ageMs: nowMs - atMs,
    })),
    freeze: service.freeze,
    probe,
    probeAgeMs: service.probeAtMs === null ? null : nowMs - service.probeAtMs,
    verified: probe?.verifiable ?? false,
    progress: service.progress,
    planAgeMs: plan === null ? null : nowMs - plan.startedMs,
    planBudgetMs: plan?.budgetMs ?? null,
  };
}
