/**
 * The sections of a service file by what becomes of them. A resource of a kind that this version
 * can not run is an error: a service that starts without its file system is worse than none.
 */

import {quote, type Report} from './findings.ts';
import type {IniDocument, IniSection} from './ini.ts';
import {didYouMean} from './nearest.ts';
import type {ResourceKind} from './resources/kind.ts';
import {kindList} from './resources/table.ts';

/** A section of a kind that we have. */
export interface KnownSection {
  readonly section: IniSection;
  readonly kind: ResourceKind;
}

export interface SortedSections {
  readonly file: string;
  readonly resources: readonly KnownSection[];
  /** `[subset#FAMILY:NAME]`. */
  readonly subsets: readonly IniSection[];
  /** True with any disk, fs, pool or replication resource: the class is then `data`. */
  readonly hasData: boolean;
  /** Sections that were refused. */
  readonly unsupported: number;
}

/** Families of OpenSVC, of which we have not every type, or none. */
const dataFamilies = [
  'disk',
  'drbd',
  'fs',
  'loop',
  'lv',
  'md',
  'pool',
  'raw',
  'sync',
  'vdisk',
  'vg',
  'vmdg',
  'volume',
  'vxdg',
  'vxvol',
  'zpool',
  'zvol',
];
const otherFamilies = ['container', 'expose', 'ip', 'share', 'stonith', 'task'];
/** Values for references, labels and payloads: nothing runs. */
const plainSections = ['env', 'labels', 'data'];

export function sortSections(document: IniDocument, report: Report): SortedSections {
  const resources: KnownSection[] = [];
  const subsets: IniSection[] = [];
  let hasData = false;
  let unsupported = 0;
  for (const section of document.sections) {
    const family = familyOf(section);
    if (section.name === 'DEFAULT' || section.name === 'env') continue;
    const kind = kindOfSection(section, family);
    if (family === 'subset') subsets.push(section);
    else if (kind !== null) {
      if (isResourceName(section, family, report)) resources.push({section, kind});
      const {holdsData} = kind;
      hasData ||= typeof holdsData === 'boolean' ? holdsData : holdsData(section);
    } else if (family === 'hb' || plainSections.includes(section.name)) {
      report('HA_CONF_NOT_USED', section, `[${section.name}] is not used by this version`);
    } else {
      if (refuse(section, family, report)) unsupported += 1;
      hasData ||= dataFamilies.includes(family);
    }
  }
  return {file: document.file, resources, subsets, hasData, unsupported};
}

function familyOf(section: IniSection): string {
  return section.name.split('#')[0]!.toLowerCase();
}

/** By its name before the `#`, and by its `type`. */
function kindOfSection(section: IniSection, family: string): ResourceKind | null {
  const entry = section.entries.find(({key, scope}) => key === 'type' && scope === null);
  const type = entry?.raw.trim().toLowerCase() ?? '';
  const takes = (kind: ResourceKind): boolean =>
    kind.sections.some(
      (match) => match.section === family && (match.types === 'any' || match.types.includes(type)),
    );
  return kindList.find(takes) ?? null;
}

/** OpenSVC's `app` needs no number: it is the one resource of its launchers. */
function isResourceName(section: IniSection, family: string, report: Report): boolean {
  const [, number] = section.name.split(/#(.*)/s);
  const isNumbered = /^[a-z]+#[A-Za-z0-9._-]{1,32}$/.test(section.name);
  if (isNumbered || (family === 'app' && number === undefined)) return true;
  const message = `expected [${family}#N], found ${quote(`[${section.name}]`)}`;
  report('HA_CONF_BAD_NAME', section, message, `Write [${family}#1].`);
  return false;
}

/** True where it names a resource, known or misspelt; a plain word can not have been one. */
function refuse(section: IniSection, family: string, report: Report): boolean {
  const ours = [...new Set(kindList.flatMap((kind) => kind.sections.map((one) => one.section)))];
  const known = [...dataFamilies, ...otherFamilies];
  if (ours.includes(family)) {
    report('HA_CONF_RESOURCE_UNSUPPORTED', section, typeMessage(section, family));
    return true;
  }
  if (known.includes(family)) {
    const names = ours.map((one) => `[${one}#N]`).join(' ');
    const message = `expected ${names}, found [${section.name}]`;
    report('HA_CONF_RESOURCE_UNSUPPORTED', section, message);
    return true;
  }
  const names = section.name.includes('#')
    ? [...new Set(['app', ...ours, ...known])]
    : ['DEFAULT', ...plainSections];
  const hint = didYouMean(section.name.split('#')[0]!, names, 'Write [DEFAULT] or [app#N].');
  const message = `unknown section ${quote(`[${section.name}]`)}`;
  if (!section.name.includes('#')) {
    report('HA_CONF_UNKNOWN_SECTION', section, message, hint);
    return false;
  }
  report('HA_CONF_RESOURCE_UNSUPPORTED', section, message, hint);
  return true;
}

/** Of a family of ours with a `type` that none of its kinds takes. */
function typeMessage(section: IniSection, family: string): string {
  const words = kindList
    .flatMap((kind) => kind.sections)
    .filter((match) => match.section === family)
    .flatMap((match) => match.types)
    .filter((type) => type !== '');
  const entry = section.entries.find(({key}) => key === 'type');
  const found = entry === undefined ? 'none' : quote(entry.raw);
  return `[${section.name}] expected type to be one of ${words.join(' ')}, found ${found}`;
}
