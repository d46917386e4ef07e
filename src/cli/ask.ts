/**
 * Asking the daemon. Read commands fall back to the view that the daemon last wrote down, because a
 * status that fails exactly when the daemon is gone is worth nothing; they then say its age.
 */

import {call} from '../control/io/client.ts';
import type {CallEnd} from '../control/io/client.ts';
import {controlSocketPath} from '../control/paths.ts';
import type {DaemonView, Request} from '../control/types.ts';
import {protocolVersion} from '../control/types.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {HaError, Result} from '../kernel/result.ts';
import type {Stale} from '../status/model.ts';
import type {Invocation} from './invocation.ts';
import type {Paths} from './paths.ts';
import type {World} from './world.ts';

/** A living daemon answers in milliseconds; one on another node within the peer's time-out. */
const localSilenceMs = 5_000;
const remoteSilenceMs = 15_000;

/** A request without what is the same in all of them. */
export type Question = Request extends infer Each
  ? Each extends Request
    ? Omit<Each, 'v' | 'id' | 'actor'>
    : never
  : never;

export interface AskOptions {
  readonly onProgress?: (text: string) => void;
  readonly onEvent?: (record: unknown) => void;
  /** null: waits as long as it takes. */
  readonly silenceMs?: number | null;
  readonly signal?: AbortSignal;
}

export async function ask(
  {paths, world}: Pick<Invocation, 'paths' | 'world'>,
  question: Question,
  options: AskOptions = {},
): Promise<Result<CallEnd>> {
  const defaultMs = question.node === null ? localSilenceMs : remoteSilenceMs;
  const {silenceMs = defaultMs, ...rest} = options;
  // Looking needs no name; an order does, because the journal keeps it.
  const orders = ['command', 'reload', 'run-task'].includes(question.op);
  const actor = orders ? await world.actor() : 'reader';
  const request: Request = {v: protocolVersion, id: 1, actor, ...question};
  return call({socketPath: controlSocketPath(paths.run), request, silenceMs, ...rest});
}

export interface SeenView {
  readonly view: DaemonView;
  /** null: the daemon itself answered. */
  readonly stale: Stale | null;
}

/** A failure that was already explained on stderr; the number is the exit code. */
export type Failed = number;

/** The view of this node or of `--node`; on failure it has said why, and gives the exit code. */
export async function askView(
  invocation: Pick<Invocation, 'paths' | 'world' | 'flags'>,
): Promise<SeenView | Failed> {
  const node = nodeFlag(invocation);
  const answer = await ask(invocation, {op: 'view', node});
  if (answer.ok) {
    const view = viewOf(answer.value);
    if (view !== null) return {view, stale: null};
    return refuse(invocation.world, answer.value);
  }
  const {error} = answer;
  if (error.code === 'HA_DAEMON_DENIED' || node !== null) {
    return explainFailure(invocation, error);
  }
  const {readLastView} = await import('./last-view.ts');
  const last = await readLastView(invocation, error);
  return last ?? explainFailure(invocation, error);
}

export function nodeFlag({flags}: Pick<Invocation, 'flags'>): NodeName | null {
  const name = flags['node'];
  return typeof name === 'string' && name !== '' ? (name as NodeName) : null;
}

/** The view in an answer; null where the daemon refused. */
export function viewOf(end: CallEnd): DaemonView | null {
  const data = end.data as Partial<DaemonView> | null;
  const whole = typeof data === 'object' && data !== null && Array.isArray(data.services);
  return end.exit === exitCodes.done && whole ? (data as DaemonView) : null;
}

async function refuse(world: World, end: CallEnd): Promise<Failed> {
  const {printable} = await import('../status/text.ts');
  world.stderr.write(`ha: ${printable(end.text)}\n`);
  return end.exit === exitCodes.done ? exitCodes.failed : end.exit;
}

/** Says on stderr why the daemon did not answer and what to type; gives the exit code. */
export async function explainFailure(
  {paths, world}: {readonly paths: Paths; readonly world: World},
  error: HaError,
): Promise<Failed> {
  const {unreachableText} = await import('./unreachable.ts');
  const {text, exit} = unreachableText({paths, world, error});
  world.stderr.write(text);
  return exit;
}
