import {describe, expect, test} from 'vitest';
import {mergeProbes} from '../../src/failover/merge-probes.ts';
import type {ResourceProbe} from '../../src/failover/types.ts';
import {resourceId} from '../../src/kernel/ids.ts';
import {appResource} from '../drivers/scripts.ts';

/** `u d ? n` up, down, unknown, not verifiable; a letter in brackets is optional. */
function merged(text: string): ReturnType<typeof mergeProbes> {
  const parts = text.split(' ').filter((part) => part !== '');
  const states = {u: 'up', d: 'down'} as const;
  const probes = parts.map((part, index): ResourceProbe => {
    const letter = part.replaceAll(/[()]/g, '');
    const state = states[letter as 'u' | 'd'] ?? 'unknown';
    return {rid: resourceId(`app#${index}`), state, verifiable: letter !== 'n', detail: ''};
  });
  const resources = parts.map((part, index) =>
    appResource({rid: resourceId(`app#${index}`), optional: part.startsWith('(')}),
  );
  return mergeProbes(probes, resources);
}

describe('the probes of a service', () => {
  test.each([
    ['u u', 'up', true, false],
    ['d d', 'down', true, false],
    ['u d', 'unknown', true, true],
    ['u ?', 'unknown', true, false],
    ['d ?', 'unknown', true, false],
    ['u n', 'unknown', false, false],
    ['d n', 'unknown', false, false],
    ['n', 'unknown', false, false],
    ['', 'unknown', false, false],
    ['u (d)', 'up', true, false],
    ['u (?)', 'up', true, false],
    ['u (n)', 'up', false, false],
    ['d (u)', 'unknown', true, true],
    ['d (?)', 'unknown', true, false],
    ['d (n)', 'unknown', false, false],
    ['(u) (u)', 'up', true, false],
    ['(u) (d)', 'unknown', true, true],
    ['u d (n)', 'unknown', false, true],
  ])('"%s" come to %s, verifiable %s, partial %s', (text, state, verifiable, partial) => {
    expect(merged(text)).toMatchObject({state, verifiable, partial});
  });
});
