import {spawn} from 'node:child_process';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Child, StartChild} from '../../../src/drivers/host/child.ts';
import {forkChild} from '../../../src/drivers/host/fork-child.ts';
import {run} from '../../../src/drivers/host/run.ts';
import {inSpawnLane, spawnsSettled} from '../../../src/drivers/host/spawn-lanes.ts';
import {isRunning, makeFolder, until, type Folder} from '../scripts.ts';

const deadlineMs = 15_000;

describe('many processes at once', () => {
  test('each come to their own end, with nothing of one held by another', async () => {
    const numbers = Array.from({length: 200}, (_, index) => index);
    const results = await Promise.all(
      numbers.map((number) =>
        run({argv: ['/bin/sh', '-c', `echo ${number}; exit ${number}`], deadlineMs: 60_000}),
      ),
    );
    for (const [number, result] of results.entries()) {
      const stdout = `${number}\n`;
      expect(result).toMatchObject({kind: 'exited', code: number, stdout, outputHeld: false});
    }
  }, 90_000);

  test('are told apart from children that Node made, which stay with Node', async () => {
    const codes = Array.from({length: 40}, (_, index) => index);
    const others = codes.map(
      (code) =>
        new Promise((resolve) => {
          spawn('/bin/sh', ['-c', `exit ${code}`]).on('exit', resolve);
        }),
    );
    const ours = codes.map((code) =>
      run({argv: ['/bin/sh', '-c', `exit ${code}`], deadlineMs: 60_000}),
    );
    expect(await Promise.all(others)).toEqual(codes);
    expect((await Promise.all(ours)).map(({code}) => code)).toEqual(codes);
  }, 90_000);
});

/** Long enough to be begun within; its grace is a few seconds. */
const graceful = 8_000;

function givenUp(): {readonly signal: AbortSignal; readonly abort: () => void} {
  const controller = new AbortController();
  return {signal: controller.signal, abort: () => controller.abort()};
}

/** Makes processes no sooner than it is told to. */
function slowStart(): {
  readonly startChild: StartChild;
  readonly letGo: () => void;
  readonly asked: () => number;
  readonly made: Child[];
} {
  const gate = Promise.withResolvers<void>();
  const made: Child[] = [];
  let askedCount = 0;
  const startChild: StartChild = async (order) => {
    askedCount += 1;
    await gate.promise;
    const child = await forkChild(order);
    made.push(child);
    return child;
  };
  return {startChild, letGo: gate.resolve, asked: () => askedCount, made};
}

describe('a process that hangs in its exec', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.remove());

  test('counts as begun and not ended, and is killed when it comes at last', async () => {
    const {startChild, letGo, asked, made} = slowStart();
    const {signal, abort} = givenUp();
    const script = await folder.script('late', 'trap "" TERM; while :; do sleep 1; done');
    const running = run({argv: [script], deadlineMs: graceful, startChild, signal});
    await until('it is asked for', () => asked() === 1);
    abort();
    const result = await running;
    expect(result).toMatchObject({kind: 'aborted', began: true, ended: false, code: null});
    letGo();
    await until('it has come', () => made.length === 1);
    await until('it is gone', async () => !(await isRunning(made[0]!.pid!)));
  });

  test('and comes within its grace is ended before the result', async () => {
    const {startChild, letGo, made} = slowStart();
    const controller = new AbortController();
    const script = await folder.script('later', 'while :; do sleep 1; done');
    const slow: StartChild = (order) => {
      const starting = startChild(order);
      controller.signal.addEventListener('abort', letGo);
      controller.abort();
      return starting;
    };
    const {signal} = controller;
    const result = await run({argv: [script], deadlineMs, startChild: slow, signal});
    expect(result).toMatchObject({kind: 'aborted', began: true, ended: true});
    expect(await isRunning(made[0]!.pid!)).toBe(false);
  });

  test('is nothing more than a failure where no process came of it', async () => {
    const controller = new AbortController();
    const startChild: StartChild = () => {
      controller.abort();
      return Promise.reject(Object.assign(new Error('no'), {code: 'ENOMEM'}));
    };
    const {signal} = controller;
    const result = await run({argv: ['/bin/true'], deadlineMs, startChild, signal});
    expect(result).toMatchObject({kind: 'spawn-failed', began: false});
    expect(result.fault).toContain('no memory');
  });

  test('keeps a lane; with none left others are not begun, and come later', async () => {
    const {startChild, letGo, asked} = slowStart();
    const {signal, abort} = givenUp();
    const hanging = Array.from({length: 4}, () =>
      run({argv: ['/bin/true'], deadlineMs: graceful, startChild, signal}),
    );
    await until('all lanes are taken', () => asked() === 4);
    abort();
    const other = await run({argv: ['/bin/true'], deadlineMs: 100, startChild});
    expect(other).toMatchObject({kind: 'timed-out', began: false});
    for (const one of hanging) expect(await one).toMatchObject({began: true, ended: false});
    letGo();
    expect(await run({argv: ['/bin/true'], deadlineMs})).toMatchObject({kind: 'exited', code: 0});
    expect(asked()).toBe(4);
  });
});

test('whoever waits for the processes that are being made does not wait for ever', async () => {
  const gate = Promise.withResolvers<void>();
  const making = inSpawnLane(() => gate.promise);
  let isOver = false;
  const settled = spawnsSettled().then(() => (isOver = true));
  await settled;
  expect(isOver).toBe(true);
  gate.resolve();
  await making;
});
