/** A service file's values as one node reads them, without the tables of keys. */

import {collectFindings} from '../../../src/config/findings.ts';
import {readIni} from '../../../src/config/ini.ts';
import {Language, type Evaluated} from '../../../src/config/language/language.ts';
import {inForce, nobody, scopesOn, type Members} from '../../../src/config/language/members.ts';

export const around = {
  service: 'web.example',
  cluster: 'blue',
  clusterNodes: ['node1', 'node2.example'],
  directory: '/etc/ha',
};

export interface Reader {
  readonly language: Language;
  /** The value of `section.key` on a node, or `LINE CODE: message`. */
  readonly read: (section: string, key: string, node?: string | null) => string;
  /** Of all entries that are in force on a node. */
  readonly readAll: (node: string | null) => readonly Evaluated[];
}

export function readerOf(text: string, members: Partial<Members> = {}): Reader {
  const {report, list} = collectFindings();
  const document = readIni('x.conf', text, report);
  if (list().length > 0)
    throw new Error(
      list()
        .map(({message}) => message)
        .join('\n'),
    );
  const all = {...nobody, nodes: ['node1', 'node2.example'], ...members};
  const language = new Language({document, members: all, around, keyOf: (_, key) => key});
  const sectionOf = (name: string): (typeof document.sections)[number] =>
    document.sections.find((section) => section.name === name)!;
  const read: Reader['read'] = (section, key, node = 'node1') => {
    const entries = sectionOf(section).entries.filter((entry) => entry.key === key);
    const entry = inForce(entries, scopesOn(node, all));
    if (entry === undefined) return 'nothing';
    const value = language.evaluate(entry, {section, node});
    return value.ok
      ? value.value
      : `${value.error.line} ${value.error.code}: ${value.error.message}`;
  };
  const readAll: Reader['readAll'] = (node) =>
    document.sections.flatMap((section) =>
      section.entries.map((entry) => language.evaluate(entry, {section: section.name, node})),
    );
  return {language, read, readAll};
}

/** One value in a section with some others. */
export function valueOf(raw: string, node: string | null = 'node1'): string {
  const text = `[DEFAULT]
nodes = n1 n2 n3
one = 1
ip6 = 2001:db8::1
[env]
list = a  b c
pick = list
word = Some words
zero = 0
[app#1.2]
own = mine
value = ${raw}
`;
  return readerOf(text).read('app#1.2', 'value', node);
}
