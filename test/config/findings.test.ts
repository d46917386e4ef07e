/** Every code of the table is produced by a text, or by one of the two tests named at the end. */

import {describe, expect, it} from 'vitest';
import {configCodes, type ConfigCode} from '../../src/config/codes.ts';
import {collectFindings} from '../../src/config/findings.ts';
import type {HostFacts} from '../../src/config/types.ts';
import {sectionRows} from './section-rows.ts';
import {openhaFiles, parse, render, twoLinks, webService, withDisk, type Texts} from './support.ts';

interface Row {
  readonly code: ConfigCode;
  readonly texts: Texts;
  readonly facts?: Partial<HostFacts>;
  /** Where it must be found; its words are in findings.txt. */
  readonly at: string;
}

const cluster = (text: string): Texts => ({'cluster.conf': text});
const inCluster = (line: string): Texts => cluster(twoLinks.replace('name = blue', line));
const withService = (text: string): Texts => ({'cluster.conf': withDisk, 'web.conf': text});
const secret = {mode: 0o600, bytes: 64, isLink: false};
const device = (blockBytes: number, bytes: number): Partial<HostFacts> => ({
  devices: new Map([['/dev/shared', {blockBytes, bytes}]]),
});
const script = (problem: string): Partial<HostFacts> => ({
  scripts: new Map([['/opt/web/ctl', problem]]),
});

