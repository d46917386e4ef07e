/**
 * The stage of the demo: two nodes in one folder, a client that watches from outside, and the
 * promise that all of it is gone at the end, however the end comes.
 */

import {copyFile, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {RecordEntry} from '../../engine/types.ts';
import {HttpWatch} from './http-watch.ts';
import {demoNodes, type DemoNodeName, type DemoPaths} from './layout.ts';
import type {DemoNode} from './node.ts';
import {processesNaming, type ProcessLine} from './process-table.ts';
import {instanceOf, type NodeSight, type Sight} from './sight.ts';

const readyMs = 15_000;
const endMs = 10_000;
const lookMs = 50;

export interface WorldOptions {
  readonly paths: DemoPaths;
  readonly nodes: Readonly<Record<DemoNodeName, DemoNode>>;
  readonly webPort: number;
}

export class World {
  readonly #paths: DemoPaths;
  readonly #nodes: WorldOptions['nodes'];
  readonly #http: HttpWatch;
  #closed = false;
  readonly #passed: Record<DemoNodeName, string[]> = {node1: [], node2: []};
  readonly #waited: Record<DemoNodeName, Set<string>> = {node1: new Set(), node2: new Set()};

  constructor(options: WorldOptions) {
    this.#paths = options.paths;
    this.#nodes = options.nodes;
    this.#http = new HttpWatch(options.webPort);
  }

  /** One key for both nodes, made as on a real one. */
  async makeSecret(): Promise<void> {
    await this.ha('node1', ['init', '--nodes', demoNodes.join(',')]);
    const [source, target] = demoNodes.map((name) =>
      join(this.#nodes[name].paths.conf, 'secret.key'),
    );
    await copyFile(source ?? '', target ?? '');
  }

  /** Forgets what was seen: the next step starts with clean sheets. */
  async mark(): Promise<void> {
    for (const name of demoNodes) {
      await this.#nodes[name].news();
      this.#passed[name].length = 0;
      this.#waited[name].clear();
    }
    this.#http.mark();
  }

  async look(): Promise<Sight> {
    const [table, node1, node2] = await Promise.all([
      processesNaming(this.#paths.directory),
      this.#ask('node1'),
      this.#ask('node2'),
    ]);
    const nodes = {node1: node1(table), node2: node2(table)};
    return {http: this.#http.seen, nodes};
  }

  /** Starts the daemon and waits until it answers. */
  async startDaemon(name: DemoNodeName): Promise<void> {
    const node = this.#nodes[name];
    if (this.#closed) throw new Error('the demo is over');
    await node.start();
    const deadlineMs = performance.now() + readyMs;
    while ((await node.view()) === null) {
      if (node.ended !== null) throw new Error(await this.#obituary(node, node.ended.how));
      if (performance.now() > deadlineMs) {
        throw new Error(await this.#obituary(node, `no answer within ${readyMs / 1_000} s`));
      }
      await sleep(lookMs);
    }
  }

  async freezeStop(name: DemoNodeName): Promise<void> {
    await this.#nodes[name].freezeStop('the demo begins');
  }

  /** What a service manager does: starts daemons again that ended so long ago. */
  async revive(afterMs: number): Promise<void> {
    for (const name of demoNodes) {
      const {ended} = this.#nodes[name];
      if (ended !== null && performance.now() - ended.atMs > afterMs) await this.startDaemon(name);
    }
  }

  /** Throws with the command's own words where it fails. */
  async ha(name: DemoNodeName, args: readonly string[]): Promise<void> {
    const {exit, text} = await this.#nodes[name].ha(args);
    if (exit === 0) return;
    const command = `ha ${args.join(' ')}`;
    throw new Error(`expected "${command}" on ${name} to end with 0, found ${exit}: ${text}`);
  }

  /** The daemon, its children and the service: what a power failure would take. */
  async killNode(name: DemoNodeName): Promise<void> {
    this.#nodes[name].kill();
    const webPid = await readPid(this.#nodes[name].paths.webPid);
    if (webPid !== null) kill(webPid);
  }

  /** Last lines of the node's log, for the report of a failure. */
  async logOf(name: DemoNodeName, lines: number): Promise<readonly string[]> {
    const text = await readFile(this.#nodes[name].paths.log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-lines);
  }

  /** Ends everything that was started and removes the folder. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#http.close();
    for (const name of demoNodes) this.#nodes[name].kill();
    const deadlineMs = performance.now() + endMs;
    // A script that was under way may still start a server: only two empty looks are the end.
    for (let emptyLooks = 0; emptyLooks < 2 && performance.now() < deadlineMs;) {
      const left = await processesNaming(this.#paths.directory);
      emptyLooks = left.length === 0 ? emptyLooks + 1 : 0;
      for (const {pid} of left) if (pid !== process.pid) kill(pid);
      await sleep(lookMs);
    }
    // What was just killed may have left a file behind the first sweep.
    await rm(this.#paths.directory, {recursive: true, force: true, maxRetries: 5});
  }

  async #ask(name: DemoNodeName): Promise<(table: readonly ProcessLine[]) => NodeSight> {
    const node = this.#nodes[name];
    const [view, news] = await Promise.all([node.view(), node.news()]);
    this.#note(name, news);
    return (table) => {
      const {conf, webPid} = node.paths;
      const pidsNaming = (text: string): readonly number[] =>
        table.filter(({commandLine}) => commandLine.includes(text)).map(({pid}) => pid);
      const sight: NodeSight = {
        name,
        daemonPids: pidsNaming(`daemon --conf ${conf} `),
        webPids: pidsNaming(` ${webPid}`),
        view,
        passed: [...this.#passed[name]],
        waited: [],
      };
      const reason = instanceOf(sight)?.local?.waiting?.reason;
      if (reason !== undefined) this.#waited[name].add(reason);
      return {...sight, waited: [...this.#waited[name]]};
    };
  }

  #note(name: DemoNodeName, news: readonly RecordEntry[]): void {
    for (const record of news) {
      if (record.kind === 'transition') this.#passed[name].push(String(record.data['to']));
    }
  }

  async #obituary(node: DemoNode, how: string): Promise<string> {
    const log = await this.logOf(node.name, 5);
    return `expected the daemon of ${node.name} to come up, found: ${how}\n${log.join('\n')}`;
  }
}

async function readPid(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number(text.trim());
  return Number.isInteger(pid) && pid > 1 ? pid : null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already: that is what was wanted.
  }
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
