/**
 * One engine on a desk: inputs by hand, effects as readable lines, a peer that speaks when told to.
 */

import {baseDefaults} from '../../src/config/resources/base.ts';
import type {ClusterConfig, ServiceClass, ServiceConfig} from '../../src/config/types.ts';
import type {LeftoverKind} from '../../src/engine/ports.ts';
import {createEngine, nextDueMs, step, view} from '../../src/engine/index.ts';
import type {
  Command,
  Effect,
  Engine,
  Input,
  NodeFacts,
  ServiceFacts,
} from '../../src/engine/index.ts';
import type {FenceFact} from '../../src/engine/types.ts';
import {keyedChecksum} from '../../src/heartbeat/keyed-checksum.ts';
import {diskId, linkId, nodeName, resourceId, serviceName} from '../../src/kernel/ids.ts';
import type {NodeName, ServiceName} from '../../src/kernel/ids.ts';

export const node1 = nodeName('node1');
export const node2 = nodeName('node2');
export const web = serviceName('web');
export const link = linkId('hb#1');
export const disk = diskId('hb#2');
const noNodeFacts: NodeFacts = {
  frozen: null,
  drained: null,
  clusterFrozen: null,
  fences: [],
  peers: [],
};
const place = {file: 'cluster.conf', line: 1};

export function serviceConfig(change: Partial<ServiceConfig> = {}): ServiceConfig {
  return {
    name: web,
    nodes: [node1, node2],
    serviceClass: 'none',
    orchestrate: 'ha',
    resources: [
      {
        ...baseDefaults,
        rid: resourceId('script'),
        type: 'script',
        script: '/opt/web',
        checkScript: '',
        probe: 'status',
        startMs: 10_000,
        stopMs: 10_000,
        probeMs: 2_000,
        place,
      },
    ],
    monitorMs: 0,
    restarts: 0,
    failureMemoryMs: 0,
    monitorActions: [],
    origin: 'service',
    digest: 'd',
    place,
    ...change,
  };
}

export function clusterConfig(options: {
  serviceClass?: ServiceClass;
  disk?: boolean;
  service?: Partial<ServiceConfig>;
  change?: Partial<ClusterConfig>;
}): ClusterConfig {
  const serviceClass = options.serviceClass ?? 'none';
  const nodes = new Map([
    [node1, 0],
    [node2, 2],
  ]);
  const diskConfig = {
    id: disk,
    device: new Map([
      [node1, '/dev/sdb'],
      [node2, '/dev/sdb'],
    ]),
    slotBlock: nodes,
    slotBlocks: 2,
    ioMs: 1_000,
    renewMs: 2_000,
    deadMs: 8_000,
    leaseMs: 8_000,
    waitMs: 9_010,
    place,
  };
  return {
    name: 'desk',
    nodes: [node1, node2],
    takeover: 'proven',
    stopFailed: 'fence',
    quorum: null,
    timing: {
      beatMs: 1_000,
      deadMs: 5_000,
      delayMs: 50,
      stallMs: 1_000,
      graceMs: 3_050,
      dampingMs: 300_000,
      holdDownMsMax: 60_000,
      clockErrorRatio: 0.0005,
    },
    links: [
      {id: link, kind: 'unicast', deadMs: 5_000, ttl: 1, loopback: false, ends: new Map(), place},
    ],
    disks: options.disk === true ? [diskConfig] : [],
    services: [serviceConfig({serviceClass, ...options.service})],
    peerPort: new Map(),
    fences: [],
    watchdogs: new Map(),
    pings: new Map(),
    arbiter: null,
    freezeSecondaryOnStart: false,
    digest: '0123456789abcdef',
    ...options.change,
  };
}

/** A desk with one engine; `lines` is everything it has asked for since the last `take`. */
export class Desk {
  readonly engine: Engine;
  readonly effects: Effect[] = [];
  nowMs = 0;
  #commands = 0;
  #plan = '';

