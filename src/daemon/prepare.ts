/**
 * Everything that must hold before the first packet is sent, in this order: directories, the lock,
 * the configuration, the key, the facts of former lives, and the number of this life on disk.
 */

import {join} from 'node:path';
import {loadConfig} from '../config/io/read-directory.ts';
import type {ClusterConfig, Finding} from '../config/types.ts';
import {ActionRecords} from '../drivers/host/action-records.ts';
import type {FoundAction} from '../drivers/host/action-records.ts';
import type {RecordEntry} from '../engine/types.ts';
import {readKeyFile} from '../heartbeat/io/key-file.ts';
import type {ClusterKey} from '../heartbeat/io/key-file.ts';
import {openJournal} from '../journal/io/journal-file.ts';
import type {JournalFile} from '../journal/io/journal-file.ts';
import {readJournal, tailRecordsMax} from '../journal/io/read-journal.ts';
import {storageError} from '../journal/io/storage-error.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import {nodeName} from '../kernel/ids.ts';
import type {NodeName, ServiceName} from '../kernel/ids.ts';
import {servicesMax} from '../kernel/limits.ts';
import {err, ok} from '../kernel/result.ts';
import type {HaError, Result} from '../kernel/result.ts';
import {readBootId} from './boot-id.ts';
import {checkConfDirectory, claimDirectory} from './directories.ts';
import {noNodeFacts} from './facts-format.ts';
import type {BothClocks, StoredFacts} from './facts-format.ts';
import {frozenFacts, traceServices} from './facts-from-journal.ts';
import {FactsStore, factsFileName, nextIncarnation, readFacts} from './facts-store.ts';
import {errorsFirst, findingLine} from './findings-text.ts';
import {lockState, pidFilePath} from './instance-lock.ts';
import type {InstanceLock} from './instance-lock.ts';
import type {DaemonOptions} from './options.ts';

export interface Prepared {
  readonly node: NodeName;
  readonly config: ClusterConfig;
  readonly findings: readonly Finding[];
  readonly keys: readonly ClusterKey[];
  readonly bootId: string;
  /** Durable before this is returned. */
  readonly facts: StoredFacts;
  readonly store: FactsStore;
  readonly journal: JournalFile;
  readonly lock: InstanceLock;
  readonly actions: ActionRecords;
  /** Actions of former daemons that nobody saw end. */
  readonly foundActions: readonly FoundAction[];
  /** What was found damaged, for the journal and the log. */
  readonly alarms: readonly RecordEntry[];
}

/** Why the daemon does not start. */
export interface StartFailure {
  readonly exit: number;
  /** For the person who started it. */
  readonly lines: readonly string[];
}

export async function prepare(
  options: DaemonOptions,
  clocks: () => BothClocks,
): Promise<Result<Prepared, StartFailure>> {
  for (const path of [options.state, options.run]) {
    const claimed = await claimDirectory(path);
    if (!claimed.ok) return err(failure(exitCodes.failed, claimed.error));
  }
  const lock = await lockState(options.state, pidFilePath(options.run));
  if (!lock.ok) return err(failure(exitCodes.failed, lock.error));
  const conf = await readConf(options);
  if (!conf.ok) return conf;
  const bootId = await readBootId(process.platform);
  if (!bootId.ok) return err(failure(exitCodes.failed, bootId.error));
  const node = nodeName(options.nodeName);
  const memory = await remember(options, {...conf.value, node, bootId: bootId.value, clocks});
  if (!memory.ok) return memory;
  const entered = await readActions(join(options.state, 'actions'), bootId.value);
  if (!entered.ok) return entered;
  return ok({
    ...conf.value,
    ...memory.value,
    ...entered.value,
    node,
    bootId: bootId.value,
    lock: lock.value,
  });
}

/** What cannot be read may be a start that still runs: without it the daemon does not start. */
async function readActions(
  directory: string,
  bootId: string,
): Promise<Result<Pick<Prepared, 'actions' | 'foundActions'>, StartFailure>> {
  try {
    const {records, found} = await ActionRecords.open(directory, bootId);
    return ok({actions: records, foundActions: found});
  } catch (cause) {
    return err(failure(exitCodes.failed, storageError('read', directory, cause)));
  }
}

interface Conf {
  readonly config: ClusterConfig;
  readonly findings: readonly Finding[];
  readonly keys: readonly ClusterKey[];
}

