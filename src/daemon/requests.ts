/**
 * What clients and peers ask, and who answers: this node, another one through the peer channel, or
 * all nodes that the order means. Nothing is forwarded twice, so no order can go round in circles.
 */

import type {Exchange, Reply} from '../control/io/session.ts';
import type {PeerClient} from '../control/io/peer-client.ts';
import type {DaemonView, Request} from '../control/types.ts';
import {protocolVersion} from '../control/types.ts';
import type {ClusterConfig, ResourceConfig} from '../config/types.ts';
import type {Answer, Command, Input} from '../engine/types.ts';
import type {Driver} from '../failover/types.ts';
import {unreachable} from '../kernel/assert.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import {dateFreeze} from './date-freeze.ts';
import type {BothClocks} from './facts-format.ts';
import {fanOutOf, mergeAnswers, othersKeepOff} from './fan-out.ts';
import type {FanOut, NodeAnswer} from './fan-out.ts';
import type {EventFeed} from './follow-events.ts';
import type {Orders} from './orders.ts';
import {answerPlan} from './plan-answer.ts';
import type {Tasks} from './tasks.ts';

/** What the requests need of the daemon around them. */
export interface RequestPorts {
  readonly node: NodeName;
  readonly orders: Orders;
  readonly events: EventFeed;
  clocks(): BothClocks;
  config(): ClusterConfig;
  view(): DaemonView;
  identity(): Pick<DaemonView, 'cluster' | 'node' | 'version' | 'pid' | 'startedAt'>;
  /** As Loop.give. */
  give(input: Input, done: () => void): boolean;
  driverFor(resource: ResourceConfig): Driver;
  /** The way to another member; null where there is no peer channel to it. */
  peer(node: NodeName): PeerClient | null;
  readonly tasks: Tasks;
  reload(actor: string): Promise<{readonly exit: number; readonly text: string}>;
}

type End = Extract<Reply, {readonly kind: 'end'}>;
type CommandRequest = Extract<Request, {readonly op: 'command'}>;
type TaskRequest = Extract<Request, {readonly op: 'run-task'}>;
type PlanRequest = Extract<Request, {readonly op: 'plan'}>;

/** Who asked and over which way. */
interface Origin {
  readonly actor: string;
  /** May be passed on to another node. */
  readonly forward: boolean;
}

/** How long a stop everywhere waits until this node has heard that the others keep off. */
const keepOffMs = 2_000;

export class Requests {
  readonly #ports: RequestPorts;

  constructor(ports: RequestPorts) {
    this.#ports = ports;
  }

  /** From the control socket. */
  fromClient(request: Request, exchange: Exchange): void {
    if (request.node === null || request.node === this.#ports.node) {
      this.#serve(request, exchange, {actor: request.actor, forward: true});
    } else {
      this.#forward(request.node, request, exchange);
    }
  }

  /** From the peer channel: the peer proved its name, and vouches for whoever asked it. */
  fromPeer(peer: NodeName, request: Request, exchange: Exchange): void {
    if (request.node !== null && request.node !== this.#ports.node) {
      const text = `a request for ${request.node} came to ${this.#ports.node}: ask it directly`;
      exchange.reply({kind: 'end', exit: exitCodes.usage, text, data: null});
      return;
    }
    this.#serve(request, exchange, {actor: `peer ${peer} (${request.actor})`, forward: false});
  }

  #serve(request: Request, exchange: Exchange, origin: Origin): void {
    const done = (text: string, data: unknown): void =>
      exchange.reply({kind: 'end', exit: exitCodes.done, text, data});
    switch (request.op) {
      case 'hello':
        done('', {v: protocolVersion, ...this.#ports.identity()});
        return;
      case 'view':
        done('', this.#ports.view());
        return;
      case 'events':
        void this.#ports.events.answer(request, exchange);
        return;
      case 'run-task':
        void this.#runTask(request, exchange, origin);
        return;
      case 'task-ran':
        // Only a node knows; from the socket it would be a way to make a task skip its run.
        if (!origin.forward)
          this.#ports.tasks.note(`${request.service}/${request.rid}`, request.run);
        exchange.reply({
          kind: 'end',
          exit: origin.forward ? exitCodes.notPermitted : exitCodes.done,
          text: origin.forward ? 'only another node may say so' : '',
          data: null,
        });
        return;
      case 'reload':
        void this.#ports
          .reload(origin.actor)
          .then((result) => exchange.reply({kind: 'end', ...result, data: null}));
        return;
      case 'plan':
        this.#plan(request, exchange, origin);
        return;
      case 'command':
        this.#command(request, exchange, origin);
        return;
      default:
        unreachable(request);
    }
  }

  /** Where its service runs. */
  async #runTask(request: TaskRequest, exchange: Exchange, origin: Origin): Promise<void> {
    const service = this.#ports.view().services.find((one) => one.name === request.service);
    const owner = service?.owner ?? null;
    if (owner !== null && owner !== this.#ports.node && origin.forward && request.node === null) {
      this.#forward(owner, request, exchange);
      return;
    }
    const end = await this.#ports.tasks.run(request.service, request.rid);
    exchange.reply({kind: 'end', ...end, data: null});
  }

  #plan(request: PlanRequest, exchange: Exchange, origin: Origin): void {
    const {command} = request;
    const view = this.#ports.view();
    const name = 'service' in command ? command.service : null;
    const service = view.services.find((one) => one.name === name);
    const planned = ['stop', 'restart', 'switch'].includes(command.verb);
    const owner = service?.owner ?? null;
    const {node} = this.#ports;
    if (planned && owner !== null && owner !== node && origin.forward && request.node === null) {
      this.#forward(owner, request, exchange);
      return;
    }
    const config = this.#ports.config().services.find((one) => one.name === name);
    const driverFor = (resource: ResourceConfig): Driver => this.#ports.driverFor(resource);
    const {fences} = this.#ports.config();
    const selection = request.select ?? null;
    const question = {node, command, selection, fences, config, service, driverFor};
    exchange.reply({kind: 'end', ...answerPlan(question)});
  }

