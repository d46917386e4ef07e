/** The keys that every resource of OpenSVC takes: known, checked, and honest about their effect. */

import {describe, expect, it} from 'vitest';
import {conditionActions, triggerActions} from '../../../src/config/resources/action-keys.ts';
import {baseDefaults} from '../../../src/config/resources/base.ts';
import {accept, parse, twoLinks, webService, withDisk} from '../support.ts';

/** Findings about line 8 of web.conf, which holds the given text. */
function said(line: string): readonly string[] {
  const {findings} = parse({'cluster.conf': withDisk, 'web.conf': `${webService}${line}\n`});
  return findings.map((one) => `${one.file}:${one.line} ${one.severity} ${one.code}`);
}

const note = ['web.conf:8 note HA_CONF_NOT_USED'];
const refused = ['web.conf:8 error HA_CONF_NOT_SUPPORTED'];
const bad = ['web.conf:8 error HA_CONF_BAD_VALUE'];

/** All generic keys that OpenSVC's own template of a resource lists, with what is said of them. */
const moments = ['pre', 'post', 'blocking_pre', 'blocking_post'];
const actions = 'unprovision provision start stop sync_nodes sync_drp sync_resync sync_update';
const triggers = actions
  .split(' ')
  .flatMap((action) =>
    moments.map((moment): [string, readonly string[]] => [
      `${moment}_${action} = /bin/true x`,
      action === 'start' || action === 'stop' ? [] : note,
    ]),
  );
const conditions = `${actions} sync_break`
  .split(' ')
  .flatMap((action): [string, readonly string[]][] => [
    [`${action}_depends =`, []],
    [
      `${action}_requires = impossible`,
      action === 'start'
        ? ['web.conf:8 error HA_CONF_REQUIRES']
        : action === 'stop'
          ? refused
          : note,
    ],
  ]);

describe('a generic key of OpenSVC', () => {
  it.each([
    ...triggers,
    ...conditions,
    ['restart = 2', []],
    ['restart = 0', []],
    ['restart_delay = 10', []],
    ['tags = foo bar', []],
    ['tags = noaction', refused],
    ['subset = foo', []],
    ['monitor = True', []],
    ['monitor = False', []],
    ['disable = False', []],
    ['optional = true', []],
    ['always_on = nodes', refused],
    ['standby = no', []],
    ['standby@node1 = yes', refused],
    ['encap = true', refused],
    ['shared = true', note],
    ['provision = false', []],
    ['schedule = ["00:00-01:00@61 mon", "02:00-03:00@61 tue-sun"]', note],
    ['sync_max_delay = 1440', note],
    ['pg_mem_limit = 512m', refused],
    ['pg_cpu_shares = 512', refused],
    ['create_pg = false', []],
  ])('%s is known', (line, expected) => {
    expect(said(line)).toEqual(expected);
  });

  it.each([
    ['pre_start = foo', 'web.conf:8 error HA_CONF_RELATIVE_PATH'],
    ['pre_start =', bad[0]],
    ['blocking_post_stop = /bin/a | /bin/b', 'web.conf:8 error HA_CONF_SHELL'],
    ['provision_requires = fs#1(going)', bad[0]],
    ['start_depends = fs#1(up', bad[0]],
    ['restart = many', bad[0]],
    ['restart = 101', 'web.conf:8 error HA_CONF_OUT_OF_RANGE'],
    ['subset = a/b', 'web.conf:8 error HA_CONF_BAD_NAME'],
    ['monitor = perhaps', bad[0]],
    ['sync_max_delay = 10x', bad[0]],
    ['pg_mem_limit = 4KB', bad[0]],
    ['pg_mem_limit = 1.5.2g', bad[0]],
    ['always_on@node1 = nodes', 'web.conf:8 warning HA_CONF_NOT_SCOPABLE'],
    ['restrat = 2', 'web.conf:8 warning HA_CONF_UNKNOWN_KEY'],
    ['blocking_pre_strat = /bin/x', 'web.conf:8 warning HA_CONF_UNKNOWN_KEY'],
  ])('with a value that it can not have is told: %s', (line, expected) => {
    expect(said(line)).toContain(expected);
  });

  it('covers the actions of all generations', () => {
    expect(triggerActions).toHaveLength(11);
    expect(conditionActions).toHaveLength(11);
  });

  it('gives its value to the resource', () => {
    const lines = 'tags = Blue, red blue\nsubset = g1\nrestart = 3\nmonitor = yes\n';
    const second = 'start = /bin/true\nstart_requires = app#1(Up,stdby  up) app#1\n';
    const text = `${webService}${lines}[app#2]\nsubset = g2\n${second}`;
    const {resources} = accept({'cluster.conf': withDisk, 'web.conf': text}).services[0]!;
    expect(resources.find(({rid}) => rid === 'app#1')).toMatchObject({
      ...baseDefaults,
      tags: ['blue', 'red'],
      subset: 'g1',
      restart: 3,
      monitor: true,
    });
  });
});

