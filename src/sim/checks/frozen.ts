/**
 * S6: frozen is silent. From the moment a freeze is durable until it is lifted by a command, no plan is
 * ordered for the service: not at boot, not on arbitration loss. Two orders are meant by the operator:
 * freeze-stop (and stop) stops, freeze-start starts. A frozen node may be taken over from once it is
 * proved dead, so its services still obey their lease and a higher epoch; it starts nothing.
 */

import type {Command} from '../../engine/types.ts';
import type {ActionPlan} from '../../failover/types.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import type {Observer, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

const stopVerbs: ReadonlySet<Command['verb']> = new Set(['freeze-stop', 'stop', 'restart']);

export class FrozenSilence implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  /** The last command that the daemon carried out for a service. */
  readonly #lastVerb = new Map<string, Command['verb']>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onTurn({node, effects}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'record' && effect.entry.kind === 'command') {
        const command = effect.entry.data['command'] as Command;
        const service = serviceOf(command);
        if (service !== null) this.#lastVerb.set(`${node}/${service}`, command.verb);
      }
      if (effect.type === 'run-plan') this.#checkPlan(node, effect.plan);
    }
  }

  #checkPlan(node: NodeName, {id, service, kind}: ActionPlan): void {
    const frozen = this.#ledger.facts(node, service)?.frozen ?? null;
    const verb = this.#lastVerb.get(`${node}/${service}`);
    const lifted = verb === 'unfreeze' || (kind === 'stop' && stopVerbs.has(verb ?? 'probe'));
    if (frozen !== null && !lifted) {
      const text = `${id} is ordered though the service is frozen`;
      this.#report({rule: 'S6', node, service, text});
    }
    if (kind === 'start' && this.#ledger.isNodeFrozen(node)) {
      const text = `${id} is ordered though the node is frozen`;
      this.#report({rule: 'S6', node, service, text});
    }
  }
}

function serviceOf(command: Command): ServiceName | null {
  if ('service' in command) return command.service;
  if ('scope' in command && command.scope.kind === 'service') return command.scope.service;
  return null;
}
