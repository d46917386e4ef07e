/**
 * Dead files: every file of src/ must be reachable from a program that we ship, through imports or
 * by being started as a child or a worker. A file that only a test loads is dead as well.
 */

import {posix} from 'node:path';
import {isTypeScript, type Check, type TextFile} from './files.ts';
import {importsOf} from './imports.ts';

/** What bin/ha loads. */
export const entries: readonly string[] = ['src/cli/main.ts', 'src/daemon/main.ts'];

/** `new URL('./disk-child.js', import.meta.url)`: a file that is started rather than imported. */
const startedFile = /new URL\(\s*'([^']+)'\s*,\s*import\.meta\.url/g;

type Edges = (file: TextFile) => readonly string[];

const inSource = (path: string, specifiers: readonly string[]): readonly string[] =>
  specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts'));

/** Whatever a file imports or starts, now or later. */
const anyEdge: Edges = ({path, text}) =>
  inSource(path, [
    ...importsOf(text).map((one) => one.specifier),
    ...[...text.matchAll(startedFile)].map((match) => match[1] ?? ''),
  ]);

/** What is loaded together with the file. */
const loadedEdge: Edges = ({path, text}) =>
  inSource(
    path,
    importsOf(text)
      .filter((one) => !one.lazy && !one.typeOnly)
      .map((one) => one.specifier),
  );

function sourcesOf(files: readonly TextFile[]): ReadonlyMap<string, TextFile> {
  const sources = files.filter((file) => isTypeScript(file) && file.path.startsWith('src/'));
  return new Map(sources.map((file) => [file.path, file]));
}

function reachedFrom(
  start: readonly string[],
  sources: ReadonlyMap<string, TextFile>,
  edges: Edges,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...start];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = sources.get(path);
    if (file !== undefined && !reached.has(path)) {
      reached.add(path);
      open.push(...edges(file));
    }
  }
  return reached;
}

/** Files of src/ that nothing reaches from the entries. */
export function checkReach(
  files: readonly TextFile[],
  from: readonly string[] = entries,
): readonly string[] {
  const sources = sourcesOf(files);
  const reached = reachedFrom(from, sources, anyEdge);
  return [...sources.keys()]
    .filter((path) => !reached.has(path))
    .map((path) => `${path}:1: reached from no entry (${from.join(', ')})`);
}

/** Rooms that the client must not load unless a command needs them: its start-up time is felt. */
const heavyRooms = /^src\/(?:sim|engine|daemon|drivers|web)\//;

/** Files that every call of the client would load although most calls do not need them. */
export const checkHotPath: Check = (files) => {
  const loaded = reachedFrom(['src/cli/main.ts'], sourcesOf(files), loadedEdge);
  return [...loaded]
    .filter((path) => heavyRooms.test(path))
    .map((path) => `${path}:1: loaded by every call of the client; import it lazily`);
};
