/** What a driver says it would call, against the programs that `ha check` looks for. */

import {describe, expect, it} from 'vitest';
import {needsOf} from '../../src/config/resources/table.ts';
import {createRegistry} from '../../src/drivers/registry.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {accept, filesOf, twoLinks} from '../config/support.ts';

const {driverFor} = createRegistry({node: nodeName('node1')});

function described(sections: string): Readonly<Record<string, readonly string[]>> {
  const text = `[DEFAULT]\nnodes = node1 node2\nclass = none\n${sections}`;
  const [service] = accept({'cluster.conf': twoLinks, 'web.conf': text}).services;
  const [resource] = service?.resources ?? [];
  if (resource === undefined) throw new Error('no resource');
  const driver = driverFor(resource);
  return {
    label: [driver.label(resource)],
    start: driver.describe(resource, 'start'),
    stop: driver.describe(resource, 'stop'),
    programs: needsOf(resource, filesOf({})).programs,
  };
}

const fs = (type: string, dev: string, more = ''): string =>
  `[fs#1]\ntype = ${type}\ndev = ${dev}\nmnt = /srv/a\n${more}`;
const rows = {
  'an address': '[ip#0]\nipname = 192.0.2.9\nipdev = eth0:1\nnetmask = 255.255.255.0\n',
  'a name': '[ip#0]\nipname = p26.example\nipdev = eth0\n',
  'an address of IPv6': '[ip#0]\nipname = 2001:DB8::9\nipdev = eth0\nnetmask = 64\n',
  'ext4': fs('ext4', '/dev/vg1/lv1', 'mnt_opt = noatime,acl\n'),
  'xfs': fs('xfs', '/dev/vg1/lv1'),
  'btrfs': fs('btrfs', '/dev/vg1/lv1'),
  'nfs': fs('nfs4', 'filer:/vol'),
  'tmpfs': fs('tmpfs', 'scratch', 'mnt_opt = size=1m\n'),
  'an old bind mount': fs('none', '/srv/b', 'mnt_opt = bind,ro\n'),
  'a loop device': '[disk#1]\ntype = loop\nfile = /srv/data.img\n',
  'a volume group': '[vg#1]\nvgname = vgsvc1\n',
  'an old loop device': '[loop#1]\nfile = /srv/data.img\n',
};

describe('a resource', () => {
  it('says what it would call', () => {
    const text = Object.entries(rows).flatMap(([title, conf]) => [
      `${title}:`,
      ...Object.entries(described(conf)).flatMap(([part, lines]) =>
        part === 'programs' ? [] : lines.map((line) => `  ${part} ${line}`),
      ),
    ]);
    expect(text.join('\n')).toMatchInlineSnapshot(`
      "an address:
        label 192.0.2.9@eth0:1
        start ip -j addr show
        start ping -n -q -c 1 -w 1 192.0.2.9
        start # ARP on eth0: who has 192.0.2.9? 3 times
        start ip addr add 192.0.2.9/24 brd + dev eth0 label eth0:1
        start # gratuitous ARP on eth0, 5 times
        stop ip -j addr show
        stop ip addr del 192.0.2.9/24 dev eth0
      a name:
        label p26.example@eth0
        start ip -j addr show
        start ping -n -q -c 1 -w 1 p26.example
        start # ARP on eth0: who has p26.example? 3 times
        start ip addr add p26.example/PREFIX brd + dev eth0
        start # gratuitous ARP on eth0, 5 times
        stop ip -j addr show
        stop ip addr del p26.example/PREFIX dev eth0
      an address of IPv6:
        label 2001:DB8::9@eth0
        start ip -j addr show
        start ping -6 -n -q -c 1 -w 1 2001:db8::9
        start ip addr add 2001:db8::9/64 dev eth0
        start # unsolicited neighbour advertisements on eth0, 5 times
        stop ip -j addr show
        stop ip addr del 2001:db8::9/64 dev eth0
      ext4:
        label /dev/vg1/lv1@/srv/a
        start e2fsck -p /dev/vg1/lv1
        start mount -t ext4 -o noatime,acl /dev/vg1/lv1 /srv/a
        stop umount /srv/a
      xfs:
        label /dev/vg1/lv1@/srv/a
        start mount -t xfs /dev/vg1/lv1 /srv/a
        stop umount /srv/a
      btrfs:
        label /dev/vg1/lv1@/srv/a
        start btrfs device scan
        start mount -t btrfs /dev/vg1/lv1 /srv/a
        stop umount /srv/a
      nfs:
        label filer:/vol@/srv/a
        start mount -t nfs4 filer:/vol /srv/a
        stop umount /srv/a
      tmpfs:
        label scratch@/srv/a
        start mount -t tmpfs -o size=1m scratch /srv/a
        stop umount /srv/a
      an old bind mount:
        label /srv/b@/srv/a
        start mount --bind -o ro /srv/b /srv/a
        stop umount /srv/a
      a loop device:
        label /srv/data.img
        start losetup --find --show /srv/data.img
        stop losetup -d /dev/loopN # the one over /srv/data.img
      a volume group:
        label vgsvc1
        start vgs --reportformat json -o vg_name,vg_tags,lv_count vgsvc1
        start # vgchange --deltag @NODE vgsvc1: for each other node of the service that has its tag there
        start vgchange --addtag @node1 vgsvc1
        start vgchange -a y vgsvc1
        stop vgchange -a n vgsvc1
        stop vgchange --deltag @node1 vgsvc1
      an old loop device:
        label /srv/data.img
        start losetup --find --show /srv/data.img
        stop losetup -d /dev/loopN # the one over /srv/data.img"
    `);
  });

  it.each(Object.entries(rows))('calls nothing that was not looked for: %s', (_, conf) => {
    const {start = [], stop = [], programs} = described(conf);
    const called = [...start, ...stop]
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split(' ')[0]!);
    expect(called.filter((program) => !programs?.includes(program))).toEqual([]);
  });
});
