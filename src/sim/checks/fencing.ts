/**
 * S7: who starts a service over a node that was "fenced" has been told so: an agent of its own came
 * back with the switch off, after the order was durable, and about the life of the node that it had
 * last heard. What failed or is not known never counts.
 *
 * A device that lied is told apart from an engine that believed too much: what was started on its
 * word is not held against the engine (S1).
 */

import type {RecordEntry} from '../../engine/types.ts';
import type {FenceReport} from '../../failover/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {Observer, Turn} from '../observer.ts';
import type {DurableEffect} from '../storage.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

interface Shot {
  readonly off: boolean;
  readonly atMs: number;
}

export class FenceFirst implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  /** The last report of an agent, by who asked and over whom. */
  readonly #shots = new Map<string, Shot>();
  /** Orders that are durable, by node, target and attempt. */
  readonly #ordered = new Set<string>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onDurable(node: NodeName, effect: DurableEffect): void {
    if (effect.type !== 'record' || effect.entry.kind !== 'fence') return;
    const {over, attempt, off} = effect.entry.data;
    if (off === undefined) this.#ordered.add(`${node}/${String(over)}/${String(attempt)}`);
  }

  onFenceBegin(node: NodeName, over: NodeName, attempt: number): void {
    this.#shots.delete(`${node}/${over}`);
    // The numbers of a daemon's attempts begin anew with it.
    if (this.#ordered.delete(`${node}/${over}/${attempt}`)) return;
    this.#fail(node, `the agent for ${over} is called before the order is durable`);
  }

  onFenceEnd(node: NodeName, over: NodeName, {off}: FenceReport, atMs: number): void {
    this.#shots.set(`${node}/${over}`, {off, atMs});
  }

  onTurn({node, effects}: Turn): void {
    for (const effect of effects) {
      if (effect.type === 'record') this.#checkVerdict(node, effect.entry);
    }
  }

  #checkVerdict(node: NodeName, {kind, cause, data}: RecordEntry): void {
    if (kind !== 'verdict' || cause.reason !== 'fenced') return;
    const over = String(data['over']) as NodeName;
    const shot = this.#shots.get(`${node}/${over}`);
    if (shot?.off !== true) {
      this.#fail(node, `started over ${over} as fenced, and no agent saw it off`);
      return;
    }
    // What was sent before the cut may arrive after it.
    const heard = this.#ledger.heardMade(node, over).atMs;
    if (heard > shot.atMs)
      this.#fail(node, `started over ${over}, which spoke after it was fenced`);
  }

  #fail(node: NodeName, text: string): void {
    this.#report({rule: 'S7', node, service: null, text});
  }
}
