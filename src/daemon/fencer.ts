/** Carries out the order to switch a node off, and tells the engine what came of it. */

import type {FenceConfig} from '../config/types.ts';
import {fenceNode} from '../drivers/fence.ts';
import type {FenceReport} from '../failover/types.ts';
import type {NodeName} from '../kernel/ids.ts';

export interface FencerPorts {
  /** The levels of a node, in order. */
  fences(node: NodeName): readonly FenceConfig[];
  log(line: string): void;
  report(node: NodeName, attempt: number, report: FenceReport): void;
}

export class Fencer {
  readonly #ports: FencerPorts;
  readonly #closing = new AbortController();

  constructor(ports: FencerPorts) {
    this.#ports = ports;
  }

  /** The report comes as soon as the node is off: nobody waits for the rest of a reboot. */
  begin(node: NodeName, attempt: number): void {
    void this.#run(node, attempt);
  }

  /** What is under way is ended. The node may be off then, and nothing is proved. */
  close(): void {
    this.#closing.abort();
  }

  async #run(node: NodeName, attempt: number): Promise<void> {
    const fenced = await fenceNode(this.#ports.fences(node), {
      log: (line) => this.#ports.log(line),
      signal: this.#closing.signal,
    });
    this.#ports.report(node, attempt, fenced.report);
    await fenced.after();
  }
}
