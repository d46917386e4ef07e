/** The configuration directory and what this host says about it, for the parser to judge. */

import {readdir} from 'node:fs/promises';
import {checkProgram} from '../../drivers/host/check-program.ts';
import {clusterFile} from '../cluster-file.ts';
import {collectFindings, type Report} from '../findings.ts';
import {unknownHost} from '../host-facts.ts';
import {directoryEntriesMax, fileBytesMax, launchersMax} from '../limits.ts';
import {namedPaths, parseConfig, type NamedPaths} from '../parse.ts';
import {serviceOfFile} from '../service-list.ts';
import type {AgentFact} from '../ocf/check-host.ts';
import type {ConfigFiles, ConfigOutcome, Finding, HostFacts} from '../types.ts';
import {agentFact} from './agent-fact.ts';
import {isMissing, mapBounded, readBounded, reasonOf, within} from './bounded.ts';
import {fenceProgramFact, modeOf} from './fence-facts.ts';
import {
  credentialFact,
  deviceFact,
  directoryMode,
  interfaceNames,
  scriptJudge,
  secretFact,
  watchdogFact,
} from './host.ts';
import {unitFacts} from './unit-facts.ts';

export interface ReadOptions {
  /** Absolute path of the configuration directory. */
  readonly directory: string;
  readonly nodeName: string;
  /** For each single file or device; what takes longer counts as unknown. Default 5,000. */
  readonly deadlineMs?: number;
  /** Fence agents are asked for the parameters that they know, which starts them. */
  readonly asksAgents?: boolean;
}

export interface ConfigReading {
  readonly files: ConfigFiles;
  /** What could not be read at all. */
  readonly findings: readonly Finding[];
}

/** What parsing gave, with the files it was made of. */
export interface LoadedConfig extends ConfigOutcome {
  readonly files: ConfigFiles;
}

const deadlineMsDefault = 5_000;
/** Files asked for at the same time: libuv has four threads, and one may hang. */
const parallelMax = 8;
/** Agents asked at the same time: each is a process. */
const askedMax = 2;
const openhaFiles = ['nodes', 'monitor', 'services', 'logfacility'];

/** Reads and parses. Never rejects for anything that lies in the directory. */
export async function loadConfig(options: ReadOptions): Promise<LoadedConfig> {
  const {files, findings} = await readConfigDirectory(options);
  const outcome = parseConfig(files);
  const all = [...findings, ...outcome.findings];
  const refused = findings.some((finding) => finding.severity === 'error');
  return {...outcome, files, config: refused ? null : outcome.config, findings: all};
}

export async function readConfigDirectory(options: ReadOptions): Promise<ConfigReading> {
  const {directory, nodeName} = options;
  const deadlineMs = options.deadlineMs ?? deadlineMsDefault;
  const {report, list} = collectFindings();
  const names = await entriesOf(directory, deadlineMs, report);
  const reader = {directory, deadlineMs, names, report};
  const texts = await readTexts(reader);
  const folders = await readFolders(reader, texts);
  for (const [name, text] of folders.texts) texts.set(name, text);
  const early = {texts, directory, facts: unknownHost(nodeName)};
  const asksAgents = options.asksAgents ?? false;
  const facts = await readFacts(early, folders.lost, {deadlineMs, asksAgents});
  return {files: {texts, directory, facts}, findings: list()};
}

/** The directory as it would be with other texts: judged in full, with the host asked anew. */
export async function reparse(
  {texts: old, directory, facts: {nodeName}}: ConfigFiles,
  changed: ReadonlyMap<string, string>,
): Promise<ConfigOutcome> {
  const texts = new Map([...old, ...changed]);
  const early = {texts, directory, facts: unknownHost(nodeName)};
  const facts = await readFacts(early, [], {deadlineMs: deadlineMsDefault, asksAgents: false});
  return parseConfig({texts, directory, facts});
}

interface Reader {
  readonly directory: string;
  readonly deadlineMs: number;
  /** Entries of the directory. */
  readonly names: readonly string[];
  readonly report: Report;
}

