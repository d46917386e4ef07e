/**
 * One disk through sg_persist or mpathpersist: what is typed, how often it is repeated, and what
 * its answer is worth. A disk answers the first command after a change of its reservations with
 * UNIT ATTENTION and does nothing; so that command is given again, a few times and no more.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import {run, type RunResult} from './host/run.ts';
import {sentence} from './outcome.ts';
import {
  endingOf,
  parseKeys,
  parseReservation,
  registrantsOnly,
  type Ending,
  type ToolName,
} from './scsi-reservation-text.ts';
import type {LunSeen} from './scsi-reservation-rule.ts';

/** A disk and the ways to it. */
export interface Lun {
  readonly device: string;
  readonly tool: ToolName;
  /** Absolute, or a bare name for our fixed PATH. */
  readonly program: string;
  /** What is registered one by one: each path for sg_persist, the whole for mpathpersist. */
  readonly targets: readonly string[];
  /** Registrations that a full set makes. */
  readonly registrations: number;
}

export type Order =
  | {readonly verb: 'read-keys' | 'read-reservation' | 'unregister'}
  | {readonly verb: 'register'; readonly key: string; readonly lasting: boolean}
  | {readonly verb: 'reserve'; readonly key: string}
  | {
      readonly verb: 'preempt';
      readonly key: string;
      readonly victim: string;
      readonly abort: boolean;
    };

/** What all calls of one action share. */
export interface Budget {
  /** `performance.now()` at which the action is over. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface Answer {
  /** `unknown`: it may have been done or not. */
  readonly kind: Exclude<Ending, 'attention'> | 'unknown';
  readonly stdout: string;
  readonly says: string;
  /** A process of it could not be ended. */
  readonly lingering: boolean;
}

const triesMax = 10;
const pauseMs = 100;
/** Of one call: a path that is gone must not eat the budget of the others, ms. */
const callMsMax = 10_000;

export function wordsOf(tool: ToolName, order: Order, target: string): readonly string[] {
  const out = tool === 'sg_persist' ? ['-n', '--out'] : ['--out'];
  const into = tool === 'sg_persist' ? ['-n'] : ['-i'];
  const type = `--prout-type=${registrantsOnly}`;
  switch (order.verb) {
    case 'read-keys':
      return [...into, '-k', target];
    case 'read-reservation':
      return [...into, '-r', target];
    case 'register': {
      const lasting = order.lasting ? ['--param-aptpl'] : [];
      return [...out, '--register-ignore', ...lasting, `--param-sark=${order.key}`, target];
    }
    case 'unregister':
      return [...out, '--register-ignore', '--param-sark=0', target];
    case 'reserve':
      return [...out, '--reserve', `--param-rk=${order.key}`, type, target];
    case 'preempt': {
      const verb = order.abort ? '--preempt-abort' : '--preempt';
      const keys = [`--param-sark=${order.victim}`, `--param-rk=${order.key}`];
      return [...out, verb, ...keys, type, target];
    }
  }
}

/** Gives one order over one path. Never rejects. */
export async function give(
  lun: Lun,
  order: Order,
  {target, ...budget}: Budget & {readonly target: string},
): Promise<Answer> {
  const argv = [lun.program, ...wordsOf(lun.tool, order, target)];
  const isRead = order.verb === 'read-keys' || order.verb === 'read-reservation';
  if (!isRead) budget.log(`spawn: ${argv.join(' ')}`);
  let answer = await callOnce(lun.tool, argv, budget);
  for (let tries = 1; answer.kind === 'attention' && tries < triesMax; tries += 1) {
    await sleep(pauseMs);
    answer = await callOnce(lun.tool, argv, budget);
  }
  if (answer.kind !== 'attention') return {...answer, kind: answer.kind};
  const says = `${answer.says}; UNIT ATTENTION did not go away in ${triesMax} tries`;
  return {...answer, kind: 'failed', says};
}

async function callOnce(
  tool: ToolName,
  argv: readonly string[],
  budget: Budget,
): Promise<Omit<Answer, 'kind'> & {readonly kind: Ending | 'unknown'}> {
  const restMs = budget.untilMs - performance.now();
  const deadlineMs = Math.max(0, Math.min(callMsMax, restMs));
  const result = await run({
    argv,
    deadlineMs,
    signal: budget.signal,
    environment: environmentOf(argv),
  });
  const says = sentence({program: argv.join(' '), result, deadlineMs});
  return {kind: kindOf(tool, result), stdout: result.stdout, says, lingering: !result.ended};
}

/** Opened for writing, a disk makes udev look at it anew each time it is read. */
function environmentOf(argv: readonly string[]): Readonly<Record<string, string>> {
  const flag = argv.includes('--out') ? '0' : '1';
  return {SG_PERSIST_O_RDONLY: flag, SG_PERSIST_IN_RDONLY: flag};
}

function kindOf(tool: ToolName, result: RunResult): Ending | 'unknown' {
  if (!result.began) return 'failed';
  if (result.kind !== 'exited') return 'unknown';
  return endingOf(tool, {code: result.code, text: `${result.stdout}\n${result.stderr}`});
}

export type Seen =
  | {readonly ok: true; readonly seen: LunSeen; readonly silent: readonly string[]}
  | {readonly ok: false; readonly unsupported: boolean; readonly says: string};

/**
 * Keys and reservation, over the first path that answers. `silent`: those before it that did not.
 * A change between the two reads shows in the next look; who acts looks again after it has acted.
 */
export async function readLun(lun: Lun, budget: Budget): Promise<Seen> {
  const silent: string[] = [];
  let last: Answer | null = null;
  for (const target of lun.targets) {
    const keys = await give(lun, {verb: 'read-keys'}, {...budget, target});
    last = keys;
    if (keys.kind === 'unsupported') break;
    const read = keys.kind === 'ok' ? parseKeys(keys.stdout) : null;
    if (read !== null) {
      const held = await give(lun, {verb: 'read-reservation'}, {...budget, target});
      last = held;
      const holder = held.kind === 'ok' ? parseReservation(held.stdout) : null;
      if (holder !== null) {
        return {ok: true, seen: {keys: read, holder: holder === 'none' ? null : holder}, silent};
      }
    }
    silent.push(target);
  }
  const unsupported = last?.kind === 'unsupported';
  const unclear = last?.kind === 'ok' ? 'an answer that is not understood: ' : '';
  return {ok: false, unsupported, says: `${unclear}${last?.says ?? 'it has no path'}`};
}
