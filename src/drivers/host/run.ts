/**
 * The only code that starts processes. No shell, no inherited environment, an own process group, an
 * absolute deadline, bounded output; and always a result, never an exception: what a caller can not
 * forget to look at.
 */

import type {Readable} from 'node:stream';
import {killGraceMs, unkillableMs} from '../../kernel/ending.ts';
import {outputBytesMax} from '../../kernel/limits.ts';

import type {Child, StartChild} from './child.ts';
import {drainForever} from './drainer.ts';
import {fixedPath} from './fixed-path.ts';
import {forkChild} from './fork-child.ts';
import {keepOutput, type OutputKeeper} from './output.ts';
import {endGroup, signalGroup, type SignalGroup} from './process-group.ts';
import {spawnChildIfAny} from './spawn-child.ts';
import {recentChecks} from './recent-checks.ts';
import {inSpawnLane, spawnsSettled} from './spawn-lanes.ts';
import {nextTurn, spawnTurn} from './spawn-turn.ts';

export interface RunOptions {
  /**
   * Program (absolute, or a bare name for our fixed PATH) and its arguments, passed on untouched.
   */
  readonly argv: readonly string[];
  /**
   * Words before it: a program, and arguments of its own, that turns into this one. Both are
   * looked at before.
   */
  readonly before?: readonly string[];
  /** Absolute budget, ms from the call. TERM at its end, KILL after `killGraceMs`. */
  readonly deadlineMs: number;
  /** Ends the child early, in the same way. */
  readonly signal?: AbortSignal;
  /** Added to PATH, LANG and LC_ALL, which are all that a child gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the child reads before its input ends, for secrets above all. Default: nothing. */
  readonly input?: string;
  /** Kept of each of the two outputs. Default: the limit of the kernel. */
  readonly outputBytesMax?: number;
  /** How groups are signalled; replaced only by the test of a child that can not be killed. */
  readonly signalGroup?: SignalGroup;
  /** Told of the process as soon as it is there. Must not throw. */
  readonly onSpawn?: (pid: number) => void;
  /** How a process is made. Default: the quickest way this system has. */
  readonly startChild?: StartChild;
}

/** What became of a child. */
export interface RunResult {
  /** `spawn-failed`: nothing ran. `aborted` and `timed-out`: see `began` and `ended`. */
  readonly kind: 'exited' | 'signalled' | 'timed-out' | 'spawn-failed' | 'aborted';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  /** True where a process was made. */
  readonly began: boolean;
  /** False where a process of the group was still there after KILL: it hangs in the kernel. */
  readonly ended: boolean;
  /** True where something that the child left running still holds its output. */
  readonly outputHeld: boolean;
  /** For `spawn-failed` and a look that hung: a sentence. Else empty. */
  readonly fault: string;
}

/** Turns of the loop that output already written may take to come in; each reads up to 2 MB. */
const drainTurnsMax = 32;
/** Longest timer of the platform, ms. */
const timerMsMax = 2 ** 31 - 1;

type Ending = 'exit' | 'timed-out' | 'aborted';

/** Runs a program to its end. Never rejects; settles within `actionMsMax(deadlineMs)`. */
export async function run(options: RunOptions): Promise<RunResult> {
  const startedMs = performance.now();
  const finish = finisher(startedMs);
  const deadline = watch(options, startedMs);
  try {
    const [program = ''] = options.argv;
    const checked = await Promise.race([checkBoth(options), deadline.reached]);
    if (checked === 'aborted') return finish({kind: 'aborted'});
    if (checked === 'timed-out') {
      return finish({kind: 'timed-out', fault: `${program}: its file system does not answer`});
    }
    if (!checked.ok) return finish({kind: 'spawn-failed', fault: checked.fault});
    const child = await startInTime(checked.path, {...options, argv: checked.argv}, deadline);
    if (typeof child !== 'string') {
      if (child.pid !== undefined) options.onSpawn?.(child.pid);
      return finish(await supervise(child, options, deadline));
    }
    if (child !== 'hangs') return finish({kind: child});
    // Nobody knows what it does once it has begun, nor when: as one that can not be ended.
    return finish({kind: deadline.state() ?? 'timed-out', began: true, ended: false});
  } catch (error) {
    return finish({kind: 'spawn-failed', fault: faultOf(options.argv, error)});
  } finally {
    deadline.close();
  }
}

