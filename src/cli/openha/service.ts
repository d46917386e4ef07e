/** OpenHA's `service`. */

import type {FreezeInfo, Command} from '../../engine/types.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import type {NodeName, ServiceName} from '../../kernel/ids.ts';
import {openhaColumns, openhaInfo, openhaServices} from '../../status/openha.ts';
import {printable} from '../../status/text.ts';
import {ask, askView, explainFailure} from '../ask.ts';
import type {SeenView} from '../ask.ts';
import {findService} from '../find-service.ts';
import {needDaemon} from '../need-daemon.ts';
import {editFile} from './edit-file.ts';
import type {OpenhaLine} from './openha-line.ts';

/** The last known states are still printed when the daemon is gone; the exit code says it. */
async function seenView(line: OpenhaLine): Promise<SeenView | number> {
  const seen = await askView(line);
  if (typeof seen !== 'number' && seen.stale !== null) {
    line.world.stderr.write(`${printable(seen.stale.why)} These are the last known states.\n`);
  }
  return seen;
}

const exitOf = (seen: SeenView): number =>
  seen.stale === null ? exitCodes.done : exitCodes.unreachable;

/** `service -s` and `service -s -c`. */
export async function showServices(line: OpenhaLine): Promise<number> {
  const seen = await seenView(line);
  if (typeof seen === 'number') return seen;
  const columns = line.words.includes('-c');
  line.world.stdout.write(columns ? openhaColumns(seen.view) : openhaServices(seen.view));
  return exitOf(seen);
}

export async function showInfo(line: OpenhaLine, name: string): Promise<number> {
  const seen = await seenView(line);
  if (typeof seen === 'number') return seen;
  const service = findService(line.world, seen.view, name);
  if (typeof service === 'number') return service;
  line.world.stdout.write(openhaInfo(seen.view, service));
  return exitOf(seen);
}

type CommandOf = (service: ServiceName, freeze: FreezeInfo) => Command;

const actions: Readonly<Record<string, CommandOf>> = {
  'start': (service) => ({verb: 'start', service}),
  'stop': (service) => ({verb: 'stop', service}),
  'freeze-stop': (service, freeze) => ({verb: 'freeze-stop', service, freeze}),
  'freeze-start': (service, freeze) => ({verb: 'freeze-start', service, freeze}),
  'unfreeze': (service) => ({verb: 'unfreeze', scope: {kind: 'service', service}}),
  'force-stop': (service) => ({verb: 'declare', service, running: false}),
  'force-start': (service) => ({verb: 'declare', service, running: true}),
};

/** `service -A`: on this node; null for the name means every service of this node. */
export async function act(
  line: OpenhaLine,
  order: {readonly name: string | null; readonly action: string},
): Promise<number> {
  const {world} = line;
  const commandOf = Object.hasOwn(actions, order.action) ? actions[order.action] : undefined;
  if (commandOf === undefined) {
    world.stderr.write(`Error: action ${printable(order.action)} not found !\n`);
    return exitCodes.usage;
  }
  const view = needDaemon(line, await askView(line));
  if (typeof view === 'number') return view;
  const named = order.name === null ? null : findService(world, view, order.name);
  if (typeof named === 'number') return named;
  const services =
    named === null ? view.services.filter((one) => one.nodes.includes(view.node)) : [named];
  const freeze = {
    by: await world.actor(),
    why: `service -A ${order.action}`,
    since: new Date(world.wallMs()).toISOString(),
    untilMs: null,
    until: null,
  };
  let worst: number = exitCodes.done;
  for (const service of services) {
    const exit = await actOne(line, view.node, commandOf(service.name, freeze));
    if (worst === exitCodes.done) worst = exit;
  }
  return worst;
}

/** OpenHA told its log what it did, and told a person only at a terminal. */
async function actOne(line: OpenhaLine, node: NodeName, command: Command): Promise<number> {
  const {world} = line;
  // By name: asked without one, a daemon would spread some of these to the other nodes.
  const question = {op: 'command', node, command, wait: true} as const;
  const answer = await ask(line, question, {silenceMs: null});
  if (!answer.ok) return explainFailure(line, answer.error);
  const {exit, text} = answer.value;
  if (exit !== exitCodes.done) world.stderr.write(`${printable(text)}\n`);
  else if (world.stdout.isTerminal) world.stdout.write(`${printable(text)}\n`);
  return exit;
}

/** `service -a NAME SCRIPT PRIMARY SECONDARY CHECK`. */
export async function addService(line: OpenhaLine, fields: readonly string[]): Promise<number> {
  const {addService: add} = await import('../../config/edit-openha.ts');
  const [name, script, primary, secondary, check] = fields as [
    string,
    string,
    NodeName,
    NodeName,
    string,
  ];
  line.world.stdout.write(`Creating service ${printable(name)} :\n`);
  return editFile(line, {
    file: 'services',
    edit: (text) => add(text, {name, script, primary, secondary, check}),
    done: 'Make of services directory done\nDone.\n',
    failed: 'Failed.\n',
  });
}

export async function removeService(line: OpenhaLine, name: string): Promise<number> {
  const {removeService: remove} = await import('../../config/edit-openha.ts');
  return editFile(line, {
    file: 'services',
    edit: (text) => remove(text, name),
    done: 'Done.\n',
    failed: 'Failed.\n',
  });
}
