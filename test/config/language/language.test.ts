import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {valueCharsMax} from '../../../src/config/limits.ts';
import type {Members} from '../../../src/config/language/members.ts';
import {readerOf, valueOf} from './support.ts';

describe('a reference', () => {
  it.each([
    ['{own}', 'mine'],
    ['{one}', '1'],
    ['{DEFAULT.one}{env.zero}', '10'],
    ['a {env.word} b', 'a Some words b'],
    ['{nodes[0]} {nodes[-1]} {#nodes}', 'n1 n3 3'],
    ['{#env.list} {env.list[1]} {upper:env.list[1]}', '3 b B'],
    ['{env.{env.pick}}', 'a  b c'],
    ['{app#1.2.own}', 'mine'],
    ['{upper:env.word} {lower:env.word}', 'SOME WORDS some words'],
    ['{capitalize:env.word} {title:env.word}', 'Some words Some Words'],
    ['{swapcase:env.word}', 'sOME WORDS'],
    ['{uri_ip:ip6} {uri_ip:one}', '[2001:db8::1] 1'],
    ['{nodename} {short_nodename}', 'node1 node1'],
    ['{svcname} {name} {path} {svcpath} {short_name}', `${'web.example '.repeat(4)}web`],
    ['{rid} {rindex} {kind} {namespace}', 'app#1.2 1.2 svc root'],
    ['{clustername} {clusternodes} {cluster.name}', 'blue node1 node2.example blue'],
    ['{#cluster.nodes} {etc} {domain}', '2 /etc/ha root.svc.blue'],
    ['{fqdn}', 'web.example.root.svc.blue'],
    ['$({#nodes} // 2)', '1'],
    ['$(3//{#nodes})', '1'],
    ['$("{nodename}" in "{clusternodes}")', 'true'],
    ['$({nodename} == "node1" and {one} + 1)', '2'],
    ['$("{env.zero}" == 0)', 'true'],
  ])('in %s is replaced: %s', (raw, expected) => {
    expect(valueOf(raw)).toBe(expected);
  });

  it.each([
    ['${HOME} $HOME', '${HOME} $HOME'],
    ['{{.Names}} {a,b} {} {print $1} {%s}', '{{.Names}} {a,b} {} {print $1} {%s}'],
    [String.raw`\{nodename} {nodename}`, '{nodename} node1'],
    ['$(date) $(cat {env.word})', '$(date) $(cat Some words)'],
    ['{nodename', '{nodename'],
    ['$(1 + 2', '$(1 + 2'],
  ])('is none in %s', (raw, expected) => {
    expect(valueOf(raw)).toBe(expected);
  });

  it.each([
    ['{nodes[3]}', 'value expected an element, found {nodes[3]}: nodes has 3'],
    ['{env.lst}', 'value expected a key or a name in braces, found {env.lst}'],
    ['{var}', 'value expected a key or a name in braces, found {var}'],
    ['{node.prkey}', 'value expected a key or a name in braces, found {node.prkey}'],
    [
      '{fs#1.exposed_devs[0]}',
      'value expected a key or a name in braces, found {fs#1.exposed_devs}',
    ],
    ['{{nodename}}', 'value expected a key or a name in braces, found {node1}'],
    ['{a{nodename}}', 'value expected a key or a name in braces, found {anode1}'],
  ])('%s that leads to nothing is told', (raw, message) => {
    expect(valueOf(raw)).toBe(`12 HA_CONF_REFERENCE: ${message}`);
  });

  it('to the node has no place in what is the same on all nodes', () => {
    expect(valueOf('{nodename}', null)).toBe(
      '12 HA_CONF_REFERENCE: value is the same on all nodes, and {nodename} is not',
    );
  });

  it('tells why an expression has no value', () => {
    expect(valueOf('$(1 // {env.zero})')).toBe(
      '12 HA_CONF_EXPRESSION: value expected a value, ' +
        'found "$(1 // {env.zero})": a division by zero',
    );
  });

  it('is read as the node reads it, with the scopes of that node', () => {
    const text = `[env]
dev@node1 = sda
dev = sdz
[fs#1]
dev = /dev/{env.dev}1
mnt = {dev} on {nodename}
`;
    const {read} = readerOf(text);
    expect(read('fs#1', 'mnt')).toBe('/dev/sda1 on node1');
    expect(read('fs#1', 'mnt', 'node2.example')).toBe('/dev/sdz1 on node2.example');
  });
});

