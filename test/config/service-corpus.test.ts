/**
 * Malformed service files, made from the grammar: each production with what it does not allow. For
 * each the code and the line of the finding are known; nothing is ever thrown, and where an error
 * is among the findings there is no configuration.
 */

import {describe, expect, it} from 'vitest';
import type {ConfigCode} from '../../src/config/codes.ts';
import {parse, webService, withDisk} from './support.ts';

/** Text behind the seven lines of a good file, the code, and the line of it where not the 8th. */
type Row = readonly [text: string, code: ConfigCode, line?: number];

const times = <A, B>(left: readonly A[], right: readonly B[], join: (a: A, b: B) => Row): Row[] =>
  left.flatMap((a) => right.map((b) => join(a, b)));

const syntax: readonly Row[] = [
  ['nonsense', 'HA_CONF_SYNTAX'],
  ['= yes', 'HA_CONF_SYNTAX'],
  ['9key = yes', 'HA_CONF_SYNTAX'],
  ['a key = yes', 'HA_CONF_SYNTAX'],
  ['key@ = yes', 'HA_CONF_SYNTAX'],
  ['key@a@b = yes', 'HA_CONF_SYNTAX'],
  ['@node1 = yes', 'HA_CONF_SYNTAX'],
  ['key[0] = yes', 'HA_CONF_SYNTAX'],
  ['key += yes', 'HA_CONF_SYNTAX'],
  ['clé = yes', 'HA_CONF_SYNTAX'],
  ['[app#2', 'HA_CONF_SYNTAX'],
  ['[[app#2]]', 'HA_CONF_SYNTAX'],
  ['[]', 'HA_CONF_SYNTAX'],
  ['[app#2] start = yes', 'HA_CONF_SYNTAX'],
  ['{"start": "yes"}', 'HA_CONF_SYNTAX'],
  ['<start>yes</start>', 'HA_CONF_SYNTAX'],
  ['export A', 'HA_CONF_SYNTAX'],
  ['"start" = yes', 'HA_CONF_SYNTAX'],
  ['user = a\u0000b', 'HA_CONF_BAD_CHARACTER'],
  ['user = \u001b[31m', 'HA_CONF_BAD_CHARACTER'],
  ['user = a\u007fb', 'HA_CONF_BAD_CHARACTER'],
  ['\u0008', 'HA_CONF_BAD_CHARACTER'],
  [`comment = ${'x'.repeat(2_048)}`, 'HA_CONF_LINE_TOO_LONG'],
  [`[${'x'.repeat(2_100)}]`, 'HA_CONF_LINE_TOO_LONG'],
  [`comment = a${`\n  ${'x'.repeat(2_000)}`.repeat(5)}`, 'HA_CONF_VALUE_TOO_LONG'],
  ['start = no', 'HA_CONF_DUPLICATE_KEY'],
  ['START = no', 'HA_CONF_DUPLICATE_KEY'],
  ['start: no', 'HA_CONF_DUPLICATE_KEY'],
  ['x@Node1 = 1\nx@node1 = 2', 'HA_CONF_DUPLICATE_KEY', 9],
  ['start_requires =\nstart_depends =', 'HA_CONF_DUPLICATE_KEY', 9],
  ['[app#1]', 'HA_CONF_DUPLICATE_SECTION'],
  ['[ app#1 ]', 'HA_CONF_DUPLICATE_SECTION'],
  ['[DEFAULT]', 'HA_CONF_DUPLICATE_SECTION'],
];

const sections: readonly Row[] = [
  ['[default]\nnodes = node1', 'HA_CONF_UNKNOWN_SECTION'],
  ['[DEFUALT]', 'HA_CONF_UNKNOWN_SECTION'],
  ['[envs]', 'HA_CONF_UNKNOWN_SECTION'],
  ['[label]', 'HA_CONF_UNKNOWN_SECTION'],
  ['[web]', 'HA_CONF_UNKNOWN_SECTION'],
  ['[app#]', 'HA_CONF_BAD_NAME'],
  ['[app#a b]', 'HA_CONF_BAD_NAME'],
  ['[app#1/2]', 'HA_CONF_BAD_NAME'],
  [`[app#${'x'.repeat(33)}]`, 'HA_CONF_BAD_NAME'],
  ['[app#é]', 'HA_CONF_BAD_NAME'],
  ['[subset#]', 'HA_CONF_BAD_NAME'],
  ['[fs#0]\ntype = other', 'HA_CONF_BAD_VALUE', 9],
  ['[subset#fs:a/b]', 'HA_CONF_BAD_NAME'],
  ...(
    'aap#1 disks#1 vmdg#1 pool#0 zpool#0 drbd#1 lv#1 md#0 raw#0 vdisk#0 vxdg#1 vxvol#1 ' +
    'zvol#1 sync#1 container#0 share#1 volume#1 expose#1 stonith#1 unknown#1 disk#1'
  )
    .split(' ')
    .map((name): Row => [`[${name}]\ntype = other`, 'HA_CONF_RESOURCE_UNSUPPORTED']),
];

