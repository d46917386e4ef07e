/** What to say, and to type, when the daemon cannot be asked. */

import {controlSocketPath} from '../control/paths.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {HaError} from '../kernel/result.ts';
import {printable} from '../status/text.ts';
import type {Paths} from './paths.ts';

export interface Unreachable {
  readonly paths: Paths;
  readonly platform: string;
  readonly error: HaError;
}

/** Whole text for stderr, and the exit code. */
export function unreachableText(failure: Unreachable): {text: string; exit: number} {
  const {error} = failure;
  const commands = wayBack(failure);
  const lines = commands.map((command) => `   -> ${command}\n`).join('');
  const exit = error.code === 'HA_DAEMON_DENIED' ? exitCodes.notPermitted : exitCodes.unreachable;
  return {text: `ha: ${sentence(failure)}\n${lines}`, exit};
}

/** Why, without the errno names of the socket where they say no more. */
export function sentence({paths, error}: Pick<Unreachable, 'paths' | 'error'>): string {
  const path = controlSocketPath(paths.run);
  if (error.code === 'HA_DAEMON_UNREACHABLE') return printable(`no daemon listens on ${path}`);
  if (error.code === 'HA_DAEMON_DENIED') return printable(`only root may speak to ${path}`);
  return printable(error.message);
}

/** Commands that bring the daemon back on this platform, or say why it went. */
export function wayBack({paths, platform, error}: Unreachable): readonly string[] {
  if (error.code === 'HA_DAEMON_DENIED') return ['sudo ha status'];
  if (error.code !== 'HA_DAEMON_UNREACHABLE') return ['ha events', ...journalOf(platform)];
  const own = paths.run === '/run/ha' || paths.run === '/var/run/ha';
  if (!own) return [`ha daemon --run ${paths.run} --state ${paths.state} --conf ${paths.conf}`];
  return platform === 'freebsd' ? ['service ha start'] : ['systemctl start ha'];
}

function journalOf(platform: string): readonly string[] {
  return platform === 'freebsd' ? ['tail /var/log/messages'] : ['journalctl -u ha -n 50'];
}
