/**
 * posix_spawn(3) of the C library, through koffi. It does not copy the page tables of this process,
 * and it is called on a thread of libuv's pool: the caller of posix_spawn stands still until the
 * child has called exec(2), which is a millisecond and more where the cores are busy, and the loop
 * must not. That is what lets a thousand services start without a late beat. Older C libraries can
 * not close files before exec(2): there the loop waits. Linux only: the constants and the new
 * session (POSIX_SPAWN_SETSID) are those of glibc and musl.
 */

import {constants} from 'node:os';

/** The few functions that are needed, bound once. */
export interface LibcSpawn {
  /** The child's number and the reading ends of its outputs. Rejects with an error with `code`. */
  spawn(path: string, argv: readonly string[], variables: readonly string[]): Promise<Spawned>;
  /** The status of wait(2) once the child has ended, null before, -1 where it is not ours. */
  wait(pid: number): number | null;
  /** A child that has ended and that nobody has waited for yet, ours or another's; null: none. */
  ended(): number | null;
}

export interface Spawned {
  readonly pid: number;
  readonly stdoutFd: number;
  readonly stderrFd: number;
}

interface Call {
  (...args: readonly unknown[]): number;
  /** On another thread; what it is given must live until `done` is called. */
  async(...args: readonly unknown[]): void;
}

/** Larger than posix_spawnattr_t and posix_spawn_file_actions_t of any C library (336 bytes). */
const structBytes = 1_024;
/** sigset_t of glibc and musl. */
const signalSetBytes = 128;
/** spawn.h: a session of its own, default signal handlers, nothing blocked. */
const flags = 0x80 | 0x04 | 0x08;
const closeOnExec = 0o2000000;
const noHang = 1;
/** wait.h: any child; one that has ended; it is only looked at. */
const anyChild = 0;
const hasEnded = 4;
const leaveIt = 0x01000000;
/** siginfo_t of 64-bit Linux, which is all that Node runs on. */
const siginfoBytes = 128;
const siginfoPidAt = 16;
/** The file behind standard error. */
const firstUnused = 3;

/** Null where koffi or a function is missing: there is Node's own spawn. */
export async function loadLibcSpawn(): Promise<LibcSpawn | null> {
  if (process.platform !== 'linux') return null;
  try {
    const koffi = await import('koffi');
    const library = koffi.load(null);
    const bind = (prototype: string): Call => library.func(prototype) as Call;
    return bindAll(bind);
  } catch {
    return null; // Not installed, or an older C library.
  }
}

/** What is called for each child. */
function bindCalls(bind: (prototype: string) => Call) {
  return {
    spawn: bind(`int posix_spawn(_Out_ int *pid, const char *path, const void *actions,
      const void *attributes, const char **argv, const char **variables)`),
    init: bind('int posix_spawn_file_actions_init(void *)'),
    duplicate: bind('int posix_spawn_file_actions_adddup2(void *, int, int)'),
    open: bind(
      'int posix_spawn_file_actions_addopen(void *, int, const char *, int, unsigned int)',
    ),
    changeFolder: bind('int posix_spawn_file_actions_addchdir_np(void *, const char *)'),
    closeFrom: optional(bind, 'int posix_spawn_file_actions_addclosefrom_np(void *, int)'),
    destroy: bind('int posix_spawn_file_actions_destroy(void *)'),
    pipe: bind('int pipe2(void *, int)'),
    close: bind('int close(int)'),
    wait: bind('int waitpid(int, _Out_ int *, int)'),
    waitAny: bind('int waitid(int, unsigned int, void *, int)'),
  };
}

