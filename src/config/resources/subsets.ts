/**
 * `[subset#FAMILY:NAME]`: settings of the resources that say `subset = NAME`. Subsets decide the
 * order within a family; that one could run in parallel is known, and not done.
 */

import type {IniSection} from '../ini.ts';
import type {KeyTable} from '../key-spec.ts';
import {readSection, type SectionContext} from '../section.ts';
import type {KnownSection} from '../service-sections.ts';

/** `[subset#FAMILY:NAME]` of a service file. */
export const subsetKeys = {
  parallel: {type: 'boolean', fallback: 'no', scoped: true, fate: 'unused'},
} as const satisfies KeyTable;

export function checkSubsets(
  {
    resources,
    subsets,
  }: {readonly resources: readonly KnownSection[]; readonly subsets: readonly IniSection[]},
  context: SectionContext,
): void {
  const used = resources.flatMap(({section}) =>
    section.entries.filter(({key}) => key === 'subset').map(({raw}) => raw),
  );
  for (const section of subsets) {
    readSection(section, subsetKeys, context);
    const name = /^subset#(?:[a-z]+:)?([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.exec(section.name)?.[1];
    if (name === undefined) {
      const message = `expected [subset#FAMILY:NAME], found [${section.name}]`;
      context.report('HA_CONF_BAD_NAME', section, message, 'Write [subset#fs:g1].');
    } else if (!used.includes(name)) {
      const message = `no resource says subset = ${name}`;
      context.report('HA_CONF_NOT_USED', section, message);
    }
  }
}
