/**
 * The sections of a service file by what becomes of them. A resource of a family that this version
 * can not run is an error: a service that starts without its file system is worse than none.
 */

import {quote, type Report} from './findings.ts';
import type {IniDocument, IniSection} from './ini.ts';
import {didYouMean} from './nearest.ts';

export interface SortedSections {
  readonly file: string;
  readonly apps: readonly IniSection[];
  /** True with any disk, fs, pool or replication resource: the class is then `data`. */
  readonly hasData: boolean;
  /** Sections that were refused. */
  readonly unsupported: number;
}

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
const otherFamilies = ['container', 'expose', 'ip', 'share', 'stonith', 'subset', 'task'];
/** Values for references, labels and payloads: nothing runs. */
const plainSections = ['env', 'labels', 'data'];

export function sortSections(document: IniDocument, report: Report): SortedSections {
  const apps: IniSection[] = [];
  let hasData = false;
  let unsupported = 0;
  for (const section of document.sections) {
    const family = section.name.split('#')[0]!.toLowerCase();
    if (section.name === 'DEFAULT') continue;
    if (family === 'app') {
      if (isAppName(section, report)) apps.push(section);
    } else if (family === 'hb' || plainSections.includes(section.name)) {
      report('HA_CONF_NOT_USED', section, `[${section.name}] is not used by this version`);
    } else {
      if (refuse(section, family, report)) unsupported += 1;
      hasData ||= dataFamilies.includes(family);
    }
  }
  return {file: document.file, apps, hasData, unsupported};
}

function isAppName(section: IniSection, report: Report): boolean {
  if (/^app(?:#[A-Za-z0-9._-]{1,32})?$/.test(section.name)) return true;
  const message = `expected [app#N], found ${quote(`[${section.name}]`)}`;
  report('HA_CONF_BAD_NAME', section, message, 'Write [app#1].');
  return false;
}

/** True where it names a resource, known or misspelt; a plain word can not have been one. */
function refuse(section: IniSection, family: string, report: Report): boolean {
  const known = [...dataFamilies, ...otherFamilies];
  if (known.includes(family)) {
    const message = `expected [app#N], found [${section.name}]`;
    report('HA_CONF_RESOURCE_UNSUPPORTED', section, message);
    return true;
  }
  const names = section.name.includes('#') ? ['app', ...known] : ['DEFAULT', ...plainSections];
  const hint = didYouMean(section.name.split('#')[0]!, names, 'Write [DEFAULT] or [app#N].');
  const message = `unknown section ${quote(`[${section.name}]`)}`;
  if (!section.name.includes('#')) {
    report('HA_CONF_UNKNOWN_SECTION', section, message, hint);
    return false;
  }
  report('HA_CONF_RESOURCE_UNSUPPORTED', section, message, hint);
  return true;
}
