import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {afterAll, describe, expect, test} from 'vitest';
import {startServant} from '../../../src/drivers/host/start-servant.ts';
import type {Servant} from '../../../src/drivers/host/start-servant.ts';

const directory = mkdtempSync(join(tmpdir(), 'ha-servant-'));
afterAll(() => rmSync(directory, {recursive: true}));
let scripts = 0;

interface Run {
  readonly servant: Servant;
  readonly ended: Promise<string>;
  readonly said: Promise<string>;
}

function run(text: string, argument = ''): Run {
  scripts += 1;
  const path = join(directory, `servant${scripts}.mjs`);
  writeFileSync(path, text);
  const ended = Promise.withResolvers<string>();
  const said = Promise.withResolvers<string>();
  const servant = startServant({
    script: pathToFileURL(path),
    flags: ['--max-old-space-size=16'],
    argument,
    onText: said.resolve,
    onEnd: ended.resolve,
  });
  return {servant, ended: ended.promise, said: said.promise};
}

describe('a servant', () => {
  test('has its argument, no environment, and answers what it is told', async () => {
    const {servant, said} = run(
      `process.stdin.on('data', (text) => {
        const {HOME, PATH} = process.env;
        process.stdout.write(JSON.stringify([process.argv[2], String(text), HOME, PATH]));
      });`,
      'its task',
    );
    servant.tell('hello');
    expect(JSON.parse(await said)).toEqual(['its task', 'hello', null, null]);
    servant.kill();
  });

  test.each([
    ['process.exit(3)', 'exit code 3'],
    ["process.kill(process.pid, 'SIGKILL')", 'SIGKILL'],
    ["throw new RangeError('too much')", 'exit code 1: RangeError: too much'],
  ])('that does %s is reported with how it ended', async (text, how) => {
    expect(await run(text).ended).toBe(how);
  });

  test('that was killed says nothing more', async () => {
    const {servant, ended} = run("process.stdin.on('data', () => undefined)");
    let told = false;
    void ended.then(() => {
      told = true;
    });
    servant.kill();
    servant.tell('into the void');
    expect(await run('process.exit(0)').ended).toBe('exit code 0');
    expect(told).toBe(false);
  });
});
