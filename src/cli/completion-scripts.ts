/**
 * Completion for three shells from the command table. conf/completion/ holds the output, for
 * packages; a test keeps it up to date. Names of services and nodes are asked from the daemon.
 */

import {singleQuoted as quoted} from '../kernel/shell-word.ts';
import {commands} from './commands.ts';
import type {CommandSpec, Operand} from './commands.ts';
import {options} from './options.ts';
import type {OptionName} from './options.ts';

const actions: Readonly<Record<string, readonly string[]>> = {
  daemon: ['stop', 'reload'],
  config: ['print', 'get', 'set', 'unset', 'edit', 'validate'],
};
const shells = ['bash', 'zsh', 'fish'];

const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]).sort();

function flagsOf(command: CommandSpec): readonly string[] {
  return command.options.map((name) => `--${name}`);
}

/** Fixed words of an operand; null where the daemon is asked. */
function wordsOf(command: CommandSpec, operand: Operand): readonly string[] | null {
  switch (operand) {
    case 'SVC':
    case 'NODE':
      return null;
    case 'COMMAND':
      return names;
    case 'SHELL':
      return shells;
    case 'ACTION':
      return actions[command.name] ?? [];
    case 'FILE':
    case 'TASK':
      return [];
  }
}

/** `$(ha completion services 2>/dev/null)`, or the fixed words. */
function shellWords(command: CommandSpec): string {
  const texts = command.operands.map((operand) => {
    const words = wordsOf(command, operand);
    if (words !== null) return words.join(' ');
    return `$(ha completion ${operand === 'SVC' ? 'services' : 'nodes'} 2>/dev/null)`;
  });
  return texts.filter((text) => text !== '').join(' ');
}

export function bashScript(): string {
  const cases = commands.map((command) => {
    const pattern = [command.name, ...(command.aliases ?? [])].join('|');
    const flags = flagsOf(command).join(' ');
    return `    ${pattern}) flags="${flags}" words="${shellWords(command)}" ;;`;
  });
  return `# bash completion for ha; made by: ha completion bash
_ha() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags= words= verb= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -*) ;;
      *) verb=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $before in
    --node|--to|--impersonate|-n) verb=NODE ;;
    --service) verb=SVC ;;
    --conf|--state|--run) COMPREPLY=($(compgen -d -- "$word")); return ;;
  esac
  case $verb in
    NODE) words="$(ha completion nodes 2>/dev/null)" ;;
    SVC) words="$(ha completion services 2>/dev/null)" ;;
    '') words="${names.join(' ')}" ;;
${cases.join('\n')}
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _ha ha
`;
}

export function zshScript(): string {
  const described = commands.map(
    (command) => `    ${quoted(`${command.name}:${command.summary.replaceAll(':', '\\:')}`)}`,
  );
  const cases = commands.map((command) => {
    const pattern = [command.name, ...(command.aliases ?? [])].join('|');
    const specs = command.options.map((name) => `      ${quoted(zshOption(name))}`);
    const operands = zshOperands(command).map((operand) => `      ${quoted(operand)}`);
    return `    ${pattern}) _arguments \\\n${[...specs, ...operands].join(' \\\n')} ;;`;
  });
  return `#compdef ha
# zsh completion for ha; made by: ha completion zsh
_ha_names() { local -a list; list=(\${(f)"$(ha completion $1 2>/dev/null)"}); compadd -a list }
_ha_services() { _ha_names services }
_ha_nodes() { _ha_names nodes }
_ha() {
  local -a verbs
  verbs=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command verbs
    return
  fi
  local verb=$words[2]
  shift words; (( CURRENT-- ))
  case $verb in
${cases.join('\n')}
  esac
}
_ha "$@"
`;
}

function zshOption(name: OptionName): string {
  const spec: {takes: string; value?: string; help: string} = options[name];
  const help = spec.help.replaceAll(/[[\]:]/g, (character) => `\\${character}`);
  const value = spec.value ?? '';
  if (spec.takes === 'nothing') return `--${name}[${help}]`;
  const optional = spec.takes === 'maybe' ? '=-' : '=';
  const repeated = spec.takes === 'values' ? '*' : '';
  return `${repeated}--${name}${optional}[${help}]:${value}:${zshValue(value)}`;
}

function zshValue(value: string): string {
  if (value === 'NODE') return '_ha_nodes';
  if (value === 'SVC') return '_ha_services';
  return value === 'DIR' ? '_files -/' : '';
}

function zshOperands(command: CommandSpec): readonly string[] {
  if (command.operands.length === 0) return ['*: :'];
  return command.operands.map((operand, index) => {
    const words = wordsOf(command, operand);
    const how =
      words === null ? (operand === 'SVC' ? '_ha_services' : '_ha_nodes') : `(${words.join(' ')})`;
    return `${index + 1}:${operand}:${how}`;
  });
}

export function fishScript(): string {
  const unseen = `not __fish_seen_subcommand_from ${names.join(' ')}`;
  const verbs = commands.map(
    (command) =>
      `complete -c ha -f -n ${quoted(unseen)} -a ${command.name} -d ${quoted(command.summary)}`,
  );
  const details = commands.flatMap((command) => {
    const seen = [command.name, ...(command.aliases ?? [])].join(' ');
    const when = quoted(`__fish_seen_subcommand_from ${seen}`);
    const words = shellWords(command).replaceAll('$(', '(');
    const operand = words === '' ? [] : [`complete -c ha -f -n ${when} -a ${quoted(words)}`];
    return [...operand, ...command.options.map((name) => fishOption(name, when))];
  });
  const lines = ['# fish completion for ha; made by: ha completion fish', ...verbs, ...details];
  return `${lines.join('\n')}\n`;
}

function fishOption(name: OptionName, when: string): string {
  const spec: {takes: string; short?: string; help: string} = options[name];
  const short = spec.short === undefined ? '' : ` -s ${spec.short}`;
  const value = spec.takes.startsWith('value') ? ' -r' : '';
  return `complete -c ha -n ${when} -l ${name}${short}${value} -d ${quoted(spec.help)}`;
}
