/** What the arbiter keeps of this node, for those who have never heard it. */

import type {MemberEntry} from '../arbitration/arbiter.ts';
import type {ArbiterConfig} from '../config/types.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {Engine} from './state.ts';
import {attestedMs} from './watchdog.ts';

/** Names that are written; of more, all services count as held. */
const heldMax = 64;

export function memberOf(engine: Engine, {ttlMs}: ArbiterConfig): MemberEntry {
  const held = engine.services
    .filter(({state, config}) => {
      const stays = state === 'FROZEN_START' || state === 'STOP_FAILED';
      return stays && config.nodes.length > 1;
    })
    .map(({config}) => config.name)
    .sort();
  return {
    life: engine.incarnation,
    ttlMs,
    watchdogMs: attestedMs(engine),
    keeping: engine.leaving === 'keeping' || held.length > heldMax,
    held: held.length > heldMax ? [] : held,
  };
}

/** Its last word was that the end of its lease would not stop this service. */
export function isHeldThere(engine: Engine, peer: string, service: ServiceName): boolean {
  for (const [node, {member}] of engine.arbiter.rows) {
    if (node === peer) return member?.held.includes(service) === true;
  }
  return false;
}
