/** One thing that is out of the ordinary, and how it is printed. */

import {formatAge} from '../kernel/duration.ts';
import type {Line, Tone} from './lines.ts';
import {dim, pageWidth, paragraph, strong} from './lines.ts';
import {wrap} from './text.ts';

export interface Item {
  /** Stable word: equal kinds are gathered, and it replaces an alarm of this code. */
  readonly kind: string;
  readonly severity: 'critical' | 'warning' | 'note';
  /** The service, node or link that it is about; empty: the cluster. */
  readonly subject: string;
  /** One sentence without a full stop. */
  readonly title: string;
  /** How long it has been so, ms; null: not known. */
  readonly ageMs: number | null;
  /** Facts and what happens next, whole sentences. */
  readonly sentences: readonly string[];
  /** Commands that leave it, best first. */
  readonly commands: readonly string[];
}

const marks: Readonly<Record<Item['severity'], {readonly mark: string; readonly tone: Tone}>> = {
  critical: {mark: '!!', tone: 'bad'},
  warning: {mark: '! ', tone: 'warn'},
  note: {mark: '- ', tone: 'plain'},
};

/** Commands shown per item: a choice of more is no help. */
const commandsMax = 2;

export function itemLines(item: Item): readonly Line[] {
  const {mark, tone} = marks[item.severity];
  return [
    ...titleLines(item).map((line, at): Line => [
      at === 0 ? {text: mark, tone} : '  ',
      ' ',
      ...line,
    ]),
    ...item.sentences.flatMap((sentence) => paragraph(sentence, 3)),
    ...item.commands.slice(0, commandsMax).map((command): Line => ['   -> ', command]),
  ];
}

/** A command that an item above already names is not repeated below it. */
export function withoutRepeats(items: readonly Item[]): readonly Item[] {
  const seen = new Set<string>();
  return items.map((item) => {
    const commands = item.commands.filter((command) => !seen.has(command));
    for (const command of commands) seen.add(command);
    return {...item, commands};
  });
}

/** The title, broken into lines, with its age behind the last word and never torn from itself. */
function titleLines(item: Item): readonly Line[] {
  if (item.ageMs === null) return wrap(item.title, pageWidth - 3).map((line) => [strong(line)]);
  const age = `(${formatAge(item.ageMs)})`;
  const lines = wrap(`${item.title} ${age.replaceAll(' ', noBreak)}`, pageWidth - 3);
  return lines.map((line, at): Line => {
    if (at < lines.length - 1) return [strong(line)];
    return [strong(line.slice(0, line.length - age.length)), dim(age)];
  });
}

/** Keeps an age on one line while its title is broken. */
const noBreak = '\u00a0';
