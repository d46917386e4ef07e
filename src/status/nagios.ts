/**
 * `ha status --check` for Nagios, Icinga and whatever reads their plug-ins: one line with
 * performance data, exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (Monitoring Plugins guidelines).
 */

import {headline, headlineText} from './headline.ts';
import type {Level} from './headline.ts';
import {countLinks, isPresent, runningNodes} from './model.ts';
import type {Stale, StatusView} from './model.ts';
import {printable} from './text.ts';

export interface CheckResult {
  readonly exit: 0 | 1 | 2 | 3;
  /** One line without the newline. */
  readonly line: string;
}

const exits: Readonly<Record<Level, CheckResult['exit']>> = {
  UNKNOWN: 3,
  DUAL_ACTIVE: 2,
  DOWN: 2,
  ALARM: 2,
  JEOPARDY: 1,
  CHANGING: 1,
  JOINING: 1,
  FROZEN: 1,
  DEGRADED: 1,
  UNPROTECTED: 1,
  OK: 0,
};

const words = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

export function check(view: StatusView, stale: Stale | null): CheckResult {
  const line = headline(view, stale);
  const exit = exits[line.level];
  // A bar would begin the performance data.
  const sentence = headlineText(view, line).replaceAll('|', '/');
  return {exit, line: printable(`HA ${words[exit]} - ${sentence} | ${performance(view)}`)};
}

/** For a daemon of which nothing at all is known. */
export function checkUnreachable(why: string): CheckResult {
  return {exit: 3, line: printable(`HA UNKNOWN - ${why.replaceAll('|', '/')}`)};
}

function performance(view: StatusView): string {
  const links = countLinks(view);
  const present = view.nodes.filter(isPresent).length;
  const running = view.services.filter((service) => runningNodes(service).length > 0).length;
  return [
    `nodes=${present};;;0;${view.nodes.length}`,
    `links=${links.up};;;0;${links.total}`,
    `services=${running};;;0;${view.services.length}`,
  ].join(' ');
}
