/**
 * A whole cluster in memory: machines, daemons, links, disks and an operator, on one virtual clock.
 * The engines in it are the real ones; the world is what a daemon's shell and the hardware would
 * be. Same options and actions, same run, byte for byte.
 */

import {step as engineStep} from '../engine/index.ts';
import type {Answer} from '../engine/types.ts';
import type {ClusterConfig} from '../config/types.ts';
import {keyedChecksum} from '../heartbeat/keyed-checksum.ts';
import type {Authenticator} from '../heartbeat/types.ts';
import {assert} from '../kernel/assert.ts';
import {Chance} from '../kernel/chance.ts';
import {nodeName, serviceName} from '../kernel/ids.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import {plansParallelMax} from '../kernel/limits.ts';
import {VirtualClock} from '../kernel/virtual-clock.ts';
import type {Action} from './actions.ts';
import {SimEtcd} from './arbiter.ts';
import {SimBmc} from './bmc.ts';
import {parseCommand} from './command-line.ts';
import {Daemon} from './daemon.ts';
import type {StepFunction} from './daemon.ts';
import {SharedDisk} from './disk.ts';
import {forge} from './forgery.ts';
import {frameOrder} from './frame-order.ts';
import {Machine} from './machine.ts';
import {Network} from './network.ts';
import type {Packet} from './network.ts';
import type {Observer} from './observer.ts';
import {isHonest} from './operator.ts';
import {Pace, paceLimits} from './pace.ts';
import type {PaceLimits} from './pace.ts';
import {combine} from './observers.ts';
import type {Behaviour} from './resource.ts';
import type {SlotNews} from './servant.ts';
import {configOf, defaultService, simClusterName} from './shape.ts';
import type {ClusterShape} from './shape.ts';

export interface WorldOptions {
  readonly shape: ClusterShape;
  /** Another configuration than that of the shape; its services get the times of a usual one. */
  readonly config?: ClusterConfig;
  readonly seed: number;
  /** Clocks that differ, timers that are late. Without it everything is exact: for golden texts. */
  readonly noise: boolean;
  readonly observers: (world: World) => readonly Observer[];
  /** The engine's step, or one that wraps it to plant a defect. */
  readonly step?: StepFunction;
  readonly limits?: PaceLimits;
}

interface Seat {
  readonly machine: Machine;
  config: ClusterConfig;
  daemon: Daemon | null;
  /** null: nobody can switch it off. */
  readonly bmc: SimBmc | null;
  /** The ping target answers it. */
  hasPing: boolean;
}

/** From power on to the first instruction of the daemon, ms. */
const bootMs = 5_000;
const ratePpmMax = 500;

export class World {
  readonly clock = new VirtualClock();
  readonly shape: ClusterShape;
  readonly config: ClusterConfig;
  readonly network: Network;
  readonly disks: readonly SharedDisk[];
  /** null: none is configured. */
  readonly etcd: SimEtcd | null;
  readonly #seats = new Map<NodeName, Seat>();
  readonly #observer: Required<Observer>;
  readonly #step: StepFunction;
  readonly #auth: Authenticator = keyedChecksum(simClusterName, [{id: 1, seed: 1}]);
  readonly #chance: Chance;
  readonly #noise: boolean;
  readonly #asked = new Map<number, string>();
  readonly #pace: Pace;
  #orderCount = 0;

