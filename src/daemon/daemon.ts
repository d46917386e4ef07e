/**
 * The shell around the engine: it has the clocks, the sockets, the disk and the children, and
 * carries out what the engine decides. It decides nothing itself.
 */

import {performance} from 'node:perf_hooks';
import {randomBytes} from 'node:crypto';
import {Pinger} from '../arbitration/io/pinger.ts';
import {Watchdog} from '../arbitration/io/watchdog.ts';
import {listenUnix} from '../control/io/unix-server.ts';
import type {UnixServer} from '../control/io/unix-server.ts';
import {controlSocketPath} from '../control/paths.ts';
import type {DaemonView} from '../control/types.ts';
import type {ClusterConfig, ServiceConfig, WatchdogConfig} from '../config/types.ts';
import {createRegistry} from '../drivers/registry.ts';
import type {DriverRegistry} from '../drivers/registry.ts';
import {createEngine, nextDueMs, runningEpoch, step, view} from '../engine/index.ts';
import type {Effect, Engine, Input} from '../engine/index.ts';
import {createRunner} from '../failover/io/runner.ts';
import type {Runner} from '../failover/io/runner.ts';
import {HmacAuthenticator} from '../heartbeat/io/hmac-auth.ts';
import type {ClusterKey} from '../heartbeat/io/key-file.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';
import {Arbiter} from './arbiter.ts';
import {daemonView, resourceLabels} from './daemon-view.ts';
import type {LifeFacts} from './daemon-view.ts';
import {dropEffect, performEffect} from './effects.ts';
import type {EffectPorts} from './effects.ts';
import {Executor} from './executor.ts';
import type {BothClocks} from './facts-format.ts';
import {Fencer} from './fencer.ts';
import {findingLine} from './findings-text.ts';
import {EventFeed} from './follow-events.ts';
import {alreadyRunning, pidFilePath, removePid, writePid} from './instance-lock.ts';
import {Leftovers} from './leftovers.ts';
import type {Log} from './log.ts';
import {Loop} from './loop.ts';
import {Media} from './media.ts';
import type {DaemonOptions} from './options.ts';
import {Orders} from './orders.ts';
import {Peers} from './peers.ts';
import {failure, readConf} from './prepare.ts';
import type {Prepared, StartFailure} from './prepare.ts';
import {Requests} from './requests.ts';
import {Tasks} from './tasks.ts';
import {selfFence} from './self-fence.ts';
import type {ServiceManager} from './service-manager.ts';
import {DiskStorage} from './storage.ts';
import {ViewFile} from './view-file.ts';

/** Longest time that closing sockets and files may take at the end, ms. */
const closeMsMax = 5_000;
/** What a shutdown may take beyond the budget that the engine gives it, ms. */
const shutdownSlackMs = 30_000;
/** Where a reload took the section away while services still relied on it. */
const fenceOrder = {device: '/dev/watchdog', timeoutMs: 5_000, assume: 'nothing'} as const;

export interface DaemonSetup {
  readonly options: DaemonOptions;
  readonly prepared: Prepared;
  readonly log: Log;
  readonly manager: ServiceManager;
  readonly life: LifeFacts;
  readonly clocks: () => BothClocks;
  /** The process may end now. */
  readonly onEnd: (code: number) => void;
}

export class Daemon {
  readonly #setup: DaemonSetup;
  readonly #node: NodeName;
  readonly #orders = new Orders();
  readonly #loop: Loop;
  readonly #executor: Executor;
  readonly #registry: DriverRegistry;
  readonly #leftovers: Leftovers;
  readonly #runner: Runner;
  readonly #media: Media;
  readonly #watchdog: Watchdog;
  readonly #fencer: Fencer;
  readonly #pinger: Pinger;
  readonly #arbiter: Arbiter;
  readonly #peers: Peers;
  readonly #tasks: Tasks;
  readonly #auth: HmacAuthenticator;
  readonly #requests: Requests;
  /** Every service that was ever configured in this life: one taken out must still be stopped. */
  readonly #services = new Map<ServiceName, ServiceConfig>();
  #config: ClusterConfig;
  #labels: ReturnType<typeof resourceLabels> = {};
  #keys: readonly ClusterKey[];
  #engine: Engine | null = null;
  #server: UnixServer | null = null;
  #viewFile: ViewFile | null = null;
  #reloading = false;
  #leaving = false;
  #ended = false;

