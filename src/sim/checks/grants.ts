/**
 * S2: no script is called before its plan, with a reason, is durable, and nobody takes over from a
 * node that it hears, or without a recorded verdict that is strong enough. S3: epochs grow with every
 * start. S9: a planned hand-over starts only what really was stopped. S10: what could not be stopped is
 * started elsewhere on the strongest proof alone.
 */

import {proofNeeded, proofRank} from '../../arbitration/types.ts';
import type {ProofClass} from '../../arbitration/types.ts';
import type {ServiceConfig} from '../../config/types.ts';
import type {Effect, RecordEntry} from '../../engine/types.ts';
import type {ActionPlan} from '../../failover/types.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {Observer, ScriptCall, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report, RuleId} from './rule.ts';

/** A frame on its way, and a turn that is late, ms. */
const slackMs = 100;

export class Grants implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #epochs = new Map<string, number>();
  readonly #begun = new Set<string>();
  /** When a node said STOP_FAILED of a service. */
  readonly #latched = new Map<string, number>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onTurn({node, effects, atMs}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'record') this.#noteTransition(node, effect.entry, atMs);
      if (effect.type === 'run-plan') this.#checkEpoch(node, effect.plan, effects);
    }
  }

  onScript(call: ScriptCall): void {
    const {node, plan} = call;
    const key = `${node}/${plan.id}`;
    if (this.#begun.has(key)) return;
    this.#begun.add(key);
    const record = this.#ledger.plan(node, plan.id);
    if (record === undefined) this.#fail('S2', call, 'a script is called before its plan is durable');
    else if (record.cause.detail === '') this.#fail('S2', call, 'the plan gives no reason');
    const isStart = plan.kind === 'start' && record?.data['repair'] !== true;
    if (!isStart || record === undefined) return;
    if ((this.#ledger.facts(node, plan.service)?.epoch ?? 0) < plan.epoch) {
      this.#fail('S2', call, `epoch ${plan.epoch} is not durable`);
    }
    this.#checkPeers(call, record);
  }

  #checkPeers(call: ScriptCall, record: RecordEntry): void {
    const {world} = this.#ledger;
    const service = world.config.services.find((one) => one.name === call.plan.service);
    if (service === undefined) return;
    for (const other of service.nodes) {
      if (other === call.node) continue;
      this.#checkPeer(call, service, other);
      if (record.cause.reason === 'handed-over' && world.machine(other).isActive(service.name)) {
        this.#fail('S9', call, `handed over while it is still active on ${other}`);
      }
    }
  }

  #checkPeer(call: ScriptCall, service: ServiceConfig, other: NodeName): void {
    const {node, plan, atMs} = call;
    const {links, disks} = this.#ledger.world.config;
    const deadMs = Math.min(...[...links, ...disks].map((medium) => medium.deadMs));
    const verdict = this.#ledger
      .verdicts(node, service.name)
      .findLast((one) => one.over === other && one.epoch === plan.epoch);
    const silentMs = atMs - this.#ledger.heardMs(node, other);
    const latchedMs = this.#latched.get(`${other}/${service.name}`);
    const knowsLatch =
      latchedMs !== undefined && this.#ledger.heardSentMs(node, other) > latchedMs;
    if (knowsLatch && verdict?.proof !== 'P4') {
      this.#fail('S10', call, `${other} could not stop it`);
    }
    if (verdict === undefined) {
      if (silentMs < longest([...links, ...disks]) + slackMs) return;
      this.#fail('S2', call, `${other} has been silent for ${Math.round(silentMs)} ms, no verdict`);
      return;
    }
    if (proofRank(verdict.proof as ProofClass) < proofRank(proofNeeded[service.serviceClass])) {
      this.#fail('S2', call, `proof ${verdict.proof} for class ${service.serviceClass}`);
    }
    const heard = silentMs < deadMs * 0.999 - slackMs;
    const saidGoodbye = verdict.reason === 'clean-leave';
    if (heard && !saidGoodbye && verdict.reason !== 'operator-confirmed-dead') {
      this.#fail('S2', call, `${other} was heard ${Math.round(silentMs)} ms ago`);
    }
  }

  /** Strict over all nodes where the class demands proof; else over each node. */
  #checkEpoch(node: NodeName, plan: ActionPlan, effects: readonly Effect[]): void {
    if (plan.kind !== 'start' || isRepair(plan, effects)) return;
    const service = this.#ledger.world.config.services.find((one) => one.name === plan.service);
    const strict = service?.serviceClass === 'exclusive' || service?.serviceClass === 'data';
    const key = strict ? plan.service : `${node}/${plan.service}`;
    const highest = this.#epochs.get(key) ?? 0;
    if (plan.epoch <= highest) {
      const text = `start with epoch ${plan.epoch} after epoch ${highest}`;
      this.#report({rule: 'S3', node, service: plan.service, text});
    }
    this.#epochs.set(key, Math.max(highest, plan.epoch));
  }

  #noteTransition(node: NodeName, entry: RecordEntry, atMs: number): void {
    if (entry.kind !== 'transition') return;
    const key = `${node}/${entry.service}`;
    const to = entry.data['to'];
    if (to === 'STOP_FAILED') this.#latched.set(key, atMs);
    else if (to !== 'STOPPING' && to !== 'UNKNOWN') this.#latched.delete(key);
  }

  #fail(rule: RuleId, call: ScriptCall, text: string): void {
    const service: ServiceName = call.plan.service;
    this.#report({rule, node: call.node, service, text: `${call.plan.id}: ${text}`});
  }
}

function isRepair(plan: ActionPlan, effects: readonly Effect[]): boolean {
  return effects.some(
    (effect) =>
      effect.type === 'record' &&
      effect.entry.kind === 'plan' &&
      effect.entry.data['plan'] === plan.id &&
      effect.entry.data['repair'] === true,
  );
}

function longest(media: readonly {readonly deadMs: number}[]): number {
  return Math.max(...media.map((medium) => medium.deadMs));
}
