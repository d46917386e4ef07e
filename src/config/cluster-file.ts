/** The sections of cluster.conf by what becomes of them. */

import type {Report} from './findings.ts';
import {quote} from './findings.ts';
import {readIni, type IniSection} from './ini.ts';
import {didYouMean} from './nearest.ts';
import type {Place} from './types.ts';

export const clusterFile = 'cluster.conf';

export interface ClusterSections {
  /** `[cluster]`, or where it would stand. */
  readonly cluster: IniSection | Place;
  /** `[hb#N]`, whatever N. */
  readonly heartbeats: readonly IniSection[];
  /** `[fence#NODE]` and `[fence#NODE.LEVEL]`. */
  readonly fences: readonly IniSection[];
  /** `[watchdog]`, or null. */
  readonly watchdog: IniSection | null;
  /** `[ping]`, or null. */
  readonly ping: IniSection | null;
  /** `[arbitrator#N]`, whatever N. */
  readonly arbitrators: readonly IniSection[];
  /** `[service#NAME]` by NAME. */
  readonly services: ReadonlyMap<string, IniSection>;
}

/** Sections that later versions act on. */
const laterSections = ['array'];
const sectionNames = [
  'cluster',
  'hb#1',
  'watchdog',
  'fence#NODE',
  'ping',
  'service#NAME',
  'arbitrator#1',
  'array#NAME',
];

export function readClusterFile(text: string | undefined, report: Report): ClusterSections {
  const sections = text === undefined ? [] : readIni(clusterFile, text, report).sections;
  const heartbeats: IniSection[] = [];
  const arbitrators: IniSection[] = [];
  const services = new Map<string, IniSection>();
  const fences: IniSection[] = [];
  let watchdog: IniSection | null = null;
  let ping: IniSection | null = null;
  let cluster: IniSection | Place = {file: clusterFile, line: 0};
  for (const section of sections) {
    const {name} = section;
    const [family = '', id] = splitName(name);
    if (name === 'cluster') cluster = section;
    else if (name === 'watchdog') watchdog = section;
    else if (name === 'ping') ping = section;
    else if (family === 'hb' && id !== undefined) heartbeats.push(section);
    else if (family === 'fence' && id !== undefined) fences.push(section);
    else if (family === 'arbitrator' && id !== undefined) arbitrators.push(section);
    else if (family === 'service' && id !== undefined) services.set(id, section);
    else if (laterSections.includes(family) && id !== undefined) {
      report('HA_CONF_NOT_USED', section, `[${name}] is not used by this version`);
    } else {
      const hint = didYouMean(name, sectionNames, `Write one of: ${sectionNames.join(', ')}.`);
      report('HA_CONF_UNKNOWN_SECTION', section, `unknown section ${quote(`[${name}]`)}`, hint);
    }
  }
  return {cluster, heartbeats, fences, watchdog, ping, arbitrators, services};
}

function splitName(name: string): readonly string[] {
  const mark = name.indexOf('#');
  return mark === -1 ? [name] : [name.slice(0, mark), name.slice(mark + 1)];
}
