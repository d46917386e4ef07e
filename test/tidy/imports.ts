/**
 * Who may import whom: the table of docs/development.md as data. What is absent is forbidden.
 * Imports are found by their form, which prettier keeps uniform; no parser is needed.
 */

import {posix} from 'node:path';
import {isTypeScript, lineAt, type Check, type TextFile} from './files.ts';

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
  /** `import()`: loaded when needed. */
  readonly lazy: boolean;
}

const staticImport =
  /^(?:import|export)\b(?! (?:const|function|class|interface|async|let)\b)[^;]*?from '([^']+)'/gm;
const bareImport = /^import '([^']+)'/gm;
const lazyImport = /\bimport\(\s*'([^']+)'/g;

/** All imports of a file. `import {type A}` counts as an import of code: write `import type`. */
export function importsOf(text: string): readonly Import[] {
  const found = [staticImport, bareImport, lazyImport].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? '',
      line: lineAt(text, match.index),
      typeOnly: /^(?:import|export) type\b/.test(match[0]),
      lazy: pattern === lazyImport,
    })),
  );
  return found.sort((left, right) => left.line - right.line);
}

/** `src/heartbeat/io/socket.ts` -> `heartbeat/io`; `src/drivers/host/x.ts` -> `drivers/host`. */
export function roomOf(path: string): string {
  const [, room = '', below = ''] = path.split('/');
  if (below === 'io') return `${room}/io`;
  return room === 'drivers' && below === 'host' ? 'drivers/host' : room;
}

const pureCore = ['config', 'heartbeat', 'fsm', 'arbitration', 'failover', 'journal'];

/** Rooms without clock, chance, environment or operating system. */
export const pureRooms: readonly string[] = [
  'kernel',
  ...pureCore,
  'forecast',
  'engine',
  'status',
  'control',
  'sim',
];

/** Room -> rooms it may import. `X:types` allows `import type` alone. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'kernel': [],
  'config': ['kernel'],
  'heartbeat': ['kernel', 'config:types'],
  'fsm': ['kernel', 'config:types'],
  'arbitration': ['kernel', 'config:types'],
  'failover': ['kernel', 'config:types'],
  'journal': ['kernel', 'config:types'],
  // What would happen: the formulas of config and the judge, over a configuration alone.
  'forecast': ['kernel', 'config', 'arbitration'],
  'engine': ['kernel', ...pureCore],
  'status': ['kernel', 'engine:types'],
  'control': ['kernel', 'engine:types'],
  'sim': ['kernel', ...pureCore, 'engine', 'status'],
  'drivers': ['kernel', 'failover:types', 'config:types', 'drivers/host'],
  'drivers/host': ['kernel'],
  'cli': [
    'kernel',
    'control',
    'control/io',
    'status',
    'config',
    'config/io',
    'journal',
    'journal/io',
    // Orders and the view are the engine's types; the protocol of the control room carries them.
    'engine:types',
    // The demonstration starts two daemons, and nothing else may start a process.
    'drivers/host',
    'forecast',
    // Only by what is loaded when asked for: see checkHotPath.
    'sim',
  ],
};

/** Nobody composes these: they are at the top. */
const tops = ['cli', 'web', 'sim'];

function allowance(from: string, to: string): readonly string[] {
  if (from === to) return ['all'];
  const grants = grantsOf(from);
  return grants
    .filter((grant) => grant === to || grant.startsWith(`${to}:`))
    .map((grant) => grant.split(':')[1] ?? 'all');
}

function grantsOf(room: string): readonly string[] {
  if (room.endsWith('/io')) {
    const own = room.slice(0, -'/io'.length);
    return [own, 'drivers/host', ...(mayImport[own] ?? [])];
  }
  return mayImport[room] ?? [];
}

function roomAllowed(from: string, to: string, one: Import): boolean {
  if (from === 'daemon') return !tops.includes(to);
  const allowed = allowance(from, to);
  return allowed.includes('all') || (one.typeOnly && allowed.includes('types'));
}

const isIo = (room: string): boolean => room.endsWith('/io');

/** Package -> rooms that may use it. A package that is absent may be used by nobody. */
const packageRooms: Readonly<Record<string, (room: string) => boolean>> = {
  'xstate': (room) => room === 'fsm' || room === 'engine',
  'pino': (room) => room === 'daemon' || isIo(room),
  'koffi': (room) => room === 'drivers/host',
  'ssh2': (room) => room === 'drivers/host',
  'raw-socket': (room) => room === 'drivers/host',
  'node:dgram': (room) => room === 'heartbeat/io',
  'node:child_process': (room) => room === 'drivers/host',
};

function packageAllowed(room: string, name: string): boolean {
  const rule = packageRooms[name];
  if (rule !== undefined) return rule(room);
  return name.startsWith('node:') && !pureRooms.includes(room);
}

function packageName(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier.replace(/\/.*$/, '');
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function complaint(file: TextFile, one: Import): string | null {
  const from = roomOf(file.path);
  if (one.specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), one.specifier);
    if (!target.endsWith('.ts')) return `${one.specifier} lacks its .ts`;
    const to = roomOf(target);
    return roomAllowed(from, to, one) ? null : `${from} may not import ${to} (${one.specifier})`;
  }
  const name = packageName(one.specifier);
  return packageAllowed(from, name) ? null : `${from} may not import ${name}`;
}

/** Imports in src/ that the table does not allow. */
export const checkImports: Check = (files) =>
  files
    .filter((file) => isTypeScript(file) && file.path.startsWith('src/'))
    .flatMap((file) =>
      importsOf(file.text).flatMap((one) => {
        const text = complaint(file, one);
        return text === null ? [] : [`${file.path}:${one.line}: ${text}`];
      }),
    );
