/**
 * Dead files: every file of src/ must be reachable from a program that we ship, through imports or
 * by being started as a child or a worker. A file that only a test loads is dead as well.
 */

import {posix} from 'node:path';
import {isTypeScript, type TextFile} from './files.ts';
import {importsOf} from './imports.ts';

/** What bin/ha loads. */
export const entries: readonly string[] = ['src/cli/main.ts', 'src/daemon/main.ts'];

/** `new URL('./disk-child.js', import.meta.url)`: a file that is started rather than imported. */
const startedFile = /new URL\(\s*'([^']+)'\s*,\s*import\.meta\.url/g;

function targetsOf({path, text}: TextFile): readonly string[] {
  const specifiers = [
    ...importsOf(text).map((one) => one.specifier),
    ...[...text.matchAll(startedFile)].map((match) => match[1] ?? ''),
  ];
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts'));
}

/** Files of src/ that nothing reaches from the entries. */
export function checkReach(
  files: readonly TextFile[],
  from: readonly string[] = entries,
): readonly string[] {
  const sources = new Map(
    files
      .filter((file) => isTypeScript(file) && file.path.startsWith('src/'))
      .map((file) => [file.path, file]),
  );
  const reached = new Set<string>();
  const open = [...from];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = sources.get(path);
    if (file !== undefined && !reached.has(path)) {
      reached.add(path);
      open.push(...targetsOf(file));
    }
  }
  return [...sources.keys()]
    .filter((path) => !reached.has(path))
    .map((path) => `${path}:1: reached from no entry (${from.join(', ')})`);
}
