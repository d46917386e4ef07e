/** What the README promises to a reader who copies from it. */

import {expect, test} from 'vitest';
import {parse, render} from '../config/support.ts';
import {blocksOf, page} from './pages.ts';

const blocks = blocksOf(page('README.md').text);
const blockWith = (text: string): string => blocks.find((block) => block.includes(text)) ?? '';

test('the first configuration of the README is accepted without a finding', () => {
  const {config, findings} = parse({
    'cluster.conf': blockWith('[cluster]'),
    'web.conf': blockWith('[app#1]'),
  });
  expect(render(findings)).toBe('');
  expect(config?.disks).toHaveLength(1);
  expect(config?.services.map(({serviceClass}) => serviceClass)).toEqual(['exclusive']);
});
