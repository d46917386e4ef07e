/**
 * What became of an action of a former daemon, and its end. Only the process that this action was
 * is ended, with its group, and only while it still is there: whatever it had started and left
 * behind when it ended is the service itself, and carries the same mark.
 */

import {killGraceMs, unkillableMs} from '../../kernel/ending.ts';
import {markName, type FoundAction} from './action-records.ts';
import {endGroup, signalGroup, type SignalGroup} from './process-group.ts';
import {readProcesses, type ProcessSeen, type ProcessTable} from './process-table.ts';

/**
 * `gone`: it had ended by itself. `ended`: it was cut short here. `lingers`: it can not be ended,
 * or nothing tells whether it still runs.
 */
export interface LeftoverEnd {
  readonly state: 'gone' | 'ended' | 'lingers';
  /** For `lingers`: a sentence. Else empty. */
  readonly detail: string;
}

export interface EndingPorts {
  readonly table?: ProcessTable;
  readonly signalGroup?: SignalGroup;
}

type Judged = 'gone' | 'runs' | {readonly why: string};

/** Settles within a look, the grace of its deadline and the wait after KILL. Never rejects. */
export async function endLeftover(
  found: FoundAction,
  ports: EndingPorts = {},
): Promise<LeftoverEnd> {
  const {table = readProcesses, signalGroup: signal = signalGroup} = ports;
  const judged = judge(found, await table(markName), signal);
  if (judged === 'gone') return {state: 'gone', detail: ''};
  if (judged !== 'runs') return {state: 'lingers', detail: judged.why};
  const isEnded = await endGroup({
    pgid: found.pid!,
    // It is no child of ours: whoever took it in waits for it.
    leaderExited: () => true,
    graceMs: killGraceMs(found.facts?.deadlineMs ?? 0),
    unkillableMs,
    signalGroup: signal,
  });
  if (isEnded) return {state: 'ended', detail: ''};
  return {state: 'lingers', detail: `process ${found.pid} can not be ended, not by KILL either`};
}

function judge(
  found: FoundAction,
  table: readonly ProcessSeen[] | null,
  signal: SignalGroup,
): Judged {
  if (table === null) return {why: 'the process table can not be read, so it may still run'};
  const {pid, id} = found;
  if (pid === null) {
    const marked = table.find((one) => one.mark === id && one.state !== 'Z');
    if (marked === undefined) return 'gone';
    return {why: `process ${marked.pid} may be it, or what it has started: nothing tells which`};
  }
  const seen = table.find((one) => one.pid === pid);
  if (seen === undefined) {
    const isHidden = signal(pid, 0) && !table.some((one) => one.pgid === pid);
    return isHidden ? {why: `process ${pid} is hidden from this daemon`} : 'gone';
  }
  if (seen.state === 'Z') return 'gone';
  return judgeSeen(found, seen);
}

/** The number may have gone to another process since; the time at which it was made has not. */
function judgeSeen(found: FoundAction, seen: ProcessSeen): Judged {
  const isLeader = seen.pgid === seen.pid;
  if (found.started !== null && seen.started !== null) {
    if (found.started !== seen.started) return 'gone';
  } else if (seen.mark !== found.id) {
    if (seen.mark !== null || !isLeader) return 'gone';
    return {why: `process ${seen.pid} may be it: its environment is not shown`};
  }
  return isLeader ? 'runs' : {why: `process ${seen.pid} has left its group`};
}
