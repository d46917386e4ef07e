/** `SERVICE.conf` or `SERVICE.env`: OpenSVC's service file, as far as this version can run it. */

import {isTask} from '../kernel/families.ts';
import {nodeName, serviceName, type NodeName} from '../kernel/ids.ts';
import {
  actionMsDefault,
  failureMemoryMsDefault,
  monitorMsDefault,
  probeMsDefault,
  restartsDefault,
} from './deadlines.ts';
import {serviceDigest} from './digest.ts';
import {silent, type Report} from './findings.ts';
import {readIni} from './ini.ts';
import {defaultKeys} from './keys.ts';
import {defaultKeyFate, resourceKeyFate, type KeyFate} from './known-keys.ts';
import type {LauncherFolder} from './launcher-folder.ts';
import {resourcesMax} from './limits.ts';
import {checkMembers} from './members.ts';
import {draftsOf, type OpenResource} from './resources/drafts.ts';
import {inheritedKeys} from './resources/kind.ts';
import {checkSubsets} from './resources/subsets.ts';
import {readSection, type Section} from './section.ts';
import {readServiceText, type ServiceText} from './service-language.ts';
import {sortSections, type KnownSection, type SortedSections} from './service-sections.ts';
import type {Place, ResourceConfig, ServiceConfig} from './types.ts';
import type {ReadOptions} from './resources/kind.ts';

export interface ServiceSource {
  readonly name: string;
  /** As in messages: `NAME.conf`. */
  readonly file: string;
  readonly text: string;
  readonly folder: LauncherFolder | null;
  readonly folderPath: string;
}

export interface ServiceOptions {
  readonly cluster: string;
  readonly clusterNodes: readonly string[];
  /** Configuration directory. */
  readonly directory: string;
  /** Node that evaluates scoped keys. */
  readonly ownNode: string;
  readonly report: Report;
}

type Defaults = Section<typeof defaultKeys>;

/** The service, or null where it has no usable nodes or nothing to run. */
export function readServiceFile(
  source: ServiceSource,
  options: ServiceOptions,
): ServiceConfig | null {
  const around = {...options, service: source.name};
  const written = readIni(source.file, source.text, options.report);
  const text = readServiceText(written, around, options.report);
  const sections = sortSections(text.document, options.report);
  const defaults = readDefaults(text, {source, sections}, options);
  const nodes = readNodes(defaults, source, options);
  const opened = openSections(sections.resources, text, options);
  readSubsets(sections, text, options);
  const resourcesOn = (node: string, report: Report): readonly ResourceConfig[] => {
    const {cluster} = options;
    const reading = {...readOptions(source, defaults, node), cluster, nodes, report};
    const all = draftsOf({file: source.file, opened}, reading);
    const isDisabled = defaults.get('disable', node) ?? false;
    return isDisabled ? all.map((resource) => ({...resource, disabled: true})) : all;
  };
  const own = resourcesOn(options.ownNode, options.report);
  if (nodes.length === 0) return null;
  const hasOther = own.some(({type}) => !isTask(type));
  if (!hasOther && sections.unsupported === 0) {
    const found = own.length === 0 ? 'none' : 'tasks alone';
    const expected = `a section [app#N] or launchers in ${source.folderPath}`;
    const message = `expected ${expected}, found ${found}`;
    if (opened.every(({kind}) => isTask(kind.type)))
      options.report('HA_CONF_NO_RESOURCE', wholeFile(source), message);
    return null;
  }
  const service = {
    ...identity(source, nodes, defaults),
    serviceClass: defaults.get('class') ?? (sections.hasData ? 'data' : 'exclusive'),
    resources: own,
  };
  reportUnreserved(defaults, own, options.report);
  const variants = nodes.map((node) => ({node, resources: resourcesOn(node, silent)}));
  return {...service, digest: serviceDigest(service, variants)};
}

