/** The text of an expression to its tokens. References come in as values, never as text. */

export type Value = number | string | boolean | readonly Value[];

export type Token =
  | {readonly kind: 'value'; readonly value: Value}
  | {readonly kind: 'operator'; readonly text: string};

/** A reference that was looked up already, or text between references. */
export type Piece =
  {readonly kind: 'text'; readonly text: string} | {readonly kind: 'value'; readonly text: string};

/** Tokens of one expression. */
const tokensMax = 256;

const number = /\d+(?:\.\d+)?/y;
const operator = /\*\*|\/\/|[<>=!]=|[-+*/%<>()[\],]/y;
const word = /[A-Za-z_]+/y;
const words: Readonly<Record<string, Token>> = {
  and: {kind: 'operator', text: 'and'},
  or: {kind: 'operator', text: 'or'},
  not: {kind: 'operator', text: 'not'},
  in: {kind: 'operator', text: 'in'},
  if: {kind: 'operator', text: 'if'},
  else: {kind: 'operator', text: 'else'},
  True: {kind: 'value', value: true},
  False: {kind: 'value', value: false},
};

interface Scan {
  readonly tokens: Token[];
  /** The quote that is open, and what stands behind it so far. */
  open: {readonly mark: string; text: string} | null;
}

/** null: it is no expression; a name alone is none, names are references. */
export function tokensOf(pieces: readonly Piece[]): readonly Token[] | null {
  const scan: Scan = {tokens: [], open: null};
  for (const piece of pieces) {
    if (piece.kind === 'value') addValue(scan, piece.text);
    else if (!addText(scan, piece.text)) return null;
  }
  return scan.open !== null || scan.tokens.length > tokensMax ? null : scan.tokens;
}

function addValue(scan: Scan, text: string): void {
  if (scan.open === null) scan.tokens.push({kind: 'value', value: valueOf(text)});
  else scan.open.text += text;
}

/** False where something stands there that no expression has. */
function addText(scan: Scan, text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const end = scan.open === null ? endOfToken(scan, text, at) : endOfQuote(scan, text, at);
    if (end === null) return false;
    at = end;
  }
  return true;
}

function endOfQuote(scan: Scan, text: string, at: number): number {
  const open = scan.open!;
  const end = text.indexOf(open.mark, at);
  open.text += text.slice(at, end < 0 ? undefined : end);
  if (end < 0) return text.length;
  scan.tokens.push({kind: 'value', value: open.text});
  scan.open = null;
  return end + 1;
}

function endOfToken(scan: Scan, text: string, at: number): number | null {
  const char = text[at]!;
  if (/\s/.test(char)) return at + 1;
  if (char === '"' || char === "'") {
    scan.open = {mark: char, text: ''};
    return at + 1;
  }
  const read = tokenAt(text, at);
  if (read !== null) scan.tokens.push(read.token);
  return read?.end ?? null;
}

/** A reference counts as a number where it is one. */
function valueOf(text: string): Value {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function tokenAt(text: string, at: number): {readonly token: Token; readonly end: number} | null {
  const found = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const digits = found(number);
  if (digits !== null) {
    return {token: {kind: 'value', value: Number(digits)}, end: at + digits.length};
  }
  const mark = found(operator);
  if (mark !== null) return {token: {kind: 'operator', text: mark}, end: at + mark.length};
  const name = found(word);
  if (name === null || !Object.hasOwn(words, name)) return null;
  return {token: words[name]!, end: at + name.length};
}
