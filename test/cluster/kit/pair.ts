/**
 * Real daemons in a cluster of the harness, with one witnessed service. Times are short where the
 * product allows it, and never shorter than a dead time of 2 s: what is asserted is order and
 * outcome.
 */

import {randomBytes} from 'node:crypto';
import type {CommandResult} from '../harness/command.ts';
import type {Cluster} from '../harness/cluster.ts';
import {clusterTest} from '../harness/cluster-test.ts';
import type {ClusterOptions} from '../harness/cluster.ts';
import {diskPath, type ClusterNode, type NodeProcess} from '../harness/node.ts';
import {waitFor} from '../harness/wait-for.ts';
import {
  doubleOwners,
  holdersOf,
  witnessedService,
  type ServiceBehaviour,
  type WitnessedService,
} from '../harness/witnessed-service.ts';
import {readStatus, type Status} from './status.ts';

export const serviceName = 'web';

export interface PairOptions extends ClusterOptions {
  /** Default exclusive. */
  readonly serviceClass?: 'none' | 'address' | 'exclusive' | 'data';
  readonly behaviour?: ServiceBehaviour;
  /** A whole section [fence#NODE] per node; default: none. */
  readonly fence?: (node: string) => readonly string[];
  /** Further files of /etc/ha. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Lines for `[cluster]` besides name, nodes, beat and dead. */
  readonly settings?: readonly string[];
  /** Lines of further sections. */
  readonly sections?: readonly string[];
}

/** A `secret.key` by chance, as `ha init` makes it: a sample is refused. */
export function makeSecret(): string {
  return `1 ${randomBytes(32).toString('hex')}\n`;
}

export class Pair {
  readonly cluster: Cluster;
  readonly service: WitnessedService;
  readonly #daemons = new Map<string, NodeProcess>();
  readonly #options: PairOptions;
  readonly #secret = makeSecret();

  constructor(cluster: Cluster, options: PairOptions) {
    this.cluster = cluster;
    this.#options = options;
    this.service = witnessedService(serviceName, cluster.shared, options.behaviour);
    for (const node of cluster.nodes) node.configure(this.files());
  }

  node(name: string): ClusterNode {
    return this.cluster.node(name);
  }

  /** What is in /etc/ha of every node. */
  files(): Readonly<Record<string, string>> {
    const names = this.cluster.nodes.map(({name}) => name).join(' ');
    const {settings = [], sections = [], serviceClass = 'exclusive'} = this.#options;
    const {disk, fence, extra} = this.#options;
    const head = ['[cluster]', 'name = test', `nodes = ${names}`, 'beat = 400ms', 'dead = 2s'];
    const links = this.cluster.network.links.flatMap((link) => [
      `[hb#${link + 1}]`,
      'type = multicast',
      `iface = eth${link}`,
    ]);
    const slots = [`[hb#9]`, 'type = disk', `device = ${diskPath}`, 'io = 500ms'];
    const fences = this.cluster.nodes.flatMap(({name}) => fence?.(name) ?? []);
    const service = ['[DEFAULT]', `nodes = ${names}`, `class = ${serviceClass}`, 'monitor = 1s'];
    const app = ['[app#1]', `script = ${this.service.script}`, 'start = yes', 'stop = yes'];
    return {
      'secret.key': this.#secret,
      'cluster.conf': lines([
        ...head,
        ...settings,
        ...links,
        ...(disk === 'none' ? [] : slots),
        ...fences,
        ...sections,
      ]),
      ...extra,
      [`${serviceName}.conf`]: lines([...service, ...app, 'check = yes', 'timeout = 10s']),
    };
  }

  /** Starts the daemon of a node; with no names, of all at once. */
  async start(...names: readonly string[]): Promise<void> {
    const wanted = names.length > 0 ? names : this.cluster.nodes.map(({name}) => name);
    await Promise.all(wanted.map((name) => this.startAs(name, ['ha', 'daemon'])));
  }

  /** Starts the daemon by a command line of the test's own, and waits until it answers. */
  async startAs(name: string, argv: readonly string[]): Promise<void> {
    this.#daemons.set(name, await this.node(name).start(argv, 'daemon'));
    await waitFor(`the daemon of ${name} answers`, () => this.#answers(name));
  }

  async #answers(name: string): Promise<boolean> {
    if (this.daemon(name).hasEnded()) return true; // what follows will fail, with its log
    await this.status(name);
    return true;
  }

  daemon(name: string): NodeProcess {
    const found = this.#daemons.get(name);
    if (found === undefined) throw new Error(`no daemon was started on ${name}`);
    return found;
  }

  async powerOff(name: string): Promise<void> {
    await this.node(name).powerOff();
    this.service.noteOff(name);
  }

  /** `ha ARGS` on that node. */
  async ha(name: string, ...args: readonly string[]): Promise<CommandResult> {
    return this.node(name).exec(['ha', ...args], {deadlineMs: 60_000});
  }

  /** Like ha, but any exit code except 0 fails the test. */
  async must(name: string, ...args: readonly string[]): Promise<string> {
    return this.node(name).must(['ha', ...args], {deadlineMs: 60_000});
  }

  status(name: string): Promise<Status> {
    return readStatus(this.node(name));
  }

  /** Waits until `asked` shows the service on `asked` itself in that state. */
  async untilState(asked: string, state: string): Promise<void> {
    await waitFor(`${serviceName} is ${state} on ${asked}`, async () => {
      const seen = (await this.status(asked)).stateOf(serviceName, asked);
      if (seen !== state) throw new Error(`${serviceName} is ${seen} on ${asked}`);
      return true;
    });
  }

  /** Waits until one node runs the service and every other one that is named has it STOPPED. */
  async untilRuns(owner: string, ...others: readonly string[]): Promise<void> {
    await this.untilState(owner, 'STARTED');
    for (const other of others) await this.untilState(other, 'STOPPED');
  }

  /** Nodes on which it runs, as its own log says. */
  holders(): readonly string[] {
    return holdersOf(this.service.entries());
  }

  /** Moments at which two nodes had it. */
  doubleOwners(): readonly string[] {
    return doubleOwners(this.service.entries());
  }

  /** Starts of the service so far. */
  starts(): readonly string[] {
    return this.service
      .entries()
      .filter(({what}) => what === 'start' || what === 'again')
      .map(({node, what}) => (what === 'again' ? `${node} again` : node));
  }

  /** States of the service on that node, in the order in which its journal has them. */
  async transitions(name: string): Promise<readonly string[]> {
    return transitionsOf(await this.must(name, 'events', '--json', '--service', serviceName));
  }
}

/** States in the output of `ha events --json`, in their order. */
export function transitionsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as {kind: string; data: {to?: unknown}})
    .filter(({kind}) => kind === 'transition')
    .map(({data}) => String(data.to));
}

/** A test on a pair of nodes with the service configured; no daemon runs yet. */
export function pairTest(
  title: string,
  options: PairOptions,
  body: (pair: Pair) => Promise<void>,
): void {
  clusterTest(title, options, (cluster) => body(new Pair(cluster, options)));
}

function lines(list: readonly string[]): string {
  return `${list.join('\n')}\n`;
}
