// The Debian packages that the tests use, in one place, and their installation. Nothing
// that a package brings may start by itself: policy-rc.d forbids it meanwhile and is put back
// afterwards.

import {spawnSync} from 'node:child_process';
import {chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {say} from './process.mjs';

/** Package -> what the tests use of it. */
const wanted = {
  'iproute2': 'ip: namespaces, bridges, links',
  'nftables': 'nft: loss, one-way cuts, duplication',
  'tini': 'process 1 of a node',
  'nbdkit': 'a disk that hangs or fails',
  'libnbd-bin': 'nbdfuse: that disk as a file',
  'fuse3': 'fusermount3: mounts it',
  'mount': 'losetup, mount',
  'e2fsprogs': 'mkfs.ext4, e2fsck',
  'xfsprogs': 'mkfs.xfs',
  'btrfs-progs': 'mkfs.btrfs, btrfs',
  'faketime': 'a wall clock that steps',
  'spin': 'searches model/takeover.pml',
  'etcd-server': 'the arbiter',
  'gcc': 'compiles the search that spin writes',
  'libc6-dev': 'the headers for that',
  'resource-agents': 'agents of the Open Cluster Framework: Dummy, IPaddr2, Filesystem',
  'systemd-container': 'systemd-nspawn: a machine with a real systemd',
  'procps': 'pgrep: its process 1',
  'openipmi': 'ipmi_sim: the management controller of a node',
  'ipmitool': 'what fence_ipmilan calls',
  'fence-agents': 'fence_ipmilan',
  'tgt': 'tgtd: a disk with persistent reservations',
  'libiscsi-dev': 'the adapter through which a node reaches it',
  'sg3-utils': 'sg_persist',
};

/** For `npm run test:vm` beside the others. The kernel is fetched and unpacked, not installed. */
export const machinePackages = {
  'qemu-system-x86': 'the virtual machines',
  'busybox-static': 'their first shell',
  'cpio': 'packs their first file system',
  'kmod': 'depmod and modprobe for their kernel',
  'open-iscsi': 'how they reach a disk of two nodes',
};

const policy = '/usr/sbin/policy-rc.d';
const saved = `${policy}.saved-by-understudy`;
const marker = '# written by the test set-up of understudy';
/** Installing takes seconds; a stuck mirror must not stop a run for ever. */
const aptMs = 10 * 60_000;

function missing(packages) {
  const names = Object.keys(packages);
  const query = ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names];
  const answer = spawnSync('dpkg-query', query, {encoding: 'utf8'});
  const there = new Set((answer.stdout ?? '').split('\n'));
  return names.filter((name) => !there.has(`${name} installed`));
}

/** Why the packages can not be installed here, or '' where they can be. */
function hindrance() {
  if (!existsSync('/etc/debian_version') || !existsSync('/usr/bin/apt-get')) {
    return 'this is not Debian';
  }
  return process.getuid?.() === 0 ? '' : 'this is not root';
}

function apt(...args) {
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0'];
  const stdio = ['ignore', 'ignore', 'inherit'];
  return spawnSync('apt-get', [...options, ...args], {env, stdio, timeout: aptMs}).status === 0;
}

function installAll(names) {
  const install = ['install', '-y', '--no-install-recommends', ...names];
  // The lists may be old or absent: they are only fetched when the first try shows it.
  return apt(...install) || (apt('update') && apt(...install));
}

function restorePolicy() {
  if (existsSync(policy) && readFileSync(policy, 'utf8').includes(marker)) {
    rmSync(policy);
  }
  if (existsSync(saved)) {
    renameSync(saved, policy);
  }
}

function withoutStarts(work) {
  restorePolicy(); // an earlier run may have been killed between the two halves
  if (existsSync(policy)) {
    renameSync(policy, saved);
  }
  writeFileSync(policy, `#!/bin/sh\n${marker}\nexit 101\n`);
  chmodSync(policy, 0o755);
  try {
    return work();
  } finally {
    restorePolicy();
  }
}

/** Installs what is missing where that is possible. The tests say themselves what they lack. */
export function installPackages(packages = wanted) {
  const names = missing(packages);
  if (names.length === 0) {
    return;
  }
  const why = hindrance();
  if (why !== '') {
    say(`not installed, because ${why}: ${names.join(', ')}`);
    return;
  }
  say(`installing the Debian packages ${names.join(', ')} ...`);
  if (!withoutStarts(() => installAll(names))) {
    say(`apt-get could not install ${missing(packages).join(', ')}: its message above says why`);
  }
}
