import {describe, expect, it} from 'vitest';
import type {FsResource} from '../../../src/config/resources/fs.ts';
import {baseDefaults} from '../../../src/config/resources/base.ts';
import type {Identity} from '../../../src/drivers/fs/device-identity.ts';
import {numbersOf} from '../../../src/drivers/fs/device-identity.ts';
import {judgeMount} from '../../../src/drivers/fs/judge-mount.ts';
import {
  bindIdentity,
  mountAround,
  mountAt,
  mountsBelow,
  parseMountInfo,
} from '../../../src/drivers/fs/mount-table.ts';
import {resourceId} from '../../../src/kernel/ids.ts';

/** As Linux 6 prints it; the ninth line has an optional field less, the tenth one more. */
const text = String.raw`22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/root rw,discard
31 27 7:0 / /srv/data rw,relatime shared:9 - ext4 /dev/loop0 rw
32 31 7:1 / /srv/data/in\040ner rw,relatime - xfs /dev/mapper/vg1-lv--a rw,attr2
33 27 0:44 / /srv/nfs rw,relatime - nfs4 filer:/vol/a rw,vers=4.2
34 27 0:45 / /srv/ram rw,relatime - tmpfs ram rw,size=1024k
35 27 254:0 /opt/src /srv/bound rw,relatime - ext4 /dev/root rw,discard
36 27 0:46 /sub /srv/bt rw,relatime - btrfs /dev/loop3 rw,subvol=/sub
37 27 7:5 / /srv/hidden rw - ext4 /dev/loop5 rw
38 27 7:6 / /srv/hidden ro,relatime shared:1 master:2 - ext4 /dev/loop6 rw
39 27 7:7 / /srv/error rw,relatime - ext4 /dev/loop7 ro
broken line
40 27
`;
const mounts = parseMountInfo(text);

describe('the table of mounts', () => {
  it('is read with its escapes, optional fields and both kinds of flags', () => {
    expect(mounts).toHaveLength(11);
    expect(mountAt(mounts, '/srv/data/in ner')).toEqual({
      numbers: '7:1',
      root: '/',
      mountPoint: '/srv/data/in ner',
      fsType: 'xfs',
      source: '/dev/mapper/vg1-lv--a',
      isReadOnly: false,
    });
    expect(mountAt(mounts, '/srv/error')?.isReadOnly).toBe(true);
  });

  it('shows at a mount point what was mounted last', () => {
    expect(mountAt(mounts, '/srv/hidden')?.source).toBe('/dev/loop6');
    expect(mountAt(mounts, '/srv/hidden')?.isReadOnly).toBe(true);
    expect(mountAt(mounts, '/srv')).toBeNull();
  });

  it.each([
    ['/srv/data/x', '/srv/data'],
    ['/srv/data/in ner/x', '/srv/data/in ner'],
    ['/srv/database', '/'],
    ['/srv/data', '/srv/data'],
    ['/', '/'],
  ])('has %s below %s', (path, expected) => {
    expect(mountAround(mounts, path)?.mountPoint).toBe(expected);
  });

  it('names what lies below a mount, the deepest first', () => {
    const nested = parseMountInfo(
      ['/a', '/a/b', '/a/b/c', '/ab']
        .map((point) => `1 2 7:0 / ${point} rw - ext4 x rw`)
        .join('\n'),
    );
    expect(mountsBelow(nested, '/a')).toEqual(['/a/b/c', '/a/b']);
  });

  it.each([
    ['/opt/src', '/opt/src', '254:0'],
    ['/srv/data/x/y', '/x/y', '7:0'],
    ['/srv/data', '/', '7:0'],
    ['/srv/bound/z', '/opt/src/z', '254:0'],
  ])('tells what a bind mount of %s would be', (path, root, numbers) => {
    expect(bindIdentity(mounts, path)).toEqual({root, numbers});
  });
});

describe('a device number', () => {
  it.each([
    [0x700, '7:0'],
    [0xfe01, '254:1'],
    [0x10_3a01, '58:257'],
  ])('%i is %s', (rdev, expected) => {
    expect(numbersOf(rdev)).toBe(expected);
  });
});

describe('what is mounted', () => {
  const fs = (changes: Partial<FsResource>): FsResource => ({
    ...baseDefaults,
    type: 'fs',
    rid: resourceId('fs#1'),
    fsType: 'ext4',
    device: '/dev/loop0',
    mountPoint: '/srv/data',
    options: [],
    statMs: 1_000,
    startMs: 1_000,
    stopMs: 1_000,
    probeMs: 1_000,
    place: {file: 'web.conf', line: 1},
    ...changes,
  });
  const block = (path: string, numbers: string): Identity => ({
    kind: 'block',
    path,
    numbers: [numbers],
    loops: [],
  });
  const file: Identity = {kind: 'file', path: '/i.img', numbers: ['7:0'], loops: ['loop0']};

  it.each([
    ['its device', {}, block('/dev/loop0', '7:0'), 'mounted'],
    ['its device by another name', {device: '/dev/by-id/x'}, block('/dev/x', '7:0'), 'mounted'],
    ['an image file, through its loop device', {device: '/i.img'}, file, 'mounted'],
    ['a device that is gone', {}, null, 'mounted'],
    ['another device', {device: '/dev/sdz'}, block('/dev/sdz', '8:0'), 'in-use'],
    ['nothing', {device: '/dev/sdz', mountPoint: '/x'}, block('/dev/sdz', '8:0'), 'absent'],
    ['the device at another place', {mountPoint: '/x'}, block('/dev/loop0', '7:0'), 'elsewhere'],
    ['it, hidden by another', {mountPoint: '/srv/hidden'}, block('/dev/loop5', '7:5'), 'elsewhere'],
    [
      'a btrfs, whose numbers are its own',
      {fsType: 'btrfs', device: '/dev/loop3', mountPoint: '/srv/bt'},
      block('/dev/loop3', '7:3'),
      'mounted',
    ],
    [
      'a network share',
      {fsType: 'nfs', device: 'filer:/vol/a/', mountPoint: '/srv/nfs'},
      null,
      'mounted',
    ],
    [
      'a network share at another place too',
      {fsType: 'nfs', device: 'filer:/vol/a', mountPoint: '/x'},
      null,
      'absent',
    ],
    ['memory', {fsType: 'tmpfs', device: 'ram', mountPoint: '/srv/ram'}, null, 'mounted'],
    ['other memory', {fsType: 'tmpfs', device: 'rom', mountPoint: '/srv/ram'}, null, 'in-use'],
    [
      'a bound folder',
      {fsType: 'bind', device: '/opt/src', mountPoint: '/srv/bound'},
      {kind: 'folder', path: '/opt/src', numbers: [], loops: []},
      'mounted',
    ],
    [
      'another bound folder',
      {fsType: 'bind', device: '/opt/dst', mountPoint: '/srv/bound'},
      {kind: 'folder', path: '/opt/dst', numbers: [], loops: []},
      'in-use',
    ],
  ] as const)('is seen where it is %s', (_, changes, identity, expected) => {
    expect(judgeMount(fs(changes), mounts, identity).kind).toBe(expected);
  });
});