  constructor(
    config: ClusterConfig,
    options: {
      node?: NodeName;
      facts?: ReadonlyMap<ServiceName, ServiceFacts>;
      nodeFacts?: NodeFacts;
      leftovers?: ReadonlyMap<ServiceName, LeftoverKind>;
      incarnation?: number;
      fences?: readonly FenceFact[];
    } = {},
  ) {
    const node = options.node ?? node1;
    const {engine, effects} = createEngine({
      config,
      node,
      incarnation: options.incarnation ?? 1,
      nonce: node === node1 ? 1 : 2,
      bootId: 'boot-1',
      facts: {
        services: options.facts ?? new Map(),
        node: {...noNodeFacts, fences: options.fences ?? [], ...options.nodeFacts},
      },
      leftovers: options.leftovers ?? new Map(),
      auth: keyedChecksum('desk', [{id: 1, seed: 77}]),
      wallOffsetMs: Date.UTC(2026, 0, 1),
      nowMs: 0,
    });
    this.engine = engine;
    this.effects.push(...effects);
  }

  give(input: Input): void {
    for (const effect of step(this.engine, input, this.nowMs)) {
      if (effect.type === 'run-plan') this.#plan = effect.plan.id;
      this.effects.push(effect);
    }
  }

  command(command: Command): number {
    this.#commands += 1;
    this.give({type: 'command', id: this.#commands, command, actor: 'root@pts/0'});
    return this.#commands;
  }

  probe(state: 'up' | 'down' | 'unknown', verifiable = true): void {
    const probe = {state, partial: false, verifiable, resources: []};
    this.give({type: 'probe-result', service: web, probe});
  }

  /** Ticks whenever the engine asks for it, as a daemon that is never late. */
  runUntil(endMs: number): void {
    for (let turn = 0; turn < 100_000; turn += 1) {
      const dueMs = nextDueMs(this.engine);
      if (dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.give({type: 'tick'});
    }
    this.nowMs = endMs;
  }

  /** Ends the running plan as the runner would. */
  finish(kind: 'done' | 'failed' | 'unknown', clean = true): void {
    const outcome = {kind, clean, detail: 'as told', durationMs: 1};
    this.give({type: 'plan-result', plan: this.#plan, service: web, outcome});
  }

  /** The effects since the last call, as short lines; sends and slots only where asked for. */
  take(withSends = false): string[] {
    const lines = this.effects.splice(0).map(describe);
    return lines.filter((line) => withSends || !/^(send|write-slot|notice)/.test(line));
  }

  state(): string {
    const service = view(this.engine, this.nowMs).services[0];
    return service?.instances.find((instance) => instance.local !== null)?.state ?? 'none';
  }

  epoch(): number {
    return view(this.engine, this.nowMs).services[0]?.epoch ?? 0;
  }

  waiting(): string {
    const service = view(this.engine, this.nowMs).services[0];
    const local = service?.instances.find((instance) => instance.local !== null)?.local;
    return local?.waiting?.reason ?? 'nothing';
  }
}

/** Carries what one desk sent to the other, after both have run to the same time. */
export function exchange(from: Desk, to: Desk): void {
  for (const effect of from.effects) {
    if (effect.type !== 'send') continue;
    to.give({type: 'packet', link: effect.link, bytes: effect.bytes, from: '127.0.0.1'});
  }
  const kept = from.effects.filter((effect) => effect.type !== 'send');
  from.effects.splice(0, from.effects.length, ...kept);
}

function frozenOf(facts: ServiceFacts): string {
  return `frozen=${facts.frozen ?? '-'}`;
}

/** Epochs only grow; which one it is does not matter here. */
function bornOf(facts: ServiceFacts): string {
  return facts.epoch === 0 ? 'unborn' : 'epoch';
}

function describe(effect: Effect): string {
  switch (effect.type) {
    case 'record':
      return `record ${effect.entry.kind} ${effect.entry.cause.reason}`;
    case 'persist-service':
      return `persist ${effect.service} ${bornOf(effect.facts)} ${frozenOf(effect.facts)}`;
    case 'run-plan':
      return `run-plan ${effect.plan.kind}`;
    case 'reply':
      return `reply ${effect.answer.exit}: ${effect.answer.text}`;
    case 'exit':
      return `exit ${effect.code}`;
    default:
      return effect.type;
  }
}