describe('a circle', () => {
  it.each([
    ['a = {a}', 2, 'a refers to itself: env.a (line 2) -> env.a (line 2)'],
    [
      'a = {b}\nb = {env.c}\nc = x{a}',
      2,
      'a refers to itself: env.a (line 2) -> env.b (line 3) -> env.c (line 4) -> env.a (line 2)',
    ],
    [
      'z = {a}\na = $({b} + 1)\nb = {#a}',
      3,
      'a refers to itself: env.a (line 3) -> env.b (line 4) -> env.a (line 3)',
    ],
  ])('in %j is told once, with its chain', (lines, line, message) => {
    const {readAll} = readerOf(`[env]\n${lines}\n`);
    const told = readAll('node1').map((value) =>
      value.ok ? '' : `${value.error.line} ${value.error.message}`,
    );
    expect([...new Set(told)]).toEqual([`${line} ${message}`]);
  });

  it('is none where each node has another value', () => {
    const {read} = readerOf('[env]\na@node1 = {b}\na = 1\nb@node2.example = {a}\nb = 2\n');
    expect([read('env', 'a'), read('env', 'b', 'node2.example')]).toEqual(['2', '1']);
  });
});

describe('the limits', () => {
  it('hold where references double a text again and again', () => {
    const lines = Array.from(
      {length: 19},
      (_, index) => `k${index} = {k${index + 1}}{k${index + 1}}`,
    );
    const {read} = readerOf(`[env]\n${lines.join('\n')}\nk19 = 12345678\n`);
    expect(read('env', 'k10')).toHaveLength(8 * 512);
    expect(read('env', 'k0')).toMatch(/^\d+ HA_CONF_VALUE_TOO_LONG: k\d+ expected at most 8192/);
  });

  it('end a chain that is too long', () => {
    const lines = Array.from({length: 40}, (_, index) => `k${index} = {k${index + 1}}`);
    const {read} = readerOf(`[env]\n${lines.join('\n')}\nk40 = x\n`);
    expect(read('env', 'k30')).toBe('x');
    expect(read('env', 'k0')).toBe('22 HA_CONF_REFERENCE: k20 refers on more than 20 times');
  });

  it('hold for every text: evaluation never throws, and what it gives is bounded', () => {
    const piece = fc.constantFrom(
      ...'{ } {a} {b} {#a} {a[0]} {upper:b} $( ) ( + 1 {env.c} {nodename}'.split(' '),
      ...'\\{ $ {{ x " \' {env.{a}} nodes ['.split(' '),
      ' ',
    );
    const raw = fc.array(piece, {maxLength: 40}).map((parts) => `v${parts.join('')}`);
    fc.assert(
      fc.property(raw, raw, raw, (a, b, c) => {
        const {readAll} = readerOf(`[env]\na = ${a}\nb = ${b}\nc = ${c}\n`);
        for (const value of [...readAll('node1'), ...readAll(null)]) {
          if (value.ok) expect(value.value.length).toBeLessThanOrEqual(valueCharsMax);
          else expect(value.error.message).not.toBe('');
        }
      }),
      {numRuns: 1_000},
    );
  });
});

describe('scopes', () => {
  const members = {
    nodes: ['n1', 'N2'],
    drpnodes: ['n3', 'n4'],
    encapnodes: ['c1', 'n2'],
    flexPrimary: 'n1',
    drpFlexPrimary: 'n4',
  };
  const all = ['n1', 'nodes', 'drpnodes', 'encapnodes', 'flex_primary', 'drp_flex_primary'];

  /** The scopes in the order in which they win, each taken away when it has won. */
  function orderOn(node: string | null, of: Partial<Members>): readonly string[] {
    const left = [...all, ''];
    const order: string[] = [];
    while (left.length > 0) {
      const lines = left.map((scope) => `k${scope === '' ? '' : `@${scope}`} = x${scope}`);
      const value = readerOf(`[a]\n${lines.join('\n')}\n`, of).read('a', 'k', node);
      if (value === 'nothing') break;
      order.push(value.slice(1));
      left.splice(left.indexOf(value.slice(1)), 1);
    }
    return order;
  }

  it.each([
    ['n1', ['n1', 'nodes', 'flex_primary', '']],
    ['n2', ['nodes', 'encapnodes', '']],
    ['n3', ['drpnodes', '']],
    ['n4', ['drpnodes', 'drp_flex_primary', '']],
    ['c1', ['encapnodes', '']],
    ['other', ['']],
    [null, ['']],
  ])('of %s are tried in the order of OpenSVC', (node, expected) => {
    expect(orderOn(node, members)).toEqual(expected);
  });

  it('are tried in that order also where a node is everything at once', () => {
    const one = ['n1'];
    const lists = {nodes: one, drpnodes: one, encapnodes: one};
    const order = orderOn('n1', {...lists, flexPrimary: 'n1', drpFlexPrimary: 'n1'});
    expect(order).toEqual([...all, '']);
  });
});
