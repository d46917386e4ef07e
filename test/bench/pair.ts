/**
 * Two engines face to face in memory, with the daemon's own authentication. What they order is done
 * at once: a record is durable, a plan ends well, a probe answers what the last plan left behind.
 */

import {createEngine, nextDueMs, step, view, type Engine} from '../../src/engine/index.ts';
import type {Command, Effect, Input} from '../../src/engine/types.ts';
import type {ClusterConfig} from '../../src/config/types.ts';
import type {Authenticator} from '../../src/heartbeat/types.ts';
import type {NodeName, ServiceName} from '../../src/kernel/ids.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import type {ProbeState} from '../../src/kernel/words.ts';

type Sent = Extract<Effect, {readonly type: 'send' | 'write-slot'}>;

export interface Side {
  readonly name: NodeName;
  readonly engine: Engine;
  /** What it sent since it was last emptied. */
  sent: Sent[];
  /** Services whose resources are up here. */
  readonly up: Set<ServiceName>;
  plansStarted: number;
  /** Without power: it neither sends nor hears, and its clock stands. */
  dead: boolean;
}

export class Pair {
  nowMs = 1_000;
  readonly node1: Side;
  readonly node2: Side;

  /** Called after each step with its cost; null: nobody measures. */
  onStep: ((side: Side, input: Input, us: number) => void) | null = null;

  constructor(config: ClusterConfig, authOf: () => Authenticator) {
    this.node1 = this.#side(config, 'node1', authOf());
    this.node2 = this.#side(config, 'node2', authOf());
  }

  /** One input into one engine; its effects are carried out, frames are kept in `sent`. */
  give(side: Side, input: Input): void {
    const start = process.hrtime.bigint();
    const effects = step(side.engine, input, this.nowMs);
    const us = Number(process.hrtime.bigint() - start) / 1_000;
    this.onStep?.(side, input, us);
    this.#perform(side, effects);
  }

  /** Carries out what a step ordered, and what that leads to. */
  #perform(side: Side, effects: readonly Effect[]): void {
    for (const effect of effects) {
      const input = this.#carryOut(side, effect);
      if (input !== null) this.give(side, input);
    }
  }

  command(side: Side, command: Command): void {
    this.give(side, {type: 'command', id: 1, command, actor: 'bench'});
  }

  /** Frames of one side to the other, which may answer. */
  #deliver(from: Side): void {
    const to = from === this.node1 ? this.node2 : this.node1;
    if (to.dead || from.dead) from.sent.length = 0;
    for (const frame of from.sent.splice(0)) this.give(to, inputOf(from, frame));
  }

  /** Time passes for both; everything sent arrives in the same millisecond. */
  run(durationMs: number, until: () => boolean = () => false): void {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      const alive = [this.node1, this.node2].filter(({dead}) => !dead);
      const dueMs = Math.min(...alive.map(({engine}) => nextDueMs(engine)));
      if (dueMs > endMs) break;
      if (until()) return;
      this.nowMs = Math.max(this.nowMs, dueMs);
      for (const side of alive) {
        if (nextDueMs(side.engine) <= this.nowMs) this.give(side, {type: 'tick'});
      }
      for (let round = 0; round < 4; round += 1) {
        this.#deliver(this.node1);
        this.#deliver(this.node2);
      }
    }
    this.nowMs = endMs;
  }

  startedOn(side: Side): number {
    const services = view(side.engine, this.nowMs).services;
    return services.filter(({instances}) =>
      instances.some(({node, state}) => node === side.name && state === 'STARTED'),
    ).length;
  }

  #side(config: ClusterConfig, name: string, auth: Authenticator): Side {
    const node = nodeName(name);
    const {engine, effects} = createEngine({
      config,
      node,
      incarnation: 1,
      nonce: 7,
      bootId: 'boot',
      facts: {
        services: new Map(),
        node: {frozen: null, drained: null, clusterFrozen: null, fences: [], peers: []},
      },
      auth,
      wallOffsetMs: 0,
      nowMs: this.nowMs,
    });
    const side: Side = {name: node, engine, sent: [], up: new Set(), plansStarted: 0, dead: false};
    this.#perform(side, effects);
    return side;
  }

  #carryOut(side: Side, effect: Effect): Input | null {
    switch (effect.type) {
      case 'send':
        side.sent.push(effect);
        return null;
      case 'write-slot': {
        side.sent.push(effect);
        const {disk} = effect;
        const done = {disk, issuedMs: this.nowMs, fault: null};
        this.give(side, {type: 'disk-state', action: 'read', ...done});
        return {type: 'disk-state', action: 'write', ...done};
      }
      case 'probe':
        return probed(effect.service, side.up.has(effect.service) ? 'up' : 'down');
      case 'run-plan': {
        const {service, kind, id} = effect.plan;
        side.plansStarted += 1;
        if (kind === 'start') side.up.add(service);
        else side.up.delete(service);
        const outcome = {kind: 'done', clean: true, detail: '', durationMs: 1} as const;
        return {type: 'plan-result', plan: id, service, outcome};
      }
      case 'drain':
        return {type: 'drained'};
      default:
        return null;
    }
  }
}

function inputOf(from: Side, frame: Sent): Input {
  return frame.type === 'send'
    ? {type: 'packet', link: frame.link, bytes: frame.bytes, from: '10.0.0.9'}
    : {type: 'slot', disk: frame.disk, node: from.name, bytes: frame.bytes};
}

function probed(service: ServiceName, state: ProbeState): Input {
  const probe = {state, partial: false, verifiable: true, resources: []};
  return {type: 'probe-result', service, probe};
}
