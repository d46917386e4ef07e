/**
 * What a key takes. The tables made of these are the one source for the parser, for the nearest
 * name of a misspelt key, and for the test that compares docs/configuration.md with the code.
 */

import {formatDuration} from '../kernel/duration.ts';

interface KeyBase {
  /** Default as docs/configuration.md prints it; `-`: none, the key is required or left out. */
  readonly fallback: string;
  /** May be written as `key@node`. */
  readonly scoped?: true;
}

export interface DurationKey extends KeyBase {
  readonly type: 'duration';
  readonly minMs: number;
  readonly maxMs: number;
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
interface BooleanKey extends KeyBase {
  readonly type: 'boolean';
}
/**
 * `name`, `names`: names of nodes or services; `address`, `addresses`: IPv4; `group`: IPv4
 * multicast; `path`: absolute; `file`: a path or the name of a file in SERVICE.d; `verb`: boolean,
 * sequence number or command; `schedule`: OpenSVC's `@minutes`; `word`: anything without blanks.
 * `name`, `names`: names of nodes or services; `address`: IPv4; `group`: IPv4 multicast; `path`:
 * absolute; `urls`: http or https addresses, separated by blanks; `file`: a path or the name of a
 * file in SERVICE.d; `verb`: boolean, sequence number or command; `schedule`: OpenSVC's `@minutes`;
 * `word`: anything without blanks.
 */
interface TextKey extends KeyBase {
  readonly type: 'name' | 'names' | 'address' | 'addresses' | 'group' | 'path' | 'file' | 'word';
}
/** A program with its words, called without a shell. */
interface CommandKey extends KeyBase {
  readonly type: 'command';
}
interface UrlsKey extends KeyBase {
  readonly type: 'urls';
}
interface VerbKey extends KeyBase {
  readonly type: 'verb';
}
interface ScheduleKey extends KeyBase {
  readonly type: 'schedule';
}

export type KeySpec =
  | DurationKey
  | IntegerKey
  | ChoiceKey
  | BooleanKey
  | TextKey
  | CommandKey
  | UrlsKey
  | VerbKey
  | ScheduleKey;
export type KeyTable = Readonly<Record<string, KeySpec>>;

/** `no`: the verb does nothing; `script`: the script is called with it, in this order. */
export type Verb =
  | {readonly kind: 'no'}
  | {readonly kind: 'script'; readonly order: number | null}
  | {readonly kind: 'command'; readonly words: readonly string[]};

/** The type of a checked value, by the type of its key. */
export type KeyValue<Spec extends KeySpec> = Spec extends {readonly type: 'duration' | 'integer'}
  ? number
  : Spec extends {readonly type: 'schedule'}
    ? number
    : Spec extends {readonly type: 'boolean'}
      ? boolean
      : Spec extends {readonly type: 'names' | 'addresses' | 'command' | 'urls'}
        ? readonly string[]
        : Spec extends {readonly type: 'verb'}
          ? Verb
          : Spec extends {readonly type: 'choice'; readonly choices: readonly (infer Word)[]}
            ? Word
            : string;

/** The unit column of docs/configuration.md. */
export function unitOf(spec: KeySpec): string {
  const units: Readonly<Record<KeySpec['type'], string>> = {
    duration: 'duration',
    integer: 'number',
    choice: 'word',
    boolean: 'yes or no',
    name: 'name',
    names: 'names',
    address: 'IPv4 address',
    addresses: 'IPv4 addresses',
    group: 'IPv4 group',
    path: 'path',
    file: 'path or file name',
    word: 'word',
    command: 'command',
    urls: 'URLs',
    verb: 'yes, no, order or command',
    schedule: 'duration or `@minutes`',
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
      return spec.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'group':
      return '224.0.1.0 to 239.255.255.255';
    default:
      return '-';
  }
}
