/** The four things in which two daemons on one host differ, and the level of the log. */

import {hostname} from 'node:os';
import {resolve} from 'node:path';
import {isName} from '../kernel/ids.ts';
import {err, ok} from '../kernel/result.ts';
import type {Result} from '../kernel/result.ts';
import {logLevels} from './log.ts';
import type {LogLevel} from './log.ts';

export interface DaemonOptions {
  /** Absolute paths. */
  readonly conf: string;
  readonly state: string;
  readonly run: string;
  readonly nodeName: string;
  readonly logLevel: LogLevel;
}

const variables: Readonly<Record<string, string>> = {
  '--conf': 'HA_CONF',
  '--state': 'HA_STATE',
  '--run': 'HA_RUN',
  '--nodename': 'HA_NODE',
  '--log-level': 'HA_LOG',
};

const linux = {'--conf': '/etc/ha', '--state': '/var/lib/ha', '--run': '/run/ha'};
const freebsd = {
  '--conf': '/usr/local/etc/ha',
  '--state': '/var/db/ha',
  '--run': '/var/run/ha',
};

/** Flag, then environment, then the platform's default. The error is a sentence. */
export function parseOptions(
  args: readonly string[],
  host: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly platform: string;
  },
): Result<DaemonOptions, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index]!;
    if (word === 'daemon') continue; // `ha daemon` hands its own words on.
    const [name, inline] = splitFlag(word);
    if (variables[name] === undefined) return err(`"${word}" is not understood`);
    const value = inline ?? args[(index += 1)];
    if (value === undefined || value === '' || value.startsWith('--')) {
      return err(`${name}: expected a value, found ${value ? `"${value}"` : 'nothing'}`);
    }
    flags.set(name, value);
  }
  const defaults: Readonly<Record<string, string>> = host.platform === 'freebsd' ? freebsd : linux;
  const choose = (name: string, otherwise: string): string =>
    flags.get(name) || host.env[variables[name]!] || otherwise;
  const nodeName = choose('--nodename', hostname());
  if (!isName(nodeName)) return err(`--nodename: expected a name, found "${nodeName}"`);
  const wanted = choose('--log-level', 'info');
  const logLevel = logLevels.find((level) => level === wanted);
  if (logLevel === undefined) {
    return err(`--log-level: expected one of ${logLevels.join(', ')}, found "${wanted}"`);
  }
  return ok({
    conf: resolve(choose('--conf', defaults['--conf']!)),
    state: resolve(choose('--state', defaults['--state']!)),
    run: resolve(choose('--run', defaults['--run']!)),
    nodeName,
    logLevel,
  });
}

function splitFlag(word: string): readonly [string, string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}
