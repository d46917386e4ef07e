/** All services of the directory: OpenHA's file first, then the service files by name. */

import {compareNames, isName} from '../kernel/ids.ts';
import {servicesMax} from '../kernel/limits.ts';
import {quote, type Report} from './findings.ts';
import type {IniSection} from './ini.ts';
import type {LauncherFolder} from './launcher-folder.ts';
import {launchersMax} from './limits.ts';
import {didYouMean} from './nearest.ts';
import {readServices} from './openha-lines.ts';
import {openhaService} from './openha-services.ts';
import {readServiceFile} from './service-file.ts';
import type {ConfigFiles, Place, ServiceConfig} from './types.ts';

export interface ServiceListOptions {
  readonly files: ConfigFiles;
  readonly cluster: string;
  readonly clusterNodes: readonly string[];
  /** `[service#NAME]` of cluster.conf. */
  readonly overrides: ReadonlyMap<string, IniSection>;
  readonly report: Report;
}

/** `.conf` files of the directory that are no service, here or in OpenSVC. */
const reservedNames = ['cluster', 'node', 'auth'];

/** The name of the service that a file defines, or null where it defines none. */
export function serviceOfFile(file: string): string | null {
  const match = /^([^./][^/]*)\.(?:conf|env)$/.exec(file);
  return match === null || reservedNames.includes(match[1]!) ? null : match[1]!;
}

export function readServiceList(options: ServiceListOptions): readonly ServiceConfig[] {
  const services = new Map<string, ServiceConfig | null>();
  const places = new Map<string, Place>();
  const first = (name: string, place: Place): boolean => {
    const earlier = places.get(name);
    if (earlier === undefined) {
      places.set(name, place);
      return true;
    }
    const message = `expected service ${name} once, found it in ${where(earlier)} too`;
    options.report('HA_CONF_DUPLICATE_SERVICE', place, message);
    return false;
  };
  const {files, report, clusterNodes} = options;
  for (const line of readServices(files.texts.get('services') ?? '', report)) {
    if (!first(line.name, {file: line.file, line: line.line})) continue;
    const override = options.overrides.get(line.name);
    services.set(line.name, openhaService(line, override, {clusterNodes, report}));
  }
  const openha = [...services.keys()];
  for (const source of serviceSources(options)) {
    if (!first(source.name, {file: source.file, line: 0})) continue;
    const ownNode = files.facts.nodeName;
    const {cluster} = options;
    const {directory} = files;
    const reading = {cluster, clusterNodes, directory, ownNode, report};
    services.set(source.name, readServiceFile(source, reading));
  }
  reportOverrides(options, openha);
  return within(
    [...services.values()].filter((service) => service !== null),
    report,
  );
}

function where(place: Place): string {
  return place.line === 0 ? place.file : `${place.file} line ${place.line}`;
}

function within(services: readonly ServiceConfig[], report: Report): readonly ServiceConfig[] {
  const excess = services[servicesMax];
  if (excess === undefined) return services;
  const message = `expected at most ${servicesMax} services, found ${services.length}`;
  report('HA_CONF_TOO_MANY', excess.place, message);
  return services.slice(0, servicesMax);
}

function reportOverrides(options: ServiceListOptions, openha: readonly string[]): void {
  for (const [name, section] of options.overrides) {
    if (openha.includes(name)) continue;
    const message = `expected a service of the services file, found ${quote(name)}`;
    const own = ['conf', 'env'].find((ending) => options.files.texts.has(`${name}.${ending}`));
    const hint =
      own === undefined
        ? didYouMean(name, openha, 'Correct the name or remove the section.')
        : `Write these keys into ${name}.${own}.`;
    options.report('HA_CONF_UNKNOWN_SERVICE', section, message, hint);
  }
}

interface Source {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly folder: LauncherFolder | null;
  readonly folderPath: string;
}

function serviceSources(options: ServiceListOptions): readonly Source[] {
  const {files, report} = options;
  const folders = launcherNames(files);
  const sources: Source[] = [];
  const texts = [...files.texts].sort(([left], [right]) => compareNames(left, right));
  for (const [file, text] of texts) {
    const name = serviceOfFile(file);
    if (name === null) continue;
    if (!isName(name)) {
      const message = `expected the name of a service before ".conf", found ${quote(name)}`;
      report('HA_CONF_BAD_NAME', {file, line: 0}, message);
      continue;
    }
    const folderPath = `${files.directory}/${name}.d`;
    const names = folders.get(name);
    if (names !== undefined && names.length > launchersMax) {
      const message = `expected at most ${launchersMax} launchers, found ${names.length}`;
      report('HA_CONF_TOO_MANY', {file: `${name}.d`, line: 0}, message);
    }
    const unreachable = files.facts.scripts.get(folderPath);
    const known = unreachable === undefined || unreachable === '' ? (names ?? null) : null;
    const folder = names === undefined ? null : {path: folderPath, names: known};
    sources.push({name, file, text, folder, folderPath});
  }
  return sources;
}

/** Names in each `SERVICE.d/`; the folder alone stands as `SERVICE.d/` with nothing after it. */
function launcherNames(files: ConfigFiles): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>();
  for (const path of files.texts.keys()) {
    const match = /^([^/]+)\.d\/([^/]*)$/.exec(path);
    if (match === null) continue;
    const names = folders.get(match[1]!) ?? [];
    folders.set(match[1]!, names);
    if (match[2] !== '') names.push(match[2]!);
  }
  return folders;
}
