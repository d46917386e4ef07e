import {describe, expect, it} from 'vitest';
import {namedPaths} from '../../src/config/parse.ts';
import {parametersOf} from '../../src/config/io/fence-facts.ts';
import {inequalities} from '../../src/config/rules.ts';
import {gradeOf, takeoverOf} from '../../src/config/takeover.ts';
import {accept, filesOf, parse, render, twoLinks, webService} from './support.ts';

const fenced = (text: string): string => `${twoLinks}${text}`;
const agents = fenced(`[fence#node1]
agent = fence_ipmilan
ip = 10.9.0.1
lanplus = 1
password_file = /etc/ha/bmc1
[fence#node2.2]
command = /opt/pdu "outlet 2" off
status = /opt/pdu status
timeout = 5s
retries = 0
[fence#node2]
agent = /opt/agents/fence_site
passwd = "hid # den"
action = reboot
`);

describe('the sections of fencing', () => {
  it('are read by node and level, with what the agent is given', () => {
    const {fences} = accept({'cluster.conf': agents});
    expect(fences.map(({node, level}) => `${node} ${level}`)).toEqual([
      'node1 1',
      'node2 1',
      'node2 2',
    ]);
    expect(fences[0]).toMatchObject({
      method: {kind: 'agent', agent: 'fence_ipmilan', passwordFile: '/etc/ha/bmc1'},
      action: 'off',
      timeoutMs: 20_000,
      retries: 1,
    });
    const [first, second, third] = fences.map(({method}) => method);
    expect(first!.kind === 'agent' && [...first!.parameters]).toEqual([
      ['ip', '10.9.0.1'],
      ['lanplus', '1'],
    ]);
    expect(second!.kind === 'agent' && second!.parameters.get('passwd')).toBe('hid # den');
    expect(third).toEqual({
      kind: 'command',
      off: ['/opt/pdu', 'outlet 2', 'off'],
      status: ['/opt/pdu', 'status'],
    });
  });

  it('of a node whose name ends like a level are its first level', () => {
    const text = agents.replaceAll('node2', 'node.2').replaceAll('node.2.2', 'node.2.9');
    const {fences} = accept({'cluster.conf': text});
    expect(fences.map(({node, level}) => `${node} ${level}`)).toEqual([
      'node1 1',
      'node.2 1',
      'node.2 9',
    ]);
  });

  it('name what this host must be able to run and read: for the other nodes alone', () => {
    expect(namedPaths(filesOf({'cluster.conf': agents}))).toMatchObject({
      fencePrograms: ['/opt/agents/fence_site', '/opt/pdu'],
      passwordFiles: [],
    });
  });

  it('change the digest, and a password does not', () => {
    const digest = (text: string): string => accept({'cluster.conf': text}).digest;
    expect(digest(agents)).not.toBe(digest(twoLinks));
    expect(digest(agents.replace('10.9.0.1', '10.9.0.2'))).not.toBe(digest(agents));
    expect(digest(agents.replace('hid # den', 'other'))).toBe(digest(agents));
    expect(digest(agents.replace('/opt/agents/', '/usr/sbin/'))).toBe(digest(agents));
  });

  it.each([
    ['[fence#node3]\nagent = fence_ipmilan\n', 'HA_CONF_UNKNOWN_NODE'],
    ['[fence#node2.10]\nagent = fence_ipmilan\n', 'HA_CONF_OUT_OF_RANGE'],
    ['[fence#node2]\nagent = ipmi lan\n', 'HA_CONF_BAD_VALUE'],
    ['[fence#node2]\nagent = ../fence_x\n', 'HA_CONF_BAD_VALUE'],
    ['[fence#node2]\nagent = fence_x\ncommand = /a\n', 'HA_CONF_FENCE_METHOD'],
    ['[fence#node2]\nagent = fence_x\nstatus = /a\n', 'HA_CONF_FENCE_METHOD'],
    ['[fence#node2]\nagent = fence_x\noption = off\n', 'HA_CONF_FENCE_METHOD'],
    ['[fence#node2]\ncommand = /a\nverify = exit\nstatus = /b\n', 'HA_CONF_FENCE_METHOD'],
    ['[fence#node2]\ncommand = /a\nstatus = /b\naction = reboot\n', 'HA_CONF_FENCE_METHOD'],
    ['[fence#node2]\ncommand = poweroff\nstatus = /b\n', 'HA_CONF_RELATIVE_PATH'],
    ['[fence#node2]\ncommand = yes\nstatus = /b\n', 'HA_CONF_BAD_VALUE'],
    ['[fence#node2]\ncommand = /a | b\nstatus = /b\n', 'HA_CONF_SHELL'],
    [
      '[fence#node2]\nagent = fence_x\n[fence#node2.1]\nagent = fence_x\n',
      'HA_CONF_DUPLICATE_SECTION',
    ],
  ])('%j is refused', (text, code) => {
    const {config, findings} = parse({'cluster.conf': fenced(text)});
    expect(config).toBeNull();
    expect(findings.map((finding) => finding.code)).toContain(code);
  });

  it('show no password in any finding', () => {
    const text = agents.replace('passwd =', 'passwd@node1 =').replace('action', 'option');
    const {findings} = parse({'cluster.conf': text}, {clusterFileMode: 0o644});
    expect(findings).not.toEqual([]);
    expect(render(findings)).not.toContain('hid # den');
  });
});

