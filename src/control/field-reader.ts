/**
 * Reads the fields of an object that came from outside: each exactly as expected, none unknown, and
 * the first thing that does not fit is kept as a sentence. Only own fields count, so that a name
 * such as `__proto__` is an unknown field and nothing more.
 */

import {isName} from '../kernel/ids.ts';

export class FieldReader {
  readonly #where: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();
  #error: string | null = null;

  constructor(value: unknown, where: string) {
    this.#where = where;
    const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#fields = fits ? (value as Record<string, unknown>) : {};
    if (!fits) this.#error = `${where}: expected an object, found ${show(value)}`;
  }

  /** What was wrong, or null: to be asked after all fields were read. */
  get error(): string | null {
    if (this.#error !== null) return this.#error;
    const unknown = Object.keys(this.#fields).find((key) => !this.#read.has(key));
    return unknown === undefined ? null : `${this.#where}: ${show(unknown)} is not a known field`;
  }

  fail(message: string): void {
    this.#error ??= `${this.#where}: ${message}`;
  }

  /** True for a field that is there: one that an older client does not know may be left out. */
  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key);
  }

  text(key: string, charsMax: number): string {
    const value = this.#take(key);
    if (typeof value === 'string' && value.length <= charsMax && isPlain(value)) return value;
    this.#expected(
      key,
      `a text of at most ${charsMax} characters without control characters`,
      value,
    );
    return '';
  }

  textOrNull(key: string, charsMax: number): string | null {
    return this.#isNull(key) ? null : this.text(key, charsMax);
  }

  /** A node or service name. */
  name(key: string): string {
    const value = this.#take(key);
    if (typeof value === 'string' && isName(value)) return value;
    this.#expected(key, 'a name', value);
    return '';
  }

  nameOrNull(key: string): string | null {
    return this.#isNull(key) ? null : this.name(key);
  }

  flag(key: string): boolean {
    const value = this.#take(key);
    if (typeof value === 'boolean') return value;
    this.#expected(key, 'true or false', value);
    return false;
  }

  flagOrNull(key: string): boolean | null {
    return this.#isNull(key) ? null : this.flag(key);
  }

  /** A whole number from low to high. */
  count(key: string, low: number, high: number): number {
    const value = this.#take(key);
    const fits = typeof value === 'number' && Number.isSafeInteger(value);
    if (fits && value >= low && value <= high) return value;
    this.#expected(key, `a whole number from ${low} to ${high}`, value);
    return low;
  }

  /** A whole number from 0 to high, or null. */
  countOrNull(key: string, high: number): number | null {
    return this.#isNull(key) ? null : this.count(key, 0, high);
  }

  choice<Word extends string>(key: string, words: readonly Word[]): Word {
    const value = this.#take(key);
    const found = words.find((word) => word === value);
    if (found === undefined) this.#expected(key, `one of ${words.join(', ')}`, value);
    return found ?? words[0]!;
  }

  /** A field that is an object itself; its own reader's error counts for this one. */
  nested<Value>(key: string, read: (fields: FieldReader) => Value): Value {
    const fields = new FieldReader(this.#take(key), `${this.#where}.${key}`);
    const value = read(fields);
    if (fields.error !== null) this.#error ??= fields.error;
    return value;
  }

  #isNull(key: string): boolean {
    this.#read.add(key);
    return Object.hasOwn(this.#fields, key) && this.#fields[key] === null;
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }

  #expected(key: string, what: string, value: unknown): void {
    this.fail(`${key}: expected ${what}, found ${show(value)}`);
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value).slice(0, 40);
}

/** No control characters: what is shown on a terminal must not move its cursor. */
function isPlain(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}
