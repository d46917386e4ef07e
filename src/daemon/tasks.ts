/**
 * The tasks of the services that run on this node: begun when they are due or when an operator
 * says so, told to the other nodes, so that a service that moves does not run them again.
 */

import type {TaskResource} from '../config/resources/task.ts';
import type {ClusterConfig, ServiceConfig} from '../config/types.ts';
import type {PeerClient} from '../control/io/peer-client.ts';
import {protocolVersion, runDetailCharsMax} from '../control/types.ts';
import type {DaemonView, Request} from '../control/types.ts';
import {printable} from '../drivers/host/output.ts';
import type {TaskDriver} from '../drivers/task.ts';
import {RunHistory} from '../failover/io/run-history.ts';
import {Scheduler, type Job} from '../failover/io/scheduler.ts';
import {localClock} from '../failover/io/wall-clock.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName, ResourceId, ServiceName} from '../kernel/ids.ts';
import type {JobRun, TaskView} from '../kernel/schedule/types.ts';

/** Runs of all services at once: they are maintenance, and must not crowd out a start. */
export const taskRunsParallelMax = 4;
/** A peer that does not say within this time what it ran last does not hold a task up, ms. */
const askPeersMs = 2_000;
/** Changes that come together are looked at once, ms. */
const gatherMs = 100;

export interface TaskPorts {
  readonly node: NodeName;
  readonly state: string;
  readonly wallMs: () => number;
  readonly driver: TaskDriver;
  /** The service runs here, and no plan of it is under way or waits. */
  mayRun(service: ServiceName): boolean;
  epochOf(service: ServiceName): number;
  log(line: {readonly service: ServiceName; readonly rid: ResourceId}, text: string): void;
  /** The way to another node; null where there is no peer channel to it. */
  peer(node: NodeName): PeerClient | null;
}

interface Task extends Job {
  readonly service: ServiceConfig;
  readonly resource: TaskResource;
}

export class Tasks {
  readonly #ports: TaskPorts;
  readonly #history: RunHistory;
  readonly #scheduler: Scheduler;
  readonly #closing = new AbortController();
  #tasks: readonly Task[] = [];
  /** Services that run here and whose other nodes were asked what they ran. */
  readonly #learned = new Map<ServiceName, 'asking' | 'done'>();
  #timer: NodeJS.Timeout | null = null;

