/** Who freezes, why and for how long, from the flags. */

import type {FreezeInfo} from '../engine/types.ts';
import {parseDuration} from '../kernel/duration.ts';
import type {Invocation} from './invocation.ts';
import {misuse} from './usage.ts';

/** Longest reason that is kept. */
const whyCharsMax = 500;

/** `untilMs` counts from now: the daemon sets it on its own clock. A number is an exit code. */
export function freezeInfo(invocation: Invocation, by: string): FreezeInfo | number {
  const {flags, command, world} = invocation;
  const span = flags['for'];
  const why = flags['why'];
  const forMs = typeof span === 'string' ? parseDuration(span) : null;
  if (typeof span === 'string' && (forMs === null || forMs === 0)) {
    return misuse(world, command, `--for expected a duration as 30m or 2h, found "${span}"`);
  }
  const nowMs = world.wallMs();
  return {
    by,
    why: typeof why === 'string' ? why.slice(0, whyCharsMax) : '',
    since: new Date(nowMs).toISOString(),
    untilMs: forMs,
    until: forMs === null ? null : new Date(nowMs + forMs).toISOString(),
  };
}
