/**
 * OpenHA's programs `service`, `hb` and `openha`, with its options and its output. They act on this
 * node alone, as OpenHA's did: what they leave open, the other node may decide.
 */

import {exitCodes} from '../../kernel/exit-codes.ts';
import {pathsOf} from '../paths.ts';
import {globalOptions} from '../options.ts';
import type {Flags} from '../parse.ts';
import type {World} from '../world.ts';
import type {OpenhaLine} from './openha-line.ts';
import {openhaUsage} from './usage.ts';

/** `name`: service, hb or openha; `args`: the rest of the line. */
export async function runOpenha(
  world: World,
  name: string,
  args: readonly string[],
): Promise<number> {
  const {flags, words} = splitGlobal(args);
  const line = {world, paths: pathsOf(world, flags), flags, words};
  if (words.includes('--help') || words.includes('-h')) {
    world.stdout.write(openhaUsage);
    return exitCodes.done;
  }
  if (name === 'service') return runService(line);
  return name === 'hb' ? runHb(line) : runOpenhaMain(line);
}

/** `openha service|hb|status|ps|kill`. */
async function runOpenhaMain(line: OpenhaLine): Promise<number> {
  const [verb, ...words] = line.words;
  const rest = {...line, words};
  switch (verb) {
    case 'service':
      return runService(rest);
    case 'hb':
      return runHb(rest);
    case 'status': {
      const {showServices} = await import('./service.ts');
      const {showLinks} = await import('./hb.ts');
      const exit = await showServices({...line, words: ['-s']});
      return exit === exitCodes.done ? showLinks(line) : exit;
    }
    case 'ps': {
      const {showProcesses} = await import('./processes.ts');
      return showProcesses(line);
    }
    case 'kill': {
      const {findCommand} = await import('../commands.ts');
      const {daemon} = await import('../verbs/daemon.ts');
      const command = findCommand('daemon')!;
      const yes = words.includes('--yes') || words.includes('-y');
      return daemon({...line, command, operands: ['stop'], flags: {...line.flags, yes}});
    }
    default:
      return misuse(line);
  }
}

async function runService(line: OpenhaLine): Promise<number> {
  const {showServices, showInfo, act, addService, removeService} = await import('./service.ts');
  const [option, ...rest] = line.words;
  if (option === '-s' && (rest.length === 0 || rest.join() === '-c')) return showServices(line);
  if (option === '-i' && rest.length === 1) return showInfo(line, rest[0]!);
  if (option === '-A' && rest.length === 2) return act(line, {name: rest[0]!, action: rest[1]!});
  if (option === '-A' && rest.length === 1) return act(line, {name: null, action: rest[0]!});
  if (option === '-a' && rest.length === 5) return addService(line, rest);
  if (option === '-r' && rest.length === 1) return removeService(line, rest[0]!);
  return misuse(line);
}

async function runHb(line: OpenhaLine): Promise<number> {
  const {showLinks, editLinks} = await import('./hb.ts');
  const [option, ...rest] = line.words;
  if (option === '-s' && rest.length === 0) return showLinks(line);
  if (option === '-a' || option === '-r') return editLinks(line, option, rest);
  return misuse(line);
}

function misuse({world}: OpenhaLine): number {
  world.stderr.write(openhaUsage);
  return exitCodes.usage;
}

/** Our own `--conf DIR` and the like are taken out; everything else is OpenHA's. */
function splitGlobal(args: readonly string[]): {
  readonly flags: Flags;
  readonly words: readonly string[];
} {
  const flags: Record<string, string> = {};
  const words: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [head = '', inline] = args[at]!.split('=', 2);
    const name = globalOptions.find((option) => option !== 'help' && head === `--${option}`);
    if (name === undefined) words.push(args[at]!);
    else if (inline === undefined) flags[name] = args[(at += 1)] ?? '';
    else flags[name] = inline;
  }
  return {flags, words};
}
