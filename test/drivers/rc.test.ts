import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {baseDefaults} from '../../src/config/resources/base.ts';
import type {RcResource} from '../../src/config/resources/rc.ts';
import {createRcDriver} from '../../src/drivers/rc.ts';
import {nodeName, resourceId} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, type Folder} from './scripts.ts';

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

const nginx: RcResource = {
  rid: resourceId('rc#1'),
  type: 'app.rc',
  service: 'nginx',
  startMs: 10_000,
  stopMs: 10_000,
  probeMs: 10_000,
  ...baseDefaults,
  place: {file: 'web.conf', line: 1},
};

const driver = async (script: string) =>
  createRcDriver({node: nodeName('node1'), service: await folder.script('service', script)});

describe('a service of rc.d', () => {
  // Outputs as rc.subr and service(8) of FreeBSD 14 have them.
  test.each([
    ['echo "nginx is running as pid 812."', 'up', true],
    ['echo "nginx is not running."; exit 1', 'down', true],
    [
      'echo "nginx does not exist in /etc/rc.d or the local startup directories" >&2; exit 1',
      'unknown',
      true,
    ],
    [
      'echo "/usr/local/etc/rc.d/nginx: unknown directive \'status\'." >&2; exit 1',
      'unknown',
      false,
    ],
    ['kill -9 $$', 'unknown', true],
    ['exit 77', 'unknown', true],
  ])('whose status says: %s', async (script, state, verifiable) => {
    const own = await driver(script);
    expect(await own.probe(nginx, contextFor(nginx))).toMatchObject({state, verifiable});
  });

  test('is called with the verbs that do not ask rc.conf', async () => {
    const own = await driver(`echo "$*" >>${folder.path}/said; [ "$2" != onestop ]`);
    expect((await own.start(nginx, contextFor(nginx))).kind).toBe('done');
    expect((await own.stop(nginx, contextFor(nginx))).kind).toBe('failed');
    await own.probe(nginx, contextFor(nginx));
    expect(await folder.read('said')).toBe('nginx onestart\nnginx onestop\nnginx onestatus\n');
    expect(own.label(nginx)).toBe('nginx');
    expect(own.describe(nginx, 'start')).toEqual(['service nginx onestart']);
  });
});
