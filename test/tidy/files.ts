/**
 * The files of the project as the tidy checks see them. A check is a function from such files to
 * complaints, so that it can be tried on samples that are bad on purpose.
 */

import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export interface TextFile {
  /** Relative to the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** A check: complaints as `path:line: what is wrong`, none where all is well. */
export type Check = (files: readonly TextFile[]) => readonly string[];

export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Not ours, or made by a tool. */
const skipped = new Set(['node_modules', 'dist', 'coverage', '.git', 'package-lock.json']);

/** Every text file below the given places, sorted by path. A place that does not exist is empty. */
export function readFiles(...places: readonly string[]): readonly TextFile[] {
  return places.flatMap(walk).map((path) => ({
    path,
    text: readFileSync(join(projectRoot, path), 'utf8'),
  }));
}

function walk(place: string): readonly string[] {
  const full = join(projectRoot, place);
  try {
    return readdirSync(full, {withFileTypes: true})
      .filter((entry) => !skipped.has(entry.name) && !entry.name.endsWith('.tmp'))
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .flatMap((entry) => {
        const path = place === '.' ? entry.name : `${place}/${entry.name}`;
        return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
      });
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [place];
    if (code === 'ENOENT') return [];
    throw error;
  }
}

/** True for TypeScript of ours. */
export function isTypeScript(file: TextFile): boolean {
  return file.path.endsWith('.ts');
}

/** Number of the line, from 1, in which the character at `index` stands. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
