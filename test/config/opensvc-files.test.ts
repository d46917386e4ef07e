/**
 * Service files of OpenSVC's own guides: a failover pair of 1.9 with comments behind its values, a
 * replicated service with values per node, and a clone resource with every generic key written out.
 * What this version can not run is refused by name; everything else is understood.
 */

import {describe, expect, it} from 'vitest';
import {evaluateService} from '../../src/config/service-values.ts';
import {filesOf, parse, render, twoLinks} from './support.ts';

const own = (file: string, text: string): string =>
  render(
    parse({'cluster.conf': twoLinks, [file]: text}).findings.filter((one) => one.file === file),
  );

const pair = `[DEFAULT]                                # Global section for service description
app = MyApp                                     # service application friendly name
service_type = TST                              # production, test, dev, ...
autostart_node = node1                          # default running node
nodes = node1 node2                             # cluster nodes where the service is able to run on

[ip#0]                                          # Ressource Section for ip address
ipname = p26.opensvc.com                        # the ip address on which the service will be bound
disable = False                                 # the ip address will be enabled at service startup
optional = False                                # mandatory ressource
ipdev = eth0                                    # the physical network device

[vg#0]                                          # Ressource Section for volume group
vgname=vgsvc1                                   # volume group name

[fs#0]                                          # Ressource Section for filesystem
type = ext3                                     # filesystem type
disable = False                                 # filesystem is enabled at service startup
mnt = /svc1/app                                 # filesystem mountpoint
optional = False                                # mandatory ressource
dev = /dev/mapper/vgsvc1-lvappsvc1              # block device where the filesystem is hosted

[fs#1]
type = ext3
disable = False
mnt = /svc1/data
optional = False
dev = /dev/mapper/vgsvc1-lvdatasvc1

[hb#0]
type = OpenHA
`;

const replicated = `[DEFAULT]
nodes = node1 node2

[sync#1]
type = hp3par
mode = async
array@node1 = hp3par1.opensvc.com
array@node2 = hp3par2.opensvc.com
rcg@node1 = MYRCG
rcg@node2 = MYRCG.r12345
sync_max_delay = 5
`;

const actions = 'unprovision provision start stop sync_nodes sync_drp sync_resync sync_update';
const clone = [
  '[DEFAULT]',
  'nodes = node1 node2',
  '[app#0]',
  'start = /bin/true',
  'check = /bin/true',
  ...actions
    .split(' ')
    .flatMap((action) => [
      `pre_${action} = /opt/hook`,
      `post_${action} = /opt/hook`,
      `blocking_pre_${action} = /opt/hook`,
      `blocking_post_${action} = /opt/hook`,
    ]),
  ...`${actions} sync_break`.split(' ').map((action) => `${action}_depends =`),
  'restart = 0',
  'tags = foo',
  'subset = foo',
  'monitor = False',
  'disable = False',
  'optional = False',
  'schedule = ["00:00-01:00@61 mon", "02:00-03:00@61 tue-sun"]',
  'sync_max_delay = 1440',
  '',
].join('\n');

describe('the failover pair of the getting started guide', () => {
  it('is understood, comments and all', () => {
    expect(own('p26.opensvc.com.env', pair)).toMatchInlineSnapshot(`
      "p26.opensvc.com.env:1: warning HA_CONF_PROOF_MISSING
        class data of p26.opensvc.com expected proof P3, found P1
        -> Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower
           the class.
      p26.opensvc.com.env:4: note HA_CONF_NOT_USED
        autostart_node is not used by this version
        -> Nothing has to be done; it changes nothing here.
      p26.opensvc.com.env:30: note HA_CONF_NOT_USED
        [hb#0] is not used by this version
        -> Nothing has to be done; it changes nothing here."
    `);
  });

  it('is read on each node as it is meant', () => {
    const files = filesOf({'cluster.conf': twoLinks, 'p26.opensvc.com.env': pair});
    const sections = evaluateService(files, 'p26.opensvc.com', 'node2');
    const values = Object.fromEntries(
      sections.flatMap(({name, keys}) => keys.map(({key, value}) => [`${name}.${key}`, value])),
    );
    expect(values).toMatchObject({
      'DEFAULT.env': 'TST',
      'DEFAULT.nodes': 'node1 node2',
      'ip#0.ipname': 'p26.opensvc.com',
      'ip#0.disable': 'False',
      'vg#0.name': 'vgsvc1',
      'fs#0.type': 'ext3',
      'fs#0.dev': '/dev/mapper/vgsvc1-lvappsvc1',
    });
  });
});

describe('the replicated service', () => {
  it('has another group on each node', () => {
    const files = filesOf({'cluster.conf': twoLinks, 'svc1.env': replicated});
    const of = (node: string): object =>
      Object.fromEntries(
        evaluateService(files, 'svc1', node)[1]!.keys.map(({key, value}) => [key, value]),
      );
    expect(of('node1')).toMatchObject({array: 'hp3par1.opensvc.com', rcg: 'MYRCG'});
    expect(of('node2')).toMatchObject({array: 'hp3par2.opensvc.com', rcg: 'MYRCG.r12345'});
  });

  it('is refused as long as nothing here drives the replication', () => {
    expect(own('svc1.env', replicated)).toMatchInlineSnapshot(`
      "svc1.env:1: warning HA_CONF_PROOF_MISSING
        class data of svc1 expected proof P3, found P1
        -> Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower
           the class.
      svc1.env:4: error HA_CONF_RESOURCE_UNSUPPORTED
        expected [ip#N] [disk#N] [loop#N] [vg#N] [fs#N] [app#N] [ocf#N] [systemd#N] [rc#N]
        [task#N], found [sync#1]
        -> Let a script of an [app#N] section do it, or remove the section."
    `);
  });
});

describe('a resource with every generic key', () => {
  it('has no key that is not known', () => {
    const {findings} = parse({'cluster.conf': twoLinks, 'svc.conf': clone});
    const said = findings
      .filter(({file, code}) => file === 'svc.conf' && code !== 'HA_CONF_PROOF_MISSING')
      .map(({line, code}) => `${clone.split('\n')[line - 1]!.split(' ')[0]!} ${code}`);
    expect(said.filter((text) => text.endsWith('HA_CONF_NOT_SUPPORTED'))).toHaveLength(0);
    expect(said.filter((text) => text.endsWith('HA_CONF_NOT_USED'))).toHaveLength(26);
    expect(said).toHaveLength(26);
  });
});
