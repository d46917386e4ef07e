/** Findings, grade, worst cases and inequalities as text for people. */

import type {Inequality} from '../config/inequalities.ts';
import type {Takeover, Timeline} from '../config/timeline.ts';
import type {Finding} from '../config/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {Line, Piece, Tone} from '../status/lines.ts';
import {blank, dim, paragraph, strong} from '../status/lines.ts';
import {table} from '../status/table.ts';

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

const gradeWords: Readonly<Record<Timeline['grade'], string>> = {
  A: 'a takeover is proved by fencing, and each node is guarded by a watchdog',
  B: 'a takeover is proved by fencing or by a watchdog',
  C: 'a takeover rests on a lease that the other node must keep by itself',
  D: 'a takeover rests on silence, or needs an operator',
};

export function gradeLines({grade, scenarios}: Timeline): readonly Line[] {
  return [
    blank,
    [strong(`grade ${grade}`), `: ${gradeWords[grade]}`],
    ...scenarios.flatMap(({kind, text}) => {
      const [first = [], ...others] = paragraph(text, 8);
      const tone = kind === 'split' ? 'bad' : 'warn';
      return [[{text: kind.padEnd(8), tone}, ...first.slice(1)], ...others] as readonly Line[];
    }),
  ];
}

/** The worst case per class of service, and what it is made of. */
export function takeoverLines(takeovers: readonly Takeover[]): readonly Line[] {
  const header = ['class', 'needs', 'has', 'by', 'from death to start, at worst'].map(dim);
  const rows = takeovers.map((takeover): readonly Piece[] => [
    strong(takeover.serviceClass),
    takeover.proofNeeded,
    takeover.proof,
    takeover.source,
    takeover.worstMs === null
      ? {text: 'never by itself', tone: 'warn'}
      : formatDuration(takeover.worstMs),
  ]);
  const parts = takeovers.flatMap((takeover) =>
    takeover.parts.map((part) => [
      takeover.serviceClass,
      part.what,
      formatDuration(part.durationMs),
    ]),
  );
  return [
    ...table([header, ...rows]),
    blank,
    ...(parts.length === 0 ? [] : table([['made of', '', ''].map(dim), ...parts])),
  ];
}

export function inequalityLines({inequalities, absent}: Timeline): readonly Line[] {
  const header = ['rule', 'of', '', '', 'slack'].map(dim);
  const rows = inequalities.map((one): readonly Piece[] => [
    one.id,
    one.subject,
    one.formula,
    `${formatDuration(one.leftMs)} >= ${formatDuration(one.rightMs)}`,
    {text: formatDuration(one.slackMs), tone: slackTone(one)},
  ]);
  const broken = inequalities.filter((one) => !one.holds);
  return [
    blank,
    ...table([header, ...rows], {elastic: 2}),
    ...broken.flatMap((one) => paragraph(`${one.id} ${one.subject}: ${one.remedy}`, 2, 'warn')),
    ...absent.map(({id, why}): Line => [dim(`${id.padEnd(4)}  ${why}`)]),
  ];
}

function slackTone({holds, duty}: Inequality): Tone {
  if (holds) return 'good';
  return duty === 'must' ? 'bad' : 'warn';
}
