/**
 * S6: frozen is silent. From the moment a freeze is durable until it is lifted by a command, no
 * plan is ordered for the service: not at boot, not on arbitration loss. Two orders are meant by
 * the operator: freeze-stop (and stop) stops, freeze-start starts; and a stop that its daemon did
 * not live to finish is finished by the next. A frozen node may be taken over
 * from once it is proved dead, so its services still obey their lease and a higher epoch; it starts
 * nothing.
 */

import type {Command} from '../../engine/types.ts';
import type {ActionPlan} from '../../failover/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {DaemonEvent, Observer, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

const stopVerbs: ReadonlySet<Command['verb']> = new Set(['freeze-stop', 'stop', 'restart']);

export class FrozenSilence implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  /** The last command that the daemon carried out for a service. */
  readonly #lastVerb = new Map<string, Command['verb']>();
  /** Frozen services as `node/service`, frozen nodes by their name. */
  readonly #frozen = new Set<string>();
  /** Whose stop the last daemon left unfinished: the next one ends it, frozen or not. */
  readonly #unfinished = new Set<string>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  /** A freeze that never became durable ends with the daemon that held it. */
  onDaemon(node: NodeName, event: DaemonEvent): void {
    if (event !== 'up') return;
    this.#mark(node, this.#ledger.isNodeFrozen(node));
    for (const {name} of this.#ledger.world.config.services) {
      const facts = this.#ledger.facts(node, name);
      const key = `${node}/${name}`;
      this.#mark(key, (facts?.frozen ?? null) !== null);
      if (facts?.underWay === 'stop') this.#unfinished.add(key);
      else this.#unfinished.delete(key);
    }
  }

  onTurn({node, effects}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'persist-service') {
        this.#mark(`${node}/${effect.service}`, effect.facts.frozen !== null);
      } else if (effect.type === 'persist-node') {
        const {frozen, clusterFrozen} = effect.facts;
        this.#mark(node, frozen !== null || clusterFrozen !== null);
      } else if (effect.type === 'record' && effect.entry.kind === 'command') {
        const command = effect.entry.data['command'] as Command;
        if ('service' in command) this.#lastVerb.set(`${node}/${command.service}`, command.verb);
      } else if (effect.type === 'run-plan') this.#checkPlan(node, effect.plan);
    }
  }

  #checkPlan(node: NodeName, {id, service, kind}: ActionPlan): void {
    const verb = this.#lastVerb.get(`${node}/${service}`);
    const key = `${node}/${service}`;
    const isRest = this.#unfinished.delete(key);
    const meant = kind === 'stop' && (isRest || stopVerbs.has(verb ?? 'probe'));
    if (this.#frozen.has(key) && !meant) {
      const text = `${id} is ordered though the service is frozen`;
      this.#report({rule: 'S6', node, service, text});
    }
    if (kind === 'start' && this.#frozen.has(node)) {
      const text = `${id} is ordered though the node is frozen`;
      this.#report({rule: 'S6', node, service, text});
    }
  }

  #mark(key: string, frozen: boolean): void {
    if (frozen) this.#frozen.add(key);
    else this.#frozen.delete(key);
  }
}
