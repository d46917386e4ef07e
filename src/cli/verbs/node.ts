/** Orders about nodes: drain, undrain and the operator as the proof that one is dead. */

import {exitCodes} from '../../kernel/exit-codes.ts';
import type {NodeName} from '../../kernel/ids.ts';
import {isPresent} from '../../status/model.ts';
import type {StatusView} from '../../status/model.ts';
import {printable} from '../../status/text.ts';
import {askView, nodeFlag} from '../ask.ts';
import {confirm} from '../confirm.ts';
import {freezeInfo} from '../freeze-info.ts';
import type {Invocation} from '../invocation.ts';
import {needDaemon} from '../need-daemon.ts';
import {runSteps} from '../order.ts';
import {misuse} from '../usage.ts';

interface NodeTarget {
  readonly view: StatusView;
  readonly node: NodeName;
}

/** The operand, `--node`, or this node. */
async function nodeTarget(invocation: Invocation): Promise<NodeTarget | number> {
  const [operand] = invocation.operands;
  const flag = nodeFlag(invocation);
  if (operand !== undefined && flag !== null && operand !== flag) {
    const text = `expected one node, found ${operand} and --node ${flag}`;
    return misuse(invocation.world, invocation.command, text);
  }
  const local = {...invocation, flags: {...invocation.flags, node: undefined}};
  const view = needDaemon(invocation, await askView(local));
  if (typeof view === 'number') return view;
  const node = (operand ?? flag ?? view.node) as NodeName;
  if (view.nodes.some((each) => each.name === node)) return {view, node};
  const known = view.nodes.map((each) => each.name).join(', ');
  invocation.world.stderr.write(`ha: no node is called "${printable(node)}". Known: ${known}\n`);
  return exitCodes.noSuch;
}

export async function drain(invocation: Invocation): Promise<number> {
  const freeze = freezeInfo(invocation, await invocation.world.actor());
  if (typeof freeze === 'number') return freeze;
  const target = await nodeTarget(invocation);
  if (typeof target === 'number') return target;
  const {node} = target;
  const step = {
    node,
    command: {verb: 'drain', freeze},
    title: `drain ${node}`,
    duty: 'needed',
  } as const;
  return runSteps(invocation, [step], () => `It takes services again with: ha undrain ${node}`);
}

export async function undrain(invocation: Invocation): Promise<number> {
  const target = await nodeTarget(invocation);
  if (typeof target === 'number') return target;
  const {node} = target;
  const step = {
    node,
    command: {verb: 'undrain'},
    title: `undrain ${node}`,
    duty: 'needed',
  } as const;
  return runSteps(invocation, [step]);
}

/** Each living node judges for itself, so each is told. */
export async function confirmDead(invocation: Invocation): Promise<number> {
  const name = invocation.operands[0]! as NodeName;
  const local = {...invocation, flags: {...invocation.flags, node: undefined}};
  const target = await nodeTarget(local);
  if (typeof target === 'number') return target;
  const {view} = target;
  const refused = await confirm(invocation, {
    flag: 'i-have-checked',
    warning:
      `You are the proof that ${name} is off: its power is off, or it is cut from disks and ` +
      'network. If it still runs a service, that service will run twice.',
  });
  if (refused !== null) return refused;
  const asked = nodeFlag(invocation);
  const witnesses = view.nodes.filter(
    (node) => node.name !== name && (node.local || isPresent(node)),
  );
  const nodes = asked === null ? witnesses.map((node) => node.name) : [asked];
  return runSteps(
    invocation,
    nodes.map((node) => ({
      node,
      command: {verb: 'confirm-dead', node: name},
      title: `confirm to ${node} that ${name} is dead`,
      duty: node === view.node || asked !== null ? 'needed' : 'wanted',
    })),
  );
}

/** By this node's daemon, or by the one of `--node`: one that is enough, and two would race. */
export async function fence(invocation: Invocation): Promise<number> {
  const name = invocation.operands[0]! as NodeName;
  const local = {...invocation, flags: {...invocation.flags, node: undefined}};
  const target = await nodeTarget(local);
  if (typeof target === 'number') return target;
  const node = nodeFlag(invocation) ?? target.view.node;
  if (node === name) {
    const text = `expected another node to fence ${name}: a node does not fence itself`;
    return misuse(invocation.world, invocation.command, text);
  }
  const refused = await confirm(invocation, {
    flag: 'yes',
    warning: `${name} is switched off at once, with everything that runs there.`,
  });
  if (refused !== null) return refused;
  const command = {verb: 'fence', node: name} as const;
  return runSteps(invocation, [{node, command, title: `fence ${name}`, duty: 'needed'}]);
}
