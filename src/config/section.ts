/**
 * One section with its table of keys: everything in it is checked once, then values are looked up
 * by key and node, in OpenSVC's order of scopes. With a language, as service files have one, a
 * value may refer to others, and is then checked as each node evaluates it; a key that the section
 * lacks may stand in [DEFAULT].
 */

import {quote, type Report} from './findings.ts';
import {unquote, type IniEntry, type IniSection} from './ini.ts';
import type {KeySpec, KeyTable, KeyValue} from './key-spec.ts';
import type {KeyFate} from './known-keys.ts';
import type {Language} from './language/language.ts';
import {inForce, isEmptyScope, nobody, scopeWords} from './language/members.ts';
import {mayRefer} from './language/template.ts';
import {nearest} from './nearest.ts';
import type {Place} from './types.ts';
import {checkValue, readBoolean, refersToOthers, type CheckedValue} from './value.ts';

export interface SectionContext {
  readonly report: Report;
  /** Nodes that may stand behind `@`. Empty: not known, any name is taken. */
  readonly nodes: readonly string[];
  /** What to do with a key that the table lacks. */
  readonly fate?: (key: string, raw: string) => KeyFate;
  /** Of a service file. Absent: scopes are `@node` and `@nodes`, and nothing refers to others. */
  readonly language?: Language;
  /** [DEFAULT] of the file: what the section lacks and the table knows is looked for there. */
  readonly inherited?: IniSection | null;
}

/** The checked values of one section. A value that was reported is null, as if it were absent. */
export interface Section<Keys extends KeyTable> {
  readonly place: Place;
  get<Key extends keyof Keys & string>(key: Key, node?: string): KeyValue<Keys[Key]> | null;
  /** True where the key was written, even where its value was refused. */
  has(key: keyof Keys & string, node?: string): boolean;
  /** Where the key was written, else the section itself. */
  placeOf(key: keyof Keys & string, node?: string): Place;
}

interface Cell {
  readonly scope: string | null;
  readonly entry: IniEntry;
  /** On one node; null: what is the same on all. */
  readonly valueOn: (node: string | null) => CheckedValue | null;
}

/** Cells by key: those of the section, and those of [DEFAULT] where it has none for a node. */
interface Cells {
  readonly own: Map<string, Cell[]>;
  readonly inherited: Map<string, Cell[]>;
}

export function readSection<Keys extends KeyTable>(
  section: IniSection | Place,
  keys: Keys,
  context: SectionContext,
): Section<Keys> {
  const cells: Cells = {own: new Map(), inherited: new Map()};
  const name = 'name' in section ? section.name : '';
  for (const entry of 'entries' in section ? section.entries : []) {
    const spec = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
    if (spec === undefined) unknownKey(entry, keys, context);
    else addCell(cells.own, {entry, spec, section: name}, context);
  }
  for (const entry of context.inherited?.entries ?? []) {
    const spec = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
    if (spec === undefined || spec.ownOnly === true || entry.key === 'type') continue;
    addCell(cells.inherited, {entry, spec, section: name}, context);
  }
  const find = (key: string, node: string | undefined): Cell | undefined => {
    const scopes =
      context.language === undefined
        ? [...(node === undefined ? [] : [node.toLowerCase()]), 'nodes']
        : context.language.scopesOn(node ?? null);
    return (
      inForce(cells.own.get(key) ?? [], scopes) ?? inForce(cells.inherited.get(key) ?? [], scopes)
    );
  };
  return {
    place: {file: section.file, line: section.line},
    get: (key, node) =>
      (find(key, node)?.valueOn(node ?? null) ?? null) as KeyValue<Keys[typeof key]> | null,
    has: (key, node) => find(key, node) !== undefined,
    placeOf: (key, node) => placeOf(find(key, node)?.entry ?? section),
  };
}

function placeOf({file, line}: Place): Place {
  return {file, line};
}

interface Written {
  readonly entry: IniEntry;
  readonly spec: KeySpec;
  /** Whose value it is: that of the resource, also where it stands in [DEFAULT]. */
  readonly section: string;
}

function addCell(cells: Map<string, Cell[]>, written: Written, context: SectionContext): void {
  const {entry, spec} = written;
  if (!scopeIsUsable(entry, spec, context)) return;
  const cell = {scope: entry.scope, entry, valueOn: valueReader(written, context)};
  sayFate(written, context.report);
  const list = cells.get(entry.key);
  if (list === undefined) cells.set(entry.key, [cell]);
  else list.push(cell);
}

