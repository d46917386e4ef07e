import {describe, expect, test} from 'vitest';
import {spanMs, readUnitFacts} from '../../../src/config/units.ts';
import type {ResourceConfig} from '../../../src/config/types.ts';
import {accept, parse, render, twoLinks} from '../support.ts';

const files = (text: string) => ({
  'cluster.conf': twoLinks,
  'web.conf': `[DEFAULT]\nnodes = node1 node2\n${text}`,
});
const service = (text: string) => accept(files(text)).services[0]!;
const resource = (text: string): ResourceConfig => service(text).resources[0]!;
const complaint = (text: string): string => render(parse(files(text)).findings);

describe('[ocf#N]', () => {
  test.each([
    ['ocf:heartbeat:IPaddr2', 'heartbeat', 'IPaddr2'],
    ['heartbeat:IPaddr2', 'heartbeat', 'IPaddr2'],
    ['IPaddr2', 'heartbeat', 'IPaddr2'],
    ['ocf:own:my-agent.sh', 'own', 'my-agent.sh'],
  ])('takes the agent %s', (type, provider, agent) => {
    expect(resource(`[ocf#1]\ntype = ${type}\n`)).toMatchObject({
      type: 'app.ocf',
      rid: 'ocf#1',
      provider,
      agent,
      checkLevel: 0,
      unpromoted: false,
      startMs: 300_000,
    });
  });

  test.each(['ocf', '../../bin:sh', 'a:b:c', 'own:', 'a/b', 'ocf:own:.hidden'])(
    'refuses the agent %s',
    (type) => {
      expect(complaint(`[ocf#1]\ntype = ${type}\n`)).toContain('expected an agent such as');
    },
  );

  test('gives its other keys to the agent, in the case in which they are written', () => {
    const one = resource(`[ocf#1]
type = SAPInstance
InstanceName = P01_DVEBMGS00_sapp01ci
START_PROFILE = "/sapmnt/P01 profile"
start_timeout@node2 = 1m
nic@node1 = eth1
nic@node2 = eth2
start_timeout = 3m
check_level = 10
unpromoted = yes
`);
    expect(one).toMatchObject({startMs: 180_000, checkLevel: 10, unpromoted: true});
    if (one.type !== 'app.ocf') throw new Error(one.type);
    expect(Object.fromEntries(one.parameters)).toEqual({
      InstanceName: 'P01_DVEBMGS00_sapp01ci',
      START_PROFILE: '/sapmnt/P01 profile',
      nic: 'eth1',
    });
  });

  test('takes from params what has the name of a key of ours', () => {
    const params = "params = type=x stop_timeout=5 text='a b'";
    const one = resource(`[ocf#1]\ntype = own:a\nip = 1\n${params}\n`);
    if (one.type !== 'app.ocf') throw new Error(one.type);
    expect(Object.fromEntries(one.parameters)).toEqual({
      ip: '1',
      type: 'x',
      stop_timeout: '5',
      text: 'a b',
    });
    expect(complaint('[ocf#1]\ntype = own:a\nparams = type\n')).toContain('expected NAME=VALUE');
    expect(complaint('[ocf#1]\ntype = own:a\nparams = "a=b\n')).toContain('expected NAME=VALUE');
  });

  test('is of class data unless its agent is known to hold none', () => {
    const classOf = (agent: string) => service(`[ocf#1]\ntype = ${agent}\n`).serviceClass;
    expect(classOf('ocf:heartbeat:Filesystem')).toBe('data');
    expect(classOf('own:something')).toBe('data');
    expect(classOf('ocf:heartbeat:IPaddr2')).toBe('exclusive');
    expect(classOf('nginx')).toBe('exclusive');
  });

  test('agrees on all nodes in its agent and parameters, but for secrets', () => {
    const digest = (text: string) => service(`[ocf#1]\ntype = own:a\n${text}`).digest;
    expect(digest('ip = 10.0.0.9\n')).not.toBe(digest('ip = 10.0.0.8\n'));
    expect(digest('password = one\n')).toBe(digest('password = two\n'));
    expect(digest('a = 1\nb = 2\n')).toBe(digest('b = 2\na = 1\n'));
  });
});

describe('[systemd#N]', () => {
  test.each([
    ['nginx', 'nginx.service'],
    ['nginx.service', 'nginx.service'],
    ['pg@15-main.service', 'pg@15-main.service'],
    ['srv-data.mount', 'srv-data.mount'],
  ])('takes the unit %s', (unit, name) => {
    expect(resource(`[systemd#1]\nunit = ${unit}\n`)).toMatchObject({
      type: 'app.systemd',
      unit: name,
    });
  });

  test.each(['--now', 'a/b.service', 'web.slice', 'x'.repeat(256)])('refuses %s', (unit) => {
    expect(complaint(`[systemd#1]\nunit = ${unit}\n`)).toContain('expected the name of a unit');
  });

  test('needs a unit', () => {
    expect(complaint('[systemd#1]\n')).toContain('expected the key unit');
  });

  test('starts in the order of the file, mixed with agents, and stops in the reverse', () => {
    const text =
      '[ocf#2]\ntype = IPaddr2\n[systemd#1]\nunit = web\n' +
      '[ocf#1]\ntype = nginx\n[rc#1]\nservice = a\n';
    const rids = service(text).resources.map(({rid}) => rid);
    expect(rids).toEqual(['ocf#2', 'systemd#1', 'ocf#1', 'rc#1']);
  });
});

describe('[rc#N]', () => {
  test('takes the name of a service', () => {
    expect(resource('[rc#1]\nservice = nginx\n')).toMatchObject({type: 'app.rc', service: 'nginx'});
    expect(complaint('[rc#1]\n')).toContain('expected the key service');
    expect(complaint('[rc#1]\nservice = a/b\n')).toContain('expected a name');
  });
});

describe('times of systemd', () => {
  test.each([
    ['1min 30s', 90_000],
    ['5s', 5_000],
    ['1h 5min 100ms', 3_900_100],
    ['infinity', null],
    ['', null],
    ['0', null],
    ['1min30', null],
  ])('%j is %j ms', (text, ms) => {
    expect(spanMs(text)).toBe(ms);
  });

  test('are read from one block per unit', () => {
    const facts = readUnitFacts(
      ['a.service', 'b.service', 'c.service'],
      'Type=oneshot\nTimeoutStartUSec=infinity\nTimeoutStopUSec=1min 30s\nRemainAfterExit=yes\n' +
        'Id=a.service\nLoadState=loaded\nUnitFileState=enabled\n\n' +
        'LoadState=not-found\nId=b.service\n',
    );
    expect([...facts]).toEqual([
      [
        'a.service',
        {
          load: 'loaded',
          file: 'enabled',
          type: 'oneshot',
          remains: true,
          startMs: null,
          stopMs: 90_000,
        },
      ],
      [
        'b.service',
        {load: 'not-found', file: '', type: '', remains: false, startMs: null, stopMs: null},
      ],
    ]);
  });
});
