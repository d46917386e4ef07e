import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {FenceConfig, FenceMethod} from '../../src/config/types.ts';
import {fenceNode} from '../../src/drivers/fence.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {makeFolder, type Folder} from './scripts.ts';

let folder: Folder;
const secret = 'S3cret!';

beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

function level(method: FenceMethod, change: Partial<FenceConfig> = {}): FenceConfig {
  return {
    node: nodeName('node2'),
    level: 1,
    method,
    action: 'off',
    timeoutMs: 15_000,
    retries: 0,
    delayMs: null,
    place: {file: 'cluster.conf', line: 1},
    ...change,
  };
}

/** An agent that notes what it is told, and then does what `body` says; `$action` is set. */
async function agent(name: string, body: string, password: string | null = null) {
  const text = `input=$(cat); echo "$input" >>${folder.path}/${name}.said
action=$(echo "$input" | sed -n 's/^action=//p')
${body}`;
  const path = await folder.script(name, text);
  const parameters = new Map([
    ['ip', '10.0.0.9'],
    ...(password === null ? [] : [['passwd', password]]),
  ] as [string, string][]);
  return {kind: 'agent', agent: path, parameters, passwordFile: null} as const;
}

async function fence(...levels: readonly FenceConfig[]) {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const fenced = await fenceNode(levels, {log: (line) => lines.push(line), signal});
  return {...fenced, lines};
}

const obeys = '[ "$action" = status ] && exit 2; exit 0';

describe('an agent', () => {
  test('is told on its standard input, and believed when status says off', async () => {
    const method = await agent('good', obeys, secret);
    const {report, lines} = await fence(level(method));
    expect(report).toMatchObject({off: true, level: 1});
    expect(await folder.read('good.said')).toBe(
      `ip=10.0.0.9\npasswd=${secret}\naction=off\nip=10.0.0.9\npasswd=${secret}\naction=status\n`,
    );
    expect(report.detail).toMatch(/^level 1: .*good status: exit code 2 .*: off$/);
    expect(lines).toHaveLength(1);
  });

  test('that ends with 0 while the node stays on has failed', async () => {
    const method = await agent('liar', 'exit 0');
    const {report} = await fence(level(method, {timeoutMs: 1_200}));
    expect(report).toMatchObject({off: false, level: null});
    expect(report.detail).toContain('it is still on');
  });

  test.each([
    ['refuses', 'echo "login failed" >&2; exit 1', /off: exit code 1 .*login failed/],
    ['does not know', '[ "$action" = status ] && exit 1; exit 0', /unknown is not off/],
    ['hangs', 'exec sleep 60', /not done within 1s/],
    ['is killed', 'kill -KILL $$', /killed by SIGKILL/],
  ])('that %s has failed, and says why', async (_, body, why) => {
    const method = await agent('bad', body);
    const {report} = await fence(level(method, {timeoutMs: 1_000}));
    expect(report.off).toBe(false);
    expect(report.detail).toMatch(why);
  });

  test('that is missing has failed', async () => {
    const method = {
      kind: 'agent',
      agent: 'fence_nothing',
      parameters: new Map(),
      passwordFile: null,
    } as const;
    const {report} = await fence(level(method));
    expect(report).toMatchObject({off: false});
    expect(report.detail).toContain('no such program');
  });

  test('that prints its password does not put it into a log or a report', async () => {
    const method = await agent('verbose', 'echo login with $input failed >&2; exit 1', secret);
    const {report, lines} = await fence(level(method));
    expect(report.detail).toContain('***');
    expect(`${report.detail}${lines.join('')}`).not.toContain(secret);
  });

  test('is tried again, and then the next level', async () => {
    const file = `${folder.path}/n`;
    const count = `n=$(cat ${file} 2>/dev/null || echo 0); echo $((n + 1)) >${file};`;
    const bad = await agent('first', `${count} exit 1`);
    const good = await agent('second', obeys);
    const {report, lines} = await fence(level(bad, {retries: 2}), level(good, {level: 2}));
    expect(report).toMatchObject({off: true, level: 2});
    expect(await folder.read('n')).toBe('3\n');
    expect(lines).toHaveLength(4);
    expect(report.detail).not.toContain('level 1');
  });

  test('is told to switch on again after a reboot, once the proof is there', async () => {
    const method = await agent('reboot', obeys);
    const {report, after} = await fence(level(method, {action: 'reboot'}));
    expect(report.off).toBe(true);
    expect(await folder.read('reboot.said')).not.toContain('action=on');
    await after();
    expect(await folder.read('reboot.said')).toContain('action=on');
  });

  test('is ended when the daemon goes, and nothing is proved', async () => {
    const method = await agent('slow', 'sleep 60; exit 0');
    const closing = new AbortController();
    const ports = {log: () => {}, signal: closing.signal};
    const fenced = fenceNode([level(method, {retries: 5})], ports);
    closing.abort();
    expect((await fenced).report).toMatchObject({off: false, level: null});
  });
});

describe('a password file', () => {
  const using = async (path: string) => {
    const method = await agent('filed', obeys);
    return fence(level({...method, passwordFile: path}));
  };

  test('is read at every use, and its first line is the password', async () => {
    const path = await folder.file('bmc', `${secret}\nmore\n`, 0o600);
    expect((await using(path)).report.off).toBe(true);
    expect(await folder.read('filed.said')).toContain(`password=${secret}\naction=off`);
  });

  test.each([
    ['missing', null, 0o600, /ENOENT/],
    ['that others can read', secret, 0o640, /others can read it/],
    ['that is empty', '', 0o600, /first line is empty/],
  ])('%s fails the level before anything is called', async (name, text, mode, why) => {
    const path = `${folder.path}/${name}`;
    if (text !== null) await folder.file(name, text, mode);
    const {report} = await using(path);
    expect(report.off).toBe(false);
    expect(report.detail).toMatch(why);
  });
});

describe('a command', () => {
  const command = async (off: string, status: string | null): Promise<FenceMethod> => ({
    kind: 'command',
    off: [await folder.script('off', off), 'outlet 2'],
    status: status === null ? null : [await folder.script('status', status)],
  });

  test('gets its words and the name of the node, and is verified by its status', async () => {
    const off = `echo "$1 $HA_FENCE_NODE" >${folder.path}/off.said`;
    const {report} = await fence(level(await command(off, 'exit 2')));
    expect(report.off).toBe(true);
    expect(await folder.read('off.said')).toBe('outlet 2 node2\n');
  });

  test('is asked again while the node is still on', async () => {
    const once = `[ -e ${folder.path}/seen ] && exit 2; : >${folder.path}/seen; exit 0`;
    const {report} = await fence(level(await command('exit 0', once)));
    expect(report.off).toBe(true);
  });

  test('without a status is believed, because that is written out', async () => {
    const {report} = await fence(level(await command('exit 0', null)));
    expect(report.off).toBe(true);
    expect(report.detail).toContain('believed without a status');
    expect((await fence(level(await command('exit 1', null)))).report.off).toBe(false);
  });
});

test('without a level nothing is proved', async () => {
  expect((await fence()).report).toMatchObject({off: false, level: null});
});