const fileRows: readonly Row[] = [
  {
    code: 'HA_CONF_QUORUM',
    texts: inCluster('name = blue\nno_quorum = stop'),
    at: 'cluster.conf:3',
  },
  {
    code: 'HA_CONF_EMPTY',
    texts: {'web.conf': webService},
    at: '/etc/ha:0',
  },
  {
    code: 'HA_CONF_DIRECTORY_WRITABLE',
    texts: cluster(withDisk),
    facts: {directoryMode: 0o40757},
    at: '/etc/ha:0',
  },
  {
    code: 'HA_CONF_FILE_TOO_LARGE',
    texts: cluster(' '.repeat(600_000)),
    at: 'cluster.conf:0',
  },
  {
    code: 'HA_CONF_LINE_TOO_LONG',
    texts: cluster(`${twoLinks}#${'x'.repeat(3_000)}`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_BAD_CHARACTER',
    texts: inCluster('name = blue\u001B[31m'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_SYNTAX',
    texts: inCluster('name blue'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_DUPLICATE_SECTION',
    texts: cluster(`${twoLinks}[cluster]\nname = red\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_DUPLICATE_KEY',
    texts: inCluster('name = blue\nname = red'),
    at: 'cluster.conf:3',
  },
  {
    code: 'HA_CONF_UNKNOWN_SECTION',
    texts: cluster(`${twoLinks}[hb1]\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_UNKNOWN_KEY',
    texts: inCluster('taekover = manual'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_NOT_SCOPABLE',
    texts: inCluster('dead@node1 = 9s'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_NOT_USED',
    texts: cluster(`${twoLinks}[array#node1]\ntype = hp3par\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_NOT_SUPPORTED',
    texts: withService(`${webService}umask = 027\n`),
    at: 'web.conf:8',
  },
  {
    code: 'HA_CONF_BAD_VALUE',
    texts: inCluster('beat = soon'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_OUT_OF_RANGE',
    texts: inCluster('beat = 1ms'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_INTERVAL_NOT_POSITIVE',
    texts: inCluster('beat = -1s'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_MISSING_KEY',
    texts: cluster(twoLinks.replace('address@node2 = 10.0.0.2\n', '')),
    at: 'cluster.conf:6',
  },
  {
    code: 'HA_CONF_REFERENCE',
    texts: withService(webService.replace('/opt/web/ctl', '/opt/{nme}')),
    at: 'web.conf:4',
  },
  {
    code: 'HA_CONF_SHELL',
    texts: withService(webService.replace('start = yes', 'start = /opt/x | /usr/bin/logger')),
    at: 'web.conf:5',
  },
  {
    code: 'HA_CONF_RELATIVE_PATH',
    texts: withService(webService.replace('start = yes', 'start = systemctl start web')),
    at: 'web.conf:5',
  },
  {
    code: 'HA_CONF_TOO_MANY',
    texts: cluster(twoLinks.replace('node1 node2', 'node1 node2 c d e f g h i')),
    at: 'cluster.conf:3',
  },
];

const nodeRows: readonly Row[] = [
  {
    code: 'HA_CONF_BAD_NAME',
    texts: inCluster('name = my cluster'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_NO_NODES',
    texts: cluster('[cluster]\nname = blue\n'),
    at: 'cluster.conf:1',
  },
  {
    code: 'HA_CONF_UNKNOWN_NODE',
    texts: {...openhaFiles, services: 'web\t/opt/web\tnode1\tnode3\t/bin/true\n'},
    at: 'services:1',
  },
  {
    code: 'HA_CONF_DUPLICATE_NODE',
    texts: {...openhaFiles, nodes: 'node1\nnode2\nnode1\n'},
    at: 'nodes:3',
  },
  {
    code: 'HA_CONF_NODES_DIFFER',
    texts: {...openhaFiles, 'cluster.conf': '[cluster]\nnodes = node1 node3\n'},
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_NOT_MEMBER',
    texts: cluster(twoLinks),
    facts: {nodeName: 'NODE1.example.com'},
    at: 'cluster.conf:3',
  },
  {
    code: 'HA_CONF_SINGLE_NODE',
    texts: cluster('[cluster]\nnodes = node1\n'),
    at: 'cluster.conf:2',
  },
  {
    code: 'HA_CONF_NAME_COLLISION',
    texts: cluster('[cluster]\nnodes = yvivst csbxun\n[hb#1]\ntype = multicast\n'),
    at: 'cluster.conf:1',
  },
];

const openhaRows: readonly Row[] = [
  {
    code: 'HA_CONF_NODES_LINE',
    texts: {...openhaFiles, nodes: 'node1 node2\n'},
    at: 'nodes:1',
  },
  {
    code: 'HA_CONF_MONITOR_LINE',
    texts: {...openhaFiles, monitor: 'node1 net eth0 239.131.50.10 1234 1\n'},
    at: 'monitor:1',
  },
  {
    code: 'HA_CONF_SERVICES_LINE',
    texts: {...openhaFiles, services: 'web\topt/web\tnode1\tnode2\t/bin/true\n'},
    at: 'services:1',
  },
  {
    code: 'HA_CONF_NO_CHECK_SCRIPT',
    texts: {...openhaFiles, services: 'web\t/opt/web\tnode1\tnode2\t\n'},
    at: 'services:1',
  },
];

const mediaRows: readonly Row[] = [
  {
    code: 'HA_CONF_NO_LINK',
    texts: cluster('[cluster]\nnodes = node1 node2\n'),
    at: 'cluster.conf:1',
  },
  {
    code: 'HA_CONF_SINGLE_LINK',
    texts: cluster('[cluster]\nnodes = node1 node2\n[hb#1]\ntype = multicast\n'),
    at: 'cluster.conf:3',
  },
  {
    code: 'HA_CONF_LINK_INCOMPLETE',
    texts: {...openhaFiles, monitor: openhaFiles['monitor']!.replace(/node2 dio.*\n/, '')},
    at: 'monitor:2',
  },
  {
    code: 'HA_CONF_LINK_UNEVEN',
    texts: {
      ...openhaFiles,
      monitor: openhaFiles['monitor']!.replace('node2 net eth0', 'node2 net eth1'),
    },
    at: 'monitor:3',
  },
  {
    code: 'HA_CONF_DUPLICATE_ENDPOINT',
    texts: cluster(`${twoLinks}[hb#3]\ntype = multicast\ngroup = 239.192.71.1\nport = 10000\n`),
    at: 'cluster.conf:12',
  },
  {
    code: 'HA_CONF_DUPLICATE_ENDPOINT',
    texts: cluster(twoLinks.replace('multicast\n', 'multicast\niface = eth0\nport = 10001\n')),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_DUPLICATE_ENDPOINT',
    texts: cluster(twoLinks.replace('10.0.0.2', '10.0.0.1')),
    at: 'cluster.conf:9',
  },
  {
    code: 'HA_CONF_SHARED_ENDPOINT',
    texts: {...openhaFiles, monitor: openhaFiles['monitor']!.replace('4321', '1234')},
    at: 'monitor:3',
  },
  {
    code: 'HA_CONF_INTERFACE_MISSING',
    texts: openhaFiles,
    facts: {interfaces: ['lo', 'ens3']},
    at: 'monitor:1',
  },
  {
    code: 'HA_CONF_SLOT_OVERLAP',
    texts: {...openhaFiles, monitor: openhaFiles['monitor']!.replace(' 2 10', ' 0 10')},
    at: 'monitor:4',
  },
  {
    code: 'HA_CONF_SLOT_OVERLAP',
    texts: cluster(`${withDisk}slot@node1 = 0\nslot@node2 = 4\nslot_blocks = 8\n`),
    at: 'cluster.conf:14',
  },
  {
    code: 'HA_CONF_SLOT_OVERLAP',
    texts: cluster(
      `${withDisk}[hb#4]\ntype = disk\ndevice = /dev/shared\nslot@node1 = 100\nslot@node2 = 200\n`,
    ),
    at: 'cluster.conf:16',
  },
  {
    code: 'HA_CONF_SLOT_UNALIGNED',
    texts: cluster(`${withDisk}slot@node1 = 0\nslot@node2 = 12\nslot_blocks = 8\n`),
    facts: device(4_096, 1e9),
    at: 'cluster.conf:14',
  },
  {
    code: 'HA_CONF_SLOT_UNALIGNED',
    texts: cluster(`${withDisk}slot@node1 = 0\nslot@node2 = 8\nslot_blocks = 4\n`),
    facts: device(4_096, 1e9),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_SLOT_BEYOND_END',
    texts: cluster(withDisk),
    facts: device(512, 40_000),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_DEVICE_MISSING',
    texts: cluster(withDisk),
    facts: {devices: new Map([['/dev/shared', null]])},
    at: 'cluster.conf:10',
  },
];

const secretRows: readonly Row[] = [
  {
    code: 'HA_CONF_SECRET_MISSING',
    texts: cluster(withDisk),
    facts: {secret: null},
    at: 'secret.key:0',
  },
  {
    code: 'HA_CONF_SECRET_READABLE',
    texts: cluster(withDisk),
    facts: {secret: {...secret, mode: 0o644}},
    at: 'secret.key:0',
  },
  {
    code: 'HA_CONF_SECRET_SHORT',
    texts: cluster(withDisk),
    facts: {secret: {...secret, bytes: 63}},
    at: 'secret.key:0',
  },
  {
    code: 'HA_CONF_SECRET_LINK',
    texts: cluster(withDisk),
    facts: {secret: {...secret, isLink: true}},
    at: 'secret.key:0',
  },
  {
    code: 'HA_CONF_SECRET_SAMPLE',
    texts: cluster(withDisk),
    facts: {secret: {...secret, isSample: true}},
    at: 'secret.key:0',
  },
  {
    code: 'HA_CONF_SECRET_FORMAT',
    texts: cluster(withDisk),
    facts: {secret: {...secret, isMalformed: true}},
    at: 'secret.key:0',
  },
];

const serviceRows: readonly Row[] = [
  {
    code: 'HA_CONF_DUPLICATE_SERVICE',
    texts: {...openhaFiles, 'p26.opensvc.com.conf': webService},
    at: 'p26.opensvc.com.conf:0',
  },
  {
    code: 'HA_CONF_UNKNOWN_SERVICE',
    texts: {...openhaFiles, 'cluster.conf': '[service#p26.opensvc.con]\nprobe = status\n'},
    at: 'cluster.conf:1',
  },
  {
    code: 'HA_CONF_UNKNOWN_SERVICE',
    texts: {'cluster.conf': `${withDisk}[service#web]\nprobe = status\n`, 'web.conf': webService},
    at: 'cluster.conf:13',
  },
  {
    code: 'HA_CONF_NO_RESOURCE',
    texts: withService('[DEFAULT]\nnodes = node1 node2\n'),
    at: 'web.conf:0',
  },
  {
    code: 'HA_CONF_NO_START',
    texts: withService('[DEFAULT]\nnodes = node1 node2\n[app#1]\nscript = /opt/x\ncheck = yes\n'),
    at: 'web.conf:3',
  },
  {
    code: 'HA_CONF_NO_CHECK',
    texts: withService(webService.replace('check = yes\n', '')),
    at: 'web.conf:3',
  },
  {
    code: 'HA_CONF_LAUNCHERS_TWICE',
    texts: {...withService('[DEFAULT]\nnodes = node1 node2\n[app#1]\n[app#2]\n'), 'web.d/': ''},
    at: 'web.conf:4',
  },
  {
    code: 'HA_CONF_STOP_ORDER',
    texts: withService(
      `[DEFAULT]\nnodes = node1 node2\n${[1, 2]
        .map((n) => `[app#${n}]\nscript = /opt/x\nstart = ${n}0\nstop = ${n}0\ncheck = yes\n`)
        .join('')}`,
    ),
    at: 'web.conf:8',
  },
  {
    code: 'HA_CONF_SCRIPT_MISSING',
    texts: withService(webService),
    facts: script('missing'),
    at: 'web.conf:3',
  },
  {
    code: 'HA_CONF_SCRIPT_NOT_EXECUTABLE',
    texts: withService(webService),
    facts: script('not executable'),
    at: 'web.conf:3',
  },
  {
    code: 'HA_CONF_SCRIPT_WRITABLE',
    texts: withService(webService),
    facts: script('writable by others'),
    at: 'web.conf:3',
  },
];

const safetyRows: readonly Row[] = [
  {
    code: 'HA_CONF_I1_DEAD',
    texts: inCluster('beat = 1s\ndead = 3s'),
    at: 'cluster.conf:5',
  },
  {
    code: 'HA_CONF_I2_DISK_DEAD',
    texts: cluster(`${withDisk}dead = 5s\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_I3_LEASE',
    texts: cluster(`${withDisk}lease = 5s\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_I7_GRACE',
    texts: inCluster('grace = 1s'),
    at: 'cluster.conf:1',
  },
  {
    code: 'HA_CONF_I13_PROMISE',
    texts: inCluster('beat = 1s\ndead = 4060ms'),
    at: 'cluster.conf:5',
  },
  {
    code: 'HA_CONF_PROOF_MISSING',
    texts: {'cluster.conf': twoLinks, 'web.conf': webService},
    at: 'web.conf:1',
  },
];

const rows: readonly Row[] = [
  ...fileRows,
  ...nodeRows,
  ...openhaRows,
  ...mediaRows,
  ...secretRows,
  ...serviceRows,
  ...sectionRows,
  ...safetyRows,
];

describe('each finding', () => {
  it.each(rows)('$code is found at $at', ({code, texts, facts, at}) => {
    const {config, findings} = parse(texts, facts);
    const places = findings
      .filter((finding) => finding.code === code)
      .map(({file, line}) => `${file}:${line}`);
    expect(places).toContain(at);
    expect(config === null).toBe(findings.some(({severity}) => severity === 'error'));
  });

  it('says what was expected, what was found and what to write', async () => {
    const words = rows.map(({code, texts, facts, at}) => {
      const {findings} = parse(texts, facts);
      return render(
        findings.filter((one) => one.code === code && `${one.file}:${one.line}` === at),
      );
    });
    await expect(`${words.join('\n')}\n`).toMatchFileSnapshot('findings.txt');
  });

  it('of the table has a row here, or belongs to the reader, the editor or the limit', () => {
    const names = ['FILE_UNREADABLE', 'NO_SUCH_LINE', 'NO_SUCH_KEY', 'MORE_FINDINGS'];
    const elsewhere = names.map((name) => `HA_CONF_${name}`);
    const covered = [...rows.map(({code}) => code), ...elsewhere];
    expect(
      Object.keys(configCodes).filter((code) => !covered.includes(code as ConfigCode)),
    ).toEqual([]);
  });

  it('is kept within a limit per severity, and errors are not crowded out', () => {
    const {report, list} = collectFindings();
    const place = {file: 'x', line: 1};
    for (let index = 0; index < 500; index += 1) report('HA_CONF_NOT_USED', place, `${index}`);
    report('HA_CONF_SYNTAX', place, 'the error');
    const findings = list();
    expect(findings).toHaveLength(202);
    expect(findings.filter(({severity}) => severity === 'error')).toHaveLength(1);
    expect(findings.at(-1)).toMatchObject({
      code: 'HA_CONF_MORE_FINDINGS',
      message: '300 further findings are not shown',
    });
  });

  it('shows no control characters of the file to a terminal', () => {
    const {findings} = parse(inCluster('takeover = \u009B31mred'));
    expect(findings.every(({message}) => !/\p{Cc}/u.test(message))).toBe(true);
  });
});