function unreadable(failure: string): string {
  return `expected a file or folder that can be read, found it ${failure}`;
}

function isConfigFile(name: string): boolean {
  return name === clusterFile || openhaFiles.includes(name) || serviceOfFile(name) !== null;
}

/** Empty where it can not be read; that it is missing is told by the parser. */
async function entriesOf(
  directory: string,
  deadlineMs: number,
  report: Report,
): Promise<readonly string[]> {
  const names = await listNames(directory, deadlineMs);
  const place = {file: directory, line: 0};
  if (typeof names === 'string') {
    if (names !== 'missing') report('HA_CONF_FILE_UNREADABLE', place, unreadable(names));
    return [];
  }
  if (names.length <= directoryEntriesMax) return names;
  const message = `expected at most ${directoryEntriesMax} entries, found ${names.length}`;
  report('HA_CONF_TOO_MANY', place, message);
  return [];
}

async function readTexts(reader: Reader): Promise<Map<string, string>> {
  const {directory, deadlineMs, report} = reader;
  const texts = new Map<string, string>();
  const wanted = reader.names.filter(isConfigFile).sort();
  const reads = await mapBounded(wanted, parallelMax, (name) =>
    within(deadlineMs, readBounded(`${directory}/${name}`, fileBytesMax)),
  );
  for (const [index, name] of wanted.entries()) {
    const read = reads[index] ?? {failure: `without an answer in ${deadlineMs} ms`};
    const place = {file: name, line: 0};
    if ('bytes' in read) texts.set(name, read.bytes.toString('utf8'));
    else if (read.failure === 'too-large') {
      const message = `expected at most ${fileBytesMax} bytes, found more`;
      report('HA_CONF_FILE_TOO_LARGE', place, message);
    } else report('HA_CONF_FILE_UNREADABLE', place, unreadable(read.failure));
  }
  return texts;
}

/** Names in a folder, or why there are none. */
async function listNames(path: string, deadlineMs: number): Promise<readonly string[] | string> {
  try {
    return (await within(deadlineMs, readdir(path))) ?? `without an answer in ${deadlineMs} ms`;
  } catch (error) {
    return isMissing(error) ? 'missing' : reasonOf(error);
  }
}

interface Folders {
  /** `NAME.d/` for each folder and `NAME.d/LAUNCHER` for what lies in it; the texts are empty. */
  readonly texts: ReadonlyMap<string, string>;
  /** Folders that are there and can not be listed: their file system is not mounted here. */
  readonly lost: readonly string[];
}

async function readFolders(reader: Reader, files: ReadonlyMap<string, string>): Promise<Folders> {
  const texts = new Map<string, string>();
  const lost: string[] = [];
  const services = [...files.keys()].map(serviceOfFile).filter((name) => name !== null);
  const present = new Set(reader.names);
  const wanted = [...new Set(services)].map((name) => `${name}.d`);
  const folders = wanted.filter((name) => present.has(name));
  const lists = await mapBounded(folders, parallelMax, (folder) =>
    listNames(`${reader.directory}/${folder}`, reader.deadlineMs),
  );
  for (const [index, folder] of folders.entries()) {
    const names = lists[index]!;
    texts.set(`${folder}/`, '');
    if (typeof names === 'string') lost.push(`${reader.directory}/${folder}`);
    else for (const name of launchersOf(names)) texts.set(`${folder}/${name}`, '');
  }
  return {texts, lost};
}

/** One more than the limit, so that the parser can tell that there are too many. */
function launchersOf(names: readonly string[]): readonly string[] {
  const launchers = names.filter((name) => /^[SKC]/.test(name));
  return launchers.sort().slice(0, launchersMax + 1);
}

