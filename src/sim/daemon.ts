/**
 * One life of one daemon: an engine in a process. The process does what Node does: a timer that is
 * due goes before inputs that wait, and after a stop of the process (SIGSTOP, a machine that stood
 * still) the late timers fire first and what queued up in the sockets comes after them.
 */

import {createEngine, nextDueMs} from '../engine/index.ts';
import type {Engine} from '../engine/index.ts';
import type {Answer, Command, Effect, Input} from '../engine/types.ts';
import type {ArbiterQuestion} from '../arbitration/arbiter.ts';
import type {ClusterConfig, PingConfig} from '../config/types.ts';
import type {ActionPlan} from '../failover/types.ts';
import type {Authenticator} from '../heartbeat/types.ts';
import type {Chance} from '../kernel/chance.ts';
import type {DiskId, LinkId, NodeName} from '../kernel/ids.ts';
import type {VirtualClock} from '../kernel/virtual-clock.ts';
import type {SimEtcd} from './arbiter.ts';
import type {SimBmc} from './bmc.ts';
import type {SharedDisk} from './disk.ts';
import {SimExecutor} from './executor.ts';
import type {OutwardEffect} from './executor.ts';
import {SimFencer} from './fencer.ts';
import {SimLeftovers} from './leftovers.ts';
import type {Machine} from './machine.ts';
import type {Observer} from './observer.ts';
import {SimRunner} from './runner.ts';
import type {Life} from './runner.ts';
import {Servant} from './servant.ts';
import type {SlotNews} from './servant.ts';

export type StepFunction = (engine: Engine, input: Input, nowMs: number) => readonly Effect[];

export interface DaemonPorts {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly config: ClusterConfig;
  readonly auth: Authenticator;
  readonly disks: readonly SharedDisk[];
  readonly etcd: SimEtcd | null;
  readonly bmc: (node: NodeName) => SimBmc;
  /** The ping target answers, now. */
  readonly hasPing: () => boolean;
  readonly observer: Required<Observer>;
  /** A slot that its owner has written since the last look was read. */
  readonly onSlotHeard: (disk: DiskId, news: SlotNews) => void;
  readonly step: StepFunction;
  /** How late a timer fires, ms. */
  readonly lateness: Chance | null;
  readonly send: (link: LinkId, bytes: Uint8Array) => void;
  readonly onReply: (id: number, answer: Answer) => void;
  readonly onExit: () => void;
  /** The node ends itself. */
  readonly onFence: () => void;
  /** Plans at once. */
  readonly parallelMax: number;
}

/** Wall clock of the simulated world at boot: only dates for people come from it. */
const wallOffsetMs = 1_767_225_600_000;
/** What a socket holds for a process that stands still. */
const packetsWaitingMax = 200;
/** What a call of the watchdog's driver takes, ms. */
const deviceMs = 5;
/** From the wish for empty sockets until they were seen empty, ms. */
const drainMs = 2;
const roundingMs = 1e-6;
/** Timers of a busy loop are late by up to this, ms. */
const latenessMsMax = 3;

export class Daemon implements Life {
  readonly engine: Engine;
  readonly #ports: DaemonPorts;
  readonly #executor: SimExecutor;
  readonly #leftovers: SimLeftovers;
  readonly #runner: SimRunner;
  readonly #servants: readonly Servant[];
  readonly #fencer: SimFencer;
  readonly #inbox: Input[] = [];
  readonly #lateTimers: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #bootId: string;
  #packetsWaiting = 0;
  #working = false;
  #paused = false;
  #dead = false;
  #armedMs = Infinity;

