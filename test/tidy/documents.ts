/** Checks on the documents: who needs a page, and the list of dependencies against package.json. */

import type {Check} from './files.ts';

const opening = '**Who needs this:**';

/** Pages in docs/ must say after their title who needs them, and when. */
export const checkOpenings: Check = (files) =>
  files
    .filter(({path}) => /^docs\/.*\.md$/.test(path))
    .flatMap(({path, text}) => {
      const [title = '', paragraph = ''] = text.split(/\n\s*\n/);
      if (!title.startsWith('# ')) return [`${path}:1: expected a title, as "# Title"`];
      return paragraph.trimStart().startsWith(opening)
        ? []
        : [`${path}:3: expected the first paragraph to begin with "${opening}"`];
    });

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** docs/dependencies.md must list each direct dependency once, in a table row "| `name` | ...". */
export const checkDependencies: Check = (files) => {
  const textOf = (path: string): string => files.find((file) => file.path === path)?.text ?? '';
  const manifest = JSON.parse(textOf('package.json')) as Manifest;
  const wanted = Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  });
  const page = 'docs/dependencies.md';
  const listed = [...textOf(page).matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
  return [
    ...wanted.filter((name) => !listed.includes(name)).map((name) => `${page}: ${name} is missing`),
    ...listed
      .filter((name) => !wanted.includes(name))
      .map((name) => `${page}: ${name} is not in package.json`),
    ...listed
      .filter((name, index) => listed.indexOf(name) !== index)
      .map((name) => `${page}: ${name} is listed twice`),
  ];
};
