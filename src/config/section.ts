/**
 * One section with its table of keys: everything in it is checked once, then values are looked up
 * by key and node. Scopes are tried as OpenSVC does: the node, then `nodes`, then the bare key.
 */

import {quote, type Report} from './findings.ts';
import type {IniEntry, IniSection} from './ini.ts';
import type {KeySpec, KeyTable, KeyValue} from './key-spec.ts';
import type {KeyFate} from './known-keys.ts';
import {nearest} from './nearest.ts';
import type {Place} from './types.ts';
import {checkValue, type CheckedValue} from './value.ts';

export interface SectionContext {
  readonly report: Report;
  /** Nodes that may stand behind `@`. Empty: not known, any name is taken. */
  readonly nodes: readonly string[];
  /** What to do with a key that the table lacks. */
  readonly fate?: (key: string, raw: string) => KeyFate;
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
  readonly entry: IniEntry;
  readonly value: CheckedValue | null;
}

export function readSection<Keys extends KeyTable>(
  section: IniSection | Place,
  keys: Keys,
  context: SectionContext,
): Section<Keys> {
  const cells = new Map<string, Cell>();
  for (const entry of 'entries' in section ? section.entries : []) {
    const spec = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
    if (spec === undefined) {
      unknownKey(entry, keys, context);
    } else if (scopeIsUsable(entry, spec, context)) {
      const value = checkValue(entry, spec, context.report);
      cells.set(cellName(entry.key, entry.scope), {entry, value});
    }
  }
  const find = (key: string, node: string | undefined): Cell | undefined => {
    const scoped = node === undefined ? undefined : cells.get(cellName(key, node));
    return scoped ?? cells.get(cellName(key, 'nodes')) ?? cells.get(key);
  };
  return {
    place: {file: section.file, line: section.line},
    get: (key, node) => (find(key, node)?.value ?? null) as KeyValue<Keys[typeof key]> | null,
    has: (key, node) => find(key, node) !== undefined,
    placeOf: (key, node) => placeOf(find(key, node)?.entry ?? section),
  };
}

function cellName(key: string, scope: string | null): string {
  return scope === null ? key : `${key}@${scope.toLowerCase()}`;
}

function placeOf({file, line}: Place): Place {
  return {file, line};
}

function unknownKey(entry: IniEntry, keys: KeyTable, context: SectionContext): void {
  const fate = context.fate?.(entry.key, entry.raw) ?? null;
  if (fate === 'cosmetic') return;
  if (fate === 'unused') {
    context.report('HA_CONF_NOT_USED', entry, `${entry.key} is not used by this version`);
  } else if (fate === 'refused') {
    const message = `${entry.key} asks for something that this version does not do`;
    context.report('HA_CONF_NOT_SUPPORTED', entry, message);
  } else {
    const known = Object.keys(keys);
    const near = nearest(entry.key, known);
    const hint =
      near === null ? `The keys here are: ${known.join(', ')}.` : `Did you mean "${near}"?`;
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
  if (scope === 'drpnodes' || scope === 'encapnodes') {
    context.report('HA_CONF_NOT_USED', entry, `${quote(written)} is not used by this version`);
    return false;
  }
  if (context.nodes.some((node) => node.toLowerCase() === scope)) return true;
  const near = nearest(entry.scope, context.nodes);
  const hint =
    near === null ? `The nodes are: ${context.nodes.join(' ')}.` : `Did you mean "@${near}"?`;
  const message = `${written} expected a node of the cluster, found ${quote(entry.scope)}`;
  context.report('HA_CONF_UNKNOWN_NODE', entry, message, hint);
  return false;
}