/** The path that is executed, and the words that it gets, its own name first. */
async function checkBoth({
  argv,
  before = [],
}: RunOptions): Promise<
  | {readonly ok: true; readonly path: string; readonly argv: readonly string[]}
  | {readonly ok: false; readonly fault: string}
> {
  const [program = '', ...rest] = argv;
  const inner = await recentChecks.check(program);
  const [outer, ...own] = before;
  if (!inner.ok || outer === undefined) return inner.ok ? {...inner, argv} : inner;
  const checked = await recentChecks.check(outer);
  return checked.ok ? {...checked, argv: [outer, ...own, inner.path, ...rest]} : checked;
}

function finisher(
  startedMs: number,
): (result: Partial<RunResult> & Pick<RunResult, 'kind'>) => RunResult {
  return (result) => ({
    code: null,
    signal: null,
    stdout: '',
    stderr: '',
    began: false,
    ended: true,
    outputHeld: false,
    fault: '',
    ...result,
    durationMs: performance.now() - startedMs,
  });
}

interface Deadline {
  readonly reached: Promise<'timed-out' | 'aborted'>;
  state(): 'timed-out' | 'aborted' | null;
  close(): void;
}

function watch(options: RunOptions, startedMs: number): Deadline {
  const {signal} = options;
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => {};
  const reached = new Promise<'timed-out' | 'aborted'>((resolve) => {
    onAbort = (): void => resolve('aborted');
    timer = setTimeout(() => resolve('timed-out'), Math.min(timerMsMax, options.deadlineMs));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, {once: true});
  });
  return {
    reached,
    state() {
      if (signal?.aborted === true) return 'aborted';
      return performance.now() - startedMs >= options.deadlineMs ? 'timed-out' : null;
    },
    close() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * A child, or why there is none: the deadline came before a process was asked for, or it hangs in
 * its exec(2). One that comes after that is ended at once.
 */
async function startInTime(
  path: string,
  options: RunOptions,
  deadline: Deadline,
): Promise<Child | 'timed-out' | 'aborted' | 'hangs'> {
  let isBegun = false;
  const starting = inSpawnLane(async () => {
    await spawnTurn();
    const early = deadline.state();
    if (early !== null) return early;
    isBegun = true;
    return startChild(path, options);
  });
  const first = await Promise.race([starting, deadline.reached]);
  if (typeof first !== 'string' || !isBegun) {
    starting.catch(() => undefined); // Not begun: it will not be.
    return first;
  }
  const late = await within(starting, killGraceMs(options.deadlineMs));
  if (late !== null) return late;
  // Whoever waits for it has its answer by then.
  starting.then(endLate, () => undefined);
  return 'hangs';
}

/** Null where it takes longer. */
async function within<Value>(work: Promise<Value>, boundMs: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), boundMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function endLate(child: Child | string): void {
  if (typeof child === 'string') return;
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

async function startChild(path: string, options: RunOptions): Promise<Child> {
  const {input} = options;
  // The quick way has no pipe for input.
  const quick = input === undefined ? await spawnChildIfAny() : null;
  const start = options.startChild ?? quick ?? forkChild;
  return start({
    path,
    args: options.argv.slice(1),
    environment: {PATH: fixedPath, LANG: 'C', LC_ALL: 'C', ...options.environment},
    ...(input === undefined ? {} : {input}),
  });
}

async function supervise(
  child: Child,
  options: RunOptions,
  deadline: Deadline,
): Promise<Partial<RunResult> & Pick<RunResult, 'kind'>> {
  // Begun only after its deadline, its grace has been used up.
  const graceMs = deadline.state() === 'timed-out' ? 0 : killGraceMs(options.deadlineMs);
  const outputs = [child.stdout, child.stderr].map((stream) => listen(stream, options));
  const ending = await firstEnding(child, deadline);
  const error = child.exit()?.error ?? null;
  if (error !== null) {
    for (const output of outputs) output.drop();
    return {kind: 'spawn-failed', fault: faultOf(options.argv, error)};
  }
  const ended = ending === 'exit' || (await endChild(child, options, graceMs));
  // What can not be ended must not keep this process from ending.
  if (!ended) child.unref();
  await drain(outputs);
  if (outputs.some((output) => !output.closed())) {
    await spawnsSettled();
    await drain(outputs);
  }
  const outputHeld = outputs.some((output) => !output.closed());
  for (const output of outputs) {
    if (ending === 'exit') output.release();
    else output.drop();
  }
  const [stdout, stderr] = outputs.map((output) => output.keeper.text());
  const {code, signal} = child.exit() ?? {code: null, signal: null};
  return {
    kind: ending === 'exit' ? (code === null ? 'signalled' : 'exited') : ending,
    code,
    signal,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
    began: true,
    ended,
    outputHeld: ending === 'exit' && outputHeld,
  };
}

/**
 * After a pause of this process (a frozen machine) the late timer fires before the news of a child
 * that ended in time is read. So one more turn is granted before a deadline counts as missed.
 */
async function firstEnding(child: Child, deadline: Deadline): Promise<Ending> {
  const exited = child.exited.then(() => 'exit' as const);
  const first = await Promise.race([exited, deadline.reached]);
  if (first === 'exit') return first;
  return Promise.race([
    exited,
    nextTurn()
      .then(nextTurn)
      .then(() => first),
  ]);
}

function endChild(child: Child, options: RunOptions, graceMs: number): Promise<boolean> {
  if (child.pid === undefined) return Promise.resolve(true);
  return endGroup({
    pgid: child.pid,
    leaderExited: () => child.exit() !== null,
    graceMs,
    unkillableMs,
    signalGroup: options.signalGroup ?? signalGroup,
  });
}

interface Listened {
  readonly keeper: OutputKeeper;
  closed(): boolean;
  /** Closes our end for good. */
  drop(): void;
  /** Lets whoever still holds the other end write on. */
  release(): void;
}

function listen(stream: Readable | null, options: RunOptions): Listened {
  const keeper = keepOutput(options.outputBytesMax ?? outputBytesMax);
  let isClosed = stream === null;
  const close = (): void => {
    isClosed = true;
  };
  stream?.on('data', (chunk: Buffer) => keeper.push(chunk));
  stream?.once('end', close);
  // A reset of the pipe ends the output and nothing else: the exit of the child decides.
  stream?.on('error', close);
  return {
    keeper,
    closed: () => isClosed,
    drop: () => void stream?.destroy(),
    release() {
      if (stream === null) return;
      if (isClosed) stream.destroy();
      else drainForever(stream);
    },
  };
}

/** Reads what was written before the end of the child, and waits for nobody who holds the pipe. */
async function drain(outputs: readonly Listened[]): Promise<void> {
  let quietTurns = 0;
  for (let turn = 0; turn < drainTurnsMax && quietTurns < 2; turn += 1) {
    if (outputs.every((output) => output.closed())) return;
    const before = outputs.reduce((sum, output) => sum + output.keeper.totalBytes, 0);
    await nextTurn();
    const after = outputs.reduce((sum, output) => sum + output.keeper.totalBytes, 0);
    quietTurns = after === before ? quietTurns + 1 : 0;
  }
}

function faultOf(argv: readonly string[], error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const program = argv[0] ?? '';
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'it or its interpreter is missing',
    EACCES: 'it may not be executed (permission, or a file system mounted noexec)',
    ENOEXEC: 'it is in no format that this system can execute',
    E2BIG: 'its arguments are too long',
    EAGAIN: 'no further process can be made (limit reached)',
    ENOMEM: 'no further process can be made (no memory)',
    EMFILE: 'no further file can be opened (limit reached)',
    ENFILE: 'no further file can be opened on this machine',
    ETXTBSY: 'it is being written to',
    ERR_INVALID_ARG_VALUE: 'an argument or variable holds a NUL byte',
  };
  return `${program}: ${texts[code ?? ''] ?? code ?? String(error)}`;
}
