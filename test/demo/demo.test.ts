import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, onTestFinished, test} from 'vitest';

const program = fileURLToPath(new URL('../../bin/ha', import.meta.url));
/** The story has a deadline for each step; this only ends a demo that hangs. */
const demoMs = 150_000;

interface Played {
  readonly exit: number | null;
  readonly text: string;
  readonly directory: string;
}

function play(args: readonly string[], onText: (text: string) => void = () => {}) {
  const child = spawn(process.execPath, [program, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      onText(text);
    });
  }
  const ended = new Promise<Played>((resolve) => {
    child.on('close', (exit) => {
      resolve({exit, text, directory: /lies in (\S+)/.exec(text)?.[1] ?? ''});
    });
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  return {child, ended};
}

/** Processes whose command line names the folder of the demo. */
function left(directory: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(directory) ? [line] : [];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/** With all that it said, because nothing else of it is left. */
function expectExit({exit, text}: Played, wanted: number): void {
  expect(exit, text).toBe(wanted);
}

function expectNothingLeft({directory}: Played): void {
  expect(directory).not.toBe('');
  expect(existsSync(directory)).toBe(false);
  expect(left(directory)).toEqual([]);
}

test('the demo plays its takeover and sees each step from outside', {timeout: demoMs}, async () => {
  const played = await play(['--once']).ended;
  const steps = played.text.split('\n').filter((line) => /^\d\. /.test(line));
  expect(played.text).toContain('The story came true: 9 of 9 steps seen from outside.');
  expectExit(played, 0);
  expect(steps).toMatchInlineSnapshot(`
    [
      "1. two daemons start, the service frozen on both",
      "2. ha unfreeze web on node1: it starts there",
      "3. ha unfreeze web on node2: it stands by",
      "4. kill -9: node1 and its service are gone",
      "5. silence: node2 hears nothing any more",
      "6. proof: node2 waits until the disk lease has run out",
      "7. takeover: the service runs on node2",
      "8. node1 comes back and leaves the service where it is",
      "9. ha switch web --to node1: home again",
    ]
  `);
  expectNothingLeft(played);
});

test(
  'a service that does not start makes the demo fail at that step',
  {timeout: demoMs},
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ha-launcher-'));
    onTestFinished(() => rmSync(directory, {recursive: true}));
    const launcher = join(directory, 'broken');
    writeFileSync(launcher, '#!/bin/sh\n[ "$1" = status ] && exit 3\n[ "$1" = stop ]\n');
    const played = await play(['--once', '--launcher', launcher]).ended;
    expect(played.text).toContain(
      'Step 2 did not come true: ha unfreeze web on node1: it starts there',
    );
    expect(played.text).toContain('HTTP is answered by node1; seen: nobody for');
    expectExit(played, 1);
    expectNothingLeft(played);
  },
);

test('a demo that is told to end takes everything with it', {timeout: demoMs}, async () => {
  const {child, ended} = play([], (text) => {
    // The service runs by then, apart from its daemon.
    if (/^3\. /m.test(text)) child.kill('SIGTERM');
  });
  const played = await ended;
  expectExit(played, 0);
  expectNothingLeft(played);
});
