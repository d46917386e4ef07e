/**
 * S2: no script is called before its plan, with a reason, is durable, and nobody takes over from a
 * node that it hears, or without a recorded verdict that is strong enough. S3: epochs grow with
 * every start. S9: a planned hand-over starts only what really was stopped. S10: what could not be
 * stopped is started elsewhere on the strongest proof alone.
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
/** Starts of a service that are remembered. */
const startsKept = 16;

export class Grants implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #starts = new Map<ServiceName, readonly Start[]>();
  /** When a start was decided: the newest word that the node had from each other. */
  readonly #decided = new Map<string, ReadonlyMap<NodeName, number>>();
  readonly #begun = new Set<string>();
  /** The turn in which a node came to STOP_FAILED of a service. */
  readonly #latched = new Map<string, number>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onTurn({node, effects, atMs}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'record') this.#noteTransition(node, effect.entry);
      if (effect.type !== 'run-plan' || effect.plan.kind !== 'start') continue;
      const {plan} = effect;
      const record = recordOf(plan, effects);
      if (record?.data['repair'] === true) continue;
      const heardMs = this.#ledger.world.nodes.map(
        (other) => [other, this.#ledger.heardMade(node, other).atMs] as const,
      );
      this.#decided.set(`${node}/${plan.id}`, new Map(heardMs));
      this.#checkPeers({node, plan, atMs}, record?.cause.reason ?? '', effects);
    }
  }

  /** The first script of a plan: all that it rests on is durable by now. */
  onScript({node, plan, atMs}: ScriptCall): void {
    const key = `${node}/${plan.id}`;
    if (this.#begun.has(key)) return;
    this.#begun.add(key);
    const start = {node, plan, atMs};
    const record = this.#ledger.plan(node, plan.id);
    if (record === undefined) {
      // A stop is done without a record where none can be written; a start never is.
      if (plan.kind === 'start') this.#fail('S2', start, 'its plan is not durable');
    } else if (record.cause.detail === '') this.#fail('S2', start, 'the plan gives no reason');
    const isStart = plan.kind === 'start' && record?.data['repair'] !== true;
    if (isStart && (this.#ledger.facts(node, plan.service)?.epoch ?? 0) < plan.epoch) {
      this.#fail('S2', start, `epoch ${plan.epoch} is not durable`);
    }
    if (isStart) this.#checkEpoch(start);
  }

  #checkPeers(start: Start, reason: string, effects: readonly Effect[]): void {
    const {world} = this.#ledger;
    const service = world.config.services.find((one) => one.name === start.plan.service);
    if (service === undefined) return;
    for (const other of service.nodes) {
      if (other === start.node) continue;
      this.#checkPeer(start, service, {other, verdict: verdictOver(other, start.plan, effects)});
      if (reason === 'handed-over' && world.machine(other).isActive(service.name)) {
        this.#fail('S9', start, `handed over while it is still active on ${other}`);
      }
    }
  }

  #checkPeer(
    start: Start,
    service: ServiceConfig,
    {other, verdict}: {readonly other: NodeName; readonly verdict: RecordEntry | undefined},
  ): void {
    const {links, disks} = this.#ledger.world.config;
    const media = [...links, ...disks];
    const silentMs = start.atMs - this.#ledger.heardMs(start.node, other);
    const proof = verdict?.data['proof'] as ProofClass | undefined;
    const latched = this.#latched.get(`${other}/${service.name}`) ?? Infinity;
    if (this.#ledger.heardMade(start.node, other).turn >= latched && proof !== 'P4') {
      this.#fail('S10', start, `${other} could not stop it`);
    }
    if (verdict === undefined || proof === undefined) {
      const unseenMs = start.atMs - this.#ledger.seenMs(start.node, other);
      if (unseenMs < longestDeadMs(media) + slackMs) return;
      this.#fail('S2', start, `${other} is silent for ${Math.round(unseenMs)} ms, no verdict`);
      return;
    }
    if (proofRank(proof) < proofRank(proofNeeded[service.serviceClass])) {
      this.#fail('S2', start, `proof ${proof} for class ${service.serviceClass}`);
    }
    const heard = silentMs < Math.min(...media.map((one) => one.deadMs)) * 0.999 - slackMs;
    const {reason} = verdict.cause;
    if (heard && reason !== 'clean-leave' && reason !== 'operator-confirmed-dead') {
      this.#fail('S2', start, `${other} was heard ${Math.round(silentMs)} ms ago`);
    }
  }

  /**
   * Above every start that this node made, or has heard of. Of a start that nobody heard of,
   * because its node fell silent with it, the next one cannot know: then the order of nodes breaks
   * the tie.
   */
  #checkEpoch({node, plan, atMs}: Start): void {
    const known = this.#starts.get(plan.service) ?? [];
    const heardMs = this.#decided.get(`${node}/${plan.id}`);
    for (const earlier of known) {
      const newestMs = heardMs?.get(earlier.node) ?? -Infinity;
      const heard = earlier.node === node || newestMs > earlier.atMs + slackMs;
      if (!heard || plan.epoch > earlier.plan.epoch) continue;
      const before = `epoch ${earlier.plan.epoch} of ${earlier.node}`;
      const text = `start with epoch ${plan.epoch} after ${before}`;
      this.#report({rule: 'S3', node, service: plan.service, text});
    }
    this.#starts.set(plan.service, [...known, {node, plan, atMs}].slice(-startsKept));
  }

  #noteTransition(node: NodeName, entry: RecordEntry): void {
    if (entry.kind !== 'transition') return;
    const key = `${node}/${entry.service}`;
    const to = entry.data['to'];
    if (to === 'STOP_FAILED') this.#latched.set(key, this.#ledger.turn);
    else if (to !== 'STOPPING' && to !== 'UNKNOWN') this.#latched.delete(key);
  }

  #fail(rule: RuleId, {node, plan}: Start, text: string): void {
    this.#report({rule, node, service: plan.service, text: `${plan.id}: ${text}`});
  }
}

/** A start at the moment it was decided or begun. */
interface Start {
  readonly node: NodeName;
  readonly plan: ActionPlan;
  readonly atMs: number;
}

function recordOf(plan: ActionPlan, effects: readonly Effect[]): RecordEntry | undefined {
  return entries(effects).find(({kind, data}) => kind === 'plan' && data['plan'] === plan.id);
}

function verdictOver(
  other: NodeName,
  plan: ActionPlan,
  effects: readonly Effect[],
): RecordEntry | undefined {
  return entries(effects).find(
    ({kind, service, data}) =>
      kind === 'verdict' &&
      service === plan.service &&
      data['over'] === other &&
      data['epoch'] === plan.epoch,
  );
}

function entries(effects: readonly Effect[]): readonly RecordEntry[] {
  return effects.flatMap((effect) => (effect.type === 'record' ? [effect.entry] : []));
}

function longestDeadMs(media: readonly {readonly deadMs: number}[]): number {
  return Math.max(...media.map((medium) => medium.deadMs));
}