const durations: readonly Row[] = [
  ...times(
    ['timeout', 'start_timeout', 'stop_timeout', 'check_timeout', 'restart_delay'],
    ['soon', '1x', '10m5x', '5s 5', '1e3', '2y', '', '1,5s', '٥s'],
    (key, value) => [`${key} = ${value}`, 'HA_CONF_BAD_VALUE'],
  ),
  ...times(
    ['timeout', 'start_timeout', 'stop_timeout', 'check_timeout'],
    ['0', '-1s', '-5'],
    (key, value) => [`${key} = ${value}`, 'HA_CONF_INTERVAL_NOT_POSITIVE'],
  ),
  ['timeout = 2d', 'HA_CONF_OUT_OF_RANGE'],
  ['timeout = 1ms', 'HA_CONF_OUT_OF_RANGE'],
  ['check_timeout = 61m', 'HA_CONF_OUT_OF_RANGE'],
  ['restart_delay = 2h', 'HA_CONF_OUT_OF_RANGE'],
  ['sync_max_delay = 600000', 'HA_CONF_OUT_OF_RANGE'],
];

const words: readonly Row[] = [
  ...times(
    ['optional', 'disable', 'monitor', 'standby', 'encap', 'shared', 'provision'],
    ['perhaps', '2', 'yess', 'yes no', ''],
    (key, value) => [`${key} = ${value}`, 'HA_CONF_BAD_VALUE'],
  ),
  ...['many', '1.5', '1e2', '0x10', '', '1 2', '9'.repeat(20)].map((value): Row => [
    `restart = ${value}`,
    'HA_CONF_BAD_VALUE',
  ]),
  ['restart = -1', 'HA_CONF_OUT_OF_RANGE'],
  ['restart = 101', 'HA_CONF_OUT_OF_RANGE'],
  ['pg_cpu_shares = 1', 'HA_CONF_OUT_OF_RANGE'],
  ...['a/b', '', 'a b', '../x', '-x', 'x'.repeat(65)].map((value): Row => [
    `subset = ${value}`,
    'HA_CONF_BAD_NAME',
  ]),
  ...['4KB', '1.5.2g', '-1', 'k', '50%CUP', '1z', '9999999999999999p', '50 %', ''].map(
    (value): Row => [`pg_mem_limit = ${value}`, 'HA_CONF_BAD_VALUE'],
  ),
  ['schedule = 14-15', 'HA_CONF_BAD_VALUE'],
  ['schedule = a b c d e', 'HA_CONF_BAD_VALUE'],
];

const commands: readonly Row[] = [
  ...times(
    ['pre_start', 'blocking_post_stop', 'post_sync_nodes'],
    ['/a | /b', '/a && /b', '/a; /b', '/a > /b', '/a `b`', '/a $(b)', '/a $B'],
    (key, value) => [`${key} = ${value}`, 'HA_CONF_SHELL'],
  ),
  ...['foo', './a', '~/a'].map((value): Row => [`pre_start = ${value}`, 'HA_CONF_RELATIVE_PATH']),
  ['pre_start = /a "b', 'HA_CONF_BAD_VALUE'],
  ["pre_start = /a 'b", 'HA_CONF_BAD_VALUE'],
  ['pre_start =', 'HA_CONF_BAD_VALUE'],
  ['pre_start = yes', 'HA_CONF_BAD_VALUE'],
  [`pre_start = /a${' b'.repeat(64)}`, 'HA_CONF_BAD_VALUE'],
];

const conditions: readonly Row[] = [
  ...['fs#1(going)', 'fs#1(up', 'fs#1 (up)', 'FS#1', 'fs#1()x', '(up)', 'fs#1(up))', 'fs#'].map(
    (value): Row => [`start_requires = ${value}`, 'HA_CONF_BAD_VALUE'],
  ),
  [`start_requires =${' app#1'.repeat(65)}`, 'HA_CONF_BAD_VALUE'],
  ['start_requires = fs#1', 'HA_CONF_REQUIRES'],
  ['start_requires = app#1', 'HA_CONF_REQUIRES'],
  ['start_depends = impossible', 'HA_CONF_REQUIRES'],
  ['stop_requires = app#1', 'HA_CONF_NOT_SUPPORTED'],
];

