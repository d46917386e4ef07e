/** The commands for each type of file system. */

import type {FsResource, FsType} from '../../config/resources/fs.ts';

/** `-p`: repairs what can be repaired without a question. Exit codes: e2fsck(8). */
export function checkCommand(fsType: FsType, device: string): readonly string[] | null {
  if (/^ext[234]$/.test(fsType)) return ['e2fsck', '-p', device];
  // All devices of a file system must be known to the kernel before it can be mounted.
  return fsType === 'btrfs' ? ['btrfs', 'device', 'scan'] : null;
}

/**
 * e2fsck: 0 clean, 1 repaired; 32 and 33 the same, but somebody cancelled it. A scan for btrfs also
 * fails for a device that is none of ours, so that only the mount itself can tell.
 */
export function checkPassed(fsType: FsType, code: number | null): boolean {
  return fsType === 'btrfs' || (code !== null && [0, 1, 32, 33].includes(code));
}

/** `loop`: the device is a file, and no loop device is over it yet. */
export function mountCommand(
  resource: FsResource,
  device: string,
  {loop}: {readonly loop: boolean},
): readonly string[] {
  const {fsType, mountPoint} = resource;
  const words = [...resource.options.filter((word) => word !== 'loop'), ...(loop ? ['loop'] : [])];
  const options = words.length === 0 ? [] : ['-o', words.join(',')];
  if (fsType === 'bind') return ['mount', '--bind', ...options, device, mountPoint];
  return ['mount', '-t', fsType, ...options, device, mountPoint];
}

export function unmountCommand(mountPoint: string): readonly string[] {
  return ['umount', mountPoint];
}

/** Only for a network share whose server does not answer: it gives up what was not written. */
export function forceCommand(mountPoint: string): readonly string[] {
  return ['umount', '-f', mountPoint];
}
