/**
 * `$(...)`: arithmetic, comparisons, `and or not in` and `A if B else C`, with the precedence of
 * the language that OpenSVC hands them to. A parser of its own, so that nothing in a file is ever
 * run as a program. Total: it gives a value, says why there is none, or that it is no expression.
 */

import {err, ok, type Result} from '../../kernel/result.ts';
import {tokensOf, type Piece, type Token, type Value} from './tokens.ts';

/** `syntax`: no expression at all, for a shell perhaps; `value`: one that has no value. */
export interface ExpressionFailure {
  readonly kind: 'syntax' | 'value';
  readonly why: string;
}

/** Above it a whole number is not exact any more. */
const magnitudeMax = Number.MAX_SAFE_INTEGER;
/** Characters of a text that is put together. */
const textCharsMax = 4_096;
/** Parentheses within parentheses. */
const depthMax = 20;

/** Thrown within this file only, and caught at its border. */
class Stop extends Error {
  readonly kind: ExpressionFailure['kind'];

  constructor(kind: ExpressionFailure['kind'], why: string) {
    super(why);
    this.kind = kind;
  }
}

export function evaluateExpression(pieces: readonly Piece[]): Result<string, ExpressionFailure> {
  const tokens = tokensOf(pieces);
  const syntax = 'expected numbers, references, quoted texts and operators';
  if (tokens === null || tokens.length === 0) return err({kind: 'syntax', why: syntax});
  try {
    return ok(textOf(new Parser(tokens).whole()));
  } catch (error) {
    if (error instanceof Stop) return err({kind: error.kind, why: error.message});
    throw error;
  }
}

/** A whole number without a fraction, a boolean as the files write it, a list by its blanks. */
function textOf(value: Value): string {
  if (typeof value === 'object') return value.map(textOf).join(' ');
  if (typeof value !== 'number') return String(value);
  return String(Number(value.toFixed(9)));
}

const factors = ['*', '/', '//', '%'];

/** Recursive descent; each method reads one level of precedence. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Value {
    const value = this.#choice();
    if (this.#at < this.#tokens.length) throw new Stop('syntax', 'expected an operator');
    return value;
  }

  #next(): string | null {
    const token = this.#tokens[this.#at];
    return token?.kind === 'operator' ? token.text : null;
  }

  #take(...texts: readonly string[]): string | null {
    const text = this.#next();
    if (text === null || !texts.includes(text)) return null;
    this.#at += 1;
    return text;
  }

  #deeper<Read>(read: () => Read): Read {
    this.#depth += 1;
    if (this.#depth > depthMax) {
      throw new Stop('value', `expected at most ${depthMax} levels of parentheses and signs`);
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #choice(): Value {
    const value = this.#or();
    if (this.#take('if') === null) return value;
    const condition = this.#or();
    if (this.#take('else') === null) throw new Stop('syntax', 'expected "else"');
    const other = this.#deeper(() => this.#choice());
    return isTrue(condition) ? value : other;
  }

  #or(): Value {
    let value = this.#and();
    while (this.#take('or') !== null) {
      const right = this.#and();
      value = isTrue(value) ? value : right;
    }
    return value;
  }

  #and(): Value {
    let value = this.#not();
    while (this.#take('and') !== null) {
      const right = this.#not();
      value = isTrue(value) ? right : value;
    }
    return value;
  }

  #not(): Value {
    if (this.#take('not') === null) return this.#comparison();
    return !isTrue(this.#deeper(() => this.#not()));
  }

  /** `1 < x < 9` holds where each pair of neighbours does. */
  #comparison(): Value {
    let left = this.#sum();
    let result: boolean | null = null;
    for (;;) {
      let operator = this.#take('==', '!=', '<', '<=', '>', '>=', 'in', 'not');
      if (operator === null) return result ?? left;
      if (operator === 'not') {
        if (this.#take('in') === null) throw new Stop('syntax', 'expected "not in"');
        operator = 'not in';
      }
      const right = this.#sum();
      result = (result ?? true) && compare(left, operator, right);
      left = right;
    }
  }

  #sum(): Value {
    let left = this.#product();
    for (;;) {
      const operator = this.#take('+', '-');
      if (operator === null) return left;
      left = calculate(left, operator, this.#product());
    }
  }

  #product(): Value {
    let left = this.#sign();
    for (;;) {
      const operator = this.#take(...factors);
      if (operator === null) return left;
      left = calculate(left, operator, this.#sign());
    }
  }

  #sign(): Value {
    const sign = this.#take('-', '+');
    if (sign === null) return this.#power();
    return calculate(
      0,
      sign,
      this.#deeper(() => this.#sign()),
    );
  }

  #power(): Value {
    const base = this.#atom();
    if (this.#take('**') === null) return base;
    return calculate(
      base,
      '**',
      this.#deeper(() => this.#sign()),
    );
  }

  #atom(): Value {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Stop('syntax', 'expected a value at its end');
    this.#at += 1;
    if (token.kind === 'value') return token.value;
    if (token.text === '(') return this.#list(')');
    if (token.text === '[') return this.#list(']');
    throw new Stop('syntax', `expected a value, found "${token.text}"`);
  }

  /** `(x)` is x; with a comma, or in brackets, it is a list. */
  #list(end: ')' | ']'): Value {
    return this.#deeper(() => {
      const items = [this.#choice()];
      let isList = end === ']';
      while (this.#take(',') !== null) {
        isList = true;
        if (this.#next() !== end) items.push(this.#choice());
      }
      if (this.#take(end) === null) throw new Stop('syntax', `expected "${end}"`);
      return isList ? items : items[0]!;
    });
  }
}

function isTrue(value: Value): boolean {
  if (typeof value === 'object') return value.length > 0;
  if (typeof value !== 'string') return Boolean(value);
  return !['', '0', 'false', 'no', 'none'].includes(value.toLowerCase());
}

function compare(left: Value, operator: string, right: Value): boolean {
  if (operator === '==') return same(left, right);
  if (operator === '!=') return !same(left, right);
  if (operator === 'in') return membersOf(right).some((item) => same(left, item));
  if (operator === 'not in') return !membersOf(right).some((item) => same(left, item));
  const numbers = typeof left === 'number' && typeof right === 'number';
  if (!numbers && !(typeof left === 'string' && typeof right === 'string')) {
    throw new Stop('value', `"${operator}" expected two numbers or two texts`);
  }
  const order = left < right ? -1 : Number(left > right);
  const holds = {'<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0};
  return holds[operator as keyof typeof holds];
}

/** A number that was written in quotes is the same number. */
function same(left: Value, right: Value): boolean {
  return textOf(left) === textOf(right);
}

/** Whole words of a text: "n1" is not in "n10 n2". */
function membersOf(value: Value): readonly Value[] {
  if (typeof value === 'object') return value;
  return textOf(value).split(/\s+/);
}

function calculate(left: Value, operator: string, right: Value): Value {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') {
    if (left.length + right.length > textCharsMax) throw new Stop('value', 'the text is too long');
    return left + right;
  }
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new Stop('value', `"${operator}" expected two numbers`);
  }
  if (right === 0 && ['/', '//', '%'].includes(operator)) {
    throw new Stop('value', 'a division by zero');
  }
  const result = {
    '+': () => left + right,
    '-': () => left - right,
    '*': () => left * right,
    '/': () => left / right,
    '//': () => Math.floor(left / right),
    '%': () => left - right * Math.floor(left / right),
    '**': () => left ** right,
  }[operator]!();
  if (Number.isFinite(result) && Math.abs(result) <= magnitudeMax) return result;
  throw new Stop('value', 'the result is too large, or no number');
}
