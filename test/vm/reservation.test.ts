/**
 * Two machines with one disk: the kernel's iSCSI, the real sg_persist, and a target that refuses
 * the writes of whoever lost its key. Each machine reaches the target over a network of its own,
 * inside the target's namespace.
 */

import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';
import {iqn, ScsiTarget} from '../emulators/scsi.ts';
import {prepareImage, type Image} from './harness/image.ts';
import {Machine} from './harness/machine.ts';

const guest = fileURLToPath(new URL('guest/reservation.ts', import.meta.url));
/** Where qemu shows a machine the loopback of the namespace that qemu runs in. */
const portal = '10.0.2.2';

/** From a bare kernel to a disk, and the program that takes our orders. */
const script = (name: string): readonly string[] => [
  'ip addr add 10.0.2.15/24 dev eth0 && ip link set eth0 up',
  'for module in sd_mod sg iscsi_tcp; do modprobe $module; done',
  'mkdir -p /run/lock/iscsi /etc/iscsi',
  `echo InitiatorName=iqn.2001-01.com.example:${name} >/etc/iscsi/initiatorname.iscsi`,
  'iscsid && sleep 1',
  `node="-m node -T ${iqn} -p ${portal}"`,
  'iscsiadm $node -o new && iscsiadm $node --login',
  'until disk=$(ls /sys/block | grep ^sd); do sleep 0.2; done',
  `${process.execPath} ${guest} ${name} /dev/$disk`,
];

async function boot(image: Image, target: ScsiTarget, name: string): Promise<Machine> {
  const devices = ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'];
  const {folder} = target;
  const options = {name, folder, script: script(name), devices, enter: target.enter};
  const machine = await Machine.boot(image, options);
  await machine.untilLine(/^vm: ready/);
  return machine;
}

test('a machine takes the disk of another one, whose next write fails', async () => {
  const image = await prepareImage();
  const folder = await mkdtemp(join(tmpdir(), 'ha-vm-'));
  const target = await ScsiTarget.start(folder, 1);
  const machines: Machine[] = [];
  try {
    const [one, two] = [await boot(image, target, 'node1'), await boot(image, target, 'node2')];
    machines.push(one, two);
    expect(await one.ask('start 7')).toContain('"kind":"done"');
    expect(await one.ask('write')).toContain('"code":0');
    expect(await two.ask('write')).toContain('"code":1');
    expect(await two.ask('probe')).toContain('held by node1 in epoch 7');

    const taken = await two.ask('start 8');
    expect(taken).toContain('"kind":"done"');
    expect(taken).toContain('preempted without abort');
    expect(await one.ask('write')).toContain('"code":1');
    expect(await two.ask('write')).toContain('"code":0');
    expect(await one.ask('probe')).toContain('"lost":true');
    expect(await one.ask('start 7')).toContain('node2 has registered with epoch 8');

    expect(await two.ask('stop 8')).toContain('"kind":"done"');
    expect(await one.ask('write')).toContain('"code":0');
  } finally {
    await Promise.all(machines.map((machine) => machine.kill()));
    await target.close();
    await rm(folder, {recursive: true, force: true});
  }
});
