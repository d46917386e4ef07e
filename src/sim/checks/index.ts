/** All rules at once, over one world. They share a ledger and nothing with the engine. */

import type {Observer} from '../observer.ts';
import type {World} from '../world.ts';
import {Authenticity} from './authentic.ts';
import {StallBarrier} from './barrier.ts';
import {Bounds} from './bounds.ts';
import {FenceFirst} from './fencing.ts';
import {FrozenSilence} from './frozen.ts';
import {Grants} from './grants.ts';
import {LeaseMonotony} from './lease.ts';
import {Ledger} from './ledger.ts';
import {checkLiveness} from './liveness.ts';
import {Orders} from './orders.ts';
import {Restraint} from './restraint.ts';
import type {Violation} from './rule.ts';
import {SingleEffect} from './single-effect.ts';

export {isSameDefect} from './rule.ts';
export type {RuleId, Violation} from './rule.ts';

export interface Checks {
  /** In the order of their calls: the ledger first, because the others ask it. */
  readonly observers: readonly Observer[];
  readonly violations: readonly Violation[];
  /** At the end of a run whose last `quietMs` were without faults. */
  checkEnd(quietMs: number): void;
}

export function createChecks(world: World): Checks {
  const violations: Violation[] = [];
  const report = (violation: Omit<Violation, 'atMs'>): void => {
    violations.push({...violation, atMs: world.clock.nowMs()});
  };
  const ledger = new Ledger(world);
  const orders = new Orders(ledger, report);
  return {
    observers: [
      ledger,
      new SingleEffect(ledger, report),
      new Grants(ledger, report),
      new LeaseMonotony(ledger, report),
      new StallBarrier(ledger, report),
      new FrozenSilence(ledger, report),
      new FenceFirst(ledger, report),
      new Authenticity(report),
      new Bounds(ledger, report),
      new Restraint(ledger, report),
      orders,
    ],
    violations,
    checkEnd: (quietMs) => {
      orders.checkEnd(quietMs);
      checkLiveness(world, report);
    },
  };
}
