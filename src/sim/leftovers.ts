/**
 * What the last daemon of a simulated machine had begun and nobody saw end, by the rules of the
 * real one: it is ended before anything is believed; what hangs in the kernel, or whose process was
 * not entered any more when the daemon died, is looked for again and again.
 */

import type {ClusterConfig} from '../config/types.ts';
import type {Input} from '../engine/types.ts';
import {killGraceMs, unkillableMs} from '../kernel/ending.ts';
import type {ServiceName} from '../kernel/ids.ts';
import type {Machine} from './machine.ts';
import type {Resource} from './resource.ts';
import type {Life} from './runner.ts';
import {wait} from './work.ts';
import type {Work} from './work.ts';

export interface LeftoverPorts {
  readonly life: Life;
  readonly machine: Machine;
  readonly config: ClusterConfig;
  readonly give: (input: Input) => void;
}

/** From TERM until what can be ended is gone, with room, ms. */
const dyingMs = 50;
const againMs = 5_000;

interface Remains {
  left: readonly Resource[];
  readonly kind: 'start' | 'stop';
  readonly graceMs: number;
  wasCut: boolean;
  isSettled: boolean;
}

export class SimLeftovers {
  readonly #ports: LeftoverPorts;
  readonly #remains = new Map<ServiceName, Remains>();
  readonly #waiting: (() => void)[] = [];

  constructor(ports: LeftoverPorts) {
    this.#ports = ports;
    for (const {name, resources} of ports.config.services) {
      const left = ports.machine.resourcesOf(name).filter((one) => one.entered !== null);
      if (left.length === 0) continue;
      const kind = left.every((one) => one.entered === 'stop') ? 'stop' : 'start';
      const graceMs = Math.max(
        ...resources.map((one) => killGraceMs(Math.max(one.startMs, one.stopMs))),
      );
      this.#remains.set(name, {left, kind, graceMs, wasCut: false, isSettled: false});
    }
  }

  kinds(): ReadonlyMap<ServiceName, 'start' | 'stop'> {
    return new Map([...this.#remains].map(([name, {kind}]) => [name, kind]));
  }

  has(resource: Resource): boolean {
    return [...this.#remains.values()].some(({left}) => left.includes(resource));
  }

  /** Until the first attempt is over. */
  *settled(service: ServiceName): Work<void> {
    while (this.#remains.get(service)?.isSettled === false) {
      yield* wait<void>((resume) => {
        this.#waiting.push(() => resume());
      });
    }
  }

  begin(): void {
    for (const [name, remains] of this.#remains) this.#end(name, remains);
  }

  #end(name: ServiceName, remains: Remains): void {
    for (const resource of remains.left) {
      if (resource.endLeft()) remains.wasCut = true;
    }
    const {life} = this.#ports;
    life.later(dyingMs, () => {
      if (remains.left.every((resource) => !resource.mayBeLeft)) this.#settle(name, remains);
      else life.later(remains.graceMs + unkillableMs, () => this.#settle(name, remains));
    });
  }

  #settle(name: ServiceName, remains: Remains): void {
    for (const resource of remains.left) resource.forgetEnded();
    remains.left = remains.left.filter((resource) => resource.mayBeLeft);
    const isOver = remains.left.length === 0;
    if (isOver) this.#remains.delete(name);
    const state = !isOver ? 'lingers' : remains.wasCut ? 'ended' : 'gone';
    const detail = isOver ? '' : 'its process hangs in the kernel, or is not known';
    this.#ports.give({type: 'leftover', service: name, state, detail});
    remains.isSettled = true;
    for (const resume of this.#waiting.splice(0)) resume();
    if (!isOver) this.#ports.life.later(againMs, () => this.#end(name, remains));
  }
}
