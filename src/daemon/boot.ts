/** From the command line to a running daemon, and from signals to what they mean. */

import {performance} from 'node:perf_hooks';
import {isatty} from 'node:tty';
import {exitCodes} from '../kernel/exit-codes.ts';
import {Daemon} from './daemon.ts';
import {readVersion} from './daemon-view.ts';
import type {BothClocks} from './facts-format.ts';
import {LogWriter} from './log-writer.ts';
import {createLog, stepLevel} from './log.ts';
import type {Log} from './log.ts';
import {parseOptions} from './options.ts';
import {takePrecedence} from './precedence.ts';
import {prepare} from './prepare.ts';
import type {StartFailure} from './prepare.ts';
import {openServiceManager} from './service-manager.ts';

/** The wall clock is read for people alone; every duration is of the monotonic one. */
function clocks(): BothClocks {
  return {nowMs: performance.now(), wallMs: Date.now()};
}

export async function boot(): Promise<void> {
  // What scripts inherit, whoever started us. Our own files are made with their modes written out.
  process.umask(0o022);
  const startedAt = new Date().toISOString();
  const parsed = parseOptions(process.argv.slice(2), process);
  if (!parsed.ok) {
    fail({exit: exitCodes.usage, lines: [parsed.error, 'More: ha help daemon']});
    return;
  }
  const options = parsed.value;
  const log = createLog({
    level: options.logLevel,
    node: options.nodeName,
    out: new LogWriter(1),
    pretty: isatty(1),
  });
  endOnDefects(log);
  if (takePrecedence()) log.debug('this session goes before others (autogroup)');
  const prepared = await prepare(options, clocks);
  if (!prepared.ok) {
    fail(prepared.error);
    return;
  }
  const {incarnation} = prepared.value.facts;
  const version = readVersion();
  log.info(`understudy ${version}, life ${incarnation}, cluster ${prepared.value.config.name}`);
  const daemon = new Daemon({
    options,
    prepared: prepared.value,
    log,
    manager: await openServiceManager(process.env),
    life: {version, pid: process.pid, startedAt, configDirectory: options.conf},
    clocks,
    onEnd: (code) => process.exit(code),
  });
  onSignals(daemon, log);
  const started = await daemon.start();
  if (!started.ok) fail(started.error);
}

function onSignals(daemon: Daemon, log: Log): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => daemon.shutdown(signal));
  }
  process.on('SIGHUP', () => {
    void daemon.reload('SIGHUP').then(({exit, text}) => {
      if (exit === exitCodes.done) log.info(text);
      else log.error(text.split('\n', 1)[0]!);
    });
  });
  for (const [signal, direction] of [
    ['SIGUSR1', 1],
    ['SIGUSR2', -1],
  ] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      const level = stepLevel(log, direction);
      log.error(`${signal}: log level is ${level} now`);
    });
  }
}

/** A defect of ours ends the process, never the services: whoever starts us again finds them. */
function endOnDefects(log: Log): void {
  const end = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error(`defect: ${text}`);
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function fail(failure: StartFailure): void {
  for (const line of failure.lines) if (line !== '') process.stderr.write(`ha daemon: ${line}\n`);
  process.exit(failure.exit);
}
