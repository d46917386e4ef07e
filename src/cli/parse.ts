/**
 * Arguments against the command table. The work is done by parseArgs of node:util; what it lacks is
 * added here: options before the command, options whose value may be left out, and errors that say
 * what to type.
 */

import type {parseArgs as ParseArgs} from 'node:util';
import type {CommandSpec} from './commands.ts';
import {options} from './options.ts';
import type {OptionName} from './options.ts';

/** Values as typed: true for an option without a value, '' for an optional value left out. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface ParsedLine {
  readonly flags: Flags;
  readonly operands: readonly string[];
}

/** Index of the first word that is neither an option nor the value of one; -1: there is none. */
export function commandIndex(args: readonly string[]): number {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at]!;
    if (!word.startsWith('-')) return at;
    if (takesNextWord(word)) at += 1;
  }
  return -1;
}

/** True for `--node` and `-n`, whose value is the next word; not for `--node=x`. */
function takesNextWord(word: string): boolean {
  const specs: Readonly<Record<string, {takes: string; short?: string}>> = options;
  const spec = word.startsWith('--')
    ? specs[word.slice(2)]
    : Object.values(specs).find((candidate) => candidate.short === word.slice(1));
  return spec?.takes === 'value' || spec?.takes === 'values';
}

/** The sentence says what is wrong with the line. */
export function parseLine(
  command: Pick<CommandSpec, 'options'>,
  args: readonly string[],
): ParsedLine | string {
  // Not imported: the whole of node:util costs more start-up time than the rest of a status.
  const {parseArgs} = process.getBuiltinModule('node:util') as {parseArgs: typeof ParseArgs};
  const config: Record<string, ParserOption> = {};
  for (const name of command.options) config[name] = parserOption(name);
  try {
    const parsed = parseArgs({
      args: args.map((word) => withValue(word, command)),
      options: config,
      allowPositionals: true,
    });
    return {flags: {...parsed.values} as Flags, operands: parsed.positionals};
  } catch (error) {
    return firstSentence(error instanceof Error ? error.message : 'the line is not understood');
  }
}

interface ParserOption {
  readonly type: 'string' | 'boolean';
  readonly multiple: boolean;
  readonly short?: string;
}

function parserOption(name: OptionName): ParserOption {
  const spec: {takes: string; short?: string} = options[name];
  const type = spec.takes === 'nothing' ? 'boolean' : 'string';
  const multiple = spec.takes === 'values';
  return spec.short === undefined ? {type, multiple} : {type, multiple, short: spec.short};
}

/** `--wait` alone must not swallow the word behind it. */
function withValue(word: string, command: Pick<CommandSpec, 'options'>): string {
  const name = word.slice(2) as OptionName;
  const optional = word.startsWith('--') && command.options.includes(name);
  return optional && options[name].takes === 'maybe' ? `${word}=` : word;
}

/** parseArgs goes on to explain `--`; the first sentence is what a person needs. */
function firstSentence(message: string): string {
  return message.split(/\. |\n/)[0]!.replace(/\.$/, '');
}
