/**
 * A text for people as data: lines of spans, each with a tone. Renderers build these and nothing
 * else, so that there is a single place where text becomes bytes, and where it is made harmless.
 * Colour is a second carrier of meaning, never the only one: a tone repeats what the word says.
 */

import {printable, wrap} from './text.ts';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'dim' | 'strong';

/** SGR parameters of ECMA-48, chosen from the eight that every terminal theme can read. */
const codes: Readonly<Record<Tone, string>> = {
  plain: '',
  good: '32',
  warn: '33',
  bad: '31;1',
  dim: '2',
  strong: '1',
};

/** Facts of the process that decide about colour; absent variables are undefined. */
export interface ColourFacts {
  readonly isTerminal: boolean;
  /** NO_COLOR: any non-empty value turns colour off (no-color.org). */
  readonly noColor: string | undefined;
  readonly term: string | undefined;
}

export function wantsColour(facts: ColourFacts): boolean {
  const refused = facts.noColor !== undefined && facts.noColor !== '';
  return facts.isTerminal && !refused && facts.term !== 'dumb';
}

/** The text wrapped in its colour, or as it is where colour is off. */
export function paint(text: string, options: {readonly tone: Tone; readonly on: boolean}): string {
  const code = options.on ? codes[options.tone] : '';
  return code === '' || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
}

export interface Span {
  readonly text: string;
  readonly tone: Tone;
}
/** Plain text, or text with a tone. */
export type Piece = string | Span;
export type Line = readonly Piece[];

/** Columns of a page: status fits an 80 column terminal. */
export const pageWidth = 80;

export const blank: Line = [];
export const good = (text: string): Span => ({text, tone: 'good'});
export const warn = (text: string): Span => ({text, tone: 'warn'});
export const bad = (text: string): Span => ({text, tone: 'bad'});
export const dim = (text: string): Span => ({text, tone: 'dim'});
export const strong = (text: string): Span => ({text, tone: 'strong'});

export function textOf(piece: Piece): string {
  return typeof piece === 'string' ? piece : piece.text;
}

/** A paragraph broken at `pageWidth`, every line indented by `indent` columns. */
export function paragraph(text: string, indent = 0, tone: Tone = 'plain'): readonly Line[] {
  const margin = ' '.repeat(indent);
  return wrap(text, pageWidth - indent).map((line) => [margin, {text: line, tone}]);
}

/** The same lines without colour of their own: what is only remembered shall not shine. */
export function faded(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => line.map((piece) => dim(textOf(piece))));
}

/** The lines as text with a newline after each; blanks at line ends are dropped. */
export function toText(lines: readonly Line[], options: {readonly colour: boolean}): string {
  return lines.map((line) => `${lineText(line, options.colour)}\n`).join('');
}

function lineText(line: Line, colour: boolean): string {
  const pieces = line.map((piece) => ({
    text: printable(textOf(piece)),
    tone: typeof piece === 'string' ? ('plain' as const) : piece.tone,
  }));
  while (pieces.length > 0) {
    const last = pieces[pieces.length - 1]!;
    const trimmed = last.text.trimEnd();
    if (trimmed === last.text && trimmed !== '') break;
    pieces.pop();
    if (trimmed !== '') pieces.push({text: trimmed, tone: last.tone});
  }
  return pieces.map((piece) => paint(piece.text, {tone: piece.tone, on: colour})).join('');
}
