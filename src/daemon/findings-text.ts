/** Findings of the configuration as lines: where, what, and what to write. */

import type {Finding} from '../config/types.ts';

/** `cluster.conf:14: error: beat expected a duration ... Write "1s". (HA_CONF_BAD_VALUE)` */
export function findingLine(finding: Finding): string {
  const {file, line, severity, code, message, hint} = finding;
  const where = line > 0 ? `${file}:${line}` : file;
  return `${where}: ${severity}: ${message}${hint === '' ? '' : `. ${hint}`} (${code})`;
}

/** Errors first: they are what keeps the configuration from being used. */
export function errorsFirst(findings: readonly Finding[]): readonly Finding[] {
  const rank = {error: 0, warning: 1, note: 2} as const;
  return findings.toSorted((left, right) => rank[left.severity] - rank[right.severity]);
}