  constructor(ports: DaemonPorts, incarnation: number) {
    this.#ports = ports;
    const {machine, config, auth} = ports;
    this.#bootId = machine.bootId;
    this.#executor = new SimExecutor({
      life: this,
      storage: machine.storage,
      perform: (effect) => this.#perform(effect),
      dropped: (effect) => this.#dropped(effect),
      storageState: (failed, detail) => {
        ports.observer.onStorage(machine.node, failed, ports.clock.nowMs());
        this.give({type: 'storage-state', failed, detail});
      },
      onDurable: (effect) => ports.observer.onDurable(machine.node, effect, ports.clock.nowMs()),
    });
    this.#leftovers = new SimLeftovers({
      life: this,
      machine,
      config,
      give: (input) => this.give(input),
    });
    this.#runner = this.#createRunner();
    this.#fencer = this.#createFencer();
    const nowMs = machine.localMs();
    const {engine, effects} = createEngine({
      config,
      node: machine.node,
      incarnation,
      nonce: machine.nonce(),
      bootId: machine.bootId,
      facts: machine.storage.facts(),
      leftovers: this.#leftovers.kinds(),
      auth,
      wallOffsetMs,
      nowMs,
    });
    this.engine = engine;
    this.#servants = ports.disks.map((disk) => this.#createServant(disk));
    this.#submit({type: 'tick'}, effects);
    this.#leftovers.begin();
    this.#arm();
    const ping = config.pings.get(machine.node);
    if (ping !== undefined) this.#ping(ping);
  }

  /** Asked once an interval; no answer is none. */
  #ping(ping: PingConfig): void {
    const {hasPing} = this.#ports;
    const askedMs = this.nowMs();
    const answers = hasPing() ? ping.targets.map((target) => ({target, askedMs})) : [];
    this.give({type: 'pinged', answers, fault: null});
    this.later(ping.intervalMs, () => this.#ping(ping));
  }

  get paused(): boolean {
    return this.#paused;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** What waits inside this process: inputs, batches and plans. */
  get queueSizes(): {readonly batches: number; readonly plans: number} {
    return {batches: this.#executor.waitingCount, plans: this.#runner.planCount};
  }

  nowMs(): number {
    return this.#ports.machine.localMs();
  }

  later(ms: number, run: () => void): () => void {
    const {clock, machine} = this.#ports;
    const due = (): void => {
      if (this.#dead) return;
      if (this.#paused) this.#lateTimers.push(run);
      else this.#turn(run);
    };
    return clock.at(clock.nowMs() + ms / machine.rate, due);
  }

  event(run: () => void): void {
    if (this.#dead) return;
    if (this.#paused) this.#waiting.push(run);
    else this.#turn(run);
  }

  outside(ms: number, run: () => void): void {
    const {clock, machine} = this.#ports;
    clock.at(clock.nowMs() + ms, () => {
      if (machine.powered && machine.bootId === this.#bootId) run();
    });
  }

  /** False where the socket was full: the packet is lost. */
  receive(link: LinkId, bytes: Uint8Array, from: string): boolean {
    if (this.#dead) return false;
    if (this.#paused) {
      if (this.#packetsWaiting >= packetsWaitingMax) return false;
      this.#packetsWaiting += 1;
    }
    this.event(() => this.give({type: 'packet', link, bytes, from}));
    return true;
  }

  /** Bytes that no member of the cluster made: the observers compare before and after. */
  receiveForged(link: LinkId, bytes: Uint8Array): void {
    const {observer, machine} = this.#ports;
    this.event(() => {
      this.#tickIfDue();
      observer.onForgery(machine.node, this.engine, 'before');
      this.#step({type: 'packet', link, bytes, from: '192.0.2.66'});
      observer.onForgery(machine.node, this.engine, 'after');
    });
  }

  command(id: number, command: Command, actor: string): void {
    this.event(() => this.give({type: 'command', id, command, actor}));
  }

  give(input: Input): void {
    if (this.#dead) return;
    this.#inbox.push(input);
    if (!this.#paused) this.#turn(() => undefined);
  }

  pause(): void {
    this.#paused = true;
  }

  /** Late timers first, then what waited in the sockets and pipes, in its order. */
  resume(): void {
    this.#paused = false;
    this.#packetsWaiting = 0;
    this.#armedMs = Infinity;
    this.#turn(() => this.#tickIfDue());
    for (const run of this.#lateTimers.splice(0)) this.#turn(run);
    for (const run of this.#waiting.splice(0)) this.#turn(run);
  }

  /** The process is gone; scripts and what the kernel has begun go on. */
  kill(): void {
    this.#dead = true;
    for (const servant of this.#servants) servant.close();
  }

  /** A callback of the loop, then the inputs that it gave, then one timer for what comes next. */
  #turn(run: () => void): void {
    if (this.#working) {
      run();
      return;
    }
    this.#working = true;
    run();
    for (let input = this.#inbox.shift(); input !== undefined; input = this.#inbox.shift()) {
      this.#tickIfDue();
      if (this.#dead) break;
      this.#step(input);
    }
    this.#working = false;
    this.#arm();
  }

  #tickIfDue(): void {
    if (this.#dead || this.nowMs() < nextDueMs(this.engine)) return;
    this.#step({type: 'tick'});
  }

  #step(input: Input): void {
    this.#submit(input, this.#ports.step(this.engine, input, this.nowMs()));
  }

  #submit(input: Input, effects: readonly Effect[]): void {
    const {observer, machine, clock} = this.#ports;
    const {engine} = this;
    observer.onTurn({node: machine.node, engine, input, effects, atMs: clock.nowMs()});
    // At once, not behind the records of earlier turns: one of those may order a start.
    if (effects.some((effect) => effect.type === 'drain')) this.#runner.hold();
    const isDrained = input.type === 'drained';
    this.#executor.submit(effects, isDrained ? () => this.#runner.release() : noop);
    for (const effect of effects) {
      if (effect.type !== 'run-plan') continue;
      const service = this.#ports.config.services.find((one) => one.name === effect.plan.service);
      if (service !== undefined) this.#runner.lookAhead(effect.plan, service);
    }
  }

  #arm(): void {
    if (this.#dead || this.#paused) return;
    const {machine, clock, lateness} = this.#ports;
    const dueMs = nextDueMs(this.engine);
    if (this.#armedMs <= dueMs || dueMs === Infinity) return;
    this.#armedMs = dueMs;
    const lateMs = lateness === null ? 0 : lateness.fraction() * latenessMsMax;
    // Two clocks round differently: a timer must not fire before its time for ever.
    clock.at(machine.virtualMs(dueMs) + roundingMs + lateMs, () => this.#onTimer(dueMs));
  }

  #onTimer(dueMs: number): void {
    if (this.#dead || this.#paused || this.#armedMs !== dueMs) return;
    this.#armedMs = Infinity;
    this.#turn(() => this.#tickIfDue());
  }

  #perform(effect: OutwardEffect): void {
    if (this.#dead) return;
    const {config, send, onReply, onExit} = this.#ports;
    switch (effect.type) {
      case 'send':
        send(effect.link, effect.bytes);
        return;
      case 'write-slot':
        this.#servantOf(effect.disk)?.write(effect.bytes);
        return;
      case 'probe': {
        const service = config.services.find((one) => one.name === effect.service);
        if (service !== undefined) this.#runner.probe(service);
        return;
      }
      case 'run-plan': {
        const {plan} = effect;
        const service = config.services.find((one) => one.name === plan.service);
        if (service !== undefined) this.#runner.run(plan, service);
        return;
      }
      case 'abort-plan':
        this.#runner.abort(effect.plan);
        return;
      case 'arm-watchdog':
      case 'feed-watchdog':
      case 'release-watchdog':
        this.#tendWatchdog(effect);
        return;
      case 'fence': {
        const {observer, machine, clock} = this.#ports;
        observer.onFenceBegin(machine.node, effect.node, effect.attempt, clock.nowMs());
        this.#fencer.begin(effect.node, effect.attempt);
        return;
      }
      case 'ask-arbiter':
        this.#askEtcd(effect.id, effect.question);
        return;
      case 'self-fence':
        this.#ports.onFence();
        return;
      case 'drain':
        this.later(drainMs, () => this.give({type: 'drained'}));
        return;
      case 'reply':
        onReply(effect.id, effect.answer);
        return;
      case 'exit':
        onExit();
        return;
      case 'notice':
      case 'progress':
    }
  }

  /** The answer waits for a process that stands still, as in a socket. */
  #askEtcd(id: number, question: ArbiterQuestion): void {
    const {etcd, machine} = this.#ports;
    etcd?.ask(machine.node, {id, question, issuedMs: this.nowMs()}, (answer) => {
      this.event(() => this.give({type: 'arbiter-answer', answer}));
    });
  }

  /** What the shell does: the right is looked at once more before the device is fed. */
  #tendWatchdog(
    effect: OutwardEffect & {type: 'arm-watchdog' | 'feed-watchdog' | 'release-watchdog'},
  ): void {
    const {machine} = this.#ports;
    switch (effect.type) {
      case 'arm-watchdog': {
        const report = machine.watchdog.arm(effect.config.timeoutMs);
        this.later(deviceMs, () => this.give({type: 'watchdog', report}));
        return;
      }
      case 'feed-watchdog':
        if (this.nowMs() < effect.untilMs) machine.watchdog.feed();
        return;
      case 'release-watchdog':
        machine.watchdog.release();
        this.later(deviceMs, () => this.give({type: 'watchdog', report: {state: 'released'}}));
    }
  }

  /**
   * The journal refused: nothing is started, whoever waits is told, and a stop is done all the
   * same.
   */
  #dropped(effect: OutwardEffect): void {
    switch (effect.type) {
      case 'fence': {
        const {node, attempt} = effect;
        const report = {off: false, level: null, detail: 'not begun', durationMs: 0};
        this.give({type: 'fence-result', node, attempt, report});
        return;
      }
      case 'run-plan':
        if (effect.plan.kind === 'stop') this.#perform(effect);
        else this.#refuse(effect.plan);
        return;
      case 'reply': {
        const text = 'nothing was done, because it could not be written down';
        this.#ports.onReply(effect.id, {exit: 1, text, askNode: null});
        return;
      }
      case 'send':
      case 'write-slot':
        return;
      case 'abort-plan':
      case 'arm-watchdog':
      case 'feed-watchdog':
      case 'release-watchdog':
      case 'ask-arbiter':
      case 'probe':
      case 'drain':
      case 'notice':
      case 'progress':
      case 'exit':
      case 'self-fence':
        this.#perform(effect);
    }
  }

  #refuse(plan: ActionPlan): void {
    const outcome = {kind: 'failed', clean: true, detail: 'not run', durationMs: 0} as const;
    this.give({type: 'plan-result', plan: plan.id, service: plan.service, outcome});
  }

  #servantOf(disk: string): Servant | undefined {
    const index = this.#ports.disks.findIndex((one) => one.config.id === disk);
    return this.#servants[index];
  }

  #createServant(disk: SharedDisk): Servant {
    const {machine, config} = this.#ports;
    const bootId = this.#bootId;
    return new Servant({
      life: this,
      disk,
      node: machine.node,
      peers: config.nodes.filter((node) => node !== machine.node),
      isPowered: () => machine.powered && machine.bootId === bootId,
      chance: disk.chance,
      nowMs: () => machine.localMs(),
      give: (input) => this.give(input),
      onHeard: (news) => this.#ports.onSlotHeard(disk.config.id, news),
    });
  }

  #createFencer(): SimFencer {
    const {machine, config, observer, clock, bmc} = this.#ports;
    return new SimFencer({
      life: this,
      node: machine.node,
      fences: (node) => config.fences.filter((fence) => fence.node === node),
      bmc,
      onReport: (node, report) => observer.onFenceEnd(machine.node, node, report, clock.nowMs()),
      onResult: (node, attempt, report) => this.give({type: 'fence-result', node, attempt, report}),
    });
  }

  #createRunner(): SimRunner {
    const {machine, observer, clock, parallelMax} = this.#ports;
    return new SimRunner(
      {
        life: this,
        leftovers: this.#leftovers,
        resource: (service, rid) => machine.resource(service, rid),
        onProgress: (progress) => this.give({type: 'plan-progress', progress}),
        onResult: (plan, outcome) =>
          this.give({type: 'plan-result', plan: plan.id, service: plan.service, outcome}),
        onProbe: (service, probe) => this.give({type: 'probe-result', service, probe}),
        onAction: (plan, action, rid) =>
          observer.onScript({node: machine.node, plan, action, rid, atMs: clock.nowMs()}),
      },
      parallelMax,
    );
  }
}

function noop(): void {}
