/** What the table of mounts says about one resource. Pure: the facts come in. */

import type {FsResource} from '../../config/resources/fs.ts';
import type {Identity} from './device-identity.ts';
import {bindIdentity, mountAt, type Mount} from './mount-table.ts';

export type MountVerdict =
  /** Ours is what is seen at the mount point. */
  | {readonly kind: 'mounted'; readonly mount: Mount}
  | {readonly kind: 'absent'}
  /** Something else is mounted there, and ours nowhere. */
  | {readonly kind: 'in-use'; readonly by: Mount}
  /** Ours is mounted at another place; `by`: what is at the mount point, if anything. */
  | {readonly kind: 'elsewhere'; readonly at: string};

/** `identity`: of the device, null where it has none (nfs, tmpfs) or could not be looked at. */
export function judgeMount(
  resource: FsResource,
  mounts: readonly Mount[],
  identity: Identity | null,
): MountVerdict {
  const isOurs = matcher(resource, mounts, identity);
  const there = mountAt(mounts, resource.mountPoint);
  if (there !== null && isOurs(there)) return {kind: 'mounted', mount: there};
  const other = isExclusive(resource) ? mounts.find(isOurs) : undefined;
  if (other !== undefined) return {kind: 'elsewhere', at: other.mountPoint};
  return there === null ? {kind: 'absent'} : {kind: 'in-use', by: there};
}

/** A disk belongs to one place; a network share, memory or a bound folder may be seen in many. */
export function isExclusive({fsType}: FsResource): boolean {
  return !['nfs', 'nfs4', 'tmpfs', 'bind'].includes(fsType);
}

function matcher(
  resource: FsResource,
  mounts: readonly Mount[],
  identity: Identity | null,
): (mount: Mount) => boolean {
  const {fsType, device} = resource;
  if (fsType === 'bind') {
    const bound = bindIdentity(mounts, identity?.path ?? device);
    return (mount) => mount.root === bound?.root && mount.numbers === bound.numbers;
  }
  if (fsType === 'tmpfs') return (mount) => mount.fsType === 'tmpfs' && mount.source === device;
  if (fsType === 'nfs' || fsType === 'nfs4') {
    const wanted = withoutSlash(device);
    return (mount) => /^nfs4?$/.test(mount.fsType) && withoutSlash(mount.source) === wanted;
  }
  const numbers = identity?.numbers ?? [];
  const names = [device, identity?.path ?? device, ...(identity?.loops ?? []).map(loopPath)];
  // btrfs has numbers of its own, and is told by the device that it was mounted with.
  return (mount) => numbers.includes(mount.numbers) || names.includes(mount.source);
}

function loopPath(name: string): string {
  return `/dev/${name}`;
}

function withoutSlash(source: string): string {
  return source.endsWith(':/') ? source : source.replace(/\/+$/, '');
}
