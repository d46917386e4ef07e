/**
 * A small reader for the XML that resource agents print about themselves (OCF RA API 1.1, "meta
 * data"): elements, attributes, text, comments, CDATA and the five entities. No document types of
 * its own, no entities to define, nothing to fetch; what is larger or deeper than any agent's is
 * refused, because an agent is a program of somebody else.
 */

import {err, ok, type Result} from '../../kernel/result.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly inside, as written but for entities. */
  readonly text: string;
}

/** The largest of Debian's agents prints 13 kB in 300 elements, four deep. */
const charsMax = 262_144;
const elementsMax = 4_096;
const depthMax = 16;
const attributesMax = 32;

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const quotedText = /(?:"[^"<]*"|'[^'<]*')/.source;
const nameText = /[A-Za-z_][\w.:-]*/.source;
/** One at a time: what passes, CDATA, a tag with its attributes, or text. */
const token = new RegExp(
  [
    /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>[]*>/.source,
    /<!\[CDATA\[([\s\S]*?)\]\]>/.source,
    `<(\\/?)(${nameText})((?:\\s+${nameText}\\s*=\\s*${quotedText})*)\\s*(\\/?)>`,
    /([^<]+)/.source,
  ].join('|'),
  'y',
);
const attribute = /\s+([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The one element of a document; else a sentence, what is wrong with it and in which line. */
export function readXml(source: string): Result<XmlElement, string> {
  if (source.length > charsMax) {
    return err(`expected at most ${charsMax} characters, found ${source.length}`);
  }
  const reader = new Reader(source);
  const fault = reader.read();
  if (fault !== null) return err(fault);
  return reader.root === null ? err('expected an element, found none') : ok(reader.root);
}

class Reader {
  root: XmlElement | null = null;
  readonly #source: string;
  readonly #open: Open[] = [];
  #elements = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Null where all of it was read. */
  read(): string | null {
    let at = 0;
    token.lastIndex = 0;
    while (at < this.#source.length) {
      token.lastIndex = at;
      const match = token.exec(this.#source);
      const fault = match === null ? 'expected markup or text' : this.#take(match);
      if (fault !== null) return `line ${this.#lineAt(at)}: ${fault}`;
      at = token.lastIndex;
    }
    const left = this.#open.at(-1);
    return left === undefined ? null : `expected </${left.name}>, found the end`;
  }

  #take(match: RegExpExecArray): string | null {
    const [, data, slash, name, attributes, empty, text] = match;
    if (name !== undefined) {
      if (slash === '/') return attributes === '' ? this.#close(name) : `</${name} is no end`;
      return this.#begin(name, attributes ?? '', empty === '/');
    }
    if (data !== undefined) return this.#addText(data);
    if (text === undefined) return null;
    const plain = withoutEntities(text);
    return plain === null ? 'expected an entity that is known' : this.#addText(plain);
  }

  #addText(text: string): string | null {
    const inside = this.#open.at(-1);
    if (inside !== undefined) inside.text += text;
    // An agent that prints a warning first is common; what is beside the element says nothing.
    return null;
  }

  #begin(name: string, text: string, isEmpty: boolean): string | null {
    if (this.root !== null) return `expected one element, found <${name}> behind it`;
    this.#elements += 1;
    if (this.#elements > elementsMax) return `expected at most ${elementsMax} elements`;
    if (this.#open.length >= depthMax) return `expected at most ${depthMax} elements inside others`;
    const attributes = attributesOf(text);
    if (typeof attributes === 'string') return `<${name}> ${attributes}`;
    this.#open.push({name, attributes, children: [], text: ''});
    return isEmpty ? this.#close(name) : null;
  }

  #close(name: string): string | null {
    const done = this.#open.pop();
    if (done === undefined) return `</${name}> ends nothing`;
    if (done.name !== name) return `expected </${done.name}>, found </${name}>`;
    const outer = this.#open.at(-1);
    if (outer === undefined) this.root = done;
    else outer.children.push(done);
    return null;
  }

  #lineAt(index: number): number {
    return this.#source.slice(0, index).split('\n').length;
  }
}

function attributesOf(text: string): ReadonlyMap<string, string> | string {
  const found = new Map<string, string>();
  for (const [, name = '', double, single] of text.matchAll(attribute)) {
    const value = withoutEntities(double ?? single ?? '');
    if (value === null) return `${name} expected an entity that is known`;
    if (found.has(name)) return `has ${name} twice`;
    if (found.size >= attributesMax) return `expected at most ${attributesMax} attributes`;
    found.set(name, value);
  }
  return found;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Null where an entity is none of XML's own. A bare `&` is an error of XML, and of ours. */
function withoutEntities(text: string): string | null {
  if (!text.includes('&')) return text;
  let isKnown = true;
  const plain = text.replaceAll(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{1,8}));|&/g, (...parts) => {
    const [, decimal, hexadecimal, name] = parts as (string | undefined)[];
    const code = decimal ?? hexadecimal;
    const point = code === undefined ? -1 : Number.parseInt(code, decimal === undefined ? 16 : 10);
    const found = name === undefined ? characterOf(point) : (entities[name] ?? null);
    isKnown &&= found !== null;
    return found ?? '';
  });
  return isKnown ? plain : null;
}

function characterOf(point: number): string | null {
  return point > 0 && point <= 0x10_ffff ? String.fromCodePoint(point) : null;
}
