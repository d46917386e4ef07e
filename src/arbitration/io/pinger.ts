/**
 * Asks the ping targets of this node, one question per interval each. What came in since the last
 * one is handed on with the time of its question: an answer that was on its way for long is old.
 */

import type {PingConfig} from '../../config/types.ts';
import {openEcho, type EchoPort} from './echo-port.ts';

export interface PingRound {
  readonly answers: readonly {readonly target: string; readonly askedMs: number}[];
  /** Why a target cannot be asked; null: all were. */
  readonly fault: string | null;
}

export interface PingerPorts {
  readonly report: (round: PingRound) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** Replaced by the test that has no raw socket. */
  readonly open?: (intervalMs: number) => Promise<EchoPort>;
}

/** Questions whose answers are still looked for; older answers prove nothing any more. */
const roundsKept = 8;
/** The sequence of an echo has 16 bits. */
const sequenceModulus = 0x10000;

export class Pinger {
  readonly #ports: PingerPorts;
  readonly #open: (intervalMs: number) => Promise<EchoPort>;
  /** When each of the last sequences was asked. */
  readonly #askedMs = new Map<number, number>();
  #config: PingConfig | null = null;
  #timer: NodeJS.Timeout | null = null;
  #port: EchoPort | null = null;
  #sequence = 0;

  constructor(ports: PingerPorts) {
    this.#ports = ports;
    this.#open = ports.open ?? openEcho;
  }

  /** From now on these; null: none. The same ones go on undisturbed. */
  apply(config: PingConfig | null): void {
    if (samePing(this.#config, config)) return;
    this.close();
    this.#config = config;
    if (config !== null) void this.#begin(config);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#port?.close();
    this.#port = null;
    this.#config = null;
  }

  async #begin(config: PingConfig): Promise<void> {
    const port = await this.#open(config.intervalMs);
    if (this.#config !== config) return port.close();
    this.#port = port;
    this.#round(config, port);
    this.#timer = setInterval(() => this.#round(config, port), config.intervalMs);
    this.#timer.unref();
  }

  #round(config: PingConfig, port: EchoPort): void {
    const answers = port.take().flatMap(({target, sequence}) => {
      const askedMs = this.#askedMs.get(sequence);
      return askedMs === undefined ? [] : [{target, askedMs}];
    });
    this.#sequence = (this.#sequence + 1) % sequenceModulus;
    this.#askedMs.set(this.#sequence, this.#ports.nowMs());
    const [oldest] = this.#askedMs.keys();
    if (this.#askedMs.size > roundsKept && oldest !== undefined) this.#askedMs.delete(oldest);
    const faults = config.targets.flatMap((target) => {
      const fault = port.ask(target, this.#sequence);
      return fault === null ? [] : [`${target}: ${fault}`];
    });
    this.#ports.report({answers, fault: faults[0] ?? null});
  }
}

function samePing(left: PingConfig | null, right: PingConfig | null): boolean {
  if (left === null || right === null) return left === right;
  return left.intervalMs === right.intervalMs && left.targets.join(' ') === right.targets.join(' ');
}