/** Read, and not acted upon: nobody shall find that out at night. */
function sayFate({entry, spec}: Written, report: Report): void {
  if (spec.fate === undefined) return;
  const off = spec.type === 'boolean' && readBoolean(unquote(entry.raw)) === false;
  if (off || entry.raw === '') return;
  if (spec.fate === 'unused') {
    report('HA_CONF_NOT_USED', entry, `${entry.key} is not used by this version`);
    return;
  }
  const message = `${entry.key} asks for something that this version does not do`;
  report('HA_CONF_NOT_SUPPORTED', entry, message);
}

/** A plain value is checked at once and for all; one that refers to others on each node. */
function valueReader(written: Written, context: SectionContext): Cell['valueOn'] {
  const {entry, spec} = written;
  const {report, language} = context;
  if (language === undefined || !mayRefer(entry.raw)) {
    const refers = language === undefined && refersToOthers(entry, report);
    const value = refers ? null : checkValue(entry, spec, report);
    return () => value;
  }
  const values = new Map<string | null, CheckedValue | null>();
  const valueOn = (node: string | null): CheckedValue | null => {
    const known = values.get(node);
    if (known !== undefined) return known;
    const value = evaluated(written, node, {report, language});
    values.set(node, value);
    return value;
  };
  const members = [...language.members.nodes, ...language.members.drpnodes];
  for (const node of spec.scoped === true ? members : [null]) valueOn(node);
  return valueOn;
}

function evaluated(
  {entry, spec, section}: Written,
  node: string | null,
  {report, language}: {readonly report: Report; readonly language: Language},
): CheckedValue | null {
  const text = language.evaluate(entry, {section, node});
  if (!text.ok) {
    const {code, message, hint} = text.error;
    report(code, text.error, message, hint);
    return null;
  }
  const found = {...entry, raw: text.value};
  const runs = spec.type === 'command' || spec.type === 'verb';
  if (!runs && text.value.includes('$(')) {
    const message = `${entry.key} expected an expression in $(), found ${quote(entry.raw)}`;
    report('HA_CONF_EXPRESSION', entry, message);
    return null;
  }
  return checkValue(found, spec, report);
}

function unknownKey(entry: IniEntry, keys: KeyTable, context: SectionContext): void {
  const fate = context.fate?.(entry.key, entry.raw) ?? null;
  const isOff = fate === 'refused' && readBoolean(unquote(entry.raw)) === false;
  if (fate === 'cosmetic' || isOff) return;
  if (fate === 'unused') {
    context.report('HA_CONF_NOT_USED', entry, `${entry.key} is not used by this version`);
  } else if (fate === 'refused') {
    const message = `${entry.key} asks for something that this version does not do`;
    context.report('HA_CONF_NOT_SUPPORTED', entry, message);
  } else {
    const known = Object.keys(keys);
    const near = nearest(entry.key, known);
    const useful = known.filter((key) => keys[key]!.fate === undefined);
    const hint =
      near === null ? `The keys here are: ${useful.join(', ')}.` : `Did you mean "${near}"?`;
    context.report('HA_CONF_UNKNOWN_KEY', entry, `unknown key ${quote(entry.key)}`, hint);
  }
}

function scopeIsUsable(entry: IniEntry, spec: KeySpec, context: SectionContext): boolean {
  if (entry.scope === null) return true;
  const written = `${entry.key}@${entry.scope}`;
  if (spec.scoped !== true) {
    const message = `${entry.key} expected one value for all nodes, found ${quote(written)}`;
    context.report('HA_CONF_NOT_SCOPABLE', entry, message);
    return false;
  }
  const scope = entry.scope.toLowerCase();
  if (scope === 'nodes' || context.nodes.length === 0) return true;
  const {language} = context;
  if (language !== undefined && scopeWords.includes(scope)) {
    if (isEmptyScope(scope, language.members)) {
      const message = `${quote(written)} concerns no node, for lack of such nodes in [DEFAULT]`;
      context.report('HA_CONF_NOT_USED', entry, message);
    }
    return true;
  }
  if (scope === 'drpnodes' || scope === 'encapnodes') {
    context.report('HA_CONF_NOT_USED', entry, `${quote(written)} is not used by this version`);
    return false;
  }
  const {drpnodes, encapnodes} = language?.members ?? nobody;
  const known = [...context.nodes, ...drpnodes, ...encapnodes];
  if (known.some((node) => node.toLowerCase() === scope)) return true;
  const near = nearest(entry.scope, known);
  const hint =
    near === null ? `The nodes are: ${context.nodes.join(' ')}.` : `Did you mean "@${near}"?`;
  const message = `${written} expected a node of the cluster, found ${quote(entry.scope)}`;
  context.report('HA_CONF_UNKNOWN_NODE', entry, message, hint);
  return false;
}
