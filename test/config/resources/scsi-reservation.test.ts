import {describe, expect, test} from 'vitest';
import type {ScsiReservation} from '../../../src/config/resources/scsi-reservation.ts';
import {buildPlan} from '../../../src/failover/plan.ts';
import {ownerOf} from '../../../src/kernel/reservation-key.ts';
import {accept, parse, render, twoLinks} from '../support.ts';

const app = '[app#1]\nscript = /opt/web\nstart = yes\nstop = yes\ncheck = yes\n';
const service = (section: string, defaults = ''): string =>
  `[DEFAULT]\nnodes = node1 node2\n${defaults}${app}[disk#1]\ntype = scsireserv\n${section}`;
const texts = (section: string, defaults = '') => ({
  'cluster.conf': twoLinks,
  'web.conf': service(section, defaults),
});

function read(section: string, defaults = '', nodeName = 'node1'): ScsiReservation {
  const {resources} = accept(texts(section, defaults), {nodeName}).services[0]!;
  const found = resources.find((one) => one.type === 'disk.scsireserv');
  if (found === undefined) throw new Error('no reservation was read');
  return found;
}

const devs = 'devs = /dev/mapper/b /dev/mapper/a /dev/mapper/b\n';

describe('a reservation', () => {
  test('names its disks once, in the order that every node goes through them', () => {
    expect(read(devs).devices).toEqual(['/dev/mapper/a', '/dev/mapper/b']);
    const scoped = `${devs}devs@node2 = /dev/sdc\n`;
    expect(read(scoped, '', 'node2').devices).toEqual(['/dev/sdc']);
  });

  test('makes the service one of class data, and starts first', () => {
    const [web] = accept(texts(devs)).services;
    expect(web?.serviceClass).toBe('data');
    const plan = buildPlan(web!, {kind: 'start', epoch: 1, count: 1});
    expect(plan.ok && plan.value.steps.map(({rid}) => rid)).toEqual(['disk#1', 'app#1']);
  });

  test('knows the keys of all nodes, computed or written', () => {
    const computed = read(devs).scheme;
    expect(computed).toMatchObject({cluster: 'blue', nodes: ['node1', 'node2']});
    expect(computed.fixed.size).toBe(0);
    const written = read(`${devs}prkey@node1 = 0x00A1\n`, 'prkey@node2 = b2\n').scheme;
    expect([...written.fixed]).toEqual([
      ['node1', '0xa1'],
      ['node2', '0xb2'],
    ]);
    expect(ownerOf(written, '0xb2')).toEqual({node: 'node2', epoch: null});
  });

  test('aborts what the other node has under way unless that is forbidden', () => {
    expect(read(devs).preemptAbort).toBe(true);
    expect(read(devs, 'no_preempt_abort = yes\n').preemptAbort).toBe(false);
    expect(read(`${devs}no_preempt_abort = no\n`, 'no_preempt_abort = yes\n').preemptAbort).toBe(
      true,
    );
  });

  test.each([
    ['no disks', '', 'HA_CONF_MISSING_KEY'],
    ['a relative path', 'devs = sda\n', 'HA_CONF_RELATIVE_PATH'],
    ['a path that leads back', 'devs = /dev/../etc/x\n', 'HA_CONF_RELATIVE_PATH'],
    ['a key that is none', `${devs}prkey@node1 = xyz\n`, 'HA_CONF_BAD_VALUE'],
    ['a key of nothing', `${devs}prkey@node1 = 0x0\n`, 'HA_CONF_BAD_VALUE'],
    ['one key for all nodes', `${devs}prkey = 0xa1\n`, 'HA_CONF_PRKEY_TWICE'],
    [
      'too many disks',
      `devs = ${Array.from({length: 65}, (_, at) => `/dev/d${at}`).join(' ')}\n`,
      'HA_CONF_TOO_MANY',
    ],
  ])('with %s is refused', (_, section, code) => {
    const outcome = parse(texts(section));
    expect(outcome.config).toBeNull();
    expect(render(outcome.findings)).toContain(`error ${code}`);
  });
});

describe('a file system with scsireserv', () => {
  const fs = (lines: string, dev = '/dev/mapper/a'): string =>
    `[fs#1]\ntype = ext4\ndev = ${dev}\nmnt = /srv/data\n${lines}`;
  const services = (text: string) => ({'cluster.conf': twoLinks, 'web.conf': text});
  const head = '[DEFAULT]\nnodes = node1 node2\n';

  test.each([
    ['in its own section', `${head}${fs('scsireserv = yes\n')}`],
    ['in DEFAULT', `${head}scsireserv = true\n${fs('')}`],
  ])('%s is preceded by the reservation of its disk', (_, text) => {
    const [web] = accept(services(text)).services;
    const plan = buildPlan(web!, {kind: 'start', epoch: 1, count: 1});
    expect(plan.ok && plan.value.steps.map(({rid}) => rid)).toEqual(['fs#1pr', 'fs#1']);
    const stop = buildPlan(web!, {kind: 'stop', epoch: 1, count: 2});
    expect(stop.ok && stop.value.steps.map(({rid}) => rid)).toEqual(['fs#1', 'fs#1pr']);
    expect(web!.resources[0]).toMatchObject({devices: ['/dev/mapper/a'], preemptAbort: true});
  });

  test('and optional is not started without it', () => {
    const [web] = accept(services(`${head}${fs('scsireserv = yes\noptional = yes\n')}`)).services;
    expect(web!.resources.map(({optional}) => optional)).toEqual([false, true]);
  });

  test('takes keys of its own', () => {
    const text = `${head}${fs('scsireserv = yes\nprkey@node1 = 0xa1\nno_preempt_abort = 1\n')}`;
    const found = accept(services(text)).services[0]!.resources[0] as ScsiReservation;
    expect(found.scheme.fixed.get('node1')).toBe('0xa1');
    expect(found.preemptAbort).toBe(false);
  });

  test('but no disk is told, and refused where no section has one', () => {
    const written = parse(services(`${head}${app}${fs('scsireserv = yes\n', '/srv/a.img')}`));
    expect(render(written.findings)).toContain('scsireserv expected a disk in [fs#1]');
    const outcome = parse(services(`${head}scsireserv = yes\n${app}`));
    expect(outcome.config).toBeNull();
    expect(render(outcome.findings)).toContain('error HA_CONF_NOT_SUPPORTED');
  });
});
