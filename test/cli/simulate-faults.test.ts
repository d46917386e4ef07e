/** `ha simulate` with faults: the operator's own configuration, in memory. */

import {randomBytes} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Place} from './cli.ts';

const files = {
  'cluster.conf': `[cluster]
name = blue
nodes = node1 node2
[hb#1]
type = multicast
iface = lo
[hb#2]
type = multicast
iface = lo
`,
  'web.conf': `[DEFAULT]
nodes = node1 node2
class = address
[app#1]
script = /bin/true
start = yes
stop = yes
check = yes
`,
  'secret.key': `1 ${randomBytes(32).toString('hex')}\n`,
};

function configured(change: Readonly<Record<string, string>> = {}): Place {
  const place = new Place();
  const conf = place.env['HA_CONF']!;
  mkdirSync(conf);
  for (const [name, text] of Object.entries({...files, ...change})) {
    writeFileSync(join(conf, name), text, {mode: 0o600});
  }
  return place;
}

const outcomeOf = (stdout: string): string => stdout.slice(stdout.indexOf('\nafter '));

describe('a fault played on a configuration', () => {
  test('says step by step what the nodes do, and what becomes of the service', async () => {
    const {exit, stdout, stderr} = await configured().ha(['simulate', '--power-off', 'node1']);
    expect({exit, stderr}).toEqual({exit: 0, stderr: ''});
    expect(stdout).toMatchInlineSnapshot(`
      "     0.000 s ** crash node1
           0.000 s node1 (down)
           0.000 s node1 (power-off)
           3.000 s node2 node1 alive -> degraded
           4.000 s node2 node1 degraded -> silent
           4.000 s node2 web STOPPED -> START_READY  outside-sees-us: node1 is silent and our links have carrier
           4.000 s node2 web verdict P1 over node1  outside-sees-us: node1 is silent and our links have carrier
           4.000 s node2 web START_READY -> STARTING  outside-sees-us: node1 is silent and our links have carrier
           4.000 s node2 web run start
           4.530 s node2 web STARTING -> STARTED  start-done: 1 resource started
           5.000 s node2 alarm PEER_SILENT: node1 is silent

      after 3m, in memory; nothing that runs was touched:
      web: node1 -> node2, down for 4.015s
      "
    `);
  });

  test('is the same again, to the byte', async () => {
    const place = configured();
    const line = ['simulate', '--cut', 'all=20s@5s', '--pause', 'node2=3s'];
    expect(await place.ha(line)).toEqual(await place.ha(line));
  });

  test('that leaves a service down, or has it twice, ends with 1', async () => {
    const place = configured({'web.conf': files['web.conf'].replace('address', 'exclusive')});
    const down = await place.ha(['simulate', '--power-off', 'node1', '--during', '1m']);
    expect(down.exit).toBe(1);
    expect(outcomeOf(down.stdout)).toMatchInlineSnapshot(`
      "
      after 1m, in memory; nothing that runs was touched:
      web: node1 -> nowhere, down for 1m
        node1: it is off
        node2: STOPPED, node1 is silent; class exclusive needs P2, at hand is P1 (node1 is silent and our links have carrier)
      "
    `);
    const twice = await configured().ha(['simulate', '--cut', 'all=30s', '--during', '2m']);
    expect(twice.exit).toBe(1);
    expect(outcomeOf(twice.stdout)).toMatchInlineSnapshot(`
      "
      after 2m, in memory; nothing that runs was touched:
      web: node1 -> node2, on two nodes for 26.212s
      "
    `);
  });

  test('is data for programs with --json', async () => {
    const {exit, stdout} = await configured().ha(['simulate', '--kill', 'node1=1s', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      exit,
      runMs: 181_000,
      services: [{service: 'web', before: ['node1'], after: ['node1'], downMs: 0, twiceMs: 0}],
      broken: [],
    });
  });

  test.each([
    [
      ['--kill', 'nod1'],
      '--kill expected a node of this configuration, found "nod1". Did you mean "node1"?',
    ],
    [
      ['--cut', 'hb#7'],
      '--cut expected a link of this configuration, found "hb#7". Did you mean "hb#1"?',
    ],
    [
      ['--cut', 'hb#1/noode2'],
      '--cut expected a node of this configuration, found "noode2". Did you mean "node2"?',
    ],
    [
      ['--stop-fail', 'wev'],
      '--stop-fail expected a service of this configuration, found "wev". Did you mean "web"?',
    ],
    [['--disk-fail', '/dev/sdb'], '--disk-fail expected a disk, and none is configured'],
    [['--pause', 'node2=soon'], '--pause expected a duration as =30s, found "=soon"'],
    [['--pause', 'node2@late'], '--pause expected a time as @30s, found "@late"'],
    [['--kill', 'node1', '--during', 'x'], '--during expected a duration as 5m, found "x"'],
    [['night.txt', '--kill', 'node1'], 'expected a scenario or faults, found both'],
  ])('%j is refused with what was meant', async (words, text) => {
    const {exit, stdout, stderr} = await configured().ha(['simulate', ...words]);
    expect({exit, stdout, first: stderr.split('\n')[0]}).toEqual({
      exit: 2,
      stdout: '',
      first: `ha simulate: ${text}`,
    });
  });

  test('needs a configuration that is sound', async () => {
    const place = configured({'cluster.conf': '[cluster]\nnodes = node1\nbeat = often\n'});
    const {exit, stderr} = await place.ha(['simulate', '--kill', 'node1']);
    expect(exit).toBe(78);
    expect(stderr).toContain('beat');
  });
});
