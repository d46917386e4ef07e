/**
 * Asks resources how they are, beside the plans and with places of its own: a start that hangs must
 * not blind the monitor, and a thousand monitors must not hold up a start.
 */

import type {ResourceConfig, ServiceConfig} from '../../config/types.ts';
import type {ResourceId, ServiceName} from '../../kernel/ids.ts';
import {isTask} from '../../kernel/families.ts';
import {Places} from '../../kernel/places.ts';
import {mergeProbes} from '../merge-probes.ts';
import type {Driver, ResourceProbe, ServiceProbe} from '../types.ts';
import {look, type Lingering} from './act.ts';

export interface ProberOptions {
  readonly driverFor: (resource: ResourceConfig) => Driver;
  readonly log: (service: ServiceName, rid: ResourceId, line: string) => void;
  /** Resources with a process that could not be ended, as `lingeringKey` names them. */
  readonly lingering: Lingering;
}

/** Resources asked at once: half of what plans may run, for a look is short. */
const probesParallelMax = 16;
/** While as many starts run as may: what is at rest gives way, and is not forgotten. */
const probesCrowdedMax = 4;

interface Asked {
  readonly running: Promise<ServiceProbe>;
  /** The one that starts when `running` is over, shared by all who ask meanwhile. */
  next: Promise<ServiceProbe> | null;
}

/** One prober per daemon. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #places = new Places(probesParallelMax);
  readonly #asked = new Map<ServiceName, Asked>();
  readonly #controller = new AbortController();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /**
   * An answer that was looked at after this call: who asks while a look is under way gets the next
   * one, because that look may have begun before what the caller wants to know of.
   */
  probe(service: ServiceConfig): Promise<ServiceProbe> {
    const asked = this.#asked.get(service.name);
    if (asked === undefined) return this.#begin(service);
    asked.next ??= asked.running.then(() => this.#begin(service));
    return asked.next;
  }

  /** Whether the plans have more to do than the processors can. */
  giveWay(isCrowded: boolean): void {
    this.#places.resize(isCrowded ? probesCrowdedMax : probesParallelMax);
  }

  /** Ends what runs; what is asked later is unknown. Resolves when no child of a probe is left. */
  async close(): Promise<void> {
    this.#controller.abort();
    while (this.#asked.size > 0) {
      await Promise.all([...this.#asked.values()].map((asked) => asked.next ?? asked.running));
    }
  }

  #begin(service: ServiceConfig): Promise<ServiceProbe> {
    const running = this.#askAll(service).finally(() => {
      if (this.#asked.get(service.name) === asked) this.#asked.delete(service.name);
    });
    const asked: Asked = {running, next: null};
    this.#asked.set(service.name, asked);
    return running;
  }

  async #askAll(service: ServiceConfig): Promise<ServiceProbe> {
    const enabled = service.resources.filter(({disabled, type}) => !disabled && !isTask(type));
    const probes = await Promise.all(enabled.map((resource) => this.#ask(service, resource)));
    return mergeProbes(probes, enabled);
  }

  async #ask(service: ServiceConfig, resource: ResourceConfig): Promise<ResourceProbe> {
    const actor = {
      driver: this.#options.driverFor(resource),
      resource,
      service,
      epoch: 0,
      lingering: this.#options.lingering,
      log: (line: string) => this.#options.log(service.name, resource.rid, line),
    };
    const {signal} = this.#controller;
    const seen = await this.#places.within(() => look(actor, resource.probeMs, signal));
    return {rid: resource.rid, ...seen};
  }
}