describe('a condition of a start', () => {
  const two = (first: string, second: string): string =>
    `[DEFAULT]\nnodes = node1 node2\n[app#1]\nstart = /bin/a\ncheck = /bin/a\n${first}\n` +
    `[app#2]\nstart = /bin/b\ncheck = /bin/b\n${second}\n`;
  const messages = (text: string): readonly string[] =>
    parse({'cluster.conf': withDisk, 'web.conf': text}).findings.map(
      ({line, code, message}) => `${line} ${code} ${message}`,
    );

  it.each([
    ['', 'start_requires = app#1'],
    ['', 'start_requires = app#1(up) app#2(down)'],
    ['start_requires = app#2(down,n/a)', ''],
  ])('that can hold is taken: %j %j', (first, second) => {
    expect(messages(two(first, second))).toEqual([]);
  });

  it.each([
    [
      '',
      'start_requires = app#3',
      '10 HA_CONF_REQUIRES app#2 requires app#3, and there is no such resource',
    ],
    [
      'start_requires = app#2',
      '',
      '6 HA_CONF_REQUIRES app#1 requires app#2 to be up, which starts after it',
    ],
    [
      '',
      'start_requires = app#2',
      '10 HA_CONF_REQUIRES app#2 requires itself to be up before it starts',
    ],
    [
      'disable = yes',
      'start_requires = app#1',
      '10 HA_CONF_REQUIRES app#2 requires app#1 to be up, which is disabled',
    ],
    [
      '',
      'start_requires = impossible',
      '10 HA_CONF_REQUIRES app#2 requires what is impossible, so that it never starts',
    ],
  ])('that can never hold is told: %j %j', (first, second, expected) => {
    expect(messages(two(first, second))).toEqual([expected]);
  });

  it('in a circle is told where it can not hold', () => {
    const found = messages(two('start_requires = app#2', 'start_requires = app#1'));
    expect(found).toEqual([
      '6 HA_CONF_REQUIRES app#1 requires app#2 to be up, which starts after it',
    ]);
  });
});

describe('subsets', () => {
  const file = (lines: string): string => `[DEFAULT]\nnodes = node1 node2\n${lines}`;
  const app = (id: string, subset: string): string =>
    `[app#${id}]\nstart = /bin/a\ncheck = /bin/a\n${subset === '' ? '' : `subset = ${subset}\n`}`;

  it('order a family by their names, those without one first', () => {
    const text = file(app('1', 'b') + app('2', '') + app('3', 'a') + app('4', 'b'));
    const {resources} = accept({'cluster.conf': twoLinks, 'web.conf': text}).services[0]!;
    expect(resources.map(({rid}) => rid)).toEqual(['app#2', 'app#3', 'app#1', 'app#4']);
  });

  it.each([
    ['[subset#app:g1]\nparallel = true', '8 note HA_CONF_NOT_USED'],
    ['[subset#app:g1]\nparallel = false', ''],
    ['[subset#g1]', ''],
    ['[subset#app:g2]', '7 note HA_CONF_NOT_USED'],
    ['[subset#app:]', '7 error HA_CONF_BAD_NAME'],
    ['[subset#app:g1]\nparallle = true', '8 warning HA_CONF_UNKNOWN_KEY'],
  ])('with the section %j are read', (section, expected) => {
    const {findings} = parse({
      'cluster.conf': withDisk,
      'web.conf': file(`${app('1', 'g1')}${section}\n`),
    });
    const found = findings.map(({line, severity, code}) => `${line} ${severity} ${code}`);
    expect(found.join()).toBe(expected);
  });
});

describe('a key of [DEFAULT]', () => {
  const file = (lines: string): string =>
    `[DEFAULT]\nnodes = node1 node2\n${lines}\n[app#1]\nstart = /bin/a\ncheck = /bin/a\n` +
    '[app#2]\nstart = /bin/b\ncheck = /bin/b\noptional = no\n';

  it('is inherited by every resource that lacks it, as each node reads it', () => {
    const text = file('optional@node2 = yes\ntags = common {rindex}');
    const texts = {'cluster.conf': withDisk, 'web.conf': text};
    const on = (nodeName: string): readonly unknown[] =>
      accept(texts, {nodeName}).services[0]!.resources.map(({optional, tags}) => [optional, tags]);
    expect(on('node1')).toEqual([
      [false, ['common', '1']],
      [false, ['common', '2']],
    ]);
    expect(on('node2')).toEqual([
      [true, ['common', '1']],
      [false, ['common', '2']],
    ]);
  });

  it.each([
    ['standby = yes', '3 HA_CONF_NOT_SUPPORTED'],
    ['optional = perhaps', '3 HA_CONF_BAD_VALUE'],
    ['pre_start = /bin/x', '3 HA_CONF_NOT_SUPPORTED'],
    ['pre_sync_nodes = /bin/x', '3 HA_CONF_NOT_USED'],
    ['drpnodes = node3', '3 HA_CONF_NOT_USED'],
    ['optinal = yes', '3 HA_CONF_UNKNOWN_KEY'],
  ])('is judged once, where it stands: %s', (line, expected) => {
    const {findings} = parse({'cluster.conf': withDisk, 'web.conf': file(line)});
    expect(findings.map((one) => `${one.line} ${one.code}`)).toEqual([expected]);
  });
});
