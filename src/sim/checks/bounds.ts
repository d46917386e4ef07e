/** S12: whatever comes in, nothing inside grows without end. */

import {ordersMax, servicesPerTurnMax} from '../../kernel/limits.ts';
import type {Observer, Turn} from '../observer.ts';
import type {Ledger} from './ledger.ts';
import type {Report} from './rule.ts';

/** Effects of one turn: a handful for each service looked at, and frames for everybody. */
const effectsMax = servicesPerTurnMax * 16;
/** Batches that wait for the disk: a slow one is waited for some seconds. */
const batchesMax = 512;

export class Bounds implements Observer {
  readonly #ledger: Ledger;
  readonly #report: Report;

  constructor(ledger: Ledger, report: Report) {
    this.#ledger = ledger;
    this.#report = report;
  }

  onTurn({node, engine, effects}: Turn): void {
    const sizes = this.#ledger.world.daemon(node)?.queueSizes;
    const {length: services} = engine.services;
    this.#check(node, 'effects of a turn', effects.length, effectsMax);
    this.#check(node, 'orders', engine.orders.size, ordersMax);
    this.#check(node, 'dirty services', engine.dirty.length, services);
    this.#check(node, 'events left over', engine.internal.length, 0);
    this.#check(node, 'copies to send', engine.burst.length, 2);
    this.#check(node, 'batches', sizes?.batches ?? 0, batchesMax);
    this.#check(node, 'plans', sizes?.plans ?? 0, 2 * services);
  }

  #check(node: Turn['node'], what: string, count: number, most: number): void {
    if (count <= most) return;
    this.#report({rule: 'S12', node, service: null, text: `${count} ${what}, at most ${most}`});
  }
}
