/** Help from the command table: examples first, because they are what one came for. */

import {nearest} from '../config/nearest.ts';
import {wrap} from '../status/text.ts';
import {commands, groups} from './commands.ts';
import type {CommandSpec} from './commands.ts';
import {globalOptions, options} from './options.ts';
import type {OptionName} from './options.ts';

const pageWidth = 80;

/** `ha` alone: every command on one page. */
export function overviewHelp(): string {
  const examples = [
    ['ha status', 'may I go home?'],
    ['ha explain web', 'why is it where it is?'],
    ['ha switch web', 'move it to the other node'],
    ['ha freeze web --for 2h', 'hands off for two hours'],
  ] as const;
  const lists = groups.map((group) => {
    const members = commands.filter((command) => command.group === group);
    const rows = members.map((command) => row(usage(command), command.summary, 24));
    return rows.length === 0 ? '' : `\n${group}\n${rows.join('')}`;
  });
  const openha = row('service, hb, openha', "OpenHA's own commands and output", 24);
  return (
    `${examples.map(([line, text]) => row(line, text, 24)).join('')}${lists.join('')}` +
    `\nAs OpenHA\n${openha}\nMore about one of them: ha help COMMAND\n`
  );
}

/** The page of one command. */
export function commandHelp(command: CommandSpec): string {
  const examples = command.examples.map(([line, text]) => row(line, text, exampleWidth(command)));
  const own = command.options.filter((name) => !isGlobal(name));
  const shared = command.options.filter(isGlobal);
  const aliases = command.aliases === undefined ? '' : `Also: ${command.aliases.join(', ')}\n`;
  return [
    `${sentence(command)}\n\n`,
    examples.join(''),
    `\nUsage: ha ${usage(command)}${own.length > 0 ? ' [options]' : ''}\n${aliases}`,
    own.length > 0 ? `\n${own.map(optionRow).join('')}` : '',
    shared.length > 0 ? `\n${shared.map(optionRow).join('')}` : '',
    '\nExit codes: docs/exit-codes.md\n',
  ].join('');
}

/** `. Did you mean "status"?`, or nothing. */
export function suggestion(name: string): string {
  const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
  // What begins a name was meant to be it: "stat" is one letter from "start", which would act.
  const begun = names.filter((candidate) => name !== '' && candidate.startsWith(name));
  const meant = begun.length === 1 ? begun[0]! : nearest(name, names);
  return meant === null ? '' : `. Did you mean "${meant}"?`;
}

/** `switch SVC`, `status [SVC]`. */
export function usage(command: CommandSpec): string {
  const operands = command.operands.map((operand, at) =>
    at < command.needed ? operand : `[${operand}]`,
  );
  return [command.name, ...operands].join(' ');
}

function sentence({name, summary}: CommandSpec): string {
  return `ha ${name}: ${summary}`;
}

function isGlobal(name: OptionName): boolean {
  return (globalOptions as readonly string[]).includes(name);
}

function exampleWidth({examples}: CommandSpec): number {
  return Math.min(44, Math.max(...examples.map(([line]) => line.length)) + 2);
}

/** `-c, --compact`, `--for TIME`, `--wait[=TIME]`. */
export function optionUsage(name: OptionName): string {
  const spec: {takes: string; short?: string; value?: string} = options[name];
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const value = spec.value ?? '';
  const tails = {nothing: '', maybe: `[=${value}]`};
  const tail = tails[spec.takes as keyof typeof tails] ?? ` ${value}`;
  return `${short}--${name}${tail}`;
}

function optionRow(name: OptionName): string {
  return row(optionUsage(name), options[name].help, 22);
}

/** Two columns within the page; a left side that is too long gets a line of its own. */
function row(left: string, right: string, width: number): string {
  const margin = '  ';
  const lines = wrap(right, pageWidth - width - margin.length);
  const rest = lines.slice(1).map((line) => `${margin}${' '.repeat(width)}${line}\n`);
  if (left.length > width - 1) {
    const below = lines.map((line) => `${margin}${' '.repeat(width)}${line}\n`);
    return `${margin}${left}\n${below.join('')}`;
  }
  return `${margin}${left.padEnd(width)}${lines[0]!}\n${rest.join('')}`;
}
