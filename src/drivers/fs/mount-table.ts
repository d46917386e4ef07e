/**
 * The table of mounts of this process (proc(5), /proc/PID/mountinfo) and what it says about a mount
 * point. Nothing here touches a file system, so nothing here can hang on one.
 */

export interface Mount {
  /** `MAJOR:MINOR` of the file system; btrfs, nfs and tmpfs have numbers without a device. */
  readonly numbers: string;
  /** Which folder of the file system is seen there: `/` but for a bind mount. */
  readonly root: string;
  readonly mountPoint: string;
  readonly fsType: string;
  /** What was given to mount: a device, HOST:/PATH, any word. */
  readonly source: string;
  /** `rw` or `ro` of this mount, and of the file system below it. */
  readonly isReadOnly: boolean;
}

/** In the order of the mounts; what lies over another comes after it. */
export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => mountOf(line) ?? []);
}

function mountOf(line: string): Mount | null {
  const [left, right] = splitOnce(line, ' - ');
  const [, , numbers, root, mountPoint, flags] = left.split(' ');
  const [fsType, source, superFlags] = (right ?? '').split(' ');
  if (numbers === undefined || root === undefined || mountPoint === undefined) return null;
  if (fsType === undefined || source === undefined) return null;
  const words = [...(flags ?? '').split(','), ...(superFlags ?? '').split(',')];
  return {
    numbers,
    root: unescaped(root),
    mountPoint: unescaped(mountPoint),
    fsType,
    source: unescaped(source),
    isReadOnly: words.includes('ro'),
  };
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Blanks, tabs, line ends and backslashes stand as `\040` and so on, all else as it is. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** What is seen at a path: the last of the mounts there, or null. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | null {
  return mounts.findLast((mount) => mount.mountPoint === path) ?? null;
}

/** The mount that a path lies in: the one with the longest mount point above it. */
export function mountAround(mounts: readonly Mount[], path: string): Mount | null {
  let around: Mount | null = null;
  for (const mount of mounts) {
    if (!isWithin(path, mount.mountPoint)) continue;
    if (around === null || mount.mountPoint.length >= around.mountPoint.length) around = mount;
  }
  return around;
}

/** Mount points below a path, the deepest first: the order in which they can be unmounted. */
export function mountsBelow(mounts: readonly Mount[], path: string): readonly string[] {
  return mounts
    .map((mount) => mount.mountPoint)
    .filter((point) => point !== path && isWithin(point, path))
    .toReversed();
}

export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** Root and numbers that a bind mount of `path` has. */
export function bindIdentity(
  mounts: readonly Mount[],
  path: string,
): Pick<Mount, 'root' | 'numbers'> | null {
  const around = mountAround(mounts, path);
  if (around === null) return null;
  const below = path.slice(around.mountPoint === '/' ? 0 : around.mountPoint.length);
  const root = around.root === '/' ? below || '/' : `${around.root}${below}`;
  return {root, numbers: around.numbers};
}