async function readFacts(
  files: ConfigFiles,
  lost: readonly string[],
  {deadlineMs, asksAgents}: {readonly deadlineMs: number; readonly asksAgents: boolean},
): Promise<HostFacts> {
  const paths = namedPaths(files);
  const judge = scriptJudge();
  const devices = new Map<string, {blockBytes: number; bytes: number} | null>();
  const scripts = new Map<string, string>();
  await mapBounded(paths.devices, parallelMax, async (path) => {
    const fact = await within(deadlineMs, deviceFact(path));
    if (fact !== undefined) devices.set(path, fact);
  });
  await mapBounded(paths.scripts, parallelMax, async (path) => {
    const relative = path.startsWith(files.directory) ? path.slice(files.directory.length + 1) : '';
    const kind = files.texts.has(`${relative}/`) ? 'folder' : 'file';
    const problem = await within(deadlineMs, judge(path, kind));
    if (problem !== undefined) scripts.set(path, problem);
  });
  const programs = new Map<string, string>();
  await mapBounded(paths.programs, parallelMax, async (name) => {
    const check = await within(deadlineMs, checkProgram(name));
    if (check !== undefined) programs.set(name, check.ok ? '' : check.fault);
  });
  const credentials = new Map<string, {mode: number} | null>();
  await mapBounded(paths.credentials, parallelMax, async (path) => {
    const fact = await within(deadlineMs, credentialFact(path));
    if (fact !== undefined) credentials.set(path, fact);
  });
  for (const folder of lost) scripts.set(folder, 'missing');
  const secret = await within(deadlineMs, secretFact(`${files.directory}/secret.key`));
  const watchdog =
    paths.watchdog === null ? undefined : await within(deadlineMs, watchdogFact(paths.watchdog));
  const mode = await within(deadlineMs, directoryMode(files.directory));
  return {
    nodeName: files.facts.nodeName,
    platform: process.platform,
    secret: secret ?? null,
    ...(mode === undefined ? {} : {directoryMode: mode}),
    ...(watchdog === undefined ? {} : {watchdog}),
    credentials,
    devices,
    interfaces: (await within(deadlineMs, interfaceNames())) ?? null,
    scripts,
    programs,
    ...(await readAgentFacts(paths, {deadlineMs, asksAgents})),
    ...(await readFenceFacts(files, paths, {deadlineMs, asksAgents})),
  };
}

/** Agents and systemd are asked only where it was said so: that starts programs. */
async function readAgentFacts(
  paths: NamedPaths,
  {deadlineMs, asksAgents}: {readonly deadlineMs: number; readonly asksAgents: boolean},
): Promise<Pick<HostFacts, 'agents' | 'units'>> {
  const agents = new Map<string, AgentFact>();
  await mapBounded(paths.agents, askedMax, async (name) => {
    const fact = await within(2 * deadlineMs, agentFact(name, {ask: asksAgents, deadlineMs}));
    if (fact !== undefined) agents.set(name, fact);
  });
  if (paths.units.length === 0 || !asksAgents) return {agents};
  const units = await within(2 * deadlineMs, unitFacts(paths.units, {deadlineMs}));
  return units === undefined ? {agents} : {agents, units};
}

async function readFenceFacts(
  files: ConfigFiles,
  paths: NamedPaths,
  {deadlineMs, asksAgents: ask}: {readonly deadlineMs: number; readonly asksAgents: boolean},
): Promise<Pick<HostFacts, 'fencePrograms' | 'passwordFiles' | 'clusterFileMode'>> {
  if (paths.fencePrograms.length === 0) return {};
  const fencePrograms = new Map<string, {fault: string; parameters: readonly string[] | null}>();
  await mapBounded(paths.fencePrograms, parallelMax, async (program) => {
    const isAgent = !program.includes('/') || /\/fence_\w+$/.test(program);
    const options = {ask: ask && isAgent, deadlineMs};
    const fact = await within(2 * deadlineMs, fenceProgramFact(program, options));
    if (fact !== undefined) fencePrograms.set(program, fact);
  });
  const passwordFiles = new Map<string, number | null>();
  await mapBounded(paths.passwordFiles, parallelMax, async (path) => {
    const mode = await within(deadlineMs, modeOf(path));
    if (mode !== undefined) passwordFiles.set(path, mode);
  });
  const mode = await within(deadlineMs, modeOf(`${files.directory}/${clusterFile}`));
  const own = mode === undefined || mode === null ? {} : {clusterFileMode: mode};
  return {fencePrograms, passwordFiles, ...own};
}
