/** Checks on the plain text: width, length, unfinished work, and traces of one machine. */

import {codeOnly} from './code-only.ts';
import {isTypeScript, lineAt, type Check, type TextFile} from './files.ts';

const columnsMax = 100;
const linesMax = 500;

const isCode = ({path}: TextFile): boolean => /\.(?:ts|mjs|js)$|^bin\/|^\.ci\//.test(path);

/** A line that only holds an address, or in a test a line of an output that is compared whole. */
function mayBeWide(path: string, line: string, code: string): boolean {
  if (/^\W*https?:\S+$/.test(line)) return true;
  return path.startsWith('test/') && code.trim() === '' && !/^\s*(?:\/\/|\/?\*)/.test(line);
}

/** Lines of code wider than 100 characters. */
export const checkWidth: Check = (files) =>
  files.filter(isCode).flatMap(({path, text}) => {
    const codes = codeOnly(text).split('\n');
    return text.split('\n').flatMap((line, index) => {
      const columns = Array.from(line).length;
      const exempt = mayBeWide(path, line, codes[index] ?? '');
      return columns > columnsMax && !exempt
        ? [`${path}:${index + 1}: ${columns} columns, at most ${columnsMax}`]
        : [];
    });
  });

/** Files longer than 500 lines. */
export const checkLength: Check = (files) =>
  files.filter(isCode).flatMap(({path, text}) => {
    const lines = text.split('\n').length - 1;
    return lines > linesMax ? [`${path}:1: ${lines} lines, at most ${linesMax}`] : [];
  });

/** The checks themselves must name what they look for. */
const isChecked = ({path}: TextFile): boolean => !path.startsWith('test/tidy');

const unfinished = /\b(?:TODO|FIXME|XXX)\b/g;

/** Work that was put off. */
export const checkUnfinished: Check = (files) =>
  files
    .filter(isChecked)
    .flatMap(({path, text}) =>
      [...text.matchAll(unfinished)].map(
        (match) => `${path}:${lineAt(text, match.index)}: ${match[0]}: do it or drop it`,
      ),
    );

/** Tests that keep all others from running, or are kept from running without a reason. */
export const checkFocus: Check = (files) =>
  files.filter(isTypeScript).flatMap(({path, text}) => {
    const code = codeOnly(text);
    const pattern = /\b(?:test|it|describe|suite|bench|clusterTest)\.(?:only|skip|todo)\b/g;
    return [...code.matchAll(pattern)].map(
      (match) => `${path}:${lineAt(code, match.index)}: ${match[0]}`,
    );
  });

const traces = new RegExp(
  [String.raw`/home/\w+/|file:///\w+/\w+`, String.raw`registry\.(?:npm|yarn)|artifactory`].join(
    '|',
  ),
  'g',
);

/** Paths and hosts of the machine on which somebody happened to work. */
export const checkTraces: Check = (files) =>
  files
    .filter(isChecked)
    .flatMap(({path, text}) =>
      [...text.matchAll(traces)].map(
        (match) => `${path}:${lineAt(text, match.index)}: ${match[0]}: belongs to one machine`,
      ),
    );
