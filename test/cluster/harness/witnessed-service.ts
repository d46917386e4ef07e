/**
 * A service that can tell when it runs twice. Its process holds a lock on a file that all nodes
 * share, which the kernel gives back when the process ends, however it ends; and each step is a
 * line in one log, in the order in which it happened on this machine.
 */

import {appendFileSync, chmodSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

export type Happening =
  'start' | 'started' | 'again' | 'stop' | 'stopped' | 'conflict' | 'refused' | 'off';

export interface LogEntry {
  /** CLOCK_BOOTTIME in seconds, the same for all nodes. */
  readonly atS: number;
  readonly node: string;
  readonly what: Happening;
}

export interface WitnessedService {
  readonly name: string;
  /** `SCRIPT start|stop|status`: 0 up, 3 down. The same path on every node. */
  readonly script: string;
  readonly entries: () => readonly LogEntry[];
  /** From now on the script fails to start, or to stop, on that node; until allowed again. */
  readonly refuse: (node: string, action: 'start' | 'stop') => void;
  readonly allow: (node: string, action: 'start' | 'stop') => void;
  /** The test itself ended it there, by a power cut or a kill: it is down from here on. */
  readonly noteOff: (node: string) => void;
}

export interface ServiceBehaviour {
  /** Seconds that `start` takes before the process is there. Default 0. */
  readonly startS?: number;
  readonly stopS?: number;
}

function scriptText(
  name: string,
  shared: string,
  {startS = 0, stopS = 0}: ServiceBehaviour,
): string {
  return `#!/bin/sh
pidfile=/run/${name}.pid
note() {
  echo "$(cut -d' ' -f1 /proc/uptime) $(hostname) $1" >> ${shared}/${name}.log
}
running() {
  [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null
}
case "$1" in
start)
  if running; then note again; exit 0; fi
  if [ -e "${shared}/${name}.$(hostname).no-start" ]; then note refused; exit 1; fi
  note start
  sleep ${startS}
  rm -f "$pidfile"
  exec 9>>${shared}/${name}.lock
  flock -n 9 || note conflict
  setsid sleep infinity >/dev/null 2>&1 </dev/null &
  echo $! > "$pidfile"
  note started
  ;;
stop)
  if [ -e "${shared}/${name}.$(hostname).no-stop" ]; then note refused; exit 1; fi
  note stop
  sleep ${stopS}
  if running; then
    kill "$(cat "$pidfile")"
    while running; do sleep 0.01; done
  fi
  rm -f "$pidfile"
  note stopped
  ;;
status)
  running || exit 3
  ;;
*)
  echo "expected start, stop or status, found $1" >&2
  exit 2
  ;;
esac
`;
}

/** Makes the script in the shared directory of the cluster. */
export function witnessedService(
  name: string,
  shared: string,
  behaviour: ServiceBehaviour = {},
): WitnessedService {
  const script = join(shared, `${name}.sh`);
  const log = join(shared, `${name}.log`);
  writeFileSync(script, scriptText(name, shared, behaviour));
  chmodSync(script, 0o755);
  writeFileSync(log, '');
  const refusal = (node: string, action: string): string =>
    join(shared, `${name}.${node}.no-${action}`);
  return {
    name,
    script,
    refuse: (node, action) => writeFileSync(refusal(node, action), ''),
    allow: (node, action) => rmSync(refusal(node, action)),
    entries: () => readFileSync(log, 'utf8').trim().split('\n').filter(Boolean).map(entryOf),
    noteOff: (node) => {
      const seconds = Number(process.hrtime.bigint() / 1_000_000n) / 1_000;
      appendFileSync(log, `${seconds.toFixed(2)} ${node} off\n`);
    },
  };
}

function entryOf(line: string): LogEntry {
  const [at = '', node = '', what = ''] = line.split(' ');
  return {atS: Number(at), node, what: what as Happening};
}

/** Nodes on which it runs or may run, after these entries. */
export function holdersOf(entries: readonly LogEntry[]): readonly string[] {
  const holders = new Set<string>();
  for (const {node, what} of entries) {
    if (what === 'start') holders.add(node);
    if (what === 'stopped' || what === 'off') holders.delete(node);
  }
  return [...holders];
}

/** Every moment at which two nodes had it, in words; empty where that never happened. */
export function doubleOwners(entries: readonly LogEntry[]): readonly string[] {
  return entries.flatMap((entry, index) => {
    const holders = holdersOf(entries.slice(0, index + 1));
    const at = `${entry.atS}: ${entry.node} ${entry.what}`;
    if (entry.what === 'conflict') return [`${at}: the lock was held by another node`];
    return entry.what === 'start' && holders.length > 1 ? [`${at}: also on ${holders[0]}`] : [];
  });
}
