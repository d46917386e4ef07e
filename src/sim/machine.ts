/**
 * A computer: power, a boot, a clock that runs a little too fast or too slow, a state directory
 * that survives, and the truth about what runs. Its daemon comes and goes.
 */

import type {ClusterConfig} from '../config/types.ts';
import type {Chance} from '../kernel/chance.ts';
import type {NodeName, ResourceId, ServiceName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';
import {Resource} from './resource.ts';
import type {Behaviour} from './resource.ts';
import {StateDirectory} from './storage.ts';
import {SimWatchdog} from './watchdog.ts';

export interface MachineOptions {
  readonly node: NodeName;
  readonly config: ClusterConfig;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** Clock rate: 1.0005 gains 500 ppm. */
  readonly rate: number;
  readonly behaviour: (service: ServiceName) => Behaviour;
  readonly onTruth: (service: ServiceName) => void;
  /** Its watchdog was not fed. */
  readonly onExpire: () => void;
}

export class Machine {
  readonly node: NodeName;
  readonly storage: StateDirectory;
  readonly rate: number;
  readonly watchdog: SimWatchdog;
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #resources = new Map<string, Resource>();
  readonly #services: ReadonlyMap<ServiceName, readonly Resource[]>;
  #bootMs = 0;
  #bootCount = 0;
  #powered = false;

  constructor(options: MachineOptions) {
    const {node, config, clock, chance, rate} = options;
    this.node = node;
    this.rate = rate;
    this.#clock = clock;
    this.#chance = chance;
    this.watchdog = new SimWatchdog({clock, rate, onExpire: options.onExpire});
    this.storage = new StateDirectory(chance.fork());
    const services = new Map<ServiceName, readonly Resource[]>();
    for (const {name, resources} of config.services) {
      const mine = resources.map(({rid}) => {
        const resource = new Resource(clock, options.behaviour(name), () => options.onTruth(name));
        this.#resources.set(`${name}/${rid}`, resource);
        return resource;
      });
      services.set(name, mine);
    }
    this.#services = services;
  }

  get powered(): boolean {
    return this.#powered;
  }

  get bootCount(): number {
    return this.#bootCount;
  }

  get bootId(): string {
    return `${this.node}-boot-${this.#bootCount}`;
  }

  /** Monotonic clock of this boot, ms. */
  localMs(): number {
    return (this.#clock.nowMs() - this.#bootMs) * this.rate;
  }

  /** Virtual time of a local instant. */
  virtualMs(localMs: number): number {
    return localMs / this.rate + this.#bootMs;
  }

  nonce(): number {
    return this.#chance.nextUint32();
  }

  powerOn(): void {
    this.#powered = true;
    this.#bootCount += 1;
    this.#bootMs = this.#clock.nowMs();
  }

  powerOff(): void {
    this.#powered = false;
    this.watchdog.release();
    for (const resource of this.#resources.values()) resource.powerOff();
  }

  resource(service: ServiceName, rid: ResourceId): Resource {
    return this.#resources.get(`${service}/${rid}`)!;
  }

  resourcesOf(service: ServiceName): readonly Resource[] {
    return this.#services.get(service) ?? [];
  }

  /** Anything of the service has an effect on the world from here. */
  isActive(service: ServiceName): boolean {
    return this.resourcesOf(service).some((resource) => resource.active);
  }
}
