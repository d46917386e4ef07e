/** Sections of addresses, disks and file systems: what is taken, what is said of the rest. */

import {describe, expect, it} from 'vitest';
import {accept, parse, twoLinks} from '../support.ts';

const text = (sections: string): string =>
  `[DEFAULT]\nnodes = node1 node2\nclass = none\n${sections}`;

function resources(sections: string, nodeName = 'node1'): readonly unknown[] {
  const texts = {'cluster.conf': twoLinks, 'web.conf': text(sections)};
  return accept(texts, {nodeName}).services[0]!.resources;
}

/** Messages about the file, without place and hint. */
function said(sections: string): readonly string[] {
  const {findings} = parse({'cluster.conf': twoLinks, 'web.conf': text(sections)});
  return findings.filter(({file}) => file === 'web.conf').map(({message}) => message);
}

const ip = (lines: string): string => `[ip#0]\n${lines}`;
const fs = (lines: string): string => `[fs#0]\n${lines}`;

describe('[ip#N]', () => {
  it('is read as each node evaluates it', () => {
    const conf = ip(
      'ipname = 192.0.2.9\nipdev = eth0\nipdev@node2 = bond0:1\nnetmask = 255.255.255.0\n',
    );
    expect(resources(conf)).toMatchObject([
      {rid: 'ip#0', device: 'eth0', label: null, prefix: 24, checkCarrier: true},
    ]);
    expect(resources(conf, 'node2')).toMatchObject([{device: 'bond0', label: 'bond0:1'}]);
    expect(resources(ip('ipname = p26.example\nipdev = eth0\n'))).toMatchObject([
      {name: 'p26.example', address: null, prefix: null},
    ]);
  });

  it.each([
    [
      'ipname = 10.0.0.300\nipdev = eth0',
      'ipname expected an address or a host name, found "10.0.0.300"',
    ],
    ['', '[ip#0] expected the key ipname, found none'],
    ['ipname = 192.0.2.9\n', '[ip#0] expected the key ipdev, found none'],
    ['ipname = -x-\nipdev = eth0\n', 'ipname expected an address or a host name, found "-x-"'],
    ['ipname = a\nipdev = et/h\n', 'ipdev expected the name of an interface, found "et/h"'],
    [
      'ipname = a\nipdev = averyveryverylongname\n',
      'ipdev expected the name of an interface, found "averyveryverylongname"',
    ],
    [
      'ipname = 192.0.2.9\nipdev = eth0\nnetmask = 255.0.255.0\n',
      'netmask expected a mask such as 255.255.255.0, or its length, found "255.0.255.0"',
    ],
    [
      'ipname = ::9\nipdev = eth0\nnetmask = 255.255.255.0\n',
      'netmask expected the length of an IPv6 prefix, 1 to 128, found "255.255.255.0"',
    ],
  ])('says of %j: %s', (lines, expected) => {
    expect(said(ip(lines))).toContain(expected);
  });
});

describe('[fs#N]', () => {
  it('starts the parents before what is mounted below them, whatever the file says', () => {
    const one = (number: number, mnt: string): string =>
      `[fs#${number}]\ntype = xfs\ndev = /dev/vg/${number}\nmnt = ${mnt}\n`;
    const conf = one(1, '/srv/a/b/') + one(2, '/srv/a') + one(3, '/opt');
    expect(resources(conf)).toMatchObject([
      {rid: 'fs#3', mountPoint: '/opt'},
      {rid: 'fs#2', mountPoint: '/srv/a'},
      {rid: 'fs#1', mountPoint: '/srv/a/b'},
    ]);
  });

  it('takes the old form of a bind mount', () => {
    const conf = fs('type = none\ndev = /a\nmnt = /b\nmnt_opt = ro,bind\n');
    expect(resources(conf)).toMatchObject([{fsType: 'bind', options: ['ro']}]);
  });

  it.each([
    ['', '[fs#0] expected the key type, found none'],
    ['type = ext4\nmnt = /a\n', '[fs#0] expected the key dev, found none'],
    ['type = none\ndev = /a\nmnt = /b\n', 'type expected mnt_opt = bind beside it, found ""'],
    ['type = ext4\ndev = sdb\nmnt = /b\n', 'dev expected an absolute path, found "sdb"'],
    ['type = nfs\ndev = /a\nmnt = /b\n', 'dev expected HOST:/PATH, found "/a"'],
    ['type = ext4\ndev = /dev/x\nmnt = /\n', 'mnt expected an absolute path, found "/"'],
    [
      'type = ext4\ndev = /dev/x\nmnt = /a/../b\n',
      'mnt expected an absolute path, found "/a/../b"',
    ],
  ])('says of %j: %s', (lines, expected) => {
    expect(said(fs(lines))).toContain(expected);
  });
});

describe('[disk#N]', () => {
  it.each(['[disk#1]\ntype = loop\n', '[loop#1]\n', '[loop#1]\ntype = loop\n'])(
    'is a loop device as %j',
    (head) => {
      expect(resources(`${head}file = /srv/i.img\n`)).toMatchObject([
        {type: 'disk.loop', file: '/srv/i.img'},
      ]);
    },
  );

  it.each(['[disk#1]\nname', '[disk#1]\ntype = lvm\nname', '[vg#1]\nvgname', '[vg#1]\nname'])(
    'is a volume group as %j',
    (head) => {
      expect(resources(`${head} = vg-svc.1\n`)).toMatchObject([
        {type: 'disk.vg', name: 'vg-svc.1'},
      ]);
      expect(said(`${head} = -vg\n`)).toContain(
        'name expected the name of a volume group, found "-vg"',
      );
    },
  );

  it('is refused with a type that there is no driver for', () => {
    expect(said('[disk#1]\ntype = vxvol\n')).toContain(
      '[disk#1] expected type to be one of scsireserv loop vg lvm, found "vxvol"',
    );
    expect(said('[vg#1]\n')).toContain('[vg#1] expected the key name, found none');
    expect(said('[loop#1]\n')).toContain('[loop#1] expected the key file, found none');
  });
});

describe('a service', () => {
  it('with a disk or a file system is of class data, with an address alone it is not', () => {
    const classOf = (sections: string): string | undefined => {
      const conf = `[DEFAULT]\nnodes = node1 node2\n${sections}`;
      return accept({'cluster.conf': twoLinks, 'web.conf': conf}).services[0]?.serviceClass;
    };
    expect(classOf('[loop#1]\nfile = /i\n')).toBe('data');
    expect(classOf(fs('type = tmpfs\ndev = x\nmnt = /x\n'))).toBe('data');
    expect(classOf(ip('ipname = 192.0.2.9\nipdev = eth0\n'))).toBe('exclusive');
  });

  it('has another digest where what its nodes must agree on differs, and only there', () => {
    const digestOf = (sections: string): string =>
      accept({'cluster.conf': twoLinks, 'web.conf': text(sections)}).services[0]!.digest;
    const base = ip('ipname = 192.0.2.9\nipdev = eth0\n');
    expect(digestOf(base.replace('eth0', 'eth1'))).toBe(digestOf(base));
    expect(digestOf(base.replace('.9', '.10'))).not.toBe(digestOf(base));
    const disk = fs('type = xfs\ndev = /dev/a\nmnt = /a\n');
    expect(digestOf(disk.replace('/dev/a', '/dev/b'))).not.toBe(digestOf(disk));
    expect(digestOf(`${disk}stat_timeout = 9s\n`)).toBe(digestOf(disk));
  });
});