function bindAll(bind: (prototype: string) => Call): LibcSpawn {
  const libc = bindCalls(bind);
  const attributes = makeAttributes(bind);
  const siginfo = Buffer.alloc(siginfoBytes);

  const makePipe = (): readonly [number, number] => {
    const ends = Buffer.alloc(8);
    if (libc.pipe(ends, closeOnExec) !== 0) throw errorOf(constants.errno.EMFILE);
    return [ends.readInt32LE(0), ends.readInt32LE(4)];
  };

  const spawnOn = async (order: SpawnOrder): Promise<number> => {
    const actions = Buffer.alloc(structBytes);
    libc.init(actions);
    try {
      const failed =
        libc.open(actions, 0, '/dev/null', 0, 0) ||
        libc.duplicate(actions, order.stdoutEnd, 1) ||
        libc.duplicate(actions, order.stderrEnd, 2) ||
        libc.changeFolder(actions, '/') ||
        (libc.closeFrom?.(actions, firstUnused) ?? 0);
      if (failed !== 0) throw errorOf(failed);
      const pid = [0];
      const argv = [...order.argv, null];
      const variables = [...order.variables, null];
      const args = [pid, order.path, actions, attributes, argv, variables];
      // Who is being made on another thread has our files, the outputs of other children too, and
      // exec(2) wakes the caller before it closes them: they must be closed before it.
      const result = await (libc.closeFrom === null
        ? libc.spawn(...args)
        : inThread(libc.spawn, args));
      if (result !== 0) throw errorOf(result);
      return pid[0]!;
    } finally {
      libc.destroy(actions);
    }
  };

  return {
    async spawn(path, argv, variables) {
      const [stdoutFd, stdoutEnd] = makePipe();
      const [stderrFd, stderrEnd] = orClose(makePipe, [stdoutFd, stdoutEnd], libc.close);
      try {
        const pid = await spawnOn({path, argv, variables, stdoutEnd, stderrEnd});
        return {pid, stdoutFd, stderrFd};
      } catch (error) {
        for (const fd of [stdoutFd, stderrFd]) libc.close(fd);
        throw error;
      } finally {
        for (const fd of [stdoutEnd, stderrEnd]) libc.close(fd);
      }
    },
    wait(pid) {
      const status = [0];
      const waited = libc.wait(pid, status, noHang);
      if (waited === 0) return null;
      return waited === pid ? status[0]! : -1;
    },
    ended() {
      // Where none has ended the number is left alone or set to 0.
      siginfo.fill(0);
      const failed = libc.waitAny(anyChild, 0, siginfo, hasEnded | noHang | leaveIt);
      const pid = failed === 0 ? siginfo.readInt32LE(siginfoPidAt) : 0;
      return pid === 0 ? null : pid;
    },
  };
}

interface SpawnOrder {
  readonly path: string;
  readonly argv: readonly string[];
  readonly variables: readonly string[];
  readonly stdoutEnd: number;
  readonly stderrEnd: number;
}

/** Null where the C library has no such function. */
function optional(bind: (prototype: string) => Call, prototype: string): Call | null {
  try {
    return bind(prototype);
  } catch {
    return null; // glibc before 2.34, musl.
  }
}

function inThread(call: Call, args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: Error | null, result: number) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

/** Shared by all children, and read only once it is set up. */
function makeAttributes(bind: (prototype: string) => Call): Buffer {
  const attributes = Buffer.alloc(structBytes);
  const allSignals = Buffer.alloc(signalSetBytes);
  const failed =
    bind('int sigfillset(void *)')(allSignals) ||
    bind('int posix_spawnattr_init(void *)')(attributes) ||
    bind('int posix_spawnattr_setflags(void *, short)')(attributes, flags) ||
    // Node ignores SIGPIPE, and an ignored signal stays ignored over exec(2).
    bind('int posix_spawnattr_setsigdefault(void *, const void *)')(attributes, allSignals) ||
    bind('int posix_spawnattr_setsigmask(void *, const void *)')(
      attributes,
      Buffer.alloc(signalSetBytes),
    );
  if (failed !== 0) throw errorOf(failed);
  return attributes;
}

function orClose<Value>(
  make: () => Value,
  fds: readonly number[],
  close: (fd: number) => number,
): Value {
  try {
    return make();
  } catch (error) {
    for (const fd of fds) close(fd);
    throw error;
  }
}

function errorOf(number: number): NodeJS.ErrnoException {
  const known = Object.entries(constants.errno).find(([, value]) => value === number);
  const code = known?.[0] ?? `errno ${number}`;
  return Object.assign(new Error(`spawn: ${code}`), {code});
}
