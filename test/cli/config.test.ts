import {
  chmodSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {exitCodes} from '../../src/kernel/exit-codes.ts';
import {healthy} from '../status/views.ts';
import {Place, serve, type Outcome} from './cli.ts';

const web = `# the web server
[DEFAULT]
nodes = node1 node2
stop_timeout = 1s

[app#1]
start = /bin/true --port {env.port} --on {nodename}
stop = /bin/true      # always
check = /bin/true

[env]
port = 8000
port@node2 = 9000
`;

interface Scene {
  readonly place: Place;
  readonly path: string;
  readonly read: () => string;
  readonly ha: (...line: string[]) => Promise<Outcome>;
}

async function scene(text = web, name = 'web.conf'): Promise<Scene> {
  const place = new Place();
  await place.ha(['init', '--nodes', 'node1,node2']);
  const path = join(place.env['HA_CONF']!, name);
  writeFileSync(path, text);
  return {
    place,
    path,
    read: () => readFileSync(path, 'utf8'),
    ha: (...line) => place.ha(['config', ...line]),
  };
}

describe('ha config print SVC', () => {
  test('shows the file as it is, and with --eval as a node reads it', async () => {
    const {ha} = await scene();
    expect((await ha('print', 'web')).stdout).toBe(web);
    expect((await ha('print', 'web', '--eval', '--impersonate', 'NODE2')).stdout)
      .toMatchInlineSnapshot(`
      "[DEFAULT]
      nodes = node1 node2
      stop_timeout = 1s

      [app#1]
      start = /bin/true --port 9000 --on node2
      stop = /bin/true
      check = /bin/true

      [env]
      port = 9000
      "
    `);
    expect(JSON.parse((await ha('print', 'web', '--eval', '--json')).stdout)).toMatchObject({
      env: {port: '8000'},
    });
    expect(JSON.parse((await ha('print', 'web', '--json')).stdout)).toMatchObject({
      env: {'port': '8000', 'port@node2': '9000'},
    });
  });

  test('says what has no value, and ends with 78', async () => {
    const {ha} = await scene(web.replace('port = 8000', 'port = {port}'));
    const {exit, stdout, stderr} = await ha('print', 'web', '--eval');
    expect(exit).toBe(exitCodes.configuration);
    expect(stdout).toContain('port = {port}\n');
    expect(stderr).toContain(
      'web.conf:12: port refers to itself: env.port (line 12) -> ' +
        'env.port (line 12) (HA_CONF_CIRCULAR)',
    );
  });
});

describe('ha config get', () => {
  test.each([
    [['--kw', 'app#1.stop'], '/bin/true\n'],
    [['--kw', 'env.port', '--kw', 'env.port@node2'], '8000\n9000\n'],
    [['--kw', 'nodes'], 'node1 node2\n'],
    [['--kw', 'app#1.start', '--eval'], '/bin/true --port 8000 --on node1\n'],
    [['--kw', 'app#1.start', '--impersonate', 'node2'], '/bin/true --port 9000 --on node2\n'],
    [['--kw', 'app#1.stop_timeout', '--eval'], '1s\n'],
  ])('%j prints %j', async (options, expected) => {
    const {exit, stdout, stderr} = await (await scene()).ha('get', 'web', ...options);
    expect([exit, stdout, stderr]).toEqual([0, expected, '']);
  });

  test.each([
    [['get', 'web', '--kw', 'app#1.script'], exitCodes.noSuch, 'web.conf has no app#1.script'],
    [['get', 'web', '--kw', 'a b'], exitCodes.usage, 'expected section.key or section.key@node'],
    [['get', 'web'], exitCodes.usage, 'get expected --kw, found none'],
    [['get'], exitCodes.usage, 'expected SVC after get, found nothing'],
    [['gett'], exitCodes.usage, 'found "gett", which may mean get'],
    [['get', 'wb', '--kw', 'nodes'], exitCodes.noSuch, 'Did you mean "web"?'],
    [
      ['get', 'web', '--kw', 'nodes', '--impersonate', 'node9'],
      exitCodes.noSuch,
      'no node is called "node9". Known: node1, node2',
    ],
  ])('%j ends with %i and says why', async (line, expected, text) => {
    const {exit, stderr} = await (await scene()).ha(...line);
    expect(exit).toBe(expected);
    expect(stderr).toContain(text);
  });
});

describe('ha config set and unset', () => {
  test('change their line alone, keep the mode, and work without a daemon', async () => {
    const {ha, read, path} = await scene();
    chmodSync(path, 0o640);
    const line = [
      '--kw',
      'env.port=8080',
      '--kw',
      'app#1.stop=/bin/false',
      '--kw',
      'nodes[0]=node1',
    ];
    const {exit, stdout, stderr} = await ha('set', 'web', ...line);
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      '/tmp/ha/conf/web.conf: changed\nno daemon runs here; the next one reads it\n',
    );
    expect(read()).toBe(
      web.replace('port = 8000', 'port = 8080').replace('/bin/true      #', '/bin/false     #'),
    );
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect((await ha('unset', 'web', '--kw', 'env.port@node2')).exit).toBe(0);
    expect(read()).not.toContain('port@node2');
    expect(readdirSync(join(path, '..')).sort()).toEqual([
      'cluster.conf',
      'secret.key',
      'web.conf',
    ]);
  });

  test('tell a daemon to read again', async () => {
    const {ha, place} = await scene();
    const {requests} = await serve(place, healthy());
    const {exit, stdout} = await ha('set', 'web', '--kw', 'env.port=1');
    expect(exit).toBe(0);
    expect(stdout).toBe('/tmp/ha/conf/web.conf: changed\nthe daemon has read it\n');
    expect(requests).toEqual([{op: 'reload', node: null, actor: 'root@pts/1'}]);
  });

  test('leave a link a link', async () => {
    const {place, ha} = await scene(web, 'other.txt');
    const conf = place.env['HA_CONF']!;
    symlinkSync('other.txt', join(conf, 'web.conf'));
    expect((await ha('set', 'web', '--kw', 'env.port=1')).exit).toBe(0);
    expect(readFileSync(join(conf, 'other.txt'), 'utf8')).toContain('port = 1\n');
    expect(readFileSync(join(conf, 'web.conf'), 'utf8')).toContain('port = 1\n');
  });

  test('refuse what would be worse, say what, and leave the file', async () => {
    const {ha, read} = await scene();
    const {exit, stdout, stderr} = await ha('set', 'web', '--kw', 'app#1.start_timeout=soon');
    expect(exit).toBe(exitCodes.configuration);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'web.conf:10: error: start_timeout expected a duration of at most 3650d, ' +
        'found "soon" (HA_CONF_BAD_VALUE)',
      '    Write it as "500ms", "10s", "5m" or "1h30m".',
      '/tmp/ha/conf/web.conf: 1 error, 0 warnings, 0 notes',
      '/tmp/ha/conf/web.conf: left as it is',
      '',
    ]);
    expect(read()).toBe(web);
    expect((await ha('unset', 'web', '--kw', 'DEFAULT.nodes')).exit).toBe(exitCodes.configuration);
    expect((await ha('unset', 'web', '--kw', 'env.port')).exit).toBe(exitCodes.configuration);
    expect(read()).toBe(web);
  });

  test('take a change that mends one of two errors', async () => {
    const broken = web.replace('[env]', 'start_timeout = soon\noptional = perhaps\n\n[env]');
    const {ha, read} = await scene(broken);
    expect((await ha('set', 'web', '--kw', 'app#1.optional=no')).exit).toBe(0);
    expect(read()).toBe(broken.replace('perhaps', 'no'));
  });

  test('say a new warning, and change', async () => {
    const {ha, read} = await scene();
    const {exit, stderr} = await ha('set', 'web', '--kw', 'app#1.optinal=yes');
    expect(exit).toBe(0);
    expect(stderr).toContain('unknown key "optinal" (HA_CONF_UNKNOWN_KEY)');
    expect(stderr).toContain('Did you mean "optional"?');
    expect(read()).toContain('optinal = yes');
  });

  test('with --dry-run write nothing', async () => {
    const {ha, read} = await scene();
    const {exit, stdout} = await ha('set', 'web', '--kw', 'env.port=1', '--dry-run');
    expect([exit, stdout]).toEqual([0, '/tmp/ha/conf/web.conf: would be changed\n']);
    expect(read()).toBe(web);
  });

  test.each([
    [['set', 'web', '--kw', 'env.port=8000'], 0, 'nothing to change'],
    [['set', 'web', '--kw', 'env.port'], exitCodes.usage, 'expected section.key=value'],
    [['unset', 'web', '--kw', 'env.prt'], exitCodes.noSuch, 'found no such key'],
  ])('%j ends with %i', async (line, expected, text) => {
    const {ha, read} = await scene();
    const {exit, stdout, stderr} = await ha(...line);
    expect(exit).toBe(expected);
    expect(stdout + stderr).toContain(text);
    expect(read()).toBe(web);
  });

  test('do not touch a file whose other bytes would change', async () => {
    const {ha, path} = await scene();
    const bytes = Buffer.from(web.replace('the web', 'l\u00e9 web'), 'latin1');
    writeFileSync(path, bytes);
    const {exit, stderr} = await ha('set', 'web', '--kw', 'env.port=1');
    expect(exit).toBe(exitCodes.failed);
    expect(stderr).toContain('it is not UTF-8');
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});

