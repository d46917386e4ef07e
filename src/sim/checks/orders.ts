/** L5: no order hangs for ever: whoever asked a daemon that lives on gets exactly one answer. */

import type {Command} from '../../engine/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {DaemonEvent, Observer} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

interface Open {
  readonly node: NodeName;
  readonly verb: string;
  readonly atMs: number;
}

export class Orders implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;
  readonly #open = new Map<number, Open>();
  readonly #answered = new Set<number>();

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onAsked(node: NodeName, id: number, command: Command, atMs: number): void {
    this.#open.set(id, {node, verb: command.verb, atMs});
  }

  onReply(node: NodeName, id: number): void {
    if (this.#answered.has(id)) {
      this.#report({rule: 'L5', node, service: null, text: `order ${id} was answered twice`});
    }
    this.#answered.add(id);
    this.#open.delete(id);
  }

  /** Its daemon is gone: the client sees the socket close. */
  onDaemon(node: NodeName, event: DaemonEvent): void {
    if (event !== 'down') return;
    for (const [id, order] of this.#open) if (order.node === node) this.#open.delete(id);
  }

  /** At the end of a run. `quietMs`: how long nothing has been broken any more. */
  checkEnd(quietMs: number): void {
    const nowMs = this.#ledger.world.clock.nowMs();
    const longestMs = Math.max(quietMs, ...this.#ledger.world.config.services.map(orderMs));
    for (const [id, {node, verb, atMs}] of this.#open) {
      if (nowMs - atMs < longestMs) continue;
      const text = `order ${id} (${verb}) has no answer after ${Math.round(nowMs - atMs)} ms`;
      this.#report({rule: 'L5', node, service: null, text});
    }
  }
}

function orderMs(service: {
  readonly resources: readonly {
    readonly startMs: number;
    readonly stopMs: number;
    readonly probeMs: number;
  }[];
}): number {
  const slackMs = 60_000;
  const sumMs = service.resources.reduce(
    (sum, one) => sum + one.startMs + 2 * one.stopMs + 2 * one.probeMs,
    slackMs,
  );
  return 2 * sumMs;
}
