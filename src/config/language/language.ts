/**
 * The values of a service file as a node reads them: scopes, references and expressions. Total and
 * bounded: every value is evaluated once per section and node, to a text within a limit or to the
 * reason why there is none; a circle is told with its chain.
 */

import {err, ok, type Result} from '../../kernel/result.ts';
import type {ConfigCode} from '../codes.ts';
import {quote} from '../findings.ts';
import {unquote, type IniDocument, type IniEntry, type IniSection} from '../ini.ts';
import {valueCharsMax} from '../limits.ts';
import {didYouMean} from '../nearest.ts';
import type {Place} from '../types.ts';
import {evaluateExpression} from './expression.ts';
import {inForce, scopesOn, type Members} from './members.ts';
import {
  absentNames,
  clusterValue,
  differsByNode,
  knownNames,
  namedValue,
  splitName,
  type Surroundings,
  type Where,
} from './names.ts';
import {applyModifier, splitReference} from './reference.ts';
import {mayRefer, parseTemplate, type Part} from './template.ts';
import type {Piece} from './tokens.ts';

export interface LanguageOptions {
  /** With its old names replaced: see aliases.ts. */
  readonly document: IniDocument;
  readonly members: Members;
  readonly around: Surroundings;
  /** The key that an old name of it stands for, in a section. */
  readonly keyOf: (section: string, key: string) => string;
}

export interface LanguageFailure extends Place {
  readonly code: ConfigCode;
  readonly message: string;
  readonly hint?: string;
}

export type Evaluated = Result<string, LanguageFailure>;

/** References that lead to references. */
const chainMax = 20;

interface Link {
  readonly entry: IniEntry;
  readonly section: string;
}

export class Language {
  readonly members: Members;
  readonly #options: LanguageOptions;
  readonly #sections: ReadonlyMap<string, IniSection>;
  readonly #done = new Map<string, Evaluated>();
  readonly #parts = new Map<IniEntry, readonly Part[]>();
  readonly #scopes = new Map<string | null, readonly string[]>();

  constructor(options: LanguageOptions) {
    this.#options = options;
    this.members = options.members;
    this.#sections = new Map(options.document.sections.map((section) => [section.name, section]));
  }

  /** Scopes that concern a node, the first of them first. */
  scopesOn(node: string | null): readonly string[] {
    const known = this.#scopes.get(node);
    if (known !== undefined) return known;
    const scopes = scopesOn(node, this.members);
    this.#scopes.set(node, scopes);
    return scopes;
  }

  /** `where.section`: of the resource that reads the entry, which may stand in [DEFAULT]. */
  evaluate(entry: IniEntry, where: Where): Evaluated {
    return this.#evaluate(entry, where, []);
  }