const scopes: readonly Row[] = [
  ['optional@node3 = yes', 'HA_CONF_UNKNOWN_NODE'],
  ['optional@nod1 = yes', 'HA_CONF_UNKNOWN_NODE'],
  ['optional@drpnode = yes', 'HA_CONF_UNKNOWN_NODE'],
  ['optional@drpnodes = yes', 'HA_CONF_NOT_USED'],
  ['optional@encapnodes = yes', 'HA_CONF_NOT_USED'],
  ['type@node1 = forking', 'HA_CONF_NOT_SCOPABLE'],
  ['always_on@node1 = nodes', 'HA_CONF_NOT_SCOPABLE'],
  ['optionl@node1 = yes', 'HA_CONF_UNKNOWN_KEY'],
];

const references: readonly Row[] = [
  ...(
    '{nothing} {env.x} {app#9.start} {script.x} {nodes[9]} {nodes[-9]} {#x} {upper:x} ' +
    '{node.prkey} {cluster.x} {var} {dns} {safe://x} {a.b.c.d} {fs#1.exposed_devs[0]} ' +
    '{{nodename}} {x{rindex}} {env.} {uppr:nodename}'
  )
    .split(' ')
    .map((text): Row => [`pre_run = /bin/x ${text}`, 'HA_CONF_REFERENCE']),
  ['always_on = {nodename}', 'HA_CONF_REFERENCE'],
  ['timeout = {timeout}', 'HA_CONF_CIRCULAR'],
  ['timeout = {stop_timeout}\nstop_timeout = {timeout}', 'HA_CONF_CIRCULAR'],
  ['[env]\na = {a}', 'HA_CONF_CIRCULAR', 9],
  ['[env]\na = {#b}\nb = $({c} + 1)\nc = {upper:a}', 'HA_CONF_CIRCULAR', 9],
  [
    `[env]\na = ${'{b}'.repeat(99)}\nb = ${'x'.repeat(99)}\n[app#2]\ntags = {env.a}`,
    'HA_CONF_VALUE_TOO_LONG',
    9,
  ],
];

const expressions: readonly Row[] = [
  ...[
    '1 / 0',
    '1 // 0',
    '1 % 0',
    '"a" * 2',
    '9 ** 99',
    '"a" < 1',
    `${'('.repeat(30)}1${')'.repeat(30)}`,
  ].map((text): Row => [`timeout = $(${text})`, 'HA_CONF_EXPRESSION']),
  ...['date', '1 +', '', '1 2', 'import os', '1 ? 2 : 3', '__import__("os")', '1; 2', '[1'].map(
    (text): Row => [`timeout = $(${text})`, 'HA_CONF_EXPRESSION'],
  ),
  ['timeout = $(1 == 1)', 'HA_CONF_BAD_VALUE'],
  ['restart = $(200)', 'HA_CONF_OUT_OF_RANGE'],
];

const groups: Readonly<Record<string, readonly Row[]>> = {
  syntax,
  sections,
  durations,
  words,
  commands,
  conditions,
  scopes,
  references,
  expressions,
};

describe('a malformed service file', () => {
  it('is one of more than two hundred', () => {
    const texts = new Set(Object.values(groups).flatMap((rows) => rows.map(([text]) => text)));
    expect(texts.size).toBeGreaterThan(250);
  });

  const table = Object.entries(groups).flatMap(([group, rows]) =>
    rows.map(([text, code, line = 8]) => [group, text.slice(0, 80), {text, code, line}] as const),
  );

  it.each(table)('of wrong %s is told with its line: %j', (_group, _shown, {text, code, line}) => {
    const texts = {'cluster.conf': withDisk, 'web.conf': `${webService}${text}\n`};
    const {config, findings} = parse(texts);
    const own = findings.filter(({file}) => file === 'web.conf');
    expect(own.map((one) => `${one.line} ${one.code}`)).toContain(`${line} ${code}`);
    expect(config === null).toBe(findings.some(({severity}) => severity === 'error'));
    expect(own.every(({message, hint}) => message !== '' && hint !== '')).toBe(true);
  });
});