/** Configuration and key; every finding is reported, not only the first. */
export async function readConf(
  options: Pick<DaemonOptions, 'conf' | 'nodeName'>,
): Promise<Result<Conf, StartFailure>> {
  const directory = await checkConfDirectory(options.conf);
  if (!directory.ok) return err(failure(exitCodes.configuration, directory.error));
  const {nodeName: name, conf} = options;
  const {config, findings} = await loadConfig({directory: conf, nodeName: name});
  if (config === null) {
    const lines = errorsFirst(findings).map(findingLine);
    return err({exit: exitCodes.configuration, lines});
  }
  const keys = await readKeyFile(join(conf, 'secret.key'));
  if (!keys.ok) return err(failure(exitCodes.configuration, keys.error));
  return ok({config, findings, keys: keys.value});
}

interface Life extends Conf {
  readonly node: NodeName;
  readonly bootId: string;
  readonly clocks: () => BothClocks;
}

type Memory = Pick<Prepared, 'facts' | 'store' | 'journal' | 'alarms'>;

/** Former lives, and the number of this one: durable BEFORE anything is sent. */
async function remember(options: DaemonOptions, life: Life): Promise<Result<Memory, StartFailure>> {
  const {config, node} = life;
  const now = life.clocks();
  const journalDirectory = join(options.state, 'journal');
  const reading = await readFacts(options.state, {cluster: config.name, node, ...now});
  if (reading.kind === 'refused') {
    const foreign = reading.error.code === 'HA_STATE_FOREIGN';
    return err(failure(foreign ? exitCodes.configuration : exitCodes.failed, reading.error));
  }
  const stored = reading.kind === 'read' ? reading.facts : null;
  const incarnation = nextIncarnation(stored?.incarnation ?? 0, now.wallMs);
  const opened = await openJournal({
    directory: journalDirectory,
    incarnation,
    wallMs: () => life.clocks().wallMs,
  });
  if (!opened.ok) return err(failure(exitCodes.failed, opened.error));
  const {journal, faults} = opened.value;
  const alarms = faults.map((fault) => alarm(life, `the journal was damaged: ${fault.text}`));
  let facts: StoredFacts;
  const error = lossOf(reading, journal, options.state);
  if (error === null) {
    facts = {...(stored ?? noFacts(life)), incarnation, services: pruned(stored, config)};
  } else {
    alarms.push(alarm(life, error.message));
    facts = {...noFacts(life), incarnation, services: await recovered(journal, life, error)};
  }
  const generation = reading.kind === 'read' ? reading.generation : 0;
  const store = new FactsStore(options.state, facts, {generation});
  const written = await store.flush();
  if (!written.ok) return err(failure(exitCodes.failed, written.error));
  return ok({facts, store, journal, alarms});
}

/** Facts that are damaged, or gone while the journal is there, are lost; else null. */
function lossOf(
  reading: Awaited<ReturnType<typeof readFacts>>,
  journal: JournalFile,
  state: string,
): HaError | null {
  if (reading.kind === 'corrupt') return reading.error;
  if (reading.kind !== 'missing' || journal.lastSeq === 0) return null;
  const message =
    `${join(state, factsFileName)} is missing, though the journal beside it has ` +
    `${journal.lastSeq} records. Every service starts frozen`;
  return {code: 'HA_STATE_CORRUPT', message};
}

async function recovered(
  journal: JournalFile,
  life: Life,
  error: HaError,
): Promise<StoredFacts['services']> {
  const tail = await readJournal(journal.directory, {
    sinceSeq: 0,
    service: null,
    limit: tailRecordsMax,
  });
  const {bootId, node, config} = life;
  const names = config.services.filter((one) => one.nodes.includes(node)).map((one) => one.name);
  const since = new Date(life.clocks().wallMs).toISOString();
  const freeze = {by: 'understudy', why: error.message, since, untilMs: null, until: null};
  const traces = traceServices(tail.ok ? tail.value.records : []);
  return frozenFacts(names, {traces, bootId, freeze});
}

function noFacts(life: Life): StoredFacts {
  const {config, node} = life;
  return {
    cluster: config.name,
    node,
    incarnation: 0,
    services: new Map(),
    nodeFacts: noNodeFacts,
  };
}

/**
 * Services that are gone are remembered, in case they come back, as long as there are not too
 * many.
 */
function pruned(stored: StoredFacts | null, config: ClusterConfig): StoredFacts['services'] {
  const services = stored?.services ?? new Map();
  if (services.size <= servicesMax) return services;
  const known = new Set<ServiceName>(config.services.map((one) => one.name));
  return new Map([...services].filter(([name]) => known.has(name)));
}

function alarm(life: Life, detail: string): RecordEntry {
  return {
    kind: 'alarm',
    service: null,
    node: life.node,
    atMs: life.clocks().nowMs,
    cause: {reason: 'state-damaged', detail},
    data: {},
  };
}

/** Message, code and what to type. */
export function failure(exit: number, error: HaError): StartFailure {
  const first = `${error.message} (${error.code})`;
  return {exit, lines: error.hint === undefined ? [first] : [first, error.hint]};
}
