import {mkdir, open} from 'node:fs/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {groupMembers, signalGroup} from '../../../src/drivers/host/process-group.ts';
import {forkChild} from '../../../src/drivers/host/fork-child.ts';
import {run as runBest, type RunOptions, type RunResult} from '../../../src/drivers/host/run.ts';
import {spawnChildIfAny} from '../../../src/drivers/host/spawn-child.ts';
import {actionMsMax} from '../../../src/kernel/ending.ts';
import {isRunning, makeFolder, until, type Folder} from '../scripts.ts';

let folder: Folder;

const deadlineMs = 15_000;

let inputFolder: Folder;

beforeAll(async () => {
  inputFolder = await makeFolder();
});

afterAll(() => inputFolder.remove());

describe('input for a program', () => {
  test('is read to its end, and is in no argument', async () => {
    const script = await inputFolder.script('reader', 'cat; tr "\\0" " " </proc/$$/cmdline >&2');
    const result = await runBest({argv: [script], deadlineMs, input: 'passwd=hidden\n'});
    expect(result).toMatchObject({kind: 'exited', code: 0, stdout: 'passwd=hidden\n'});
    expect(result.stderr).not.toContain('hidden');
  });

  test('may be left unread, however long it is', async () => {
    const result = await runBest({argv: ['/bin/true'], deadlineMs, input: 'x'.repeat(1 << 20)});
    expect(result).toMatchObject({kind: 'exited', code: 0});
  });

  test('does not make a program live longer than its deadline', async () => {
    const argv = ['/bin/sleep', '60'];
    const result = await runBest({argv, deadlineMs: 200, input: 'x'.repeat(1 << 20)});
    expect(result).toMatchObject({kind: 'timed-out', ended: true});
  });
});

