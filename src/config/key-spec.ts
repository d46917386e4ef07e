/**
 * What a key takes. The tables made of these are the one source for the parser, for the nearest
 * name of a misspelt key, and for the test that compares docs/configuration.md with the code.
 */

import {formatDuration} from '../kernel/duration.ts';
import type {Schedule} from '../kernel/schedule/types.ts';

interface KeyBase {
  /** Default as docs/configuration.md prints it; `-`: none, the key is required or left out. */
  readonly fallback: string;
  /** May be written as `key@node`. */
  readonly scoped?: true;
  /** Of a resource: not looked for in [DEFAULT], where it is another key or none. */
  readonly ownOnly?: true;
  /**
   * Read and checked, and not acted upon by this version: `unused` is a note, nothing depends on
   * it; `refused` an error, because the service would run in another way than its file says.
   */
  readonly fate?: 'unused' | 'refused';
}

export interface DurationKey extends KeyBase {
  readonly type: 'duration';
  readonly minMs: number;
  readonly maxMs: number;
  /** What a bare number counts. Default: seconds. */
  readonly bare?: 'm';
}
export interface IntegerKey extends KeyBase {
  readonly type: 'integer';
  readonly min: number;
  readonly max: number;
}
interface ChoiceKey extends KeyBase {
  readonly type: 'choice';
  readonly choices: readonly string[];
}
/** Up to two words, of which the second takes the place of the first. */
interface ChoicesKey extends KeyBase {
  readonly type: 'choices';
  readonly choices: readonly string[];
}
interface BooleanKey extends KeyBase {
  readonly type: 'boolean';
}
/**
 * `name`, `names`: names of nodes or services; `address`, `addresses`: IPv4; `group`: IPv4
 * multicast; `path`: absolute; `urls`: http or https addresses, separated by blanks; `file`: a path
 * or the name of a file in SERVICE.d; `verb`: boolean, sequence number or command; `period`:
 * OpenSVC's `@minutes`; `schedule`: its whole language; `word`: anything without blanks;
 * `text`: anything.
 */
interface TextKey extends KeyBase {
  readonly type:
    'name' | 'names' | 'address' | 'addresses' | 'group' | 'path' | 'file' | 'word' | 'text';
}
/** A program with its words, called without a shell. */
interface CommandKey extends KeyBase {
  readonly type: 'command';
}
/** Absolute paths, separated by blanks. */
interface PathsKey extends KeyBase {
  readonly type: 'paths';
}
interface UrlsKey extends KeyBase {
  readonly type: 'urls';
}
/** Bytes, or a share of something as LVM writes it: `50%FREE`. */
interface SizeKey extends KeyBase {
  readonly type: 'size';
}
/** Conditions on other resources: `fs#1(up,stdby up) ip#0`. */
interface RequiresKey extends KeyBase {
  readonly type: 'requires';
}
/** Free words, each once, in lower case. */
interface TagsKey extends KeyBase {
  readonly type: 'tags';
}
interface VerbKey extends KeyBase {
  readonly type: 'verb';
}
interface PeriodKey extends KeyBase {
  readonly type: 'period';
}
interface ScheduleKey extends KeyBase {
  readonly type: 'schedule';
}

export type KeySpec =
  | DurationKey
  | IntegerKey
  | ChoiceKey
  | ChoicesKey
  | BooleanKey
  | TextKey
  | CommandKey
  | PathsKey
  | UrlsKey
  | SizeKey
  | RequiresKey
  | TagsKey
  | VerbKey
  | PeriodKey
  | ScheduleKey;
export type KeyTable = Readonly<Record<string, KeySpec>>;

/** `no`: the verb does nothing; `script`: the script is called with it, in this order. */
export type Verb =
  | {readonly kind: 'no'}
  | {readonly kind: 'script'; readonly order: number | null}
  | {readonly kind: 'command'; readonly words: readonly string[]};

/** Statuses of a resource that a condition may name. */
export const requiredStates = ['up', 'stdby up', 'down', 'stdby down', 'warn', 'n/a'] as const;
export type RequiredState = (typeof requiredStates)[number];

/** `rid` must be in one of `states`; `rid` null is `impossible`, which never holds. */
export interface Condition {
  readonly rid: string | null;
  readonly states: readonly RequiredState[];
}

/** The type of a checked value, by the type of its key. */
export type KeyValue<Spec extends KeySpec> = Spec extends {
  readonly type: 'duration' | 'integer' | 'period';
}
  ? number
  : Spec extends {readonly type: 'schedule'}
    ? Schedule
    : Spec extends {readonly type: 'boolean'}
      ? boolean
      : Spec extends {readonly type: 'names' | 'addresses' | 'command' | 'paths' | 'urls' | 'tags'}
        ? readonly string[]
        : Spec extends {readonly type: 'requires'}
          ? readonly Condition[]
          : Spec extends {readonly type: 'verb'}
            ? Verb
            : Spec extends {readonly type: 'choice'; readonly choices: readonly (infer Word)[]}
              ? Word
              : Spec extends {readonly type: 'choices'; readonly choices: readonly (infer Word)[]}
                ? readonly Word[]
                : string;

/** The unit column of docs/configuration.md. */
export function unitOf(spec: KeySpec): string {
  const units: Readonly<Record<KeySpec['type'], string>> = {
    duration: 'duration',
    integer: 'number',
    choice: 'word',
    choices: 'one or two words',
    boolean: 'yes or no',
    name: 'name',
    names: 'names',
    address: 'IPv4 address',
    addresses: 'IPv4 addresses',
    group: 'IPv4 group',
    path: 'path',
    paths: 'paths',
    file: 'path or file name',
    word: 'word',
    text: 'text',
    command: 'command',
    urls: 'URLs',
    verb: 'yes, no, order or command',
    size: 'size',
    requires: 'conditions',
    tags: 'words',
    period: 'duration or `@minutes`',
    schedule: 'schedule',
  };
  return units[spec.type];
}

/** The range column of docs/configuration.md. */
export function rangeOf(spec: KeySpec): string {
  switch (spec.type) {
    case 'duration': {
      const low = spec.minMs === 0 ? '0' : formatDuration(spec.minMs);
      return `${low} to ${formatDuration(spec.maxMs)}`;
    }
    case 'integer':
      return `${spec.min} to ${spec.max}`;
    case 'choice':
    case 'choices':
      return spec.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'group':
      return '224.0.1.0 to 239.255.255.255';
    default:
      return '-';
  }
}
