/**
 * `ha status --json`: the stable product; the text is made for eyes and may change. Keys are listed
 * in docs/status.md. Ages end in `Ms`, instants are RFC 3339, unknown is null and never "".
 */

import type {InstanceView, NodeView, ServiceView} from '../engine/view.ts';
import {headline} from './headline.ts';
import {instantBefore, isRunning} from './model.ts';
import type {Stale, StatusView} from './model.ts';
import {treeJson} from './tree-model.ts';

export function statusJson(view: StatusView, stale: Stale | null): Record<string, unknown> {
  const line = headline(view, stale);
  return {
    cluster: view.cluster,
    node: view.node,
    grade: view.grade,
    at: view.at,
    level: line.level,
    summary: line.text,
    stale: stale === null ? null : {ageMs: Math.round(stale.ageMs), why: stale.why},
    takeover: view.takeover,
    watchdog: view.watchdog ?? null,
    ping: view.ping ?? null,
    arbiter: view.arbiter ?? null,
    joining: view.joining,
    frozen: view.clusterFrozen,
    nodes: Object.fromEntries(view.nodes.map((node) => [node.name, nodeJson(view, node)])),
    links: view.media,
    services: Object.fromEntries(
      view.services.map((service) => [service.name, serviceJson(view, service)]),
    ),
    alarms: view.alarms,
    drops: view.drops,
    stalls: view.stalls,
    daemon: {
      reachable: stale === null,
      version: view.version,
      pid: view.pid,
      startedAt: view.startedAt,
      loopLag: view.loopLag,
      configDigest: view.configDigest,
      configDirectory: view.configDirectory,
    },
  };
}

function nodeJson(view: StatusView, node: NodeView): Record<string, unknown> {
  return {
    state: node.state,
    local: node.local,
    frozen: node.frozen,
    drained: node.drained,
    incarnation: node.incarnation,
    since: instantBefore(view, node.stateAgeMs),
    heardAgeMs: node.heardAgeMs,
    configSkew: node.configSkew,
    ...(node.local ? {} : {fence: node.fence ?? null}),
    ...(node.local ? {} : {links: nodeLinks(view, node.name)}),
  };
}

function nodeLinks(view: StatusView, name: string): Record<string, unknown> {
  const entries = view.media.flatMap((medium) =>
    medium.peers
      .filter((peer) => peer.node === name)
      .map(({rx, tx, state, ageMs}) => [medium.id, {rx, tx, state, ageMs}] as const),
  );
  return Object.fromEntries(entries);
}

function serviceJson(view: StatusView, service: ServiceView): Record<string, unknown> {
  return {
    class: service.serviceClass,
    owner: service.owner,
    frozen: service.frozen,
    avail: service.avail,
    epoch: service.epoch,
    orchestrate: service.orchestrate,
    nodes: service.nodes,
    instances: Object.fromEntries(
      service.instances.map((instance) => [instance.node, instanceJson(view, instance)]),
    ),
    tree: treeJson(view, service),
  };
}

function instanceJson(view: StatusView, instance: InstanceView): Record<string, unknown> {
  if (instance.state === 'UNKNOWN' && instance.local === null) return {state: 'UNKNOWN'};
  const {local} = instance;
  return {
    state: instance.state,
    epoch: instance.epoch,
    avail: instanceAvail(instance),
    since: instantBefore(view, instance.stateAgeMs),
    ...(local === null
      ? {}
      : {
          reason: local.cause.reason,
          detail: local.cause.detail,
          waiting: local.waiting,
          waitMs: local.waitMs,
          verified: local.verified,
          freeze: local.freeze,
          progress: local.progress,
          planAgeMs: local.planAgeMs,
          planBudgetMs: local.planBudgetMs,
          resources: local.probe?.resources ?? null,
        }),
  };
}

/** From the probe where this node has one, else from the state that the other node claims. */
function instanceAvail(instance: InstanceView): 'up' | 'down' | 'warn' | 'n/a' {
  const probe = instance.local?.probe ?? null;
  if (probe?.partial === true) return 'warn';
  if (probe !== null && probe.state !== 'unknown') return probe.state;
  if (isRunning(instance)) return 'up';
  return instance.state === 'STOPPED' || instance.state === 'FROZEN_STOP' ? 'down' : 'n/a';
}