  #command(request: CommandRequest, exchange: Exchange, origin: Origin): void {
    const all =
      origin.forward && request.node === null
        ? fanOutOf(request.command, this.#ports.view())
        : null;
    if (all === null) void this.#one(request, exchange, origin);
    else void this.#askAll(all, request, exchange);
  }

  async #one(request: CommandRequest, exchange: Exchange, origin: Origin): Promise<void> {
    const answer = await this.#run(request, exchange, origin.actor);
    if (answer.askNode !== null && origin.forward) {
      exchange.reply({kind: 'progress', text: `${answer.text}: asking ${answer.askNode}`});
      this.#forward(answer.askNode, request, exchange);
      return;
    }
    const {exit, text, askNode} = answer;
    exchange.reply({kind: 'end', exit, text, data: askNode === null ? null : {askNode}});
  }

  /** Here. Whoever goes away meanwhile takes nothing back. */
  #run(request: CommandRequest, exchange: Exchange, actor: string): Promise<Answer> {
    const {orders} = this.#ports;
    const command = dateFreeze(request.command, actor, this.#ports.clocks());
    return new Promise((resolve) => {
      const refuse = (text: string): void => {
        resolve({exit: exitCodes.busy, text, askNode: null});
      };
      const id = orders.open({
        progress: (text) => exchange.reply({kind: 'progress', text}),
        end: resolve,
      });
      if (id === null) {
        refuse('too many orders wait for their end: try again in a moment');
        return;
      }
      exchange.onGone(() => orders.detach(id));
      const taken = this.#ports.give({type: 'command', id, command, actor}, () => {
        if (request.wait || !orders.isOpen(id)) return;
        orders.end(id, {exit: exitCodes.running, text: acceptedText(command), askNode: null});
      });
      if (taken) return;
      orders.detach(id);
      refuse('the daemon has more to do than it can take: try again in a moment');
    });
  }

  #forward(node: NodeName, request: Request, exchange: Exchange): void {
    const peer = this.#ports.peer(node);
    if (peer === null) {
      const known = this.#ports.config().nodes.join(', ');
      const text = `no other node is called ${node} (nodes: ${known})`;
      exchange.reply({kind: 'end', exit: exitCodes.noSuch, text, data: null});
      return;
    }
    peer.request(request, (reply) => exchange.reply(reply));
  }

  async #askAll(all: FanOut, request: CommandRequest, exchange: Exchange): Promise<void> {
    const answers: NodeAnswer[] = [];
    for (const [index, group] of all.groups.entries()) {
      if (index > 0) await this.#untilOthersKeepOff(request.command, all.groups[index - 1]!);
      const asked = group.map((node) => this.#ask(node, request, exchange));
      answers.push(...(await Promise.all(asked)));
    }
    exchange.reply({kind: 'end', ...mergeAnswers(answers, all.missed), data: null});
  }

  /** One node of many; its lines of progress carry its name. */
  async #ask(node: NodeName, request: CommandRequest, exchange: Exchange): Promise<NodeAnswer> {
    const part: Exchange = {
      reply: (reply) => {
        if (reply.kind !== 'progress') return;
        exchange.reply({kind: 'progress', text: `${node}: ${reply.text}`});
      },
      onGone: (listener) => exchange.onGone(listener),
    };
    if (node === this.#ports.node) {
      const {exit, text} = await this.#run(request, part, request.actor);
      return {node, exit, text};
    }
    const end = await new Promise<End>((resolve) => {
      this.#forward(node, request, {
        ...part,
        reply: (reply) => {
          part.reply(reply);
          if (reply.kind === 'end') resolve(reply);
        },
      });
    });
    return {node, exit: end.exit, text: end.text};
  }

  /** Their answers come by TCP, their frames by the links: the stop waits for the frames. */
  async #untilOthersKeepOff(command: Command, nodes: readonly NodeName[]): Promise<void> {
    const name = 'service' in command ? command.service : null;
    const endMs = this.#ports.clocks().nowMs + keepOffMs;
    while (this.#ports.clocks().nowMs < endMs) {
      const service = this.#ports.view().services.find((one) => one.name === name);
      if (service === undefined || othersKeepOff(service, nodes)) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }
}

function acceptedText(command: Command): string {
  const subject = 'service' in command ? command.service : 'node' in command ? command.node : null;
  const name = subject === null ? '' : ` ${subject}`;
  return `${command.verb}${name} is accepted and under way; follow it with: ha events -f`;
}
