/** The values of one section as one node evaluates them: what the reader of a kind works with. */

import type {KeyTable, KeyValue} from '../key-spec.ts';
import type {Section} from '../section.ts';
import type {Place} from '../types.ts';

export interface Values<Keys extends KeyTable> {
  /** As written between the brackets: `ip#0`. */
  readonly name: string;
  readonly place: Place;
  /** null where it was not written, or was refused and reported. */
  get<Key extends keyof Keys & string>(key: Key): KeyValue<Keys[Key]> | null;
  /** True where the key was written, even where its value was refused. */
  has(key: keyof Keys & string): boolean;
  /** Where the key was written, else the section itself. */
  placeOf(key: keyof Keys & string): Place;
  /** As another node evaluates it. */
  on(node: string): Values<Keys>;
}

export function valuesOn<Keys extends KeyTable>(
  name: string,
  section: Section<Keys>,
  node: string,
): Values<Keys> {
  return {
    name,
    place: section.place,
    get: (key) => section.get(key, node),
    has: (key) => section.has(key, node),
    placeOf: (key) => section.placeOf(key, node),
    on: (other) => valuesOn(name, section, other),
  };
}
