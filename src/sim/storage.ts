/**
 * The state directory of a machine: what was made durable survives kills and power cuts, what was
 * on its way does not. It can be full, or slow.
 */

import type {Chance} from '../kernel/chance.ts';
import type {DurableFacts, Effect, NodeFacts, ServiceFacts} from '../engine/types.ts';
import type {ServiceName} from '../kernel/ids.ts';

export type StorageMode = 'ok' | 'full' | 'slow';

export type DurableEffect = Extract<
  Effect,
  {readonly type: 'record' | 'persist-service' | 'persist-node'}
>;

const noNodeFacts: NodeFacts = {
  frozen: null,
  drained: null,
  clusterFrozen: null,
  fences: [],
  peers: [],
};

export class StateDirectory {
  mode: StorageMode = 'ok';
  readonly #chance: Chance;
  readonly #services = new Map<ServiceName, ServiceFacts>();
  #node: NodeFacts = noNodeFacts;
  #incarnation = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** The next life, durable before the daemon exists; null where it cannot be written. */
  nextIncarnation(): number | null {
    if (this.mode === 'full') return null;
    this.#incarnation += 1;
    return this.#incarnation;
  }

  facts(): DurableFacts {
    return {services: new Map(this.#services), node: this.#node};
  }

  /** How long the next write takes, ms. */
  commitMs(): number {
    return this.mode === 'slow' ? this.#chance.between(200, 900) : this.#chance.between(1, 6);
  }

  /** False where it refuses: nothing of it is durable then. */
  commit(effects: readonly DurableEffect[]): boolean {
    if (this.mode === 'full') return false;
    for (const effect of effects) {
      if (effect.type === 'persist-service') this.#services.set(effect.service, effect.facts);
      else if (effect.type === 'persist-node') this.#node = effect.facts;
    }
    return true;
  }
}
