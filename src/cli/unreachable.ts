/** What to say, and to type, when the daemon cannot be asked. */

import {controlSocketPath} from '../control/paths.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {HaError} from '../kernel/result.ts';
import {shellWord} from '../kernel/shell-word.ts';
import {printable} from '../status/text.ts';
import type {Paths} from './paths.ts';
import type {World} from './world.ts';

export interface Unreachable {
  readonly paths: Paths;
  readonly world: Pick<World, 'platform' | 'programName' | 'args'>;
  readonly error: HaError;
}

/** Why, what to type, and the exit code. */
export function unreachable(failure: Unreachable): {
  readonly text: string;
  readonly commands: readonly string[];
  readonly exit: number;
} {
  const denied = failure.error.code === 'HA_DAEMON_DENIED';
  const exit = denied ? exitCodes.notPermitted : exitCodes.unreachable;
  return {text: sentence(failure), commands: wayBack(failure), exit};
}

/** The whole text for stderr, and the exit code. */
export function unreachableText(failure: Unreachable): {text: string; exit: number} {
  const {text, commands, exit} = unreachable(failure);
  const lines = commands.map((command) => `   -> ${command}\n`).join('');
  return {text: `ha: ${text}\n${lines}`, exit};
}

/** Why, without the errno names of the socket where they say no more. */
function sentence({paths, error}: Pick<Unreachable, 'paths' | 'error'>): string {
  const path = controlSocketPath(paths.run);
  if (error.code === 'HA_DAEMON_UNREACHABLE') return printable(`no daemon listens on ${path}`);
  if (error.code === 'HA_DAEMON_DENIED') return printable(`only root may speak to ${path}`);
  return printable(error.message);
}

/** Commands that bring the daemon back on this platform, or say why it went. */
function wayBack({paths, world, error}: Unreachable): readonly string[] {
  const {platform} = world;
  const own = paths.run === '/run/ha' || paths.run === '/var/run/ha';
  if (error.code === 'HA_DAEMON_DENIED') return [asRoot(world, own ? null : paths.run)];
  if (error.code !== 'HA_DAEMON_UNREACHABLE') return ['ha events', ...journalOf(platform)];
  if (!own) {
    const name = paths.nodeName === null ? '' : ` --nodename ${paths.nodeName}`;
    return [`ha daemon --run ${paths.run} --state ${paths.state} --conf ${paths.conf}${name}`];
  }
  return platform === 'freebsd' ? ['service ha start'] : ['systemctl start ha'];
}

/** What was typed, once more. sudo drops HA_RUN, so what is not the default has to be said. */
function asRoot({programName, args}: Unreachable['world'], run: string | null): string {
  const isSaid = args.some((one) => one === '--run' || one.startsWith('--run='));
  const place = run === null || isSaid ? [] : ['--run', run];
  return printable(['sudo', programName, ...[...args, ...place].map(shellWord)].join(' '));
}

function journalOf(platform: string): readonly string[] {
  return platform === 'freebsd' ? ['tail /var/log/messages'] : ['journalctl -u ha -n 50'];
}