describe.each(['by posix_spawn', 'by fork'])('%s:', (way) => {
  beforeAll(async () => {
    folder = await makeFolder();
  });

  afterAll(() => folder.remove());

  const run = async (options: RunOptions): Promise<RunResult> => {
    const posix = (await spawnChildIfAny()) ?? forkChild;
    return runBest({startChild: way === 'by fork' ? forkChild : posix, ...options});
  };

  describe('a program that ends by itself', () => {
    test('gives its code and both outputs', async () => {
      const script = await folder.script('both', 'echo out; echo err >&2; exit 3');
      expect(await run({argv: [script], deadlineMs})).toMatchObject({
        kind: 'exited',
        code: 3,
        signal: null,
        stdout: 'out\n',
        stderr: 'err\n',
        began: true,
        ended: true,
        outputHeld: false,
      });
    });

    test('that is killed by a signal is told apart from one that exits', async () => {
      const script = await folder.script('segv', 'kill -SEGV $$');
      const result = await run({argv: [script], deadlineMs});
      expect(result).toMatchObject({kind: 'signalled', code: null, signal: 'SIGSEGV', ended: true});
    });

    test('gets its arguments untouched, whatever a shell would make of them', async () => {
      const args = ['a b', '; id', '$(id)', '`id`', '-x', '*', '', "it's", '"', 'ü', '\u001B[31m'];
      const {stdout} = await run({argv: ['/usr/bin/printf', '%s\\n', ...args], deadlineMs});
      expect(stdout).toBe(args.map((arg) => `${arg}\n`).join(''));
    });

    test('gets the fixed environment and nothing of ours', async () => {
      const environment = {HA_SERVICE: 'web'};
      const {stdout} = await run({argv: ['/usr/bin/env'], deadlineMs, environment});
      expect(stdout).toMatchInlineSnapshot(`
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      LANG=C
      LC_ALL=C
      HA_SERVICE=web
      "
    `);
    });

    test('gets an empty input', async () => {
      expect(await run({argv: ['/bin/cat'], deadlineMs})).toMatchObject({code: 0, stdout: ''});
    });

    test('has default signals', async () => {
      const {stdout} = await run({argv: ['grep', '^Sig', '/proc/self/status'], deadlineMs});
      const mask = (name: string): bigint =>
        BigInt(`0x${new RegExp(`${name}:\\s*([0-9a-f]+)`).exec(stdout)![1]!}`);
      expect(mask('SigBlk')).toBe(0n);
      // 32 and 33 belong to the threads of the C library, which never lets them be set.
      expect(mask('SigIgn') & ~(3n << 31n)).toBe(0n);
    });

    test('has none of our open files', async () => {
      const ours = await open(await folder.file('ours', 'secret'));
      const {stdout} = await run({argv: ['ls', '-l', '/proc/self/fd'], deadlineMs});
      await ours.close();
      expect(stdout).toContain('/dev/null');
      expect(stdout).not.toContain('ours');
    });

    test('works in the root folder, reads nothing, and leads a group of its own', async () => {
      const script = await folder.script('where', 'pwd; wc -c; echo $$; cat /proc/$$/stat');
      const {stdout} = await run({argv: [script], deadlineMs});
      const [cwd, stdinBytes, pid, stat] = stdout.split('\n');
      expect([cwd, stdinBytes]).toEqual(['/', '0']);
      const [, , group, session] = stat!.slice(stat!.lastIndexOf(')') + 2).split(' ');
      expect([group, session]).toEqual([pid, pid]);
    });

    test('by its bare name is found along the fixed PATH', async () => {
      expect(await run({argv: ['true'], deadlineMs})).toMatchObject({kind: 'exited', code: 0});
    });
  });

  describe('what can not be run', () => {
    const faults: readonly (readonly [string, () => Promise<string[]>, RegExp])[] = [
      ['a missing file', async () => [`${folder.path}/none`], /none: no such file$/],
      [
        'a file that is not executable',
        async () => [await file('plain', '#!/bin/sh\n', 0o644)],
        /not executable: chmod \+x/,
      ],
      ['a directory', async () => [folder.path], /found a directory$/],
      [
        'a file without #!',
        async () => [await file('bare', 'echo hi\n')],
        /expected "#!\/bin\/sh"/,
      ],
      ['an empty file', async () => [await file('empty', '')], /the file is empty$/],
      [
        'a missing interpreter',
        async () => [await file('int', '#!/no/such\n')],
        /interpreter \/no\/such is missing$/,
      ],
      [
        'Windows line ends',
        async () => [await file('crlf', '#!/bin/sh\r\nexit 0\r\n')],
        /as on Windows/,
      ],
      ['a relative path', async () => ['./script'], /expected an absolute path or a bare name$/],
      ['an unknown bare name', async () => ['no-such-program-here'], /no such program in/],
      ['nothing at all', async () => [], /empty/],
      ['a NUL byte in the name', async () => ['/bin/true\0x'], /NUL byte/],
      ['a NUL byte in an argument', async () => ['/bin/echo', 'a\0b'], /NUL byte/],
      [
        'arguments beyond every limit',
        async () => ['/bin/echo', 'x'.repeat(4_000_000)],
        /too long/,
      ],
    ];
    const file = (name: string, text: string, mode = 0o755) => folder.file(name, text, mode);

    test.each(faults)('%s is refused with a sentence', async (_name, argv, fault) => {
      const result = await run({argv: await argv(), deadlineMs});
      expect(result).toMatchObject({kind: 'spawn-failed', began: false, ended: true});
      expect(result.fault).toMatch(fault);
    });

    test('a broken binary is never taken for a success', async () => {
      // exec(3) hands it to the shell of the system, which does not find what it reads there.
      const program = await file('elf', '\u007FELF\0\0\0broken');
      const {kind, code} = await run({argv: [program], deadlineMs});
      expect(kind === 'spawn-failed' || code === 126 || code === 127).toBe(true);
    });
  });

  describe('a program that does not end', () => {
    test('is ended with its whole group, though it ignores TERM', async () => {
      const script = await folder.script(
        'hang',
        `trap '' TERM; sleep 600 &
       echo $$ $! > ${folder.path}/hang.pids; echo begun; wait; sleep 600`,
      );
      const result = await run({argv: [script], deadlineMs: 1_000});
      expect(result).toMatchObject({
        kind: 'timed-out',
        signal: 'SIGKILL',
        began: true,
        ended: true,
      });
      expect(result.stdout).toBe('begun\n');
      const pids = (await folder.read('hang.pids')).trim().split(' ').map(Number);
      expect(pids).toHaveLength(2);
      for (const pid of pids) expect(await isRunning(pid)).toBe(false);
    });

    test('may clean up when it gets its TERM', async () => {
      const script = await folder.script(
        'polite',
        `trap 'echo cleaned; exit 0' TERM; sleep 600 & wait`,
      );
      const result = await run({argv: [script], deadlineMs: 1_000});
      expect(result).toMatchObject({kind: 'timed-out', code: 0, stdout: 'cleaned\n', ended: true});
    });

    test('and was stopped goes on for its TERM', async () => {
      const script = await folder.script(
        'stopped',
        `trap 'echo cleaned; exit 0' TERM; kill -STOP $$; while :; do sleep 0.1; done`,
      );
      const result = await run({argv: [script], deadlineMs: 1_500});
      expect(result).toMatchObject({kind: 'timed-out', stdout: 'cleaned\n', ended: true});
    });

    test('is ended when its caller gives up', async () => {
      const script = await folder.script(
        'cancel',
        `echo $$ > ${folder.path}/cancel.pid; sleep 600`,
      );
      const controller = new AbortController();
      const pending = run({argv: [script], deadlineMs: 60_000, signal: controller.signal});
      await until('the script runs', async () => (await folder.read('cancel.pid')) !== '');
      controller.abort();
      expect(await pending).toMatchObject({kind: 'aborted', signal: 'SIGTERM', ended: true});
      const pid = Number(await folder.read('cancel.pid'));
      expect(
        signalGroup(pid, 0) && (await groupMembers(pid))!.some((one) => one.state !== 'Z'),
      ).toBe(false);
    });

    test('is not even begun after its caller has given up', async () => {
      const script = await folder.script('never', `touch ${folder.path}/never.ran`);
      const result = await run({argv: [script], deadlineMs, signal: AbortSignal.abort()});
      expect(result).toMatchObject({kind: 'aborted', began: false});
      expect(await folder.read('never.ran')).toBe('');
      const late = await run({argv: [script], deadlineMs: 0});
      expect(late).toMatchObject({kind: 'timed-out', began: false});
    });

    test('and can not be killed is reported, not waited for', async () => {
      const script = await folder.script('stuck', `echo $$ > ${folder.path}/stuck.pid; sleep 600`);
      const startedMs = performance.now();
      const deaf = (pgid: number, signal: NodeJS.Signals | 0): boolean =>
        signal === 0 ? signalGroup(pgid, 0) : true;
      const result = await run({argv: [script], deadlineMs: 400, signalGroup: deaf});
      expect(result).toMatchObject({kind: 'timed-out', began: true, ended: false});
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(actionMsMax(400));
      signalGroup(Number(await folder.read('stuck.pid')), 'SIGKILL');
    });
  });

  describe('output', () => {
    test('beyond the limit is cut in the middle and its loss is said', async () => {
      const text = 'echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo; echo last';
      const script = await folder.script('flood', text);
      const result = await run({argv: [script], deadlineMs: 60_000});
      expect(result).toMatchObject({kind: 'exited', code: 0});
      expect(result.stdout.startsWith('first\nxxx')).toBe(true);
      expect(result.stdout.endsWith('xxx\nlast\n')).toBe(true);
      const [, cutBytes] = /\n\[\.\.\. (\d+) bytes cut \.\.\.\]\n/.exec(result.stdout)!;
      expect(Number(cutBytes)).toBe(100_000_012 - 65_536);
      expect(result.stdout.length).toBeLessThan(65_536 + 64);
    });

    test('that was written just before the end is never lost', async () => {
      const script = await folder.script('burst', 'head -c 60000 /dev/zero | tr "\\0" y');
      for (let round = 0; round < 10; round += 1) {
        expect((await run({argv: [script], deadlineMs})).stdout).toHaveLength(60_000);
      }
    });

    test('held open by a daemon does not hold us, nor does the daemon die of it', async () => {
      const go = `${folder.path}/go`;
      const text = `echo started
      (echo $$ > ${folder.path}/daemon.up
       until [ -e ${go} ]; do sleep 0.02; done
       echo a line that nobody reads; echo survived > ${folder.path}/daemon.end) &`;
      const script = await folder.script('daemon', text);
      const result = await run({argv: [script], deadlineMs: 60_000});
      expect(result).toMatchObject({
        kind: 'exited',
        code: 0,
        stdout: 'started\n',
        outputHeld: true,
      });
      await folder.file('go', '');
      await until('the daemon wrote on', async () => (await folder.read('daemon.end')) !== '');
      expect(await folder.read('daemon.end')).toBe('survived\n');
    });

    test('of a daemon in a session of its own goes on as well', async () => {
      await mkdir(`${folder.path}/own`);
      const inner = await folder.script(
        'inner',
        `echo $$ > ${folder.path}/own/pid; exec sleep 600`,
      );
      const script = await folder.script('outer', `setsid ${inner} & exit 0`);
      const result = await run({argv: [script], deadlineMs: 60_000});
      expect(result).toMatchObject({kind: 'exited', code: 0});
      await until('the daemon is up', async () => (await folder.read('own/pid')) !== '');
      const pid = Number(await folder.read('own/pid'));
      expect(await isRunning(pid)).toBe(true);
      process.kill(pid, 'SIGKILL');
    });
  });
});
