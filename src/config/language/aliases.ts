/**
 * Old names of OpenSVC, in one table: sections that were families of their own before they became
 * types of one, and keys that were renamed. Everything behind this file sees the new names alone;
 * a resource keeps the name of its section, as `vg#0`, which is what operators type and read.
 */

import {quote, type Report} from '../findings.ts';
import type {IniDocument, IniEntry, IniSection} from '../ini.ts';

/** Section -> the family that it became part of, and the type there. */
export const sectionAliases: Readonly<
  Record<string, {readonly family: string; readonly type: string}>
> = {
  drbd: {family: 'disk', type: 'drbd'},
  loop: {family: 'disk', type: 'loop'},
  lv: {family: 'disk', type: 'lv'},
  md: {family: 'disk', type: 'md'},
  pool: {family: 'disk', type: 'zpool'},
  raw: {family: 'disk', type: 'raw'},
  vdisk: {family: 'disk', type: 'vdisk'},
  vg: {family: 'disk', type: 'vg'},
  vmdg: {family: 'disk', type: 'ldom'},
  vxdg: {family: 'disk', type: 'vxdg'},
  vxvol: {family: 'disk', type: 'vxvol'},
  zpool: {family: 'disk', type: 'zpool'},
  zvol: {family: 'disk', type: 'zvol'},
};

/** Old key -> new key, in all resources of a family; `DEFAULT` is the section. */
const keyAliases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DEFAULT: {
    affinity: 'hard_affinity',
    anti_affinity: 'hard_anti_affinity',
    cluster_type: 'topology',
    flex_max_nodes: 'flex_max',
    flex_min_nodes: 'flex_min',
    service_type: 'env',
  },
  disk: {poolname: 'name', vgname: 'name'},
  container: {docker_data_dir: 'container_data_dir'},
};

/** Of a section by its name: `vg#0` is a disk. */
export function familyOfSection(section: string): string {
  const word = section.split('#')[0]!;
  if (word === 'DEFAULT') return word;
  const family = word.toLowerCase();
  return Object.hasOwn(sectionAliases, family) ? sectionAliases[family]!.family : family;
}

/** `start_depends` was renamed to `start_requires` everywhere. */
export function canonicalKey(section: string, key: string): string {
  return section === 'env' ? key : newKey(keyAliases[familyOfSection(section)], key);
}

function newKey(aliases: Readonly<Record<string, string>> | undefined, key: string): string {
  if (aliases !== undefined && Object.hasOwn(aliases, key)) return aliases[key]!;
  return key.endsWith('_depends') ? `${key.slice(0, -'depends'.length)}requires` : key;
}

/** The document with new names; a key that stands under both names is told, and kept once. */
export function withNewNames(document: IniDocument, report: Report): IniDocument {
  return {...document, sections: document.sections.map((section) => withNewKeys(section, report))};
}

function withNewKeys(section: IniSection, report: Report): IniSection {
  const aliases = keyAliases[familyOfSection(section.name)];
  const isOld = ({key}: IniEntry): boolean => newKey(aliases, key) !== key;
  if (section.name === 'env' || !section.entries.some(isOld)) return section;
  const first = new Map<string, IniEntry>();
  for (const entry of section.entries) {
    const key = newKey(aliases, entry.key);
    const name = `${key}@${entry.scope?.toLowerCase() ?? ''}`;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, {...entry, key});
    else {
      const found = `found it again as ${quote(entry.key)} after line ${earlier.line}`;
      report('HA_CONF_DUPLICATE_KEY', entry, `expected "${key}" once, ${found}`);
    }
  }
  return {...section, entries: [...first.values()]};
}
