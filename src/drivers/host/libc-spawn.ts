/**
 * posix_spawn(3) of the C library, through koffi. It does not copy the page tables of this process:
 * a start holds the loop for some 0.2 ms, whatever the size of our heap, instead of milliseconds.
 * That is what lets a thousand services start without a late beat. Linux only: the constants and
 * the new session (POSIX_SPAWN_SETSID) are those of glibc and musl.
 */

import {constants} from 'node:os';

/** The few functions that are needed, bound once. */
export interface LibcSpawn {
  /** The child's number and the reading ends of its outputs. Throws an error with `code`. */
  spawn(path: string, argv: readonly string[], variables: readonly string[]): Spawned;
  /** The status of wait(2) once the child has ended, null before, -1 where it is not ours. */
  wait(pid: number): number | null;
}

export interface Spawned {
  readonly pid: number;
  readonly stdoutFd: number;
  readonly stderrFd: number;
}

type Call = (...args: readonly unknown[]) => number;

/** Larger than posix_spawnattr_t and posix_spawn_file_actions_t of any C library (336 bytes). */
const structBytes = 1_024;
/** sigset_t of glibc and musl. */
const signalSetBytes = 128;
/** spawn.h: a session of its own, default signal handlers, nothing blocked. */
const flags = 0x80 | 0x04 | 0x08;
const closeOnExec = 0o2000000;
const noHang = 1;

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

function bindAll(bind: (prototype: string) => Call): LibcSpawn {
  const libc = {
    spawn: bind(`int posix_spawn(_Out_ int *pid, const char *path, const void *actions,
      const void *attributes, const char **argv, const char **variables)`),
    init: bind('int posix_spawn_file_actions_init(void *)'),
    duplicate: bind('int posix_spawn_file_actions_adddup2(void *, int, int)'),
    open: bind(
      'int posix_spawn_file_actions_addopen(void *, int, const char *, int, unsigned int)',
    ),
    changeFolder: bind('int posix_spawn_file_actions_addchdir_np(void *, const char *)'),
    destroy: bind('int posix_spawn_file_actions_destroy(void *)'),
    pipe: bind('int pipe2(void *, int)'),
    close: bind('int close(int)'),
    wait: bind('int waitpid(int, _Out_ int *, int)'),
  };
  const attributes = makeAttributes(bind);

  const makePipe = (): readonly [number, number] => {
    const ends = Buffer.alloc(8);
    if (libc.pipe(ends, closeOnExec) !== 0) throw errorOf(constants.errno.EMFILE);
    return [ends.readInt32LE(0), ends.readInt32LE(4)];
  };

  const within = <Value>(fds: readonly number[], work: (actions: Buffer) => Value): Value => {
    const actions = Buffer.alloc(structBytes);
    libc.init(actions);
    try {
      return work(actions);
    } finally {
      libc.destroy(actions);
      for (const fd of fds) libc.close(fd);
    }
  };

  return {
    spawn(path, argv, variables) {
      const [stdoutFd, stdoutEnd] = makePipe();
      const [stderrFd, stderrEnd] = orClose(makePipe, [stdoutFd, stdoutEnd], libc.close);
      return within([stdoutEnd, stderrEnd], (actions) => {
        const pid = [0];
        const failed =
          libc.open(actions, 0, '/dev/null', 0, 0) ||
          libc.duplicate(actions, stdoutEnd, 1) ||
          libc.duplicate(actions, stderrEnd, 2) ||
          libc.changeFolder(actions, '/') ||
          libc.spawn(pid, path, actions, attributes, [...argv, null], [...variables, null]);
        if (failed === 0) return {pid: pid[0]!, stdoutFd, stderrFd};
        libc.close(stdoutFd);
        libc.close(stderrFd);
        throw errorOf(failed);
      });
    },
    wait(pid) {
      const status = [0];
      const waited = libc.wait(pid, status, noHang);
      if (waited === 0) return null;
      return waited === pid ? status[0]! : -1;
    },
  };
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
