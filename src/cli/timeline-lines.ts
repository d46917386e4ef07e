/** `ha timeline` as text: what becomes of a service in each fault, and one fault step by step. */

import type {Takeover} from '../config/takeover.ts';
import type {ServiceGrade} from '../config/timeline.ts';
import type {FaultForecast, Outcome, ServiceForecast, Span} from '../forecast/types.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {Line, Piece, Tone} from '../status/lines.ts';
import {blank, dim, paragraph, strong, textOf} from '../status/lines.ts';
import {table} from '../status/table.ts';

const outcomeTones: Readonly<Record<Outcome, Tone>> = {
  moves: 'good',
  stays: 'good',
  down: 'warn',
  split: 'bad',
  absent: 'dim',
};
const outcomeWords: Readonly<Record<Outcome, string>> = {
  moves: 'moves',
  stays: 'stays',
  down: 'DOWN',
  split: 'SPLIT',
  absent: 'n/a',
};

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
    ...(parts.length === 0 ? [] : [blank, ...table([['made of', '', ''].map(dim), ...parts])]),
  ];
}

/** One line per service, one column per fault. */
export function matrixLines(forecasts: readonly ServiceForecast[]): readonly Line[] {
  const columns = forecasts.find(({faults}) => faults.length > 0)?.faults;
  if (columns === undefined) return [];
  const header = ['service', ...columns.map(({fault}) => fault)].map(dim);
  const rows = forecasts.map(({service, faults}): readonly Piece[] => [
    strong(service),
    ...faults.map(({outcome}) => wordOf(outcome)),
  ]);
  const example = forecasts[0]!.service;
  return [
    blank,
    ...table([header, ...rows], {elastic: 0}),
    blank,
    [dim(`step by step: ha timeline ${example}`)],
  ];
}

function wordOf(outcome: Outcome): Piece {
  return {text: outcomeWords[outcome], tone: outcomeTones[outcome]};
}

export function forecastLines(
  {service, owner, contender, faults}: ServiceForecast,
  grade: ServiceGrade,
  options: {readonly all: boolean},
): readonly Line[] {
  const {serviceClass, proofNeeded, proof, source} = grade;
  const by = grade.possible ? ` by ${source}` : ', which is not enough';
  const has = `class ${serviceClass} needs ${proofNeeded}, has ${proof}${by}`;
  const head: Line = [strong(service), `: ${has}; grade ${grade.grade}`];
  if (contender === null) {
    return [head, blank, [`${owner} is its only node: nothing takes it over.`]];
  }
  const header = ['', 'what happens', `start on ${contender}`].map(dim);
  const rows = faults.map(({title, outcome, start}): readonly Piece[] => [
    wordOf(outcome),
    title,
    start === null ? '' : spanText(start),
  ]);
  const shown = options.all ? faults.filter(({outcome}) => outcome !== 'absent') : worst(faults);
  const more = options.all ? [] : [blank, [dim(`every fault: ha timeline ${service} --all`)]];
  return [
    head,
    blank,
    ...table([header, ...rows]),
    ...shown.flatMap((fault) => faultLines(fault)),
    ...more,
  ];
}

/** Without --all: the death of the owner, and the worst of the others where it is worse. */
function worst(faults: readonly FaultForecast[]): readonly FaultForecast[] {
  const [death] = faults;
  const bad = faults.find(({outcome}) => outcome === 'split') ?? faults.find(isDown);
  return [...new Set([death, bad].filter((fault) => fault !== undefined))];
}

function isDown({outcome}: FaultForecast): boolean {
  return outcome === 'down';
}

function faultLines({title, outcome, summary, moments}: FaultForecast): readonly Line[] {
  const left = table(
    moments.map((moment) => [spanText(moment), moment.node]),
    {indent: 2},
  );
  return [
    blank,
    [wordOf(outcome), ': ', strong(title)],
    ...moments.flatMap(({text}, at) => beside(left[at]!, text)),
    ...paragraph(summary, 2),
  ];
}

/** A paragraph to the right of what stands at the margin. */
function beside(left: Line, text: string): readonly Line[] {
  const width = left.reduce((sum, piece) => sum + textOf(piece).length, 0) + 2;
  const [first = [], ...others] = paragraph(text, width);
  return [[...left, '  ', ...first.slice(1)], ...others];
}

/** `4.9s to 5.05s`, or one time where they are the same. */
function spanText({fromMs, untilMs}: Span): string {
  const from = formatDuration(fromMs);
  if (untilMs === null) return `from ${from}`;
  return untilMs === fromMs ? from : `${from} to ${formatDuration(untilMs)}`;
}
