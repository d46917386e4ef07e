/** Findings as text for people. */

import type {Finding} from '../config/types.ts';
import type {Line, Tone} from '../status/lines.ts';
import {dim, paragraph, strong} from '../status/lines.ts';

const severityTones: Readonly<Record<Finding['severity'], Tone>> = {
  error: 'bad',
  warning: 'warn',
  note: 'dim',
};

/** `cluster.conf:14: error: expected ..., found ...`, then what to write. */
export function findingLines(directory: string, findings: readonly Finding[]): readonly Line[] {
  const count = (severity: Finding['severity']): string => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return `${found} ${severity}${found === 1 ? '' : 's'}`;
  };
  const refused = findings.some((finding) => finding.severity === 'error');
  const summary = `${directory}: ${count('error')}, ${count('warning')}, ${count('note')}`;
  return [
    ...findings.flatMap((finding): readonly Line[] => [
      [
        strong(finding.line === 0 ? finding.file : `${finding.file}:${finding.line}`),
        ': ',
        {text: finding.severity, tone: severityTones[finding.severity]},
        `: ${finding.message}`,
        dim(` (${finding.code})`),
      ],
      ...paragraph(finding.hint, 4),
    ]),
    [{text: summary, tone: refused ? 'bad' : 'plain'}],
  ];
}