describe('ha config edit', () => {
  const editor = (...texts: string[]) => ({
    terminal: true,
    answer: texts.length > 1 ? 'yes' : 'no',
    env: {EDITOR: 'ed -q'},
    edit: async (words: readonly string[]): Promise<string | null> => {
      expect(words.slice(0, 2)).toEqual(['ed', '-q']);
      writeFileSync(words[2]!, texts.shift()!);
      return null;
    },
  });

  test('takes the file over once it is no worse', async () => {
    const {place, read} = await scene();
    const wrong = web.replace('1s', 'soon');
    const right = web.replace('1s', '2s');
    const {exit, stderr} = await place.ha(['config', 'edit', 'web'], editor(wrong, right));
    expect(exit).toBe(0);
    expect(stderr).toContain('stop_timeout expected a duration');
    expect(read()).toBe(right);
  });

  test('keeps what was typed where it is refused', async () => {
    const {place, read} = await scene();
    const wrong = web.replace('1s', 'soon');
    const {exit, stderr} = await place.ha(['config', 'edit', 'web'], editor(wrong));
    expect(exit).toBe(exitCodes.configuration);
    expect(read()).toBe(web);
    const copy = /What you wrote is in (\S+)/.exec(stderr)![1]!;
    expect(readFileSync(copy, 'utf8')).toBe(wrong);
    rmSync(dirname(copy), {recursive: true});
  });

  test('says why where the editor fails or nobody sits there', async () => {
    const {place, read} = await scene();
    const failing = {...editor(web), edit: () => Promise.resolve('ed ended with exit code 1')};
    const failed = await place.ha(['config', 'edit', 'web'], failing);
    expect(failed.stderr).toContain('exit code 1');
    rmSync(dirname(/is in (\S+)/.exec(failed.stderr)![1]!), {recursive: true});
    const {exit, stderr} = await place.ha(['config', 'edit', 'web']);
    expect([exit, stderr.includes('expected a terminal')]).toEqual([exitCodes.usage, true]);
    expect(read()).toBe(web);
  });
});

describe('ha config validate', () => {
  test('says what is wrong with one file, or with all', async () => {
    const {ha, place} = await scene(web.replace('1s', 'soon'));
    writeFileSync(join(place.env['HA_CONF']!, 'db.conf'), web);
    expect((await ha('validate', 'web')).exit).toBe(exitCodes.configuration);
    expect((await ha('validate', 'db')).exit).toBe(0);
    const {exit, stdout} = await ha('validate', '--json');
    expect(exit).toBe(exitCodes.configuration);
    expect((JSON.parse(stdout) as {findings: object[]}).findings).toContainEqual(
      expect.objectContaining({file: 'web.conf', line: 4, code: 'HA_CONF_BAD_VALUE'}),
    );
  });
});
