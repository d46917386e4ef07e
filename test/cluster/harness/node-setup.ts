/**
 * The script that makes a node out of a fresh set of namespaces: own host name, boot id, /run,
 * /tmp, /dev, /etc/ha and /var/lib/ha. Configuration and state live in the directory of the run and
 * survive a power cut; all the rest is memory and does not.
 */

export interface NodeFiles {
  readonly name: string;
  /** Directory of this node inside the run's. */
  readonly directory: string;
  /** Must stay visible although /tmp is covered: the project, and the program that runs it. */
  readonly keep: readonly string[];
  /** Loop device of the shared disk and where the node sees it, or null. */
  readonly disk: {readonly device: string; readonly path: string} | null;
}

/** Parts of the host's /etc that programs need to start. */
const etcParts = [
  'alternatives',
  'group',
  'hosts',
  'ld.so.cache',
  'localtime',
  'nsswitch.conf',
  'passwd',
  'protocols',
  'services',
];

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Lines for `sh`; the last one replaces the shell by the node's process 1. */
export function setupScript({name, directory, keep, disk}: NodeFiles): string {
  const covered = keep.filter((path) => path.startsWith('/tmp/'));
  return [
    'set -e',
    `hostname ${quote(name)}`,
    `mount --bind ${quote(`${directory}/boot_id`)} /proc/sys/kernel/random/boot_id`,
    'mount -t tmpfs -o mode=755 none /run',
    'mkdir -p /run/new/dev /run/new/etc /run/new/tmp',
    ...devices(disk),
    'mount -t tmpfs -o mode=755 none /run/new/etc',
    ...etcParts.map((part) => `cp -a /etc/${part} /run/new/etc/ 2>&- || true`),
    'mkdir /run/new/etc/ha',
    `mount --bind ${quote(`${directory}/conf`)} /run/new/etc/ha`,
    'mount -t tmpfs -o mode=1777 none /run/new/tmp',
    ...covered.flatMap((path) => [
      `mkdir -p ${quote(`/run/new${path}`)}`,
      `mount --bind ${quote(path)} ${quote(`/run/new${path}`)}`,
    ]),
    ...['dev', 'etc', 'tmp'].map((part) => `mount --move /run/new/${part} /${part}`),
    'mount -t tmpfs -o mode=755 none /var/lib',
    'mkdir /var/lib/ha',
    `mount --bind ${quote(`${directory}/state`)} /var/lib/ha`,
    'echo up',
    'exec tini -- sleep infinity',
  ].join('\n');
}

function devices(disk: NodeFiles['disk']): readonly string[] {
  const plain = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];
  const lines = [
    'mount -t tmpfs -o mode=755 none /run/new/dev',
    'cd /run/new/dev',
    'mkdir pts shm mapper',
    'mount --bind /dev/pts pts',
    'ln -s pts/ptmx ptmx',
    'ln -s /proc/self/fd fd',
    ...plain.map((one) => `touch ${one} && mount --bind /dev/${one} ${one}`),
  ];
  if (disk !== null) {
    const place = quote(`.${disk.path.replace(/^\/dev/, '')}`);
    const numbers = `$(stat -c '0x%t 0x%T' ${quote(disk.device)})`;
    lines.push(`mknod ${place} b ${numbers}`);
  }
  return [...lines, 'cd /'];
}
