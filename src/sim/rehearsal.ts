/**
 * `ha simulate` with a configuration of the user's own: the cluster is brought up in memory until
 * everything runs, the faults come, and what becomes of each service is measured on what really
 * runs. Exact clocks, so that the same line gives the same text.
 */

import type {ClusterConfig} from '../config/types.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import {createChecks} from './checks/index.ts';
import type {Violation} from './checks/index.ts';
import {guarded} from './explore.ts';
import {formatAction} from './actions.ts';
import type {TimedAction} from './schedule.ts';
import {defaultShape} from './shape.ts';
import {Transcript} from './transcript.ts';
import {World} from './world.ts';

export interface ServiceOutcome {
  readonly service: ServiceName;
  /** Where it ran when the first fault came, and at the end. */
  readonly before: readonly NodeName[];
  readonly after: readonly NodeName[];
  /** How long it ran nowhere, and on several nodes at once, from the first fault, ms. */
  readonly downMs: number;
  readonly twiceMs: number;
  /** Where it is down at the end: what each node with power says, as `NODE: SENTENCE`. */
  readonly why: readonly string[];
}

export interface Rehearsal {
  /** From the first fault, whose time is 0. */
  readonly transcript: string;
  readonly services: readonly ServiceOutcome[];
  readonly broken: readonly Violation[];
}

/** Until all nodes hear each other, hold what they need, and run what they may. */
const settleMs = 60_000;

export function rehearse(options: {
  readonly config: ClusterConfig;
  /** Times count from the first instant after everything runs. */
  readonly faults: readonly TimedAction[];
  readonly runMs: number;
}): Rehearsal {
  const {config, faults, runMs} = options;
  const transcript = new Transcript(settleMs);
  const tally = new Tally(config);
  let checks: ReturnType<typeof createChecks> | null = null;
  const world: World = new World({
    shape: {...defaultShape, nodes: config.nodes.length},
    config,
    seed: 0,
    noise: false,
    observers: (self) => {
      checks = createChecks(self);
      return [...checks.observers, tally, transcript];
    },
  });
  tally.watch(world);
  const thrown = guarded(world, () => {
    for (const node of world.nodes) world.apply({verb: 'boot', node});
    world.runUntil(settleMs / 2);
    // New services of OpenHA begin their life frozen; here a person has lifted that long ago.
    for (const node of world.nodes) {
      for (const {name} of config.services) {
        world.apply({verb: 'ha', node, command: `unfreeze ${name}`});
      }
    }
    world.runUntil(settleMs);
    transcript.begin();
    tally.begin(settleMs);
    for (const {atMs, action} of faults) {
      world.runUntil(settleMs + atMs);
      transcript.note(`** ${formatAction(action)}`, world.clock.nowMs());
      world.apply(action);
    }
    world.runUntil(settleMs + runMs);
  });
  const {violations} = checks!;
  return {
    transcript: transcript.text(),
    services: thrown === null ? tally.end(world) : [],
    broken: thrown === null ? violations : [...violations, thrown],
  };
}

/** Counts on what really runs, not on what anybody believes. */
class Tally {
  readonly #config: ClusterConfig;
  #world: World | null = null;
  readonly #counts = new Map<ServiceName, Count>();
  #begunMs = Infinity;

  constructor(config: ClusterConfig) {
    this.#config = config;
  }

  watch(world: World): void {
    this.#world = world;
  }

  begin(atMs: number): void {
    this.#begunMs = atMs;
    for (const {name} of this.#config.services) {
      const active = this.#active(name);
      const before = active;
      this.#counts.set(name, {before, active: active.length, sinceMs: atMs, downMs: 0, twiceMs: 0});
    }
  }

  onTruth(_node: NodeName, service: ServiceName, atMs: number): void {
    if (atMs >= this.#begunMs) this.#turn(service, atMs);
  }

  end(world: World): readonly ServiceOutcome[] {
    return this.#config.services.map(({name, nodes}) => {
      this.#turn(name, world.clock.nowMs());
      const {before, downMs, twiceMs} = this.#counts.get(name)!;
      const after = this.#active(name);
      const why = after.length > 0 ? [] : nodes.map((node) => whyDown(world, node, name));
      return {service: name, before, after, downMs, twiceMs, why};
    });
  }

  #active(service: ServiceName): readonly NodeName[] {
    const world = this.#world!;
    return world.nodes.filter((node) => world.machine(node).isActive(service));
  }

  #turn(service: ServiceName, atMs: number): void {
    const count = this.#counts.get(service);
    if (count === undefined) return;
    const passedMs = atMs - count.sinceMs;
    if (count.active === 0) count.downMs += passedMs;
    if (count.active > 1) count.twiceMs += passedMs;
    count.sinceMs = atMs;
    count.active = this.#active(service).length;
  }
}

interface Count {
  readonly before: readonly NodeName[];
  active: number;
  sinceMs: number;
  downMs: number;
  twiceMs: number;
}

function whyDown(world: World, node: NodeName, name: ServiceName): string {
  const daemon = world.daemon(node);
  if (!world.machine(node).powered) return `${node}: it is off`;
  if (daemon === null) return `${node}: no daemon runs`;
  if (daemon.paused) return `${node}: it stands still`;
  const service = daemon.engine.byName.get(name);
  const {waiting, cause, state = 'UNKNOWN'} = service ?? {};
  return `${node}: ${state}, ${(waiting ?? cause)?.detail ?? 'nothing is known'}`;
}
