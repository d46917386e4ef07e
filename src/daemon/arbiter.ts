/** The arbiter of this node, opened and closed as the configuration says. */

import {performance} from 'node:perf_hooks';
import type {ArbiterQuestion} from '../arbitration/arbiter.ts';
import {EtcdArbiter} from '../arbitration/io/etcd.ts';
import {createSeal} from '../arbitration/io/seal.ts';
import type {SealKey} from '../arbitration/io/seal.ts';
import type {ClusterConfig} from '../config/types.ts';
import type {Input} from '../engine/types.ts';
import type {NodeName} from '../kernel/ids.ts';

export interface ArbiterOptions {
  readonly node: NodeName;
  /** The keys in force; the first one signs. */
  readonly keys: () => readonly SealKey[];
  readonly give: (input: Input) => void;
}

export class Arbiter {
  readonly #options: ArbiterOptions;
  #client: EtcdArbiter | null = null;

  constructor(options: ArbiterOptions) {
    this.#options = options;
  }

  /** A client is cheap: each configuration gets its own, with its certificates read anew. */
  apply({arbiter, name, nodes}: ClusterConfig): void {
    this.#client?.close();
    this.#client = null;
    const {node, keys} = this.#options;
    const files = arbiter?.files.get(node);
    if (arbiter === null || files === undefined) return;
    this.#client = new EtcdArbiter({
      config: arbiter,
      files,
      cluster: name,
      self: node,
      nodes,
      seal: createSeal(keys),
      nowMs: () => performance.now(),
    });
  }

  ask(id: number, question: ArbiterQuestion): void {
    const client = this.#client;
    // Between a reload and the engine's turn: the engine has forgotten the question by then.
    if (client === null) return;
    void client.ask(id, question).then((answer) => {
      this.#options.give({type: 'arbiter-answer', answer});
    });
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
  }
}