  constructor(setup: DaemonSetup) {
    const {prepared, options, log} = setup;
    this.#setup = setup;
    this.#node = prepared.node;
    this.#config = prepared.config;
    this.#keys = prepared.keys;
    this.#auth = new HmacAuthenticator(this.#config.name, this.#keys);
    this.#loop = new Loop({
      nowMs: () => performance.now(),
      step: (input, nowMs) => step(this.#live(), input, nowMs),
      nextDueMs: () => nextDueMs(this.#live()),
      submit: (effects, done) => this.#submit(effects, done),
    });
    const environment = {HA_CONF: options.conf, HA_STATE: options.state, HA_RUN: options.run};
    const {actions} = prepared;
    this.#registry = createRegistry({node: this.#node, environment, actions});
    this.#leftovers = this.#createLeftovers();
    this.#learnServices(this.#config);
    this.#runner = createRunner({
      driverFor: (resource) => this.#registry.driverFor(resource),
      leftovers: this.#leftovers,
      onProgress: (progress) => this.#give({type: 'plan-progress', progress}),
      onResult: (plan, outcome) =>
        this.#give({type: 'plan-result', plan: plan.id, service: plan.service, outcome}),
      onLog: ({service, rid, line}) => log.info({service, rid}, line),
    });
    this.#media = new Media({
      node: this.#node,
      give: (input) => this.#give(input),
      log,
    });
    this.#watchdog = new Watchdog({
      report: (report) => this.#give({type: 'watchdog', report}),
      nowMs: () => performance.now(),
    });
    this.#fencer = new Fencer({
      fences: (node) => this.#config.fences.filter((fence) => fence.node === node),
      log: (line) => log.warn({reason: 'fencing'}, line),
      report: (node, attempt, report) => this.#give({type: 'fence-result', node, attempt, report}),
    });
    this.#pinger = new Pinger({
      report: (round) => this.#give({type: 'pinged', ...round}),
      nowMs: () => performance.now(),
    });
    this.#arbiter = new Arbiter({
      node: this.#node,
      keys: () => this.#keys,
      give: (input) => this.#give(input),
    });
    this.#executor = this.#createExecutor();
    this.#peers = new Peers({
      config: this.#config,
      identity: {cluster: this.#config.name, node: this.#node, keys: () => this.#keys},
      log,
      view: () => view(this.#live(), performance.now()),
      handle: (peer, request, exchange) => this.#requests.fromPeer(peer, request, exchange),
    });
    this.#tasks = this.#createTasks();
    this.#requests = this.#createRequests();
  }

  /** Ends when the daemon is up. The first frame leaves only after everything else holds. */
  async start(): Promise<Result<void, StartFailure>> {
    const {options, prepared, log, manager} = this.#setup;
    const path = controlSocketPath(options.run);
    const server = await listenUnix(path, (request, exchange) => {
      if (this.#engine !== null) this.#requests.fromClient(request, exchange);
      else exchange.reply({kind: 'end', exit: 3, text: 'the daemon is starting', data: null});
    });
    if (!server.ok) {
      const busy = server.error.code === 'HA_SOCKET_BUSY';
      const pidFile = pidFilePath(options.run);
      const error = busy ? await alreadyRunning(options.run, pidFile) : server.error;
      return err(failure(exitCodes.failed, error));
    }
    this.#server = server.value;
    await writePid(pidFilePath(options.run), prepared.bootId);
    for (const finding of prepared.findings) log.warn(findingLine(finding));
    this.#media.apply(this.#config);
    this.#arbiter.apply(this.#config);
    this.#beginLife();
    this.#loop.start();
    this.#pinger.apply(this.#config.pings.get(this.#node) ?? null);
    this.#viewFile = new ViewFile(options.state, () => this.#view());
    manager.ready(`${this.#node} of cluster ${this.#config.name}`);
    await this.#peers.apply(this.#config);
    await this.#tasks.load();
    this.#tasks.apply(this.#config);
    return ok(undefined);
  }

  /** SIGTERM: stops the services, says goodbye, ends. A second one changes nothing. */
  shutdown(actor: string): void {
    const {log, manager} = this.#setup;
    if (this.#leaving) {
      log.warn(`${actor}: shutting down already; services are being stopped`);
      return;
    }
    this.#leaving = true;
    manager.stopping();
    log.info(`${actor}: stopping services and saying goodbye`);
    const id = this.#orders.open({
      progress: (text) => log.info(text),
      end: (answer) => log.info(answer.text),
    });
    const command = {verb: 'shutdown', keep: false, keepMs: 0} as const;
    const taken = id !== null && this.#loop.give({type: 'command', id, command, actor});
    const deadlineMs = taken ? shutdownMs(this.#services.values()) : 0;
    setTimeout(() => {
      log.error(`not everything could be stopped within ${deadlineMs} ms: ending anyway`);
      void this.#end(exitCodes.failed);
    }, deadlineMs).unref();
  }

  /** SIGHUP, or `ha daemon reload`. A configuration with errors changes nothing and says so. */
  async reload(actor: string): Promise<{readonly exit: number; readonly text: string}> {
    if (this.#reloading) return {exit: exitCodes.busy, text: 'a reload is under way already'};
    this.#reloading = true;
    try {
      const conf = await readConf(this.#setup.options);
      if (!conf.ok) return this.#refuseReload(actor, conf.error);
      const {config, keys, findings} = conf.value;
      if (config.name !== this.#config.name) {
        const line = `expected the cluster ${this.#config.name}, found ${config.name}`;
        const hint = 'A cluster gets another name only while its daemons are down.';
        return this.#refuseReload(actor, {exit: exitCodes.configuration, lines: [line, hint]});
      }
      for (const finding of findings) this.#setup.log.warn(findingLine(finding));
      this.#config = config;
      this.#keys = keys;
      this.#auth.replaceKeys(keys);
      this.#learnServices(config);
      this.#media.apply(config);
      this.#arbiter.apply(config);
      this.#give({type: 'reload', config});
      this.#pinger.apply(config.pings.get(this.#node) ?? null);
      await this.#peers.apply(config);
      this.#tasks.apply(config);
      const count = config.services.length;
      const services = count === 1 ? '1 service' : `${count} services`;
      const text = `configuration reloaded: ${services}, digest ${config.digest}`;
      return {exit: exitCodes.done, text};
    } finally {
      this.#reloading = false;
    }
  }

  /** The gate is shut before any effect: one that waits for its record may be a start. */
  #submit(effects: readonly Effect[], done: (() => void) | undefined): void {
    if (effects.some((effect) => effect.type === 'drain')) this.#runner.hold();
    this.#executor.submit(effects, done);
    for (const effect of effects) {
      if (effect.type !== 'run-plan') continue;
      const service = this.#services.get(effect.plan.service);
      if (service !== undefined) this.#runner.lookAhead(effect.plan, service);
    }
  }

  #createExecutor(): Executor {
    const {prepared} = this.#setup;
    const ports = this.#effectPorts();
    return new Executor({
      storage: new DiskStorage({
        journal: prepared.journal,
        facts: prepared.store,
        node: this.#node,
        nowMs: () => performance.now(),
      }),
      perform: (effect) => performEffect(effect, ports),
      dropped: (effect, error) => dropEffect(effect, error, ports),
      storageState: (failed, detail) => this.#give({type: 'storage-state', failed, detail}),
    });
  }

  #effectPorts(): EffectPorts {
    return {
      log: this.#setup.log,
      orders: this.#orders,
      runner: this.#runner,
      media: this.#media,
      watchdog: this.#watchdog,
      fence: (node, attempt) => this.#fencer.begin(node, attempt),
      arbiter: this.#arbiter,
      selfFence: (method) => this.#fence(method),
      service: (name) => this.#services.get(name),
      give: (input) => this.#give(input),
      drain: () => this.#loop.drain(() => this.#runner.release()),
      exit: (code) => void this.#end(code),
      changed: (text) => {
        this.#viewFile?.changed();
        this.#tasks.changed();
        this.#setup.manager.status(text);
      },
    };
  }

  #createTasks(): Tasks {
    const {options, clocks, log} = this.#setup;
    const epochOf = (name: ServiceName): number | null => runningEpoch(this.#live(), name);
    return new Tasks({
      node: this.#node,
      state: options.state,
      wallMs: () => clocks().wallMs,
      driver: this.#registry.tasks,
      mayRun: (name) => epochOf(name) !== null && this.#runner.isQuiet(name),
      epochOf: (name) => epochOf(name) ?? 0,
      log: (where, text) => log.info(where, text),
      peer: (node) => this.#peers.get(node),
    });
  }

  #createLeftovers(): Leftovers {
    const {prepared, log} = this.#setup;
    const services = [...prepared.facts.services];
    return new Leftovers({
      records: prepared.actions,
      found: prepared.foundActions,
      underWay: services.filter(([, {underWay}]) => underWay !== null).map(([name]) => name),
      give: (input) => this.#give(input),
      log: (line) => log.warn({reason: 'left-running'}, line),
    });
  }

  #createRequests(): Requests {
    const {life, prepared, clocks} = this.#setup;
    return new Requests({
      node: this.#node,
      orders: this.#orders,
      events: new EventFeed(prepared.journal),
      clocks,
      config: () => this.#config,
      view: () => this.#view(),
      identity: () => ({cluster: this.#config.name, node: this.#node, ...life}),
      give: (input, done) => this.#loop.give(input, done),
      driverFor: (resource) => this.#registry.driverFor(resource),
      peer: (node) => this.#peers.get(node),
      tasks: this.#tasks,
      reload: (actor) => this.reload(actor),
    });
  }

  #beginLife(): void {
    const {prepared, clocks, log} = this.#setup;
    const {nowMs, wallMs} = clocks();
    for (const entry of prepared.alarms)
      log.error({reason: entry.cause.reason}, entry.cause.detail);
    const {engine, effects} = createEngine({
      config: this.#config,
      node: this.#node,
      incarnation: prepared.facts.incarnation,
      nonce: randomBytes(4).readUInt32BE(),
      bootId: prepared.bootId,
      facts: {services: prepared.facts.services, node: prepared.facts.nodeFacts},
      leftovers: this.#leftovers.kinds(),
      auth: this.#auth,
      wallOffsetMs: wallMs - nowMs,
      nowMs,
    });
    this.#engine = engine;
    const alarms: readonly Effect[] = prepared.alarms.map((entry) => ({type: 'record', entry}));
    this.#executor.submit([...alarms, ...effects]);
    this.#leftovers.begin();
  }

  #refuseReload(actor: string, refused: StartFailure): {exit: number; text: string} {
    const {log, clocks} = this.#setup;
    for (const line of refused.lines) log.error({reason: 'config-refused'}, line);
    const detail = `reload by ${actor}: ${refused.lines[0] ?? ''}`;
    const entry = {
      kind: 'config',
      service: null,
      node: this.#node,
      atMs: clocks().nowMs,
      cause: {reason: 'config-refused', detail},
      data: {findings: refused.lines.slice(0, 20)},
    } as const;
    this.#executor.submit([{type: 'record', entry}]);
    const text = ['the configuration was not taken over; the former one stays', ...refused.lines];
    return {exit: refused.exit, text: text.join('\n')};
  }

  #view(): DaemonView {
    const {life, clocks} = this.#setup;
    const shown = view(this.#live(), performance.now());
    this.#media.learn(shown);
    return daemonView(shown, {
      life,
      config: this.#config,
      wallMs: clocks().wallMs,
      loopLag: this.#loop.lag,
      drops: {'queue-full': this.#loop.refusedCount, 'peer-refused': this.#peers.refusedCount},
      mediaPids: this.#media.pids(),
      resources: this.#labels,
      tasks: this.#tasks.views(),
    });
  }

  #live(): Engine {
    if (this.#engine === null) throw new Error('the engine was asked before it was made');
    return this.#engine;
  }

  #give(input: Input): void {
    this.#loop.give(input);
  }

  /** The engine has decided that this node must end. */
  #fence(method: WatchdogConfig['selfFence']): void {
    const own = this.#config.watchdogs.get(this.#node);
    void selfFence(method, {
      watchdog: this.#watchdog,
      order: own ?? fenceOrder,
      say: (text) => this.#setup.log.error({reason: 'self-fenced'}, text),
      exit: () => this.#setup.onEnd(exitCodes.failed),
    });
  }

  #learnServices(config: ClusterConfig): void {
    for (const service of config.services) this.#services.set(service.name, service);
    this.#labels = resourceLabels(config, (resource) =>
      this.#registry.driverFor(resource).label(resource),
    );
  }

  async #end(code: number): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const {log, manager, onEnd} = this.#setup;
    manager.stopping();
    const late = new Promise<void>((resolve) => {
      setTimeout(resolve, closeMsMax);
    });
    await Promise.race([this.#closeAll(), late]);
    log.info(`ended with exit code ${code}`);
    onEnd(code);
  }

  async #closeAll(): Promise<void> {
    const {options, prepared, manager} = this.#setup;
    this.#leftovers.close();
    // A start under way is undone rather than left half done with nobody to look after it.
    if (this.#runner.counts().running > 0) await this.#runner.close();
    this.#loop.stop();
    await this.#tasks.close();
    this.#pinger.close();
    this.#executor.close();
    this.#fencer.close();
    await this.#watchdog.close();
    this.#arbiter.close();
    await this.#media.close();
    await this.#viewFile?.close();
    await this.#peers.close();
    await this.#server?.close();
    await prepared.journal.close();
    await prepared.store.close();
    await removePid(pidFilePath(options.run));
    manager.close();
    prepared.lock.release();
  }
}

/** Every service's stop, 32 at once as the runner does it, and what the goodbye takes. */
function shutdownMs(services: Iterable<ServiceConfig>): number {
  let longestMs = 0;
  for (const service of services) {
    const stopMs = service.resources.reduce((sum, one) => sum + 2 * one.stopMs + one.probeMs, 0);
    longestMs = Math.max(longestMs, stopMs);
  }
  return longestMs + shutdownSlackMs;
}