  #evaluate(entry: IniEntry, where: Where, chain: readonly Link[]): Evaluated {
    if (!mayRefer(entry.raw)) return ok(entry.raw);
    const circle = circleOf(chain, {entry, section: where.section});
    if (circle !== null) return err(circle);
    const name = `${where.section}\n${entry.line}\n${entry.key}\n${where.node ?? ''}`;
    const known = this.#done.get(name);
    if (known !== undefined) return known;
    const result =
      chain.length === chainMax
        ? failure(entry, 'HA_CONF_REFERENCE', `${entry.key} refers on more than ${chainMax} times`)
        : this.#fill(this.#partsOf(entry), {
            entry,
            where,
            chain: [...chain, {entry, section: where.section}],
          });
    if (chain.length < chainMax) this.#done.set(name, result);
    return result;
  }

  /** Parsed once for all nodes. */
  #partsOf(entry: IniEntry): readonly Part[] {
    const known = this.#parts.get(entry);
    if (known !== undefined) return known;
    const parts = parseTemplate(entry.raw);
    this.#parts.set(entry, parts);
    return parts;
  }

  #fill(parts: readonly Part[], at: At): Evaluated {
    let text = '';
    for (const part of parts) {
      const piece = this.#partText(part, at);
      if (!piece.ok) return piece;
      text += piece.value;
      if (text.length <= valueCharsMax) continue;
      const message = `${at.entry.key} expected at most ${valueCharsMax} characters, found more`;
      return failure(at.entry, 'HA_CONF_VALUE_TOO_LONG', message);
    }
    return ok(text);
  }

  #partText(part: Part, at: At): Evaluated {
    if (part.kind === 'text') return ok(part.text);
    if (part.kind === 'reference') return this.#reference(part, at);
    const pieces: Piece[] = [];
    for (const inner of part.parts) {
      const text = this.#partText(inner, at);
      if (!text.ok) return text;
      pieces.push({kind: inner.kind === 'text' ? 'text' : 'value', text: text.value});
    }
    const result = evaluateExpression(pieces);
    if (result.ok) return result;
    // What is no expression belongs to a shell; where there can be none, its reader refuses it.
    if (result.error.kind === 'syntax') {
      return ok(`$(${pieces.map(({text}) => text).join('')})`);
    }
    const message = `${at.entry.key} expected a value, found ${quote(part.source)}`;
    return failure(at.entry, 'HA_CONF_EXPRESSION', `${message}: ${result.error.why}`);
  }

  #reference(part: Part & {readonly kind: 'reference'}, at: At): Evaluated {
    const name = this.#fill(part.name, at);
    if (!name.ok) return name;
    const {modifier, counts, target, index} = splitReference(name.value);
    const value = this.#lookUp(target, at);
    if (!value.ok) return value;
    if (!counts && index === null) return ok(applyModifier(modifier, value.value));
    const items = value.value.split(/\s+/).filter((item) => item !== '');
    if (counts) return ok(String(items.length));
    const item = items.at(index!);
    if (item !== undefined) return ok(applyModifier(modifier, item));
    const found = `${target} has ${items.length}`;
    const message = `${at.entry.key} expected an element, found {${name.value}}: ${found}`;
    return failure(
      at.entry,
      'HA_CONF_REFERENCE',
      message,
      `Count from 0, or from the end with -1.`,
    );
  }

  /** Names first, as OpenSVC has it; then this section, then [DEFAULT]; `section.key` elsewhere. */
  #lookUp(target: string, at: At): Evaluated {
    const {entry, where, chain} = at;
    const {around} = this.#options;
    const named = namedValue(target, around, where);
    if (named !== null) return ok(named);
    if (differsByNode(target)) {
      const message = `${entry.key} is the same on all nodes, and {${target}} is not`;
      return failure(entry, 'HA_CONF_REFERENCE', message, 'Write the value itself.');
    }
    const found = this.#entryOf(target, where);
    if (found !== null) {
      const inner = {...where, section: found.section};
      const value = this.#evaluate(found.entry, inner, chain);
      return value.ok ? ok(unquote(value.value)) : value;
    }
    if (target.startsWith('cluster.')) {
      const value = clusterValue(target.slice('cluster.'.length), around);
      if (value !== null) return ok(value);
    }
    return this.#unknown(target, at);
  }

  #entryOf(target: string, where: Where): Link | null {
    const parts = splitName(target, this.#sections);
    const places = parts === null ? [where.section, 'DEFAULT'] : [parts[0]];
    const key = (parts === null ? target : parts[1]).toLowerCase();
    const scopes = this.scopesOn(where.node);
    for (const section of places) {
      const canonical = this.#options.keyOf(section, key);
      const entries = this.#sections.get(section)?.entries ?? [];
      const entry = inForce(
        entries.filter((one) => one.key === canonical),
        scopes,
      );
      if (entry !== undefined) return {entry, section: parts === null ? where.section : section};
    }
    return null;
  }

  #unknown(target: string, {entry, where}: At): Evaluated {
    const message = `${entry.key} expected a key or a name in braces, found {${target}}`;
    if (absentNames.includes(target) || /^(?:node\.|safe:)/.test(target)) {
      const hint = 'This version has nothing for it; write the value itself.';
      return failure(entry, 'HA_CONF_REFERENCE', message, hint);
    }
    if (/\.(?:exposed_devs|sub_devs|base_devs)(?:\[|$)/.test(target)) {
      const hint = 'It is known only once the resource runs; write the devices themselves.';
      return failure(entry, 'HA_CONF_REFERENCE', message, hint);
    }
    const near = ['DEFAULT', where.section].flatMap((name) =>
      (this.#sections.get(name)?.entries ?? []).map(({key}) => key),
    );
    const env = (this.#sections.get('env')?.entries ?? []).map(({key}) => `env.${key}`);
    const fallback = 'Write "\\{" for a brace that is no reference.';
    const hint = didYouMean(target, [...near, ...env, ...knownNames], fallback);
    return failure(entry, 'HA_CONF_REFERENCE', message, hint);
  }
}

/** Where an evaluation stands. */
interface At {
  readonly entry: IniEntry;
  readonly where: Where;
  readonly chain: readonly Link[];
}

function failure(
  {file, line}: Place,
  code: ConfigCode,
  message: string,
  hint?: string,
): {readonly ok: false; readonly error: LanguageFailure} {
  return err({file, line, code, message, ...(hint === undefined ? {} : {hint})});
}

/** The circle that `next` closes, told from its first line on, so that it is told once. */
function circleOf(chain: readonly Link[], next: Link): LanguageFailure | null {
  const start = chain.findIndex((link) => link.entry === next.entry && sameSection(link, next));
  if (start < 0) return null;
  const circle = chain.slice(start);
  const lines = circle.map(({entry}) => entry.line);
  const first = lines.indexOf(Math.min(...lines));
  const turned = [...circle.slice(first), ...circle.slice(0, first)];
  const names = [...turned, turned[0]!].map(
    ({entry, section}) => `${section}.${entry.key} (line ${entry.line})`,
  );
  const {file, line} = turned[0]!.entry;
  const message = `${turned[0]!.entry.key} refers to itself: ${names.join(' -> ')}`;
  return {file, line, code: 'HA_CONF_CIRCULAR', message};
}

function sameSection(left: Link, right: Link): boolean {
  return left.section === right.section;
}
