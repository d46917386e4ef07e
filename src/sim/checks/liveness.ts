/**
 * What must have come about at the end of a run, after everything was repaired and a quiet time has
 * passed. L1, L2: a service that some node may run runs on exactly one. L4: all nodes see the same,
 * and what they see is true. What a person has to lift (a freeze, a latched failure, a drain) may
 * keep a service down, and nothing else.
 */

import {view} from '../../engine/index.ts';
import type {EngineView, InstanceView} from '../../engine/view.ts';
import type {ServiceConfig} from '../../config/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {World} from '../world.ts';
import type {Report} from './rule.ts';

type Views = ReadonlyMap<NodeName, EngineView>;

export function checkLiveness(world: World, report: Report): void {
  const views = new Map<NodeName, EngineView>();
  for (const node of world.nodes) {
    const daemon = world.daemon(node);
    // Switched off by another one after the repair: fencing may leave it off for good.
    if (!world.machine(node).powered && world.config.fences.length > 0) return;
    if (daemon === null) {
      report({rule: 'L4', node, service: null, text: 'no daemon runs at the end'});
      return;
    }
    views.set(node, view(daemon.engine, daemon.nowMs()));
  }
  checkNodes(views, report);
  for (const service of world.config.services) {
    checkConverged(views, service, report);
    checkTrue(world, views, {service, report});
    checkRuns(views, service, report);
    checkMoves(views, service, report);
  }
}

/** L5: what a script has to end is over by the deadlines of all scripts, each tried twice. */
function checkMoves(views: Views, service: ServiceConfig, report: Report): void {
  const mostMs =
    2 *
    service.resources.reduce(
      (sum, one) => sum + one.startMs + 2 * one.stopMs + 4 * one.probeMs,
      10_000,
    );
  for (const [node, seen] of views) {
    const own = instance(seen, service, node);
    const moves = own?.state === 'STARTING' || own?.state === 'STOPPING';
    if (own === undefined || !moves || own.stateAgeMs <= mostMs) continue;
    const text = `${own.state} since ${Math.round(own.stateAgeMs)} ms`;
    report({rule: 'L5', node, service: service.name, text});
  }
}

/** Everybody sees everybody alive. */
function checkNodes(views: Views, report: Report): void {
  for (const [node, seen] of views) {
    for (const other of seen.nodes) {
      if (other.local || other.state === 'alive') continue;
      const text = `${other.name} is ${other.state} for ${node} though all is repaired`;
      report({rule: 'L4', node, service: null, text});
    }
  }
}

function checkConverged(views: Views, service: ServiceConfig, report: Report): void {
  for (const [node, seen] of views) {
    for (const [other, own] of views) {
      const believed = instance(seen, service, other);
      const true_ = instance(own, service, other);
      if (believed === undefined || true_ === undefined) continue;
      const same =
        believed.state === true_.state &&
        believed.epoch === true_.epoch &&
        believed.owner === true_.owner;
      if (same) continue;
      const text = `knows of ${other}: ${describe(believed)}; it is ${describe(true_)}`;
      report({rule: 'L4', node, service: service.name, text});
    }
  }
}

/** A state of rest says what really runs, where the resources can be asked. */
function checkTrue(
  world: World,
  views: Views,
  asked: {readonly service: ServiceConfig; readonly report: Report},
): void {
  const {service, report} = asked;
  if (service.resources.some((one) => one.type === 'script' && one.probe === 'none')) return;
  for (const [node, seen] of views) {
    const state = instance(seen, service, node)?.state;
    const active = world.machine(node).isActive(service.name);
    const self = seen.nodes.find((one) => one.local);
    // On a frozen node nothing is done about what died.
    const frozen = self?.frozen === true || seen.clusterFrozen !== null;
    const wrong =
      (state === 'STARTED' && !active && !frozen) ||
      ((state === 'STOPPED' || state === 'START_FAILED' || state === 'START_READY') && active);
    if (!wrong) continue;
    const text = `${state} though its resources are ${active ? 'active' : 'down'}`;
    report({rule: 'L4', node, service: service.name, text});
  }
}

function checkRuns(views: Views, service: ServiceConfig, report: Report): void {
  const instances = service.nodes.map((node) => {
    const seen = views.get(node)!;
    return {node, seen, own: instance(seen, service, node)};
  });
  const running = instances.filter(({own}) => own?.state === 'STARTED');
  if (running.length === 1) return;
  const names = instances.map(({node, own}) => `${node} ${own?.state}`).join(', ');
  if (running.length > 1) {
    report({rule: 'L2', node: null, service: service.name, text: `runs twice: ${names}`});
    return;
  }
  if (service.orchestrate !== 'ha') return;
  const barred = instances.some(
    ({own}) => own?.state === 'STOP_FAILED' || own?.state === 'FROZEN_START' || isHalf(own),
  );
  const able = instances.some(({seen, own}) => mayRun(seen, own));
  if (barred || !able) return;
  const waits = instances.map(
    ({node, own}) => `${node} ${own?.state}: ${own?.local?.waiting?.detail ?? '-'}`,
  );
  report({
    rule: 'L1',
    node: null,
    service: service.name,
    text: `runs nowhere: ${waits.join('; ')}`,
    kind: names,
  });
}

/** Some resources up and some down: only a person can say what to do. */
function isHalf(own: InstanceView | undefined): boolean {
  return own?.state === 'UNKNOWN' && own.local?.probe?.partial === true;
}

function mayRun(seen: EngineView, own: InstanceView | undefined): boolean {
  const self = seen.nodes.find((node) => node.local);
  if (own === undefined || self === undefined) return false;
  if (self.frozen || self.drained || seen.clusterFrozen !== null) return false;
  return own.state !== 'START_FAILED' && own.state !== 'FROZEN_STOP';
}

function instance(
  seen: EngineView,
  service: ServiceConfig,
  node: NodeName,
): InstanceView | undefined {
  return seen.services
    .find((one) => one.name === service.name)
    ?.instances.find((one) => one.node === node);
}

function describe({state, epoch, owner}: InstanceView): string {
  return `${state} epoch ${epoch}${owner ? ' owner' : ''}`;
}
