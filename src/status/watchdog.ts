/** The watchdog of the answering node in words; null where none is used. */

import type {StatusView} from './model.ts';
import {formatSpan} from './model.ts';

export function watchdogText({watchdog}: StatusView): string | null {
  if (watchdog === undefined || (watchdog.mode === 'off' && watchdog.state === 'off')) return null;
  const {state, timeoutMs, proof, detail, mode} = watchdog;
  const time = timeoutMs === null ? '' : `, ${formatSpan(timeoutMs)}`;
  const worth = state === 'armed' && proof !== null ? `, a lease is worth ${proof}` : '';
  return `${state}${time}${worth} (${mode})${detail === '' ? '' : `: ${detail}`}`;
}
