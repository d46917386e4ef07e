/** A whole cluster: switch, nodes, disk, and the helper that watches the machine. */

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {Bmc} from './bmc.ts';
import {createDisk, type DiskKind, type SharedDisk} from './disk.ts';
import {Network} from './network.ts';
import {ClusterNode, diskPath} from './node.ts';
import {claimRun} from './run-names.ts';
import {startStallWitness, type Stall, type StallWitness} from './stall-witness.ts';
import {sweep} from './sweep.ts';

export interface ClusterOptions {
  /** Default node1 and node2. */
  readonly nodes?: readonly string[];
  /** Network links, default 2. */
  readonly links?: number;
  /** Default plain. `faulty`: each node's path to it can hang or fail. */
  readonly disk?: DiskKind;
  /** A management controller per node, which can switch it off. */
  readonly bmcs?: boolean;
  /** Where the nodes see the disk, below /dev or /dev/mapper. */
  readonly diskPath?: string;
}

export class Cluster {
  readonly network: Network;
  /** Management controllers by node, where the test wants them. */
  readonly bmcs: ReadonlyMap<string, Bmc>;
  /** Files that all nodes and the test see, at this path everywhere: as a shared file system. */
  readonly shared: string;
  readonly #nodes: ReadonlyMap<string, ClusterNode>;
  readonly #disk: SharedDisk | null;
  readonly #witness: StallWitness;
  readonly #close: () => Promise<void>;

  constructor(parts: {
    readonly network: Network;
    readonly shared: string;
    readonly bmcs: ReadonlyMap<string, Bmc>;
    readonly nodes: ReadonlyMap<string, ClusterNode>;
    readonly disk: SharedDisk | null;
    readonly witness: StallWitness;
    readonly close: () => Promise<void>;
  }) {
    this.network = parts.network;
    this.shared = parts.shared;
    this.bmcs = parts.bmcs;
    this.#nodes = parts.nodes;
    this.#disk = parts.disk;
    this.#witness = parts.witness;
    this.#close = parts.close;
  }

  get nodes(): readonly ClusterNode[] {
    return [...this.#nodes.values()];
  }

  bmc(name: string): Bmc {
    const found = this.bmcs.get(name);
    if (found === undefined) throw new Error(`no BMC of ${name} in this cluster`);
    return found;
  }

  node(name: string): ClusterNode {
    const found = this.#nodes.get(name);
    if (found === undefined) throw new Error(`no node ${name} in this cluster`);
    return found;
  }

  get disk(): SharedDisk {
    if (this.#disk === null) throw new Error('this cluster has no disk');
    return this.#disk;
  }

  /** Ends and removes everything; the stalls of the machine meanwhile. */
  async close(): Promise<readonly Stall[]> {
    try {
      await this.#close();
    } finally {
      await this.#witness.close();
    }
    return this.#witness.stalls();
  }
}

/** Builds the cluster and switches all nodes on. Close it, also after a failure. */
export async function startCluster({
  nodes: names = ['node1', 'node2'],
  links = 2,
  disk: diskKind = 'plain',
  diskPath: path = diskPath,
  bmcs: wantsBmcs = false,
}: ClusterOptions = {}): Promise<Cluster> {
  const run = claimRun();
  const witness = await startStallWitness(run);
  try {
    const {tag, directory} = run;
    const shared = join(directory, 'shared');
    mkdirSync(shared);
    const network = await Network.create(tag, links);
    const disk = diskKind === 'none' ? null : await createDisk(directory, names, diskKind);
    const nodes = new Map<string, ClusterNode>();
    for (const [index, name] of names.entries()) {
      await network.plug(name, index + 1);
      const node = new ClusterNode({
        name,
        number: index + 1,
        namespace: network.namespaceOf(name),
        directory: join(directory, name),
        links: network.links,
        disk: disk === null ? null : {device: disk.deviceOf(name), path},
        setCarrier: (on) => (on ? network.plugIn(name) : network.cut(name)),
      });
      nodes.set(name, node);
      await node.powerOn();
    }
    const bmcs = new Map<string, Bmc>();
    for (const node of wantsBmcs ? nodes.values() : []) {
      const bmc = new Bmc({
        network,
        node,
        directory: join(directory, `bmc-${node.name}`),
        shared,
      });
      await bmc.start();
      bmcs.set(node.name, bmc);
    }
    return new Cluster({network, shared, bmcs, nodes, disk, witness, close: () => sweep(run)});
  } catch (error) {
    await sweep(run);
    await witness.close();
    throw error;
  }
}
