/** Who froze it, when, why and until when: a freeze without these is a riddle a month later. */

import type {FreezeInfo} from '../engine/types.ts';

export function freezeSentence(freeze: FreezeInfo): string {
  const why = freeze.why === '' ? '' : `: ${freeze.why}`;
  const until =
    freeze.until === null ? 'until it is lifted' : `until ${shortInstant(freeze.until)}`;
  return `Frozen by ${freeze.by} at ${shortInstant(freeze.since)}, ${until}${why}.`;
}

/** `2026-11-20T22:11:05.120Z` without the fraction, for people. */
function shortInstant(instant: string): string {
  return instant.replace(/\.\d+(?=Z|[+-])/, '');
}
