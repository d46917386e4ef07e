/**
 * Colour as a second carrier of meaning, never the only one: each tone only repeats what the word
 * beside it says. Whether colour is wanted is decided once, from facts that the shell hands in.
 */

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
