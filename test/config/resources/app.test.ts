import {describe, expect, test} from 'vitest';
import {accept, parse, render, twoLinks} from '../support.ts';

const files = (text: string) => ({
  'cluster.conf': twoLinks,
  'web.conf': `[DEFAULT]\nnodes = node1 node2\n[app#1]\n${text}`,
});
const resource = (text: string) => accept(files(text)).services[0]!.resources[0]!;
const complaint = (text: string): string => render(parse(files(text)).findings);

describe('[app#N]', () => {
  test('takes OpenSVC’s user, folder, environment, limits and codes', () => {
    const one = resource(`start = /opt/web start
stop = /opt/web stop
check = /opt/web status
retcodes = 0:up 1:down 2:warn 3:n/a
user = www
group@node1 = web
cwd = /srv/web
environment = A=1 B="two words"
limit_nofile = 1024
limit_as = 2g
limit_vmem = 1g
`);
    if (one.type !== 'app') throw new Error(one.type);
    expect(one.runAs).toEqual({
      user: 'www',
      group: 'web',
      cwd: '/srv/web',
      environment: new Map([
        ['A', '1'],
        ['B', 'two words'],
      ]),
      limits: new Map([
        ['as', 1_073_741_824],
        ['nofile', 1_024],
      ]),
    });
    expect(one.retcodes).toEqual(
      new Map([
        [0, 'up'],
        [1, 'down'],
        [2, 'unknown'],
        [3, 'unknown'],
      ]),
    );
  });

  test.each([
    ['retcodes = 0', 'retcodes expected CODE:STATE'],
    ['retcodes = 256:up', 'retcodes expected CODE:STATE'],
    ['retcodes = 0:fine', 'retcodes expected CODE:STATE'],
    ['environment = A', 'environment expected NAME=VALUE'],
    ['environment = LD_PRELOAD=/x', "expected no name that is ours or the system's"],
    ['environment = HA_NODE=x', "expected no name that is ours or the system's"],
    ['limit_as = 50%FREE', 'limit_as expected a number of bytes'],
    ['cwd = srv', 'cwd expected an absolute path'],
  ])('refuses %s', (line, sentence) => {
    expect(complaint(`start = /opt/web start\ncheck = /opt/web status\n${line}\n`)).toContain(
      sentence,
    );
  });

  test('needs a service with nodes', () => {
    const text = render(parse({'cluster.conf': twoLinks, 'web.conf': ''}).findings);
    expect(text).toContain('web.conf:0: error HA_CONF_MISSING_KEY');
    expect(text).toContain('web.conf expected nodes in [DEFAULT], found none');
    expect(text).toContain('-> Write nodes = node1 node2.');
  });

  test('of another type is refused', () => {
    const text = complaint('type = winservice\nstart = /opt/web\n');
    expect(text).toContain('expected type to be one of simple forking, found "winservice"');
  });

  test('with type = simple is a program that stays', () => {
    expect(
      resource('type = simple\nstart = /opt/web --fg\nkill = tree\nuser = www\n'),
    ).toMatchObject({
      type: 'app.simple',
      start: ['/opt/web', '--fg'],
      stop: null,
      check: null,
      kill: 'tree',
      runAs: {user: 'www', group: null},
    });
    expect(complaint('type = simple\n')).toContain('expected start = /path/program');
    expect(resource('type = simple\nscript = web\nstart = 10\ncheck = yes\n')).toMatchObject({
      start: ['/etc/ha/web.d/web', 'start'],
      check: ['/etc/ha/web.d/web', 'status'],
    });
    expect(complaint('type = simple\nstart = /opt/web\nkill = all\n')).toContain('kill expected');
  });
});
