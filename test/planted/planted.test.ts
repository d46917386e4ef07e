/**
 * Every planted defect still fits its file, and a few are looked for: the others are found by hand
 * with `npm run sim:planted`, because each takes a simulator of its own.
 */

import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {projectRoot} from '../tidy/files.ts';
import {catalogue} from './catalogue.ts';
import {misfit, planted} from './defect.ts';
import {hunt} from './scratch.ts';

const sourceOf = (file: string): string => readFileSync(join(projectRoot, 'src', file), 'utf8');
const fast = catalogue.filter((defect) => defect.fast === true);

describe('the planted defects', () => {
  it('are at least 25, each with its own name', () => {
    expect(catalogue.length).toBeGreaterThanOrEqual(25);
    expect(new Set(catalogue.map(({name}) => name)).size).toBe(catalogue.length);
  });

  it.each(catalogue)('$name: fits', (defect) => {
    expect(misfit(sourceOf(defect.file), defect)).toBeNull();
  });

  it.each(fast)('$name: is found', {timeout: 120_000}, async (defect) => {
    expect((await hunt(defect)).kind).toBe('found');
  });

  it('are missed where nothing is wrong', {timeout: 120_000}, async () => {
    const line = sourceOf(fast[0]!.file)
      .split('\n')
      .find((one) => one.startsWith('export'))!;
    const change = {...fast[0]!, find: line, replace: `${line} // harmless`};
    expect((await hunt(change)).kind).toBe('missed');
  });

  it('do not fit where the text is gone, there twice, or the same', () => {
    const defect = {...fast[0]!, find: 'a', replace: 'b'};
    expect(misfit('xx', defect)).not.toBeNull();
    expect(misfit('aa', defect)).not.toBeNull();
    expect(misfit('a', {...defect, replace: 'a'})).not.toBeNull();
    expect(planted('xay', defect)).toBe('xby');
  });
});
