/** `section.key@scope`, alone or with what shall become of it: `=`, `+=`, `|=`, `-=`, `[0]=`. */

import {err, ok, type Result} from '../kernel/result.ts';
import type {KeyPath} from './edit-ini.ts';
import {quote} from './findings.ts';

/** `append`: one more word; `add`: the same where it is absent; `item`: one word replaced. */
export interface Assignment extends KeyPath {
  readonly action: 'set' | 'append' | 'add' | 'remove' | 'item';
  readonly index: number;
  readonly value: string;
}

const actions = {'': 'set', '+': 'append', '|': 'add', '-': 'remove'} as const;

/** `sections`: names that exist, as one may hold dots; a key without a section is of [DEFAULT]. */
export function parseKeyPath(text: string, sections: readonly string[]): Result<KeyPath> {
  const [name = '', scope = null, more] = text.split('@');
  const known = sections
    .filter((section) => name.startsWith(`${section}.`))
    .toSorted((left, right) => right.length - left.length)[0];
  const at = known === undefined ? name.lastIndexOf('.') : known.length;
  const section = at < 0 ? 'DEFAULT' : name.slice(0, at);
  const key = name.slice(at + 1).toLowerCase();
  if (more === undefined && section !== '' && /^[a-z_][a-z0-9_.+-]*$/.test(key)) {
    return ok({section, key, scope});
  }
  const message = `expected section.key or section.key@node, found ${quote(text)}`;
  return err({
    code: 'HA_CONF_BAD_NAME',
    message,
    hint: 'Write it as DEFAULT.nodes or fs#1.dev@node1.',
  });
}

export function parseAssignment(text: string, sections: readonly string[]): Result<Assignment> {
  const match = /^([^=]*?)(?:\[(-?\d{1,4})\])?([+|-]?)=(.*)$/s.exec(text);
  if (match === null) {
    const message = `expected section.key=value, found ${quote(text)}`;
    return err({code: 'HA_CONF_SYNTAX', message, hint: 'Write it as app#1.start=yes.'});
  }
  const path = parseKeyPath(match[1]!.trim(), sections);
  if (!path.ok) return path;
  const index = match[2];
  if (index !== undefined && match[3] !== '') {
    const message = `expected one of [N]= and ${match[3]!}=, found both in ${quote(text)}`;
    return err({code: 'HA_CONF_SYNTAX', message});
  }
  return ok({
    ...path.value,
    action: index === undefined ? actions[match[3] as keyof typeof actions] : 'item',
    index: Number(index ?? 0),
    value: match[4]!.trim(),
  });
}

/** The new value, from the one that is there; null: none. */
export function assignedValue(change: Assignment, old: string | null): Result<string> {
  const {action, index, value} = change;
  if (action === 'set') return ok(value);
  const words = (old ?? '').split(/\s+/).filter((word) => word !== '');
  if (action === 'append') return ok([...words, value].join(' '));
  if (action === 'add')
    return ok(words.includes(value) ? words.join(' ') : [...words, value].join(' '));
  if (action === 'remove') {
    if (words.includes(value)) return ok(words.filter((word) => word !== value).join(' '));
    const message = `expected ${quote(value)} among ${quote(words.join(' '))}, found it not`;
    return err({code: 'HA_CONF_BAD_VALUE', message});
  }
  const at = index < 0 ? words.length + index : index;
  if (at >= 0 && at < words.length) return ok(words.with(at, value).join(' '));
  const message = `expected an element of ${words.length}, found [${index}]`;
  return err({code: 'HA_CONF_BAD_VALUE', message, hint: 'Count from 0, or from the end with -1.'});
}