/** Who asks for reservations of the whole service and gets none would believe in them. */
function reportUnreserved(
  defaults: Defaults,
  resources: readonly ResourceConfig[],
  report: Report,
): void {
  const isAsked = defaults.get('scsireserv') ?? false;
  if (!isAsked || resources.some(({type}) => type === 'disk.scsireserv')) return;
  const message = 'scsireserv expected a resource of the service that names a disk, found none';
  const hint = 'Write [disk#1] with type = scsireserv and devs = /dev/disk/by-id/NAME.';
  report('HA_CONF_NOT_SUPPORTED', defaults.placeOf('scsireserv'), message, hint);
}

function wholeFile(source: ServiceSource): Place {
  return {file: source.file, line: 0};
}

/** A key that the resources of the file look for here is read, and judged, with them. */
function readDefaults(
  text: ServiceText,
  {source, sections}: {readonly source: ServiceSource; readonly sections: SortedSections},
  options: ServiceOptions,
): Defaults {
  const {report, clusterNodes: nodes} = options;
  const inherited = new Set(sections.resources.flatMap(({kind}) => inheritedKeys(kind)));
  const fate = (key: string): KeyFate => (inherited.has(key) ? 'cosmetic' : defaultKeyFate(key));
  const context = {report, nodes, fate, language: text.language};
  return readSection(text.defaults ?? wholeFile(source), defaultKeys, context);
}

function readNodes(
  defaults: Defaults,
  source: ServiceSource,
  options: ServiceOptions,
): readonly NodeName[] {
  const names = defaults.get('nodes');
  if (names === null) {
    if (!defaults.has('nodes')) {
      const message = `${source.file} expected nodes in [DEFAULT], found none`;
      const hint = `Write nodes = ${options.clusterNodes.join(' ') || 'node1 node2'}.`;
      options.report('HA_CONF_MISSING_KEY', defaults.place, message, hint);
    }
    return [];
  }
  const place = defaults.placeOf('nodes');
  const listed = names.map((name) => ({name, ...place}));
  return checkMembers(listed, options.clusterNodes, options.report).map(nodeName);
}

function readSubsets(sections: SortedSections, text: ServiceText, options: ServiceOptions): void {
  const {report, clusterNodes: nodes} = options;
  checkSubsets(sections, {report, nodes, language: text.language});
}

function openSections(
  sections: readonly KnownSection[],
  text: ServiceText,
  options: ServiceOptions,
): readonly OpenResource[] {
  const {report, clusterNodes: nodes} = options;
  const {language, defaults: inherited} = text;
  const context = {report, nodes, fate: resourceKeyFate, language, inherited};
  for (const {section} of sections.slice(resourcesMax)) {
    const message = `expected at most ${resourcesMax} resources, found one more`;
    options.report('HA_CONF_TOO_MANY', section, message);
  }
  return sections
    .slice(0, resourcesMax)
    .map(({section, kind}) => ({kind, evaluate: kind.open(section, context)}));
}

function readOptions(
  source: ServiceSource,
  defaults: Defaults,
  node: string,
): Omit<ReadOptions, 'report' | 'cluster' | 'nodes'> {
  const timeoutMs = defaults.get('timeout') ?? actionMsDefault;
  return {
    node,
    service: source.name,
    folder: source.folder,
    folderPath: source.folderPath,
    deadlines: {
      startMs: defaults.get('start_timeout') ?? timeoutMs,
      stopMs: defaults.get('stop_timeout') ?? timeoutMs,
      probeMs: defaults.get('check_timeout') ?? probeMsDefault,
    },
  };
}

function identity(
  source: ServiceSource,
  nodes: readonly NodeName[],
  defaults: Defaults,
): Omit<ServiceConfig, 'serviceClass' | 'resources' | 'digest'> {
  return {
    name: serviceName(source.name),
    nodes,
    orchestrate: defaults.get('orchestrate') ?? 'ha',
    monitorMs: defaults.get('monitor') ?? defaults.get('monitor_schedule') ?? monitorMsDefault,
    restarts: defaults.get('restarts') ?? defaults.get('restart') ?? restartsDefault,
    monitorActions: defaults.get('monitor_action') ?? [],
    failureMemoryMs: defaults.get('failure_memory') ?? failureMemoryMsDefault,
    origin: 'service',
    place: defaults.place.line === 0 ? wholeFile(source) : defaults.place,
  };
}
