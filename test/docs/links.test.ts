/** Links between the pages: a page that is moved or a heading that is reworded breaks none. */

import {existsSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import {describe, expect, test} from 'vitest';
import {lineAt, projectRoot, type Check, type TextFile} from '../tidy/files.ts';
import {anchorsOf, pages, withoutBlocks} from './pages.ts';

/** Relative links to a file, or to a heading of a page, that is not there. */
const checkLinks: Check = (files) =>
  files.flatMap(({path, text}) =>
    [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
      const fault = linkFault(files, path, match[1]!);
      return fault === null ? [] : [`${path}:${lineAt(text, match.index)}: ${match[1]}: ${fault}`];
    }),
  );

function linkFault(files: readonly TextFile[], from: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [place = '', anchor] = target.split('#');
  const path = place === '' ? from : normalize(join(dirname(from), place));
  const known = files.find((file) => file.path === path);
  if (known === undefined && !existsSync(join(projectRoot, path))) return 'no such file';
  if (anchor === undefined || known === undefined) return null;
  return anchorsOf(known.text).has(anchor) ? null : 'no such heading';
}

/** Pages of docs/ that no reader finds from the index. */
const checkIndex: Check = (files) => {
  const index = files.find(({path}) => path === 'docs/index.md')?.text ?? '';
  return files
    .map(({path}) => /^docs\/(?!index\.md$)(.+)$/.exec(path)?.[1])
    .filter((name) => name !== undefined && !index.includes(`](${name})`))
    .map((name) => `docs/index.md: ${name} is not listed`);
};

describe('the pages', () => {
  test('link only to files and headings that exist', () => {
    expect(checkLinks(pages)).toEqual([]);
  });

  test('stand all in the index', () => {
    expect(checkIndex(pages)).toEqual([]);
  });
});

describe('a broken link', () => {
  const headings = ['# B', '## What `ha` does, twice', '## Again', '## Again'];
  const target = {path: 'docs/b.md', text: headings.join('\n\n')};

  test.each([
    ['to a missing file', '[x](c.md)', 1],
    ['to a missing heading', '[x](b.md#gone)', 1],
    ['to a missing heading of its own', '[x](#gone)', 1],
    ['to a heading', '[x](b.md#what-ha-does-twice)', 0],
    ['to the second of equal headings', '[x](b.md#again-1)', 0],
    ['to a file of the project', '[x](../package.json)', 0],
    ['to another site', '[x](https://example.org/#y)', 0],
    ['in a block', '```\n[x](c.md)\n```', 0],
  ])('%s', (_title, text, count) => {
    expect(checkLinks([{path: 'docs/a.md', text}, target])).toHaveLength(count);
  });

  test('a page that is not in the index is found', () => {
    const index = {path: 'docs/index.md', text: '[a](a.md)'};
    expect(checkIndex([index, {path: 'docs/a.md', text: ''}, target])).toHaveLength(1);
  });
});
