/**
 * What a service file says, ready to be read section by section: old names replaced, the members
 * known, so that every scope and reference has its meaning on every node.
 */

import type {Report} from './findings.ts';
import type {IniDocument, IniSection} from './ini.ts';
import {canonicalKey, withNewNames} from './language/aliases.ts';
import {Language} from './language/language.ts';
import {inForce, nobody, type Members} from './language/members.ts';
import type {Surroundings} from './language/names.ts';
import {mayRefer} from './language/template.ts';

export interface ServiceText {
  readonly document: IniDocument;
  /** [DEFAULT], or null where there is none. */
  readonly defaults: IniSection | null;
  readonly language: Language;
}

export function readServiceText(
  written: IniDocument,
  around: Surroundings,
  report: Report,
): ServiceText {
  const document = withAllNodes(withNewNames(written, report), around.clusterNodes);
  const defaults = document.sections.find(({name}) => name === 'DEFAULT') ?? null;
  const options = {document, around, keyOf: canonicalKey};
  const members = membersOf(defaults, new Language({...options, members: nobody}));
  const language = new Language({...options, members});
  reportCircles(document, language, report);
  return {document, defaults, language};
}

/** `nodes = *` is every node of the cluster. */
function withAllNodes(document: IniDocument, clusterNodes: readonly string[]): IniDocument {
  const sections = document.sections.map((section) =>
    section.name === 'DEFAULT'
      ? {
          ...section,
          entries: section.entries.map((entry) =>
            entry.key === 'nodes' && entry.raw === '*'
              ? {...entry, raw: clusterNodes.join(' ')}
              : entry,
          ),
        }
      : section,
  );
  return {...document, sections};
}

/** What is wrong with these keys is told by the reader of [DEFAULT]; here it names nobody. */
function membersOf(defaults: IniSection | null, language: Language): Members {
  const list = (key: string): readonly string[] => {
    const entries = defaults?.entries.filter((entry) => entry.key === key) ?? [];
    const entry = inForce(entries, []);
    if (entry === undefined) return [];
    const text = language.evaluate(entry, {section: 'DEFAULT', node: null});
    return text.ok ? text.value.split(/\s+/).filter((name) => name !== '') : [];
  };
  const nodes = list('nodes');
  const drpnodes = [...new Set([...list('drpnode'), ...list('drpnodes')])];
  return {
    nodes,
    drpnodes,
    encapnodes: list('encapnodes'),
    flexPrimary: list('flex_primary')[0] ?? nodes[0] ?? null,
    drpFlexPrimary: list('drp_flex_primary')[0] ?? drpnodes[0] ?? null,
  };
}

/** Also among values that nothing uses: one day something does. */
function reportCircles(document: IniDocument, language: Language, report: Report): void {
  const nodes = [...language.members.nodes, ...language.members.drpnodes];
  for (const {name: section, entries} of document.sections) {
    const values = entries
      .filter(({raw}) => mayRefer(raw))
      .flatMap((entry) => nodes.map((node) => language.evaluate(entry, {section, node})));
    for (const value of values) {
      if (value.ok || value.error.code !== 'HA_CONF_CIRCULAR') continue;
      report('HA_CONF_CIRCULAR', value.error, value.error.message, value.error.hint);
    }
  }
}
