/** The pages of the project, README and docs/, and what a checker reads in them. */

import {readFiles, type TextFile} from '../tidy/files.ts';

/** README.md, CHANGELOG.md and every page of docs/. */
export const pages: readonly TextFile[] = readFiles('README.md', 'CHANGELOG.md', 'docs').filter(
  ({path}) => path.endsWith('.md'),
);

export const page = (path: string): TextFile => {
  const found = pages.find((one) => one.path === path);
  if (found === undefined) throw new Error(`expected the page ${path}, found none`);
  return found;
};

/** The text with its fenced blocks blanked, line by line, so that positions stay. */
export function withoutBlocks(text: string): string {
  let inside = false;
  return text
    .split('\n')
    .map((line) => {
      const fence = line.trimStart().startsWith('```');
      const blank = inside || fence;
      if (fence) inside = !inside;
      return blank ? '' : line;
    })
    .join('\n');
}

/** The fenced blocks, without their fences. */
export function blocksOf(text: string): readonly string[] {
  return [...text.matchAll(/^ *```.*\n([\s\S]*?)^ *```/gm)].map((match) => match[1]!);
}

/** Anchors of the headings as GitHub makes them; the second of equal ones gets "-1". */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
