/**
 * S5: the right to run of a holder has ended before anybody starts the service on the proof of its
 * lease (inequality I5, over two clocks that run at different rates). The holder's own belief
 * counts: that is what it would act on.
 */

import {isLeased, Rights} from '../../engine/rights.ts';
import type {ClusterConfig} from '../../config/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {Observer, ScriptCall} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

const leaseReasons: ReadonlySet<string> = new Set([
  'disk-lease-expired',
  'arbiter-granted',
  'quorum-granted',
]);

export class LeaseMonotony implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onScript(call: ScriptCall): void {
    const {node, plan} = call;
    if (call.action !== 'start' || plan.kind !== 'start') return;
    const verdicts = this.#ledger.verdicts(node, plan.service);
    for (const verdict of verdicts) {
      if (verdict.epoch !== plan.epoch || !leaseReasons.has(verdict.reason)) continue;
      this.#checkHolder(call, verdict.over as NodeName);
    }
  }

  #checkHolder(call: ScriptCall, holder: NodeName): void {
    const {world} = this.#ledger;
    const machine = world.machine(holder);
    const engine = world.daemon(holder)?.engine;
    const service = engine?.byName.get(call.plan.service);
    if (engine === undefined || service === undefined) return;
    if (!machine.isActive(call.plan.service) || !isLeased(engine, service)) return;
    const state = this.#ledger.state(holder, call.plan.service)?.state;
    if (state !== 'STARTED' && state !== 'STARTING') return;
    // A daemon that has come back gets one lease to write its slot (see SingleEffect).
    if (this.#ledger.blind(holder).untilMs > call.atMs - returnMs(world.config)) return;
    const restMs = machine.virtualMs(new Rights(engine).untilMs(service)) - call.atMs;
    if (restMs <= 0) return;
    this.#report({
      rule: 'S5',
      node: call.node,
      service: call.plan.service,
      text: `${call.plan.id}: the right of ${holder} lasts for another ${Math.round(restMs)} ms`,
    });
  }
}

function returnMs({disks, arbiter, quorum}: ClusterConfig): number {
  const ttlMs = Math.max(arbiter?.ttlMs ?? 0, quorum?.leaseMs ?? 0);
  return Math.max(2 * ttlMs, ...disks.map((disk) => disk.leaseMs + disk.waitMs));
}
