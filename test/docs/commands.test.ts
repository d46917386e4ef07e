/** Commands that a page tells its reader to type are commands that `ha` understands. */

import {describe, expect, test} from 'vitest';
import {findCommand} from '../../src/cli/commands.ts';
import {parseLine} from '../../src/cli/parse.ts';
import {readFiles, type Check} from '../tidy/files.ts';
import {blocksOf, pages, withoutBlocks} from './pages.ts';

/** Words that end the line of `ha` in a shell. */
const ends = /\s(?:[|;&]+|\d?>+|<|#)(?:\s|$)/;

/** Lines of `ha` in blocks (where a block has prompts: those behind one) and between backquotes. */
const checkCommands: Check = (files) =>
  files.flatMap(({path, text}) => {
    const blocks = blocksOf(text).flatMap((block) => {
      const prompted = /^\s*\$ /m.test(block);
      return [...block.matchAll(prompted ? /^\s*\$ ha (.+)$/gm : /^\s*ha ([a-z].*)$/gm)];
    });
    const inline = [...withoutBlocks(text).matchAll(/`ha ([a-z][^`\n]*)`/g)];
    return [...blocks, ...inline].flatMap(([, line = '']) => {
      const fault = lineFault(line.split(ends)[0]!);
      return fault === null ? [] : [`${path}: ha ${line}: ${fault}`];
    });
  });

function lineFault(line: string): string | null {
  const [name = '', ...words] = line.match(/"[^"]*"|\S+/g) ?? [];
  if (name === 'service' || name === 'openha') return null;
  const command = findCommand(name);
  if (command === undefined) return `no command is called ${name}`;
  // `hb -s` and the like are OpenHA's; brackets and bars show a form and are no line to type.
  if ((name === 'hb' && /^-[ars]$/.test(words[0] ?? '')) || /[[\]|]|\.\.\./.test(line)) return null;
  const parsed = parseLine(command, words);
  if (typeof parsed === 'string') return parsed;
  const many = parsed.operands.length > command.operands.length;
  return many ? `expected ${command.operands.length} operands at most` : null;
}

describe('the pages', () => {
  test('show only commands that exist, with options that they take', () => {
    expect(checkCommands(pages)).toEqual([]);
  });
});

/**
 * Remedies in the source: literals that begin with `ha`, with a word in place of each insertion.
 */
const checkRemedies: Check = (files) =>
  files.flatMap(({path, text}) =>
    [...text.matchAll(/(?<=[[(,?] *|^ +)[`']ha ([a-z][^`'\n]*)[`']/gm)].flatMap((match) => {
      // An insertion right behind a word is an option that may be there or not.
      const line = match[1]!.replaceAll(/(?<! )\$\{[^}]*\}/g, '').replaceAll(/\$\{[^}]*\}/g, 'x');
      const fault = lineFault(line) ?? shortFault(line);
      return fault === null ? [] : [`${path}: ha ${match[1]}: ${fault}`];
    }),
  );

/** A line that is shown to be typed must be whole. */
function shortFault(line: string): string | null {
  const [name = '', ...words] = line.split(' ');
  const command = findCommand(name);
  const parsed = command === undefined ? '' : parseLine(command, words);
  if (command === undefined || typeof parsed === 'string') return null;
  const scoped = parsed.flags['node'] ?? parsed.flags['all'];
  const short = parsed.operands.length < command.needed && scoped === undefined;
  return short ? `expected ${command.operands.join(' ')}` : null;
}

describe('what status, explain and the alarms tell to type', () => {
  test('are whole lines that the command table knows', () => {
    expect(checkRemedies(readFiles('src/status', 'src/engine'))).toEqual([]);
  });

  test.each([
    ["commands: ['ha frobnicate'],", 1],
    ['commands: [`ha explain`],', 1],
    ['commands: [`ha explain ${name}`, `ha config print --node ${node}`],', 1],
    ["const a = ['ha check', `ha unfreeze ${name}${target}`];", 0],
  ])('%s', (text, count) => {
    expect(checkRemedies([{path: 'src/status/a.ts', text}])).toHaveLength(count);
  });
});

describe('a command that does not exist', () => {
  test.each([
    ['in a sentence', 'Type `ha frobnicate`.', 1],
    ['in a block', '```\nha frobnicate\n```', 1],
    ['behind a prompt', '```\n$ ha frobnicate\nha frobs: all is well\n```', 1],
    ['with an option of another command', '`ha status --yes`', 1],
    ['with an operand too many', '`ha switch web node2`', 1],
    ['but does', '`ha freeze web --for 2h --why "new disk"`', 0],
    ['but does, in a pipe', '```\nha metrics > /tmp/x && mv a b\n```', 0],
    ['is no command', 'the `ha` command', 0],
  ])('%s', (_title, text, count) => {
    expect(checkCommands([{path: 'docs/a.md', text}])).toHaveLength(count);
  });
});
