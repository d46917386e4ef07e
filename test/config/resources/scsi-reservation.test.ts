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
