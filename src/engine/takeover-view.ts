/**
 * "May I go home?": what would happen if the other node died now, and on which proof. The worst
 * case is that of `ha check`; what is out of order at the moment can only take from it.
 */

import {proofRank} from '../arbitration/types.ts';
import {takeoverOf} from '../config/takeover.ts';
import type {Takeover} from '../config/takeover.ts';
import {isHeld} from './arbiter-right.ts';
import type {Engine} from './state.ts';
import type {TakeoverView} from './view.ts';

const impossible: TakeoverView = {possible: false, source: 'none', proof: 'P0', worstMs: null};

export function takeoverView(engine: Engine): TakeoverView {
  const {frozen, drained, clusterFrozen} = engine.facts;
  if ((frozen ?? drained ?? clusterFrozen) !== null || engine.leaving !== 'no') return impossible;
  const classes = new Set(
    engine.config.services
      .filter((service) => service.orchestrate === 'ha')
      .map((service) => service.serviceClass),
  );
  const takeovers = [...classes].map((entry) => takeoverOf(engine.config, entry));
  const able = takeovers.filter((takeover) => takeover.possible && isInOrder(engine, takeover));
  if (able.length === 0) return impossible;
  // Of several classes the most demanding that is able: the one whose proof must hold.
  const hardest = able.reduce((left, right) =>
    proofRank(right.proofNeeded) > proofRank(left.proofNeeded) ? right : left,
  );
  return {
    possible: true,
    source: hardest.source,
    proof: hardest.proof,
    worstMs: Math.max(...able.map((takeover) => takeover.worstMs ?? 0)),
  };
}

/** A lease needs an arbiter that gives us ours, and a disk that this node can write right now. */
function isInOrder(engine: Engine, takeover: Takeover): boolean {
  if (proofRank(takeover.proofNeeded) < proofRank('P2')) return true;
  if (takeover.source === 'fencing') return true;
  if (engine.config.arbiter !== null && !isHeld(engine)) return false;
  if (engine.config.disks.length === 0) return true;
  const usable = engine.config.disks.filter((disk) => {
    const medium = engine.media.find((candidate) => candidate.id === disk.id);
    const writeMs = medium?.writeMs ?? null;
    return medium?.fault === null && writeMs !== null && engine.nowMs - writeMs < disk.deadMs;
  });
  return usable.length * 2 > engine.config.disks.length;
}