  constructor(options: WorldOptions) {
    const {shape, seed, noise} = options;
    this.shape = shape;
    this.config = options.config ?? configOf(shape);
    this.#noise = noise;
    this.#step = options.step ?? engineStep;
    this.#pace = new Pace(options.limits ?? paceLimits);
    this.#chance = new Chance(seed);
    const {nodes, links, disks} = this.config;
    this.network = new Network({
      clock: this.clock,
      chance: this.#chance.fork(),
      links: links.map((link) => link.id),
      nodes,
      deliver: (packet) => this.#deliver(packet),
    });
    this.disks = disks.map((disk) => new SharedDisk(disk, this.clock, this.#chance.fork()));
    const {arbiter} = this.config;
    this.etcd = arbiter === null ? null : new SimEtcd(arbiter, this.clock, this.#chance.fork());
    for (const node of nodes) this.#addSeat(node);
    // First, so that a run that goes round in circles ends before anybody looks at it.
    const pace: Observer = {onTurn: (turn) => this.#pace.turn(turn)};
    this.#observer = combine([pace, ...options.observers(this)]);
  }

  get nodes(): readonly NodeName[] {
    return this.config.nodes;
  }

  machine(node: NodeName): Machine {
    return this.#seat(node).machine;
  }

  /** The daemon that runs, or stands still, on the node; null where there is none. */
  daemon(node: NodeName): Daemon | null {
    return this.#seat(node).daemon;
  }

  /** The power switch of a node that has one. */
  bmc(node: NodeName): SimBmc {
    const {bmc} = this.#seat(node);
    assert(bmc !== null, `${node} has no power switch`);
    return bmc;
  }

  /** Throws `Runaway` where no way is made. */
  runUntil(atMs: number): void {
    this.clock.runUntil(atMs, (dueMs, waiting) => this.#pace.timer(dueMs, waiting));
  }

  apply(action: Action): void {
    switch (action.verb) {
      case 'boot':
        return this.#boot(nodeName(action.node));
      case 'crash':
        return this.#crash(nodeName(action.node));
      case 'kill-daemon':
        return this.#killDaemon(nodeName(action.node));
      case 'start-daemon':
        return this.#startDaemon(nodeName(action.node));
      case 'pause':
      case 'resume':
        return this.#pause(nodeName(action.node), action.verb === 'pause');
      case 'skew':
      case 'unskew':
        return this.#reload(nodeName(action.node), action.verb === 'skew');
      case 'storage':
        this.machine(nodeName(action.node)).storage.mode = action.mode;
        return;
      case 'ha':
        return this.#order(nodeName(action.node), action.command);
      case 'repair-all':
        return this.#repairAll();
      case 'cut':
      case 'heal':
      case 'weather':
      case 'unplug':
      case 'plug':
        return this.#applyToNetwork(action);
      case 'disk':
      case 'rollback':
        return this.#applyToDisk(action);
      case 'etcd':
      case 'etcd-members':
        return this.#applyToEtcd(action);
      case 'bmc':
      case 'ping':
        return this.#applyToSeats(action);
      case 'script':
      case 'probe-answers':
      case 'die':
      case 'appear':
        return this.#applyToService(action);
      case 'inject':
        return this.#inject(action);
    }
  }

  #applyToNetwork(
    action: Action & {readonly verb: 'cut' | 'heal' | 'weather' | 'unplug' | 'plug'},
  ): void {
    if (action.verb === 'unplug' || action.verb === 'plug') {
      this.#plug(nodeName(action.node), action.link, action.verb === 'plug');
      return;
    }
    const {from, to} = 'from' in action ? action : {from: '*', to: '*'};
    for (const link of this.config.links) {
      if (action.link !== '*' && link.id !== action.link) continue;
      for (const [left, right] of this.#pairs(from, to)) {
        const path = this.network.path(link.id, left, right);
        if (action.verb !== 'weather') path.cut = action.verb === 'cut';
        else {
          const {lossPercent, duplicatePercent, delayMs, jitterMs} = action;
          Object.assign(path, {lossPercent, duplicatePercent, delayMs, jitterMs});
        }
      }
    }
  }

  #applyToDisk(action: Action & {readonly verb: 'disk' | 'rollback'}): void {
    for (const disk of this.disks) {
      if (action.disk !== '*' && disk.config.id !== action.disk) continue;
      if (action.verb === 'rollback') disk.rollBack(action.ageMs);
      else if (action.mode === 'tear') disk.tearNextWrite(nodeName(action.node));
      else disk.setMode(nodeName(action.node), action.mode);
    }
  }

  #applyToEtcd(action: Action & {readonly verb: 'etcd' | 'etcd-members'}): void {
    if (action.verb === 'etcd') {
      for (const node of this.nodes) {
        if (action.node === '*' || action.node === node) this.etcd?.setMode(node, action.mode);
      }
    } else if (action.state === 'new-leader') this.etcd?.changeLeader();
    else this.etcd?.setMajority(action.state === 'majority');
  }

  #applyToSeats(action: Action & {readonly verb: 'bmc' | 'ping'}): void {
    for (const [node, seat] of this.#seats) {
      if (action.node !== '*' && action.node !== node) continue;
      if (action.verb === 'ping') seat.hasPing = action.mode === 'ok';
      else if (seat.bmc !== null) seat.bmc.mode = action.mode;
    }
  }

  #applyToService(
    action: Action & {readonly verb: 'script' | 'probe-answers' | 'die' | 'appear'},
  ): void {
    const machine = this.machine(nodeName(action.node));
    for (const resource of machine.resourcesOf(serviceName(action.service))) {
      if (action.verb === 'script') resource.behaviour[action.action] = action.mode;
      else if (action.verb === 'probe-answers') resource.setProbe(action.mode);
      else if (machine.powered) resource.set(action.verb === 'appear');
    }
  }

