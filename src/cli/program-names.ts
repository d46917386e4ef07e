/**
 * The names under which we may be called by a symbolic link: OpenHA's programs, OpenSVC's `svcmgr`,
 * and the name of a service, as `p26.opensvc.com print status`.
 */

import {exitCodes} from '../kernel/exit-codes.ts';
import {printable} from '../status/text.ts';
import {findCommand} from './commands.ts';
import {runCommand} from './run-command.ts';
import type {World} from './world.ts';

export async function runAs(world: World): Promise<number> {
  const {programName, args} = world;
  if (programName === 'service' || programName === 'hb' || programName === 'openha') {
    const {runOpenha} = await import('./openha/run-openha.ts');
    return runOpenha(world, programName, args);
  }
  if (programName === 'svcmgr') return runSvcmgr(world);
  if (programName.endsWith('.stonith')) {
    const {stonith} = await import('./stonith.ts');
    return stonith(world, programName.slice(0, -'.stonith'.length));
  }
  // An entry point that OpenSVC makes beside a service; it is no service itself.
  if (programName.endsWith('.cluster')) return unknownName(world);
  return runServiceVerb(world, programName, args);
}

/** `svcmgr -s SVC VERB ...`, with the option anywhere in the line. */
function runSvcmgr(world: World): Promise<number> {
  const {args} = world;
  const at = args.findIndex((word) => /^(?:-s|--service|--svc)(?:=|$)/.test(word));
  const inline = at < 0 ? undefined : args[at]!.split('=')[1];
  const service = at < 0 ? undefined : (inline ?? args[at + 1]);
  if (service === undefined || service === '') {
    world.stderr.write('svcmgr: expected a service\n');
    world.stderr.write('Write, for example: svcmgr -s web print status\n');
    return Promise.resolve(exitCodes.usage);
  }
  return runServiceVerb(world, service, args.toSpliced(at, inline === undefined ? 2 : 1));
}

/** OpenSVC's verb -> ours, where they differ. */
const verbs: Readonly<Record<string, string>> = {
  'print status': 'status',
  'print_status': 'status',
  'status': 'status',
  'start': 'start',
  'stop': 'stop',
  'restart': 'restart',
  'switch': 'switch',
  'relocate': 'switch',
  'takeover': 'takeover',
  'freeze': 'freeze',
  'thaw': 'unfreeze',
  'unfreeze': 'unfreeze',
  'clear': 'clear',
};

async function runServiceVerb(
  world: World,
  service: string,
  args: readonly string[],
): Promise<number> {
  const words = args.filter((word) => !word.startsWith('-'));
  const verb = words[0] === 'print' ? words.slice(0, 2).join(' ') : (words[0] ?? '');
  const command = Object.hasOwn(verbs, verb) ? findCommand(verbs[verb]!) : undefined;
  if (command === undefined) {
    const found = verb === '' ? 'nothing' : `"${printable(verb)}"`;
    world.stderr.write(`${printable(world.programName)}: expected an action, found ${found}\n`);
    world.stderr.write(`Actions: ${Object.keys(verbs).join(', ')}\n`);
    return exitCodes.usage;
  }
  const options = withoutFirst(args, verb.split(' '));
  return runCommand(world, command, [service, ...options]);
}

/** The line without the words of its verb, each taken away once. */
function withoutFirst(args: readonly string[], words: readonly string[]): readonly string[] {
  const rest = [...args];
  for (const word of words) rest.splice(rest.indexOf(word), 1);
  return rest;
}

async function unknownName(world: World): Promise<number> {
  const {unknownCommand} = await import('./unknown-command.ts');
  return unknownCommand(world, world.programName);
}
