/**
 * As whom, where and within which limits a command of a resource runs: OpenSVC's `user`, `group`,
 * `cwd`, `environment` and `limit_*`.
 */

import {quote, type Report} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import {splitWords} from '../words.ts';
import type {Values} from './values.ts';

export interface RunAs {
  /** Null: as the daemon. */
  readonly user: string | null;
  /** Null: the first group of the user. */
  readonly group: string | null;
  readonly cwd: string | null;
  /** Beside what every command finds. */
  readonly environment: ReadonlyMap<string, string>;
  /** Resources of prlimit(1) with their hard and soft limit. */
  readonly limits: ReadonlyMap<string, number>;
}

/** As the daemon, in `/`, without limits of its own. */
export const asDaemon: RunAs = {
  user: null,
  group: null,
  cwd: null,
  environment: new Map(),
  limits: new Map(),
};

const size = {type: 'size', fallback: '-', scoped: true} as const;
const count = {
  type: 'integer',
  min: 0,
  max: 1_000_000_000,
  fallback: '-',
  scoped: true,
} as const;

export const runAsKeys = {
  user: {type: 'name', fallback: 'as the daemon', scoped: true},
  group: {type: 'name', fallback: 'the first of `user`', scoped: true},
  cwd: {type: 'path', fallback: '`/`', scoped: true},
  environment: {type: 'text', fallback: '-', scoped: true},
  limit_as: size,
  limit_core: size,
  limit_cpu: count,
  limit_data: size,
  limit_fsize: size,
  limit_memlock: size,
  limit_nofile: count,
  limit_nproc: count,
  limit_rss: size,
  limit_stack: size,
  limit_vmem: size,
} as const satisfies KeyTable;

type LimitKey = Extract<keyof typeof runAsKeys, `limit_${string}`>;

const limitKeys = Object.keys(runAsKeys).filter((key): key is LimitKey => key.startsWith('limit_'));

/** Null where a part of it was reported. */
export function readRunAs(values: Values<typeof runAsKeys>, report: Report): RunAs | null {
  const environment = environmentOf(values, report);
  const limits = limitsOf(values, report);
  if (environment === null || limits === null) return null;
  return {
    user: values.get('user'),
    group: values.get('group'),
    cwd: values.get('cwd'),
    environment,
    limits,
  };
}

/** Programs that bring a command there. */
export function runAsPrograms({user, group, cwd, limits}: RunAs): readonly string[] {
  return [
    ...(cwd === null ? [] : ['env']),
    ...(limits.size === 0 ? [] : ['prlimit']),
    ...(user === null && group === null ? [] : ['setpriv']),
  ];
}

/** Names that would change how a program is loaded are for no configuration of a service. */
const refusedNames = /^(?:LD_|HA_|OPENSVC_|PATH$|IFS$|BASH_ENV$|ENV$)/;

function environmentOf(
  values: Values<typeof runAsKeys>,
  report: Report,
): ReadonlyMap<string, string> | null {
  const text = values.get('environment');
  if (text === null) return values.has('environment') ? null : new Map();
  const words = splitWords(text);
  const pairs = words.ok ? words.value.map((word) => /^([A-Za-z_]\w*)=(.*)$/s.exec(word)) : [];
  if (pairs.length > 0 && pairs.every((pair) => pair !== null)) {
    const refused = pairs.find((pair) => refusedNames.test(pair[1] ?? ''))?.[1];
    if (refused === undefined) return new Map(pairs.map((pair) => [pair[1] ?? '', pair[2] ?? '']));
    const message = `environment expected no name that is ours or the system's, found ${refused}`;
    report('HA_CONF_BAD_VALUE', values.placeOf('environment'), message, 'Set it in the script.');
    return null;
  }
  const message = `environment expected NAME=VALUE, separated by blanks, found ${quote(text)}`;
  report('HA_CONF_BAD_VALUE', values.placeOf('environment'), message, 'Write NAME="A VALUE".');
  return null;
}

function limitsOf(
  values: Values<typeof runAsKeys>,
  report: Report,
): ReadonlyMap<string, number> | null {
  const limits = new Map<string, number>();
  for (const key of limitKeys) {
    const value = values.get(key);
    if (value === null) continue;
    const number = Number(value);
    // `50%FREE` is a size of a volume.
    if (!Number.isSafeInteger(number)) {
      const message = `${key} expected a number of bytes, found ${quote(String(value))}`;
      report('HA_CONF_BAD_VALUE', values.placeOf(key), message, `Write ${key} = 1g.`);
      return null;
    }
    limits.set(key === 'limit_vmem' ? 'as' : key.slice('limit_'.length), number);
  }
  return limits;
}