describe('the metadata of an agent', () => {
  it('names its parameters', () => {
    const metadata = `<?xml version="1.0" ?><resource-agent name="fence_x">
<parameters><parameter name="action" unique="0"><content type="string"/></parameter>
	<parameter unique="0" name="ip" required="1"/></parameters></resource-agent>`;
    expect(parametersOf(metadata)).toEqual(['action', 'ip']);
    expect(parametersOf('usage: fence_x')).toEqual([]);
  });
});

describe('fencing of every node', () => {
  const every = (delay: string): string =>
    fenced(
      ['node1', 'node2']
        .map((node) => `[fence#${node}]\nagent = fence_x\ntimeout = 10s\n${delay}`)
        .join(''),
    );
  const data = {'web.conf': webService.replace('[app#1]', 'class = data\n[app#1]')};

  it('proves what class data needs, and its worst case has every try', () => {
    const config = accept({...data, 'cluster.conf': every('')});
    const takeover = takeoverOf(config, 'data');
    expect(takeover).toMatchObject({possible: true, proof: 'P4', source: 'fencing'});
    // Silence 5.05 s, delay 10 s + 2.05 s, two tries of 10 s, and the stall bound.
    expect(takeover.worstMs).toBe(5_050 + 12_050 + 20_000 + 1_000);
    expect(gradeOf(config)).toBe('B');
  });

  it('is grade A together with a lease and a watchdog', () => {
    const text = `${every('')}[hb#3]\ntype = disk\ndevice = /dev/shared\n[watchdog]\n`;
    expect(gradeOf(accept({...data, 'cluster.conf': text}))).toBe('A');
  });

  it('warns of a delay in which the other node is not off yet', () => {
    const rows = (delay: string) =>
      inequalities({
        ...accept({'cluster.conf': every(delay)}),
        place: {file: 'cluster.conf', line: 0},
      }).filter(({id}) => id === 'I11');
    expect(rows('').map(({status}) => status)).toEqual(['OK', 'OK']);
    expect(rows('delay = 5s\n')[0]).toMatchObject({status: 'WARN', leftMs: 5_000, rightMs: 12_050});
  });

  it('of some nodes is no proof for a service of all', () => {
    const text = every('').replace(/\[fence#node2\][^]*$/, '');
    expect(takeoverOf(accept({'cluster.conf': text}), 'data').possible).toBe(false);
  });
});
