/** Whatever lies in the directory: findings with a place and a remedy, never an exception. */

import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {configCodes} from '../../src/config/codes.ts';
import {isSampleKey} from '../../src/config/host-facts.ts';
import {namedPaths, parseConfig} from '../../src/config/parse.ts';
import type {Finding} from '../../src/config/types.ts';
import {
  filesOf,
  openhaFiles,
  parse,
  twoLinks,
  webService,
  withDisk,
  type Texts,
} from './support.ts';

const inCluster = (lines: string): Texts => ({
  'cluster.conf': twoLinks.replace('name = blue', lines),
});
const appended = (lines: string): Texts => ({'cluster.conf': `${withDisk}${lines}\n`});
const inService = (lines: string): Texts => ({
  'cluster.conf': withDisk,
  'web.conf': `${webService}${lines}\n`,
});
const monitor = (line: string): Texts => ({
  ...openhaFiles,
  monitor: `${openhaFiles['monitor']!}${line}\n`,
});
const services = (line: string): Texts => ({...openhaFiles, services: `${line}\n`});

/** Each is refused: at least one error. */
const corpus: Readonly<Record<string, Texts>> = {
  'an empty directory': {},
  'an empty cluster.conf': {'cluster.conf': ''},
  'a cluster.conf of blanks': {'cluster.conf': ' \n\t\n '},
  'a cluster.conf of zeros': {'cluster.conf': '\0'.repeat(1_000)},
  'an ELF file': {'cluster.conf': '\u007FELF\u0002\u0001\u0001\0\0\0'},
  'JSON': {'cluster.conf': '{"cluster": {"name": "blue"}}'},
  'YAML': {'cluster.conf': 'cluster:\n  name: blue\n'},
  'a shell script': {'cluster.conf': '#!/bin/sh\nexport A=1\n'},
  'a half-written file': {'cluster.conf': twoLinks.slice(0, 42)},
  'a header without end': appended('[hb#4'),
  'a header with two brackets': appended('[[hb#4]]'),
  'a header with words after it': appended('[hb#4] now'),
  'a line without a value': inCluster('name'),
  'a key of blanks': inCluster('= blue'),
  'two scopes': inCluster('peer_port@node1@node2 = 5'),
  'an empty name': inCluster('name ='),
  'a name with a slash': inCluster('name = a/b'),
  'a name with dots': inCluster('name = a..b'),
  'a name of 65 characters': inCluster(`name = ${'x'.repeat(65)}`),
  'names with commas': {'cluster.conf': twoLinks.replace('node1 node2', 'node1, node2')},
  'a node twice': {'cluster.conf': twoLinks.replace('node1 node2', 'node1 node1')},
  'a beat of zero': inCluster('beat = 0'),
  'a negative dead time': inCluster('dead = -5s'),
  'a dead time of a day': inCluster('dead = 1d'),
  'a beat without unit and sense': inCluster('beat = 1 second'),
  'a beat with a comma': inCluster('beat = 0,5s'),
  'a beat in scientific notation': inCluster('beat = 1e3'),
  'an endless number': inCluster(`peer_port = ${'9'.repeat(400)}`),
  'a port above 65535': inCluster('peer_port = 70000'),
  'a port of a stranger': inCluster('peer_port@node9 = 7000'),
  'an unknown profile': inCluster('profile = slow'),
  'an unknown takeover': inCluster('takeover = always'),
  'a heartbeat without a type': appended('[hb#4]\nport = 1'),
  'a heartbeat of an unknown type': appended('[hb#4]\ntype = serial'),
  'a heartbeat without a number': appended('[hb#x]\ntype = multicast'),
  'a heartbeat number 0': appended('[hb#0]\ntype = multicast'),
  'a heartbeat number 255': appended('[hb#255]\ntype = multicast'),
  'a unicast group': appended('[hb#4]\ntype = multicast\ngroup = 10.0.0.1'),
  'a group of the routers': appended('[hb#4]\ntype = multicast\ngroup = 224.0.0.5'),
  'a group with leading zeros': appended('[hb#4]\ntype = multicast\ngroup = 239.001.1.1'),
  'a group of five bytes': appended('[hb#4]\ntype = multicast\ngroup = 239.1.1.1.1'),
  'a time to live of 0': appended('[hb#4]\ntype = multicast\nttl = 0'),
  'a unicast link without addresses': appended('[hb#4]\ntype = unicast'),
  'a unicast link with a host name': appended('[hb#4]\ntype = unicast\naddress = node1'),
  'a unicast link with one address': appended('[hb#4]\ntype = unicast\naddress = 10.1.1.1'),
  'a disk without a device': appended('[hb#4]\ntype = disk'),
  'a disk with a relative device': appended('[hb#4]\ntype = disk\ndevice = sdb'),
  'a disk whose path leads back': appended('[hb#4]\ntype = disk\ndevice = /dev/../etc/passwd'),
  'a disk with one slot of two': appended('[hb#4]\ntype = disk\ndevice = /x\nslot@node1 = 0'),
  'a disk with one slot for both': appended('[hb#4]\ntype = disk\ndevice = /x\nslot = 0'),
  'a negative slot': appended('[hb#4]\ntype = disk\ndevice = /x\nslot = -1'),
  'slots of 65 blocks': appended('[hb#4]\ntype = disk\ndevice = /x\nslot_blocks = 65'),
  'a lease shorter than its renewal': appended('[hb#4]\ntype = disk\ndevice = /x\nlease = 1s'),
  'a renewal slower than the lease': appended(
    '[hb#4]\ntype = disk\ndevice = /x\nrenew = 1m\nlease = 8s',
  ),
  'nine heartbeats': appended(
    [4, 5, 6, 7, 8, 9].map((n) => `[hb#${n}]\ntype = multicast`).join('\n'),
  ),
  'a monitor line cut short': monitor('node1 net eth0 239.131.50.10'),
  'a monitor line too long': monitor('node1 dio /dev/sdb 0 10 10'),
  'a monitor line of one word': monitor('node1'),
  'a monitor line without a node': monitor('net eth0 239.131.50.10 1234 10'),
  'a monitor line of a stranger': monitor('node3 dio /dev/sdb 0 10'),
  'a monitor line with a timeout of 0': monitor('node1 dio /dev/sdb 0 0'),
  'a monitor line with a unicast group': monitor('node1 net eth0 10.0.0.1 1234 10'),
  'a monitor line with port 0': monitor('node1 net eth0 239.1.1.1 0 10'),
  'a monitor line with a huge block': monitor(`node1 dio /dev/sdb ${'9'.repeat(14)} 10`),
  'a monitor line with a long interface': monitor(`node1 net ${'e'.repeat(16)} 239.1.1.1 1234 10`),
  'a monitor line with a hex block': monitor('node1 dio /dev/sdb 0x10 10'),
  'a services line of one node': services('web\t/opt/web\tnode1\tnode1\t/bin/true'),
  'a services line of three fields': services('web\t/opt/web\tnode1'),
  'a services line of six fields': services('web\t/opt/web\tnode1\tnode2\t/bin/true\tx'),
  'a services line with a bad name': services('../web\t/opt/web\tnode1\tnode2\t/bin/true'),
  'a services line with a relative check': services('web\t/opt/web\tnode1\tnode2\ttrue'),
  'two services lines of one name': services(
    'web\t/a\tnode1\tnode2\t/bin/true\nweb\t/b\tnode2\tnode1\t/bin/true',
  ),
  'a service file without sections': {'cluster.conf': withDisk, 'web.conf': 'nodes = node1\n'},
  'a service file with a bad name': {'cluster.conf': withDisk, 'my web.conf': webService},
  'a service in two files': {
    'cluster.conf': withDisk,
    'web.conf': webService,
    'web.env': webService,
  },
  'a service of a stranger': {
    'cluster.conf': withDisk,
    'web.conf': webService.replace('node2', 'node7'),
  },
  'a misspelt family': inService('[ap#2]\nscript = /opt/x'),
  'an app with a bad id': inService('[app#a b]\nscript = /opt/x'),
  'a quote that never ends': inService('[app#2]\nstart = /opt/x "open'),
  'a command in a pipe': inService('[app#2]\nstart = /opt/x | /opt/y'),
  'a script that leads back': inService('[app#2]\nscript = ../../etc/x\nstart = yes'),
  'a flexible service': {
    'cluster.conf': withDisk,
    'web.conf': webService.replace('[app#1]', 'topology = flex\n[app#1]'),
  },
  'sixty-five resources': inService(
    Array.from({length: 65}, (_, n) => `[app#x${n}]\nscript = /opt/x\nstart = yes`).join('\n'),
  ),
};

