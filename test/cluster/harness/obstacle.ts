/** Why cluster tests can not run here, in words, or null where they can. */

import {accessSync, constants} from 'node:fs';
import {join} from 'node:path';
import {freezerFlavour} from './freezer.ts';

const programs = [
  'ip',
  'nft',
  'tini',
  'unshare',
  'nsenter',
  'losetup',
  'flock',
  'nbdkit',
  'nbdfuse',
  'fusermount3',
  'faketime',
  'ipmi_sim',
  'fence_ipmilan',
  'ipmitool',
  'tgtd',
  'sg_persist',
  'gcc',
  'e2fsck',
  'mkfs.ext4',
  'mkfs.xfs',
  'mkfs.btrfs',
];

function findProgram(name: string): boolean {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  return path.split(':').some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function clusterObstacle(): string | null {
  if (process.platform !== 'linux') return 'nodes are made of Linux namespaces';
  if (process.getuid?.() !== 0) return 'making namespaces needs root';
  const missing = programs.filter((name) => !findProgram(name));
  if (missing.length > 0) return `these programs are missing: ${missing.join(', ')}`;
  return freezerFlavour() === null ? 'there is no freezer for control groups' : null;
}
