import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {stripVTControlCharacters} from 'node:util';
import {describe, expect, test} from 'vitest';
import {createLog, pretty, stepLevel} from '../../src/daemon/log.ts';
import {eventually} from '../eventually.ts';

const writer = fileURLToPath(new URL('../../src/daemon/log-writer.ts', import.meta.url));

/** A process that writes to its log; its stdout is read only when the test does. */
function logging(body: string) {
  const text = `import {LogWriter} from ${JSON.stringify(writer)};
    const log = new LogWriter(1); ${body}`;
  return spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the log', () => {
  test('is JSON for machines and one short line for people', () => {
    const lines: string[] = [];
    const out = {write: (line: string) => void lines.push(line)};
    const json = createLog({level: 'info', node: 'node1', out, pretty: false});
    json.warn({service: 'web', reason: 'start-failed-clean'}, 'exit code 1');
    json.debug('too much');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'warn',
      node: 'node1',
      service: 'web',
      reason: 'start-failed-clean',
      msg: 'exit code 1',
    });
    expect(stripVTControlCharacters(pretty(lines[0]!))).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}web start-failed-clean: exit code 1\n$/,
    );
  });

  test('talks more and less in steps, between its ends', () => {
    const log = createLog({level: 'info', node: 'n', out: {write: () => undefined}, pretty: true});
    expect([1, 1, -1, -1, -1, -1].map((step) => stepLevel(log, step as 1 | -1))).toEqual([
      'debug',
      'debug',
      'info',
      'warn',
      'error',
      'error',
    ]);
  });
});

describe('the writer of the log', () => {
  test('loses nothing that was written right before the end', async () => {
    const child = logging(`for (let n = 0; n < 2_000; n += 1) log.write('line ' + n + '\\n');
      process.exit(3);`);
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(3);
    expect(text.trim().split('\n')).toHaveLength(2_000);
    expect(text.endsWith('line 1999\n')).toBe(true);
  });

  test('never blocks on a reader that does not read, and says how much it dropped', async () => {
    const child = logging(`for (let n = 0; n < 300; n += 1) log.write('x'.repeat(9_999) + '\\n');
      setTimeout(() => process.stderr.write('alive'), 20);`);
    child.stdout.pause();
    let alive = '';
    child.stderr.on('data', (bytes) => {
      alive += String(bytes);
    });
    await eventually(() => expect(alive).toBe('alive'));
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
    });
    child.stdout.resume();
    await once(child, 'close');
    expect(text).toMatch(/"droppedLines":1\d\d/);
  });

  test('outlives its reader', async () => {
    const child = logging(`log.write('one\\n');
      setTimeout(() => { log.write('two\\n'); log.write('three\\n'); }, 50);
      setTimeout(() => process.exit(7), 150);`);
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
  });
});