function wellFormed(finding: Finding): boolean {
  const {file, line, severity, code, message, hint} = finding;
  return (
    Object.hasOwn(configCodes, code) &&
    file !== '' &&
    Number.isInteger(line) &&
    line >= 0 &&
    ['error', 'warning', 'note'].includes(severity) &&
    message.length > 0 &&
    message.length < 1_000 &&
    hint.length > 0
  );
}

describe('a malformed configuration', () => {
  it.each(Object.entries(corpus))('%s is refused with a place and a remedy', (_, texts) => {
    const {config, findings} = parse(texts);
    expect(config).toBeNull();
    expect(findings.filter(({severity}) => severity === 'error').length).toBeGreaterThan(0);
    expect(findings.filter((finding) => !wellFormed(finding))).toEqual([]);
  });

  it('has at least sixty forms here', () => {
    expect(Object.keys(corpus).length).toBeGreaterThanOrEqual(60);
  });

  it('of random texts is never an exception, and an error where it is not a configuration', () => {
    const line = fc.oneof(
      fc.string({unit: 'binary', maxLength: 40}),
      fc.constantFrom(
        '[cluster]',
        '[hb#1]',
        '[DEFAULT]',
        '[app#1]',
        'nodes = node1 node2',
        'type = disk',
        'type = multicast',
        'device = /dev/x',
        'start = /bin/x "',
        'node1 net eth0 239.1.1.1 1 2',
        'node2 dio /dev/x 1 2',
        'web /x node1 node2 /y',
        '  more',
        '# comment',
      ),
    );
    const text = fc.array(line, {maxLength: 12}).map((lines) => lines.join('\n'));
    const name = fc.constantFrom(
      'cluster.conf',
      'nodes',
      'monitor',
      'services',
      'web.conf',
      'web.d/',
    );
    fc.assert(
      fc.property(fc.dictionary(name, text), (texts) => {
        const outcome = parse(texts);
        expect(outcome.findings.filter((finding) => !wellFormed(finding))).toEqual([]);
        const refused = outcome.findings.some(({severity}) => severity === 'error');
        expect(outcome.config === null).toBe(refused);
      }),
      {numRuns: 400},
    );
  });

  it('by one changed character of a good one is never an exception', () => {
    const good: Texts = {...openhaFiles, 'cluster.conf': withDisk, 'web.conf': webService};
    const names = Object.keys(good);
    const edit = fc.record({
      file: fc.constantFrom(...names),
      at: fc.nat(400),
      cut: fc.nat(3),
      put: fc.string({unit: 'binary', maxLength: 3}),
    });
    fc.assert(
      fc.property(edit, ({file, at, cut, put}) => {
        const text = good[file]!;
        const place = at % text.length;
        const changed = text.slice(0, place) + put + text.slice(place + cut);
        const files = filesOf({...good, [file]: changed});
        expect(() => [parseConfig(files), namedPaths(files)]).not.toThrow();
      }),
      {numRuns: 300},
    );
  });

  it('of a thousand services with one mistake each tells the first two hundred', () => {
    const lines = Array.from({length: 1_000}, (_, n) => `s${n} opt/s${n} node1 node2 /bin/true`);
    const {findings} = parse({...openhaFiles, services: lines.join('\n')});
    expect(findings).toHaveLength(201);
  });
});

describe('a sample key', () => {
  it.each([
    ['changeme-changeme-changeme-changeme-changeme', true],
    ['a'.repeat(64), true],
    ['0'.repeat(32), true],
    ['# comment\n0123456789abcdef0123456789abcdef', true],
    ['5d1c7f3b9ae04268c1d2b7e65f8a9034e7c6b1d80f2a3945', false],
  ])('%s: %s', (text, sample) => {
    expect(isSampleKey(text)).toBe(sample);
  });
});
