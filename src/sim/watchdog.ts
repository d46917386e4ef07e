/**
 * The watchdog of a simulated machine: a timer that resets the machine when nothing feeds it. It
 * counts the machine's own time. A paused daemon does not stop it; a machine that is paused as a
 * whole would, which is why that kind is worth P2 (docs/safety.md) and the swarm does not have it.
 */

import type {WatchdogReport} from '../arbitration/watchdog.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';

export interface SimWatchdogPorts {
  readonly clock: VirtualClock;
  /** Clock rate of the machine. */
  readonly rate: number;
  readonly onExpire: () => void;
}

export class SimWatchdog {
  readonly #ports: SimWatchdogPorts;
  #cancel: (() => void) | null = null;
  #timeoutMs = 0;

  constructor(ports: SimWatchdogPorts) {
    this.#ports = ports;
  }

  get isArmed(): boolean {
    return this.#cancel !== null;
  }

  arm(timeoutMs: number): WatchdogReport {
    this.#timeoutMs = timeoutMs;
    this.#restart();
    return {
      state: 'armed',
      timeoutMs,
      identity: 'simulated hardware',
      proof: 'P3',
      detail: 'simulated hardware resets this node',
      mayRelease: true,
    };
  }

  feed(): void {
    if (this.isArmed) this.#restart();
  }

  release(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #restart(): void {
    const {clock, rate, onExpire} = this.#ports;
    this.#cancel?.();
    this.#cancel = clock.at(clock.nowMs() + this.#timeoutMs / rate, () => {
      this.#cancel = null;
      onExpire();
    });
  }
}
