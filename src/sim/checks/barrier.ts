/**
 * S4: a daemon that stood still does nothing to the world before it has read what queued up
 * meanwhile. Counted are the orders to run a plan and the first script of a plan; a plan that was
 * under way goes on, because its service is active here already.
 */

import type {NodeName} from '../../kernel/ids.ts';
import type {DaemonEvent, Observer, ScriptCall, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

export class StallBarrier implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #barred = new Set<NodeName>();
  readonly #begun = new Set<string>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onDaemon(node: NodeName, event: DaemonEvent, atMs: number): void {
    if (event === 'down') this.#barred.delete(node);
    if (event !== 'resumed') return;
    const {beatMs, stallMs} = this.#ledger.world.config.timing;
    // A tick is due once a beat, so a longer pause is late by more than the bound.
    if (atMs - this.#ledger.blind(node).sinceMs > (beatMs + stallMs) * 1.01) this.#barred.add(node);
  }

  onTurn({node, input, effects}: Turn): void {
    if (input.type === 'drained') this.#barred.delete(node);
    if (!this.#barred.has(node)) return;
    for (const effect of effects) {
      if (effect.type !== 'run-plan') continue;
      const {id, service} = effect.plan;
      const text = `${id} is ordered before the daemon has looked again`;
      this.#report({rule: 'S4', node, service, text});
    }
  }

  onScript({node, plan}: ScriptCall): void {
    const key = `${node}/${plan.id}`;
    if (this.#begun.has(key)) return;
    this.#begun.add(key);
    if (!this.#barred.has(node) || plan.kind === 'stop') return;
    const text = `${plan.id} begins before the daemon has looked again`;
    this.#report({rule: 'S4', node, service: plan.service, text});
  }
}
