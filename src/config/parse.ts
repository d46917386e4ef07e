/**
 * The texts of the configuration directory to one checked, frozen configuration. Pure: the files
 * and the facts of the host come in, findings always come out, and nothing is thrown for any text.
 */

import {credentialPaths} from './arbitrator.ts';
import {checkHost, checkSecret} from './check-host.ts';
import {checkMedia} from './check-media.ts';
import {checkNames} from './check-names.ts';
import {checkSafety} from './check-safety.ts';
import {clusterFile} from './cluster-file.ts';
import {draftCluster} from './draft.ts';
import {fencePrograms, fencesOn} from './fence-host.ts';
import {collectFindings, silent} from './findings.ts';
import {needsOf} from './resources/table.ts';
import type {ConfigFiles, ConfigOutcome} from './types.ts';

/** A config where no finding is an error; else null, with every finding of all files. */
export function parseConfig(files: ConfigFiles): ConfigOutcome {
  const {report, list} = collectFindings();
  if (!files.texts.has(clusterFile) && !files.texts.has('nodes')) {
    const place = {file: files.directory, line: 0};
    report('HA_CONF_EMPTY', place, `expected cluster.conf or nodes in ${files.directory}`);
    checkSecret(files.facts.secret, report);
    return {config: null, findings: list(), inequalities: []};
  }
  const draft = draftCluster(files, report);
  checkMedia(draft, report);
  checkNames(draft, report);
  const inequalities = checkSafety(draft, report);
  checkHost(draft, files, report);
  const findings = list();
  const refused = findings.some((finding) => finding.severity === 'error');
  return {config: refused ? null : deepFreeze(draft.config), findings, inequalities};
}

/** What the host must be asked about before `parseConfig` can check it. */
export interface NamedPaths {
  /** Devices of this node's disk heartbeats. */
  readonly devices: readonly string[];
  /** Scripts, commands and launchers of this node's services, and their folders. */
  readonly scripts: readonly string[];
  /** Programs of the operating system that its resources call, by their bare names. */
  readonly programs: readonly string[];
  /** Resource agents, as `PROVIDER/NAME`, and units of systemd that it uses. */
  readonly agents: readonly string[];
  readonly units: readonly string[];
  /** Its watchdog, or null. */
  readonly watchdog: string | null;
  /** Agents and commands that fence the other nodes, and the files with their passwords. */
  readonly fencePrograms: readonly string[];
  readonly passwordFiles: readonly string[];
  /** Credentials for the arbiter. */
  readonly credentials: readonly string[];
}

const noPaths: NamedPaths = {
  devices: [],
  scripts: [],
  programs: [],
  agents: [],
  units: [],
  watchdog: null,
  fencePrograms: [],
  passwordFiles: [],
  credentials: [],
};

export function namedPaths(files: ConfigFiles): NamedPaths {
  const {config} = draftCluster(files, silent);
  const own = config.nodes.find((node) => node === files.facts.nodeName);
  if (own === undefined) return noPaths;
  const devices = config.disks.flatMap((disk) => disk.device.get(own) ?? []);
  const needs = config.services
    .filter((service) => service.nodes.includes(own))
    .flatMap((service) => service.resources)
    .map((resource) => needsOf(resource, files));
  const watchdog = config.watchdogs.get(own)?.device ?? null;
  const fences = fencesOn(config, own);
  const passwordFiles = fences.flatMap(({method}) =>
    method.kind === 'agent' && method.passwordFile !== null ? [method.passwordFile] : [],
  );
  const credentials = credentialPaths(config.arbiter, own).map(({path}) => path);
  return {
    devices: [...new Set(devices)],
    scripts: [...new Set(needs.flatMap(({scripts}) => scripts))],
    programs: [...new Set(needs.flatMap(({programs}) => programs))],
    agents: [...new Set(needs.flatMap(({agents}) => agents))],
    units: [...new Set(needs.flatMap(({units}) => units))],
    watchdog,
    fencePrograms: [...new Set(fences.flatMap(fencePrograms))],
    passwordFiles: [...new Set(passwordFiles)],
    credentials: [...new Set(credentials)],
  };
}

/** Objects, arrays and what a Map holds; the Map itself is read-only by its type. */
function deepFreeze<Value>(value: Value): Value {
  if (value instanceof Map) for (const item of value.values()) deepFreeze(item);
  else if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}
