/**
 * `ha status`: the answer first, then services against nodes, then the links, then only what is
 * out of the ordinary. A healthy cluster fits on one screen and has nothing below the links.
 */

import {arbiterText} from './arbiter.ts';
import {formatAge} from '../kernel/duration.ts';
import type {Line, Tone} from './lines.ts';
import {headline, headlineText} from './headline.ts';
import type {Level} from './headline.ts';
import {blank, faded, paragraph} from './lines.ts';
import {linkTable} from './links.ts';
import {matrix} from './matrix.ts';
import {aged} from './model.ts';
import type {Stale, StatusView} from './model.ts';
import {watchdogText} from './watchdog.ts';

const levelTones: Readonly<Record<Level, Tone>> = {
  UNKNOWN: 'bad',
  DUAL_ACTIVE: 'bad',
  DOWN: 'bad',
  ALARM: 'bad',
  JEOPARDY: 'warn',
  CHANGING: 'warn',
  JOINING: 'warn',
  FROZEN: 'warn',
  DEGRADED: 'warn',
  UNPROTECTED: 'warn',
  OK: 'good',
};

export interface OverviewOptions {
  /** The daemon did not answer: the view is remembered. */
  readonly stale: Stale | null;
  /**
   * What is out of the ordinary, from `abnormalLines`; null where `isQuiet` says there is nothing.
   * Handed in, because `ha status` of a healthy cluster then need not load how to say it.
   */
  readonly abnormal: readonly Line[] | null;
  /** All services, however many. */
  readonly all: boolean;
}

export function overview(view: StatusView, options: OverviewOptions): readonly Line[] {
  const line = headline(view, options.stale);
  const tone = levelTones[line.level];
  const head: Line = [
    `cluster ${view.cluster}: `,
    {text: line.level, tone},
    {text: ` - ${line.text}`, tone: options.stale === null ? 'plain' : 'bad'},
  ];
  if (options.stale !== null) {
    const known = aged(view, options.stale.ageMs);
    const picture = [...matrix(known, {all: options.all}), blank, ...linkTable(known)];
    return [head, ...staleLines(options.stale), blank, ...faded(picture)];
  }
  return [
    head,
    blank,
    ...matrix(view, {all: options.all}),
    blank,
    ...linkTable(view),
    ...arbiterLines(view),
    ...watchdogLines(view),
    ...(options.abnormal ?? []),
  ];
}

function arbiterLines(view: StatusView): readonly Line[] {
  const text = arbiterText(view);
  return text === null ? [] : [blank, ...paragraph(`${view.arbiter?.id ?? ''} ${text}`, 0)];
}

function watchdogLines(view: StatusView): readonly Line[] {
  const text = watchdogText(view);
  return text === null ? [] : [blank, ...paragraph(`watchdog of ${view.node}: ${text}`, 0)];
}

/** What to type where the daemon is gone; shared by every read verb. */
export function staleLines(stale: Stale): readonly Line[] {
  return [
    ...paragraph(`${stale.why} What follows is ${formatAge(stale.ageMs)} old.`, 3, 'bad'),
    ...stale.commands.map((command): Line => ['   -> ', command]),
  ];
}

/** The first line alone, as text. */
export function firstLine(view: StatusView, stale: Stale | null): string {
  return headlineText(view, headline(view, stale));
}