  #addSeat(node: NodeName): void {
    const ppm = this.#noise ? this.#chance.between(-ratePpmMax, ratePpmMax) : 0;
    const machine = new Machine({
      node,
      config: this.config,
      clock: this.clock,
      chance: this.#chance.fork(),
      rate: 1 + ppm / 1e6,
      behaviour: (service) => this.#behaviour(service),
      onTruth: (service) => this.#observer.onTruth(node, service, this.clock.nowMs()),
      onExpire: () => this.#reset(node),
    });
    const bmc = this.config.fences.length === 0 ? null : this.#createBmc(machine);
    this.#seats.set(node, {machine, config: this.config, daemon: null, bmc, hasPing: true});
  }

  #createBmc(machine: Machine): SimBmc {
    const {node} = machine;
    const link = this.config.links[0]?.id;
    return new SimBmc({
      clock: this.clock,
      chance: this.#chance.fork(),
      isPowered: () => machine.powered,
      powerOff: () => this.#crash(node),
      powerOn: () => this.#boot(node),
      hasLink: (from) =>
        link === undefined ||
        (!this.network.path(link, from, node).cut && !this.network.path(link, node, from).cut),
    });
  }

  #behaviour(service: ServiceName): Behaviour {
    const shape = this.shape.services.find((one) => one.name === service) ?? defaultService;
    const {startMs, stopMs} = shape;
    return {start: 'ok', stop: 'ok', probe: 'ok', startMs, stopMs};
  }

  #boot(node: NodeName): void {
    const {machine} = this.#seat(node);
    if (machine.powered) return;
    machine.powerOn();
    const {bootId} = machine;
    this.#observer.onDaemon(node, 'power-on', this.clock.nowMs());
    this.clock.at(this.clock.nowMs() + (this.#noise ? bootMs : 0), () => {
      if (machine.powered && machine.bootId === bootId) this.#startDaemon(node);
    });
  }

  #crash(node: NodeName): void {
    const {machine} = this.#seat(node);
    if (!machine.powered) return;
    this.#endDaemon(node);
    machine.powerOff();
    this.#observer.onDaemon(node, 'power-off', this.clock.nowMs());
  }

  /** By its watchdog or by itself: a power cut, and then it boots. */
  #reset(node: NodeName): void {
    this.#crash(node);
    this.clock.at(this.clock.nowMs() + bootMs, () => this.#boot(node));
  }

  #killDaemon(node: NodeName): void {
    if (this.#seat(node).daemon === null) return;
    this.#endDaemon(node);
  }

  #endDaemon(node: NodeName): void {
    const seat = this.#seat(node);
    if (seat.daemon === null) return;
    seat.daemon.kill();
    seat.daemon = null;
    for (const {name} of this.config.services) {
      for (const resource of seat.machine.resourcesOf(name)) resource.noteDaemonEnd();
    }
    this.#observer.onDaemon(node, 'down', this.clock.nowMs());
  }

  #startDaemon(node: NodeName): void {
    const seat = this.#seat(node);
    const {machine} = seat;
    if (seat.daemon !== null || !machine.powered) return;
    const incarnation = machine.storage.nextIncarnation();
    // Its supervisor tries again; until then it is down.
    if (incarnation === null) {
      const {bootId} = machine;
      this.clock.at(this.clock.nowMs() + 1_000, () => {
        if (machine.bootId === bootId) this.#startDaemon(node);
      });
      return;
    }
    this.#observer.onDaemon(node, 'up', this.clock.nowMs());
    const daemon: Daemon = new Daemon(
      {
        clock: this.clock,
        machine,
        config: seat.config,
        auth: this.#auth,
        disks: this.disks,
        etcd: this.etcd,
        bmc: (target) => this.bmc(target),
        hasPing: () => seat.hasPing,
        observer: this.#observer,
        onSlotHeard: (disk, news) => this.#onSlotHeard(node, disk, news),
        step: this.#step,
        lateness: this.#noise ? this.#chance.fork() : null,
        send: (link, bytes) => this.network.send(link, node, bytes),
        onReply: (id, answer) => this.#onReply(node, id, answer),
        onFence: () => this.#reset(node),
        parallelMax: this.shape.plans ?? plansParallelMax,
        onExit: () => {
          if (seat.daemon === daemon) this.#endDaemon(node);
        },
      },
      incarnation,
    );
    seat.daemon = daemon;
  }

  #pause(node: NodeName, paused: boolean): void {
    const {daemon} = this.#seat(node);
    if (daemon === null || daemon.paused === paused) return;
    this.#observer.onDaemon(node, paused ? 'paused' : 'resumed', this.clock.nowMs());
    if (paused) daemon.pause();
    else daemon.resume();
  }

  #reload(node: NodeName, skewed: boolean): void {
    const seat = this.#seat(node);
    const digest = skewed ? 'ffffffffffffffff' : this.config.digest;
    if (seat.config.digest === digest) return;
    seat.config = {...this.config, digest};
    seat.daemon?.give({type: 'reload', config: seat.config});
  }

  #plug(node: NodeName, link: string, inOrder: boolean): void {
    for (const one of this.config.links) {
      if (link !== '*' && one.id !== link) continue;
      for (const other of this.nodes) {
        if (other === node) continue;
        this.network.path(one.id, node, other).cut = !inOrder;
        this.network.path(one.id, other, node).cut = !inOrder;
      }
      const fault = inOrder ? null : 'no carrier';
      this.#seat(node).daemon?.give({type: 'link-state', link: one.id, fault});
    }
  }

  #order(node: NodeName, text: string): void {
    const command = parseCommand(text);
    assert(command !== null, `no command: ${text}`);
    const {daemon} = this.#seat(node);
    if (daemon === null || !isHonest(this, node, command)) return;
    this.#orderCount += 1;
    const id = this.#orderCount;
    this.#asked.set(id, text);
    this.#observer.onAsked(node, id, command, this.clock.nowMs());
    daemon.command(id, command, 'operator');
  }

  /** As `ha` does: who is named as the right one to ask is asked. */
  #onReply(node: NodeName, id: number, answer: Answer): void {
    this.#observer.onReply(node, id, answer.exit, answer.text);
    const text = this.#asked.get(id);
    this.#asked.delete(id);
    if (answer.askNode !== null && text !== undefined) {
      const {askNode} = answer;
      this.clock.at(this.clock.nowMs() + 1, () => this.#order(askNode, text));
    }
  }

  #inject(action: Action & {readonly verb: 'inject'}): void {
    const recorded = this.network.recorded(this.#chance);
    const {daemon} = this.#seat(nodeName(action.node));
    if (daemon === null) return;
    const bytes = forge(action.kind, recorded?.bytes ?? null, this.#chance);
    const own = recorded?.link ?? this.config.links[0]!.id;
    if (action.kind === 'replay') {
      daemon.receive(own, bytes, '192.0.2.66');
      return;
    }
    const other = this.config.links.find((link) => link.id !== own)?.id;
    if (action.kind === 'other-link' && other === undefined) return;
    daemon.receiveForged(action.kind === 'other-link' ? other! : own, bytes);
  }

  #repairAll(): void {
    this.network.heal();
    this.etcd?.setMajority(true);
    this.apply({verb: 'etcd', node: '*', mode: 'ok'});
    this.apply({verb: 'bmc', node: '*', mode: 'ok'});
    this.apply({verb: 'ping', node: '*', mode: 'ok'});
    for (const [node, seat] of this.#seats) {
      seat.machine.storage.mode = 'ok';
      for (const disk of this.disks) disk.setMode(node, 'ok');
      for (const {name} of this.config.services) {
        for (const resource of seat.machine.resourcesOf(name)) {
          Object.assign(resource.behaviour, {start: 'ok', stop: 'ok'});
          resource.unstick();
          resource.setProbe('ok');
        }
      }
      this.#reload(node, false);
      this.#plug(node, '*', true);
      this.#pause(node, false);
      if (seat.machine.powered) this.#startDaemon(node);
      else this.#boot(node);
    }
  }

  #deliver(packet: Packet): void {
    const {daemon} = this.#seat(packet.to);
    if (daemon === null) return;
    const {from, to, link: medium, sentMs} = packet;
    const atMs = this.clock.nowMs();
    if (!daemon.paused) {
      const order = frameOrder(packet.bytes);
      this.#observer.onHeard({from, to, medium, sentMs, order, atMs, isNews: true});
    }
    daemon.receive(packet.link, packet.bytes, packet.from);
  }

  #onSlotHeard(to: NodeName, disk: string, news: SlotNews): void {
    const {daemon} = this.#seat(to);
    if (daemon === null || daemon.paused) return;
    this.#observer.onHeard({...news, to, medium: disk, atMs: this.clock.nowMs()});
  }

  #pairs(from: string, to: string): readonly (readonly [NodeName, NodeName])[] {
    return this.nodes
      .flatMap((left) => this.nodes.map((right) => [left, right] as const))
      .filter(
        ([left, right]) =>
          left !== right && (from === '*' || left === from) && (to === '*' || right === to),
      );
  }

  #seat(node: NodeName): Seat {
    const seat = this.#seats.get(node);
    assert(seat !== undefined, `no node ${node}`);
    return seat;
  }
}
