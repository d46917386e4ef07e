/** To the byte: scripts that read OpenHA's output must not notice the difference. */

import {describe, expect, test} from 'vitest';
import {openhaColumns, openhaInfo, openhaLinks, openhaServices} from '../../src/status/openha.ts';
import {
  disk,
  healthy,
  multicast,
  node2,
  other,
  own,
  peerLink,
  service,
  takeoverWaiting,
} from './views.ts';

const p26 = service('p26.opensvc.com', {instances: [own('STARTED'), other('STOPPED')]});
const device = '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c';

describe('service -s', () => {
  test('is what OpenHA prints', () => {
    expect(openhaServices(healthy({services: [p26]}))).toBe(
      '1 service(s) defined:\n' +
        'Service: p26.opensvc.com\n' +
        '\tPrimary  : node1, STARTED\n' +
        '\tSecondary: node2, STOPPED\n',
    );
  });

  test.each([
    ['FROZEN_STOP', 'FROZEN_STOP'],
    ['START_READY', 'FROZEN_STOP'],
    ['STARTING', 'FROZEN_STOP'],
    ['STARTED', 'FROZEN_STOP'],
  ] as const)('shows %s and %s as the states are', (first, second) => {
    const instances = [own(first), other(second)];
    const text = openhaServices(healthy({services: [service('web', {instances})]}));
    expect(text).toContain(`\tPrimary  : node1, ${first}\n\tSecondary: node2, ${second}\n`);
  });

  test('of no services is one line', () => {
    expect(openhaServices(healthy({services: []}))).toBe('0 service(s) defined:\n');
  });

  test('of a single node has no secondary, of a third node two', () => {
    const single = service('one', {nodes: [node2]});
    const three = service('three', {nodes: [node2, node2, node2]});
    const text = openhaServices(healthy({services: [single, three]}));
    expect(text.match(/Secondary/g)).toHaveLength(2);
  });
});

test('service -s -c is what OpenHA prints', () => {
  expect(openhaColumns(healthy({services: [p26]}))).toBe(
    'service          prinode          pristate       secnode          secstate      \n' +
      'p26.opensvc.com  node1            STARTED        node2            STOPPED       \n',
  );
});

describe('service -i', () => {
  test('is what OpenHA prints on the primary', () => {
    expect(openhaInfo(healthy(), p26)).toBe(
      'we are Primary for service p26.opensvc.com\n' +
        'Service: p26.opensvc.com\t state: STARTED , STOPPED\n',
    );
  });

  test('is what OpenHA prints on the secondary', () => {
    expect(openhaInfo(healthy({node: node2}), p26)).toBe(
      'we are Secondary for service p26.opensvc.com\n' +
        'Service: p26.opensvc.com\t state: STARTED , STOPPED\n',
    );
  });
});

describe('hb -s', () => {
  const lines = [
    {node: 'node1', medium: 'hb#1', label: 'eth0:239.131.50.10:1234'},
    {node: 'node1', medium: 'hb#3', label: `${device}:0`},
    {node: 'node2', medium: 'hb#1', label: 'eth0:239.131.50.10:4321'},
    {node: 'node2', medium: 'hb#3', label: `${device}:2`},
  ];
  const date = (ms: number): string => `@${new Date(ms).toISOString().slice(11, 19)}`;

  test('is a line for each sender and receiver', () => {
    const view = healthy({
      at: '2026-02-19T20:59:58.000Z',
      mediaPids: {'hb#1': 25633, 'hb#3': 25636},
      media: [multicast(), disk({sentAgeMs: 640, peers: [peerLink({ageMs: 2_900})]})],
    });
    expect(openhaLinks(view, lines, date)).toBe(
      'interface eth0:239.131.50.10:1234 pid 25633 status UP, updated at @20:59:57\n' +
        `interface ${device}:0 pid 25636 status UP, updated at @20:59:57\n` +
        'interface eth0:239.131.50.10:4321 pid 25633 status UP, updated at @20:59:57\n' +
        `interface ${device}:2 pid 25636 status UP, updated at @20:59:55\n`,
    );
  });

  test('is DOWN for receivers of a silent node, and for a medium that is unknown', () => {
    const [first, , third] = lines;
    const unknown = {node: 'node1', medium: 'hb#9', label: 'eth9:1'};
    expect(openhaLinks(takeoverWaiting(), [first!, third!, unknown], date)).toBe(
      'interface eth0:239.131.50.10:1234 pid 4211 status UP, updated at @22:11:16\n' +
        'interface eth0:239.131.50.10:4321 status DOWN\n' +
        'interface eth9:1 status DOWN\n',
    );
  });
});
