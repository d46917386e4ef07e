/**
 * S8: bytes that no member of the cluster made change nothing that a decision rests on. The view of
 * the peers is compared before and after the turn that received them.
 */

import {view} from '../../engine/index.ts';
import type {Engine} from '../../engine/index.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {Observer} from '../observer.ts';
import type {Report} from './rule.ts';

export class Authenticity implements Observer {
  readonly #report: Report;
  #before = '';

  constructor(report: Report) {
    this.#report = report;
  }

  onForgery(node: NodeName, engine: Engine, moment: 'before' | 'after'): void {
    const digest = digestOf(engine);
    if (moment === 'before') this.#before = digest;
    else if (digest !== this.#before) {
      const text = `forged bytes changed what is known: ${this.#before} -> ${digest}`;
      this.#report({rule: 'S8', node, service: null, text, kind: 'forged'});
    }
  }
}

function digestOf(engine: Engine): string {
  const {nodes, services} = view(engine, engine.nowMs);
  return JSON.stringify({
    nodes: nodes.map(({name, incarnation, leaving, keeping, frozen, drained}) => [
      name,
      incarnation,
      leaving,
      keeping,
      frozen,
      drained,
    ]),
    services: services.map(({instances}) =>
      instances.map(({state, epoch, owner}) => [state, epoch, owner]),
    ),
  });
}
