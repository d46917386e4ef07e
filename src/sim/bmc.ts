/**
 * The power switch of a simulated node, as fence agents see it over the network: it obeys, is slow,
 * does not answer, refuses, or says "off" of a node that is on. It may hang on the power of its
 * node, or on the network of it. An order that was sent is carried out, whatever became of the
 * sender meanwhile.
 */

import type {Chance} from '../kernel/chance.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';

/**
 * `hang`: it cannot be reached. `fed`: by its node's power, so that it is gone with it. `inband`:
 * over the first link of its node. `lie`: it says "off", and does nothing.
 */
export const bmcModes = ['ok', 'slow', 'hang', 'refuse', 'lie', 'fed', 'inband'] as const;
export type BmcMode = (typeof bmcModes)[number];

export type BmcAction = 'off' | 'on' | 'status';
/** What it answers: whether an order was taken, or the state of the switch. */
export type BmcAnswer = 'done' | 'refused' | 'on' | 'off';

export interface BmcPorts {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  isPowered(): boolean;
  powerOff(): void;
  powerOn(): void;
  /** The first link carries packets from that node to this one and back. */
  hasLink(from: NodeName): boolean;
}

/** One way, on a good day, ms. */
const travelMs = 20;
/** The longest way of a slow one. */
const slowMsMax = 8_000;

export class SimBmc {
  mode: BmcMode = 'ok';
  readonly #ports: BmcPorts;

  constructor(ports: BmcPorts) {
    this.#ports = ports;
  }

  /** `reply` is called once, or never where nothing answers. */
  ask(from: NodeName, action: BmcAction, reply: (answer: BmcAnswer) => void): void {
    const {chance} = this.#ports;
    const wayMs = this.mode === 'slow' ? chance.between(travelMs, slowMsMax) : travelMs;
    this.#after(wayMs, () => {
      if (!this.#isReached(from)) return;
      const answer = this.#obey(action);
      this.#after(travelMs, () => {
        if (this.#isReached(from)) reply(answer);
      });
    });
  }

  #after(ms: number, run: () => void): void {
    const {clock} = this.#ports;
    clock.at(clock.nowMs() + ms, run);
  }

  #isReached(from: NodeName): boolean {
    switch (this.mode) {
      case 'hang':
        return false;
      case 'fed':
        return this.#ports.isPowered();
      case 'inband':
        return this.#ports.hasLink(from);
      default:
        return true;
    }
  }

  #obey(action: BmcAction): BmcAnswer {
    if (this.mode === 'refuse') return 'refused';
    if (this.mode === 'lie') return action === 'status' ? 'off' : 'done';
    if (action === 'status') return this.#ports.isPowered() ? 'on' : 'off';
    if (action === 'off') this.#ports.powerOff();
    else this.#ports.powerOn();
    return 'done';
  }
}
