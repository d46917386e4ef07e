/** `ha check` as text: verdict, worst findings, what to type; with --all, every rule. */

import type {Inequality, RuleStatus} from '../config/inequalities.ts';
import type {AbsentRule} from '../config/rules.ts';
import type {ServiceGrade, Timeline} from '../config/timeline.ts';
import type {WeakWatchdog} from '../forecast/weak-watchdogs.ts';
import {formatDuration} from '../kernel/duration.ts';
import type {Line, Piece, Tone} from '../status/lines.ts';
import {blank, dim, paragraph, strong} from '../status/lines.ts';
import {table} from '../status/table.ts';

const gradeWords: Readonly<Record<Timeline['grade'], string>> = {
  A: 'a takeover is proved by fencing, and each node is guarded by a watchdog',
  B: 'a takeover is proved by fencing or by a watchdog',
  C: 'a takeover rests on a lease that the other node must keep by itself',
  D: 'a takeover rests on silence, or needs an operator',
};

/** The grade, why a watchdog counts for less, and the bad day of each class. */
export function gradeLines(
  {grade, scenarios}: Timeline,
  weak: readonly WeakWatchdog[],
): readonly Line[] {
  return [
    blank,
    [strong(`grade ${grade}`), `: ${gradeWords[grade]}`],
    ...weak.flatMap(({node, why}) =>
      labelled('P3 is P2', 'warn', `The watchdog of ${node} proves less than it could: ${why}.`),
    ),
    ...scenarios.flatMap(({kind, text}) => labelled(kind, kind === 'split' ? 'bad' : 'warn', text)),
  ];
}

const labelWidth = 8;

/** A word at the margin, and a paragraph beside it. */
export function labelled(label: string, tone: Tone, text: string): readonly Line[] {
  const indent = Math.max(labelWidth, label.length + 2);
  const [first = [], ...others] = paragraph(text, indent);
  return [[{text: label.padEnd(indent), tone}, ...first.slice(1)], ...others];
}

/** Services shown without --all. */
const servicesShownMax = 8;

export function serviceLines(
  services: readonly ServiceGrade[],
  options: {readonly all: boolean},
): readonly Line[] {
  if (services.length === 0) return [];
  // The worst first: a long list must not hide it.
  const ordered = options.all ? services : [...services].sort(byGrade).slice(0, servicesShownMax);
  const header = ['service', 'class', 'grade', 'needs', 'has', 'by', 'takeover, at worst'].map(dim);
  const rows = ordered.map((one): readonly Piece[] => [
    strong(one.service),
    one.serviceClass,
    one.grade,
    one.proofNeeded,
    one.proof,
    one.source,
    one.worstMs === null ? {text: 'never by itself', tone: 'warn'} : formatDuration(one.worstMs),
  ]);
  const left = services.length - ordered.length;
  const more = left === 0 ? [] : [[dim(`and ${left} more: ha check --all`)]];
  return [blank, ...table([header, ...rows], {elastic: 0}), ...more];
}

function byGrade(left: ServiceGrade, right: ServiceGrade): number {
  return right.grade.localeCompare(left.grade);
}

const statusTones: Readonly<Record<RuleStatus, Tone>> = {
  OK: 'good',
  WARN: 'warn',
  REFUSED: 'bad',
};

/** How many hold, those that do not with what to write, and the one with the least room. */
export function ruleSummaryLines(
  list: readonly Inequality[],
  absent: readonly AbsentRule[],
): readonly Line[] {
  const count = (status: RuleStatus): Piece => {
    const found = list.filter((one) => one.status === status).length;
    return {text: `${found} ${status}`, tone: found === 0 ? 'plain' : statusTones[status]};
  };
  const doNot = absent.length === 0 ? '' : `; ${absent.length} of I1-I16 do not apply`;
  const head = 'rules   ';
  return [
    blank,
    [strong(head), count('OK'), ', ', count('WARN'), ', ', count('REFUSED'), doNot],
    ...list.filter((one) => !one.holds).flatMap(brokenLines),
    ...tightest(list),
  ];
}

function brokenLines(one: Inequality): readonly Line[] {
  const {id, subject, numbers, slackMs, remedy, status} = one;
  const text = `${id} ${subject}: expected ${numbers}, ${-slackMs} ms short. ${remedy}`;
  return labelled(status, statusTones[status], text);
}

function tightest(list: readonly Inequality[]): readonly Line[] {
  const held = list.filter((one) => one.holds);
  if (held.length === 0) return [];
  const {id, subject, numbers, slackMs} = held.reduce((least, one) =>
    one.slackMs < least.slackMs ? one : least,
  );
  const text = `${id} ${subject}: ${numbers}, slack ${milliseconds(slackMs)}`;
  return labelled('least', 'dim', text);
}

/** Each rule in this configuration's own numbers, then those that do not apply, and why. */
export function ruleLines(
  list: readonly Inequality[],
  absent: readonly AbsentRule[],
): readonly Line[] {
  const header = ['rule', 'of', 'in numbers', 'slack', ''].map(dim);
  const rows = list.map((one): readonly Piece[] => [
    one.id,
    one.subject,
    one.numbers,
    milliseconds(one.slackMs),
    {text: one.status, tone: statusTones[one.status]},
  ]);
  return [
    blank,
    // Numbers that lack their middle would be wrong numbers: the table may be wider than the page.
    ...table([header, ...rows]),
    ...list.filter((one) => !one.holds).flatMap(brokenLines),
    ...absent.map(({id, why}): Line => [dim(`${id.padEnd(4)}  n/a: ${why}`)]),
  ];
}

function milliseconds(durationMs: number): string {
  return `${Math.floor(durationMs)} ms`;
}

/** What to type next. */
export function nextLines(
  services: readonly ServiceGrade[],
  options: {readonly all: boolean; readonly valid: boolean},
): readonly Line[] {
  if (!options.valid) return [blank, [dim('correct what is refused, then: ha check')]];
  const first = services[0];
  const play = first === undefined ? 'ha timeline' : `ha timeline ${first.service}`;
  const each = options.all ? [] : [[dim('each rule in numbers:  ha check --all')]];
  return [blank, ...each, [dim(`fault by fault:        ${play}`)]];
}