  constructor(ports: TaskPorts) {
    this.#ports = ports;
    this.#history = new RunHistory(ports.state);
    this.#scheduler = new Scheduler({
      clock: localClock,
      wallMs: ports.wallMs,
      node: ports.node,
      history: this.#history,
      jobs: () => this.#eligible(),
      begin: (job) => this.#begin(job as Task),
      missed: (job, dueMs) => this.#missed(job as Task, dueMs),
      parallelMax: taskRunsParallelMax,
    });
  }

  async load(): Promise<void> {
    await this.#history.load();
  }

  apply(config: ClusterConfig): void {
    this.#tasks = config.services.flatMap((service) =>
      service.resources
        .filter((one): one is TaskResource => one.type === 'task' && !one.disabled)
        .map((resource) => ({
          id: jobOf(service.name, resource.rid),
          schedule: resource.schedule,
          service,
          resource,
        })),
    );
    this.changed();
  }

  /** A service came or went. */
  changed(): void {
    if (this.#tasks.length === 0 || this.#closing.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#scheduler.refresh();
    }, gatherMs);
  }

  /** By an operator's order, with its end as the answer. */
  async run(
    service: ServiceName,
    rid: ResourceId,
  ): Promise<{readonly exit: number; readonly text: string}> {
    const task = this.#tasks.find((one) => one.id === jobOf(service, rid));
    if (task === undefined) {
      const own = this.#tasks.filter((one) => one.service.name === service);
      const known = own.map(({resource}) => resource.rid).join(', ') || 'none';
      return {exit: exitCodes.noSuch, text: `no task ${rid} in ${service} (its tasks: ${known})`};
    }
    if (!this.#ports.mayRun(service)) {
      const text = `${service} does not run on ${this.#ports.node}, or is about to change`;
      return {exit: exitCodes.failed, text};
    }
    if (this.#scheduler.isRunning(task.id)) {
      return {exit: exitCodes.busy, text: `${rid} of ${service} runs already`};
    }
    const {ok, detail} = await this.#scheduler.runNow(task);
    return {exit: ok ? exitCodes.done : exitCodes.failed, text: detail};
  }

  /** A peer ran it. */
  note(job: string, run: JobRun): void {
    this.#history.note(job, run);
    this.changed();
  }

  views(): readonly TaskView[] {
    return this.#tasks.map((task) => ({
      service: task.service.name,
      rid: task.resource.rid,
      schedule: task.schedule.entries.map(({text}) => text),
      running: this.#scheduler.isRunning(task.id),
      last: this.#history.lastOf(task.id),
      nextMs: this.#ports.mayRun(task.service.name) ? this.#scheduler.nextOf(task) : null,
    }));
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#scheduler.close();
    await this.#history.close();
  }

  #eligible(): readonly Task[] {
    const here = new Set<ServiceName>();
    for (const {service} of this.#tasks) {
      if (this.#ports.mayRun(service.name)) here.add(service.name);
    }
    for (const name of this.#learned.keys()) if (!here.has(name)) this.#learned.delete(name);
    return this.#tasks.filter(({service}) => here.has(service.name) && this.#hasLearned(service));
  }

  /** Whoever takes a service over asks first what its other nodes ran of it. */
  #hasLearned(service: ServiceConfig): boolean {
    const known = this.#learned.get(service.name);
    if (known === undefined) {
      this.#learned.set(service.name, 'asking');
      void this.#learn(service);
    }
    return known === 'done';
  }

  async #learn(service: ServiceConfig): Promise<void> {
    const views = this.#othersOf(service).map((node) => this.#viewOf(node));
    for (const view of await Promise.all(views)) {
      for (const {service: name, rid, last} of view?.tasks ?? []) {
        if (name === service.name && last !== null) this.#history.note(jobOf(name, rid), last);
      }
    }
    if (!this.#learned.has(service.name)) return;
    this.#learned.set(service.name, 'done');
    this.changed();
  }

  async #begin(task: Task): Promise<{readonly ok: boolean; readonly detail: string}> {
    const {service, resource} = task;
    const where = {service: service.name, rid: resource.rid};
    const begunMs = this.#ports.wallMs();
    this.#tell(task, {begunMs, endedMs: null, ok: null, detail: 'begun'});
    const {kind, detail} = await this.#ports.driver.run(resource, {
      service,
      epoch: this.#ports.epochOf(service.name),
      deadlineMs: resource.runMs,
      signal: this.#closing.signal,
      log: (line) => this.#ports.log(where, line),
    });
    const ok = kind === 'done';
    this.#tell(task, {begunMs, endedMs: this.#ports.wallMs(), ok, detail});
    return {ok, detail};
  }

  /** What another node shows; null where it did not answer in time. */
  #viewOf(node: NodeName): Promise<DaemonView | null> {
    const request = {...this.#envelope(), op: 'view'} as const;
    return new Promise((resolve) => {
      setTimeout(() => resolve(null), askPeersMs).unref();
      this.#ports.peer(node)?.request(request, (reply) => {
        if (reply.kind !== 'end') return;
        resolve(reply.exit === exitCodes.done ? (reply.data as DaemonView) : null);
      });
    });
  }

  /** Whom it does not reach asks when it takes the service over. */
  #tell({service, resource}: Task, run: JobRun): void {
    const told = {...run, detail: printable(run.detail, runDetailCharsMax)};
    const about = {op: 'task-ran', service: service.name, rid: resource.rid, run: told} as const;
    for (const node of this.#othersOf(service)) {
      this.#ports.peer(node)?.request({...this.#envelope(), ...about}, () => undefined);
    }
  }

  #envelope(): Pick<Request, 'v' | 'id' | 'node' | 'actor'> {
    return {v: protocolVersion, id: 0, node: null, actor: `daemon of ${this.#ports.node}`};
  }

  #missed({service, resource}: Task, dueMs: number): void {
    const where = {service: service.name, rid: resource.rid};
    this.#ports.log(where, `missed: it was due at ${new Date(dueMs).toISOString()}`);
  }

  #othersOf(service: ServiceConfig): readonly NodeName[] {
    return service.nodes.filter((node) => node !== this.#ports.node);
  }
}

function jobOf(service: string, rid: string): string {
  return `${service}/${rid}`;
}
