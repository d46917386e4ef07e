/** `SERVICE.conf` or `SERVICE.env`: OpenSVC's service file, as far as this version can run it. */

import {nodeName, serviceName, type NodeName} from '../kernel/ids.ts';
import {
  appDraft,
  impliedLaunchers,
  type AppDraft,
  type AppOptions,
  type AppSection,
  type LauncherFolder,
} from './app-resource.ts';
import {
  actionMsDefault,
  failureMemoryMsDefault,
  monitorMsDefault,
  probeMsDefault,
  restartsDefault,
} from './deadlines.ts';
import {serviceDigest} from './digest.ts';
import {silent, type Report} from './findings.ts';
import {readIni, type IniDocument, type IniSection} from './ini.ts';
import {appKeys, defaultKeys} from './keys.ts';
import {appKeyFate, defaultKeyFate} from './known-keys.ts';
import {resourcesMax} from './limits.ts';
import {checkMembers} from './members.ts';
import {readSection, type Section} from './section.ts';
import {sortSections, type SortedSections} from './service-sections.ts';
import type {AppResource, Place, ServiceConfig} from './types.ts';

export interface ServiceSource {
  readonly name: string;
  /** As in messages: `NAME.conf`. */
  readonly file: string;
  readonly text: string;
  readonly folder: LauncherFolder | null;
  readonly folderPath: string;
}

export interface ServiceOptions {
  readonly clusterNodes: readonly string[];
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
  const document = readIni(source.file, source.text, options.report);
  const defaults = readDefaults(document, source, options);
  const sections = sortSections(document, options.report);
  const nodes = readNodes(defaults, source, options);
  const apps = readApps(sections.apps, options);
  const resourcesOn = (node: string, report: Report): readonly AppResource[] =>
    resources(apps, sections, {...appOptions(source, defaults, node), report});
  const own = resourcesOn(options.ownNode, options.report);
  if (nodes.length === 0) return null;
  if (own.length === 0 && sections.unsupported === 0) {
    const message = `expected a section [app#N] or launchers in ${source.folderPath}, found none`;
    if (apps.length === 0) options.report('HA_CONF_NO_RESOURCE', wholeFile(source), message);
    return null;
  }
  const service = {
    ...identity(source, nodes, defaults),
    serviceClass: defaults.get('class') ?? (sections.hasData ? 'data' : 'exclusive'),
    resources: own,
  };
  const variants = nodes.map((node) => ({node, resources: resourcesOn(node, silent)}));
  return {...service, digest: serviceDigest(service, variants)};
}

function wholeFile(source: ServiceSource): Place {
  return {file: source.file, line: 0};
}

function readDefaults(
  document: IniDocument,
  source: ServiceSource,
  options: ServiceOptions,
): Defaults {
  const section = document.sections.find(({name}) => name === 'DEFAULT') ?? wholeFile(source);
  const context = {report: options.report, nodes: options.clusterNodes, fate: defaultKeyFate};
  return readSection(section, defaultKeys, context);
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

function readApps(sections: readonly IniSection[], options: ServiceOptions): readonly AppSection[] {
  const context = {report: options.report, nodes: options.clusterNodes, fate: appKeyFate};
  for (const section of sections.slice(resourcesMax)) {
    const message = `expected at most ${resourcesMax} resources, found one more`;
    options.report('HA_CONF_TOO_MANY', section, message);
  }
  return sections
    .slice(0, resourcesMax)
    .map((section) => ({section, values: readSection(section, appKeys, context)}));
}

function appOptions(
  source: ServiceSource,
  defaults: Defaults,
  node: string,
): Omit<AppOptions, 'report'> & {readonly disabled: boolean} {
  const timeoutMs = defaults.get('timeout') ?? actionMsDefault;
  return {
    node,
    folder: source.folder,
    folderPath: source.folderPath,
    disabled: defaults.get('disable', node) ?? false,
    deadlines: {
      startMs: defaults.get('start_timeout') ?? timeoutMs,
      stopMs: defaults.get('stop_timeout') ?? timeoutMs,
      probeMs: defaults.get('check_timeout') ?? probeMsDefault,
    },
  };
}

/** In start order: numbers first, then the others as they stand in the file. */
function resources(
  apps: readonly AppSection[],
  sections: SortedSections,
  options: AppOptions & {readonly disabled: boolean},
): readonly AppResource[] {
  const drafts = apps
    .map((app) => appDraft(app, options))
    .filter((draft): draft is AppDraft => draft !== null);
  if (apps.length === 0 && options.folder !== null) {
    drafts.push(impliedLaunchers(sections.file, options));
  }
  reportTwins(drafts, options.report);
  drafts.sort((left, right) => compareOrder(left.startOrder, right.startOrder));
  reportStopOrder(drafts, options.report);
  if (!options.disabled) return drafts.map(({resource}) => resource);
  return drafts.map(({resource}) => ({...resource, disabled: true}));
}

function compareOrder(left: number | null, right: number | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return left - right;
}

function reportTwins(drafts: readonly AppDraft[], report: Report): void {
  const [first, ...others] = drafts.filter(({resource}) => resource.launchers !== null);
  for (const {resource} of others) {
    const message = `expected one resource to run the launchers, found ${resource.rid} too`;
    const hint = `Write script in ${resource.rid}, or remove ${first!.resource.rid}.`;
    report('HA_CONF_LAUNCHERS_TWICE', resource.place, message, hint);
  }
}

function reportStopOrder(drafts: readonly AppDraft[], report: Report): void {
  for (const [index, draft] of drafts.entries()) {
    const next = drafts[index + 1];
    if (next?.stopOrder == null || draft.stopOrder === null) continue;
    if (next.stopOrder <= draft.stopOrder) continue;
    const found = `found stop = ${draft.stopOrder} and ${next.stopOrder}`;
    const message = `${next.resource.rid} expected to stop before ${draft.resource.rid}, ${found}`;
    report('HA_CONF_STOP_ORDER', next.resource.place, message);
  }
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
    failureMemoryMs: defaults.get('failure_memory') ?? failureMemoryMsDefault,
    origin: 'service',
    place: defaults.place.line === 0 ? wholeFile(source) : defaults.place,
  };
}
