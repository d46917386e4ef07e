/** Disks that are not as they should be: the tool is a script here, the disk a folder. */

import {mkdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {findLun, hostTree, type HostTree} from '../../src/drivers/scsi-paths.ts';
import {createScsiReservationDriver} from '../../src/drivers/scsi-reservation.ts';
import {wordsOf} from '../../src/drivers/scsi-reservation-tool.ts';
import {keyOf} from '../../src/kernel/reservation-key.ts';
import {nodeName} from '../../src/kernel/ids.ts';
import {contextFor, makeFolder, reservationResource, type Folder} from './scripts.ts';

/**
 * A disk with the paths sda to sdd: `keys` has `PATH KEY` per registration, `holder` a key. A file
 * `PATH.dead` makes a path fail, `attention` counts commands that are refused before they act, and
 * `unsupported` is a disk that knows no reservations.
 */
const tool = `cd "$(dirname "$0")/disk" || exit 99
for last; do :; done; at=$(basename "$last"); echo "$*" >>log
[ -e "$at.hangs" ] && exec sleep 60
[ -e "$at.dead" ] && { echo "sg_persist: error opening file $last (rw)" >&2; exit 52; }
[ -e unsupported ] && { echo "PR in (Read keys): command not supported" >&2; exit 9; }
[ -e garbage ] && { echo "  PR generation=0x2, 3 registered reservation keys follow:"; exit 0; }
left=$(cat attention 2>/dev/null || echo 0)
[ "$left" -gt 0 ] && { echo $((left - 1)) >attention; echo "Unit attention" >&2; exit 6; }
value() { for word; do case $word in $name=*) echo "\${word#*=}";; esac; done; }
name=--param-sark; sark=$(value "$@"); name=--param-rk; rk=$(value "$@")
case " $* " in
*" -k "*) n=$(wc -l <keys); echo "  PR generation=0x1, $n registered reservation keys follow:"
  sed 's/^[^ ]* /    /' keys;;
*" -r "*) if [ -s holder ]; then echo "  PR generation=0x1, Reservation follows:"
    echo "    Key=$(cat holder)"; echo "    scope: LU_SCOPE,  type: Write Exclusive, registrants only"
  else echo "  PR generation=0x1, there is NO reservation held"; fi;;
*--register-ignore*) grep -v "^$at " keys >rest; mv rest keys
  if [ "$sark" != 0 ]; then echo "$at $sark" >>keys
  elif [ -s holder ] && ! grep -q " $(cat holder)$" keys; then : >holder; fi;;
*--reserve*) echo "$rk" >holder;;
*--preempt*) grep -v " $sark$" keys >rest; mv rest keys
  [ "$(cat holder)" = "$sark" ] && echo "$rk" >holder;;
esac
exit 0`;

let folder: Folder;
let tree: HostTree;
const resource = reservationResource({devices: ['/dev/null']});
const multipath = (): typeof resource => ({...resource, devices: [join(folder.path, 'dm-3')]});
const own = keyOf(resource.scheme, 'node1', 7);

beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());
beforeEach(async () => {
  await folder.remove();
  await mkdir(join(folder.path, 'disk'), {recursive: true});
  for (const name of ['keys', 'holder', 'log']) await folder.file(`disk/${name}`, '');
  const sgPersist = await folder.script('sg_persist', tool);
  tree = {
    sys: join(folder.path, 'sys'),
    multipathConf: join(folder.path, 'multipath.conf'),
    tools: {...hostTree.tools, sg_persist: sgPersist},
  };
});

/** /sys of a multipath disk dm-3 with these slaves. */
async function addMultipath(slaves: readonly string[], uuid = 'mpath-3600'): Promise<void> {
  await folder.file('dm-3', '');
  await mkdir(join(tree.sys, 'dm-3/dm'), {recursive: true});
  await folder.file('sys/dm-3/dm/uuid', `${uuid}\n`);
  for (const name of slaves) await mkdir(join(tree.sys, 'dm-3/slaves', name), {recursive: true});
}

function on(which = resource, deadlineMs = 10_000) {
  const driver = createScsiReservationDriver({node: nodeName('node1')}, tree);
  const context = contextFor(which, {deadlineMs});
  return {
    start: () => driver.start(which, context),
    stop: () => driver.stop(which, context),
    probe: () => driver.probe(which, {...context, epoch: 0}),
  };
}

describe('a disk', () => {
  test('without reservations is a failure that touched nothing, never a success', async () => {
    await folder.file('disk/unsupported', '');
    const outcome = await on().start();
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toContain('does not support persistent reservations');
    expect(await on().probe()).toMatchObject({state: 'unknown'});
  });

  test('with an answer that is half understood is unknown', async () => {
    await folder.file('disk/garbage', '');
    expect(await on().probe()).toMatchObject({state: 'unknown'});
    expect((await on().probe()).detail).toContain('not understood');
    expect(await on().start()).toMatchObject({kind: 'failed', untouched: true});
  });

  test('that only has a unit attention to tell is asked again', async () => {
    await folder.file('disk/attention', '9');
    expect(await on().start()).toMatchObject({kind: 'done'});
    expect(await on().probe()).toMatchObject({state: 'up'});
  });

  test('whose unit attention does not go away is given up', async () => {
    await folder.file('disk/attention', '1000');
    const outcome = await on().start();
    expect(outcome).toMatchObject({kind: 'failed', untouched: true});
    expect(outcome.detail).toContain('did not go away in 10 tries');
  });

  test('that hangs is unknown when the deadline is over', async () => {
    await folder.file('disk/null.hangs', '');
    expect(await on(resource, 500).probe()).toMatchObject({state: 'unknown'});
    expect((await on(resource, 500).start()).kind).not.toBe('done');
    expect(await on(resource, 500).stop()).toMatchObject({kind: 'unknown'});
  });

  test('that is not there is a failure that touched nothing', async () => {
    const gone = {...resource, devices: ['/dev/no-such-disk']};
    expect(await on(gone).start()).toMatchObject({kind: 'failed', untouched: true});
    expect(await on(gone).probe()).toMatchObject({state: 'unknown'});
  });

  test('reserved already by this start is left as it is', async () => {
    await on().start();
    await folder.file('disk/log', '');
    expect(await on().start()).toMatchObject({kind: 'done'});
    expect(await folder.read('disk/log')).not.toMatch(/--reserve|--preempt/);
    expect(await folder.read('disk/keys')).toBe(`null ${own}\n`);
  });
});

describe('a multipath disk', () => {
  test('is registered over each of its paths, and reserved once', async () => {
    await addMultipath(['sda', 'sdb']);
    expect(await on(multipath()).start()).toMatchObject({kind: 'done'});
    expect(await folder.read('disk/keys')).toBe(`sda ${own}\nsdb ${own}\n`);
    expect((await folder.read('disk/log')).match(/--reserve/g)).toHaveLength(1);
    expect((await on(multipath()).probe()).detail).not.toContain('only');
    expect(await on(multipath()).stop()).toMatchObject({kind: 'done'});
    expect(await folder.read('disk/keys')).toBe('');
    expect(await folder.read('disk/holder')).toBe('');
  });

  test('with a dead path works, and says on how many', async () => {
    await addMultipath(['sda', 'sdb']);
    await folder.file('disk/sda.dead', '');
    const outcome = await on(multipath()).start();
    expect(outcome).toMatchObject({kind: 'done'});
    expect(outcome.detail).toContain('registered on 1 of 2 paths only');
    const seen = await on(multipath()).probe();
    expect(seen).toMatchObject({state: 'up'});
    expect(seen.detail).toContain('only 1 of 2 paths registered');
    expect(seen.detail).toContain('/dev/sda do not answer');
  });

  test('with no living path is not started', async () => {
    await addMultipath(['sda', 'sdb']);
    await folder.file('disk/sda.dead', '');
    await folder.file('disk/sdb.dead', '');
    expect(await on(multipath()).start()).toMatchObject({kind: 'failed', untouched: true});
    expect(await on(multipath()).probe()).toMatchObject({state: 'unknown'});
  });

  test('of a 3PAR has a registration per adapter', async () => {
    await addMultipath(['sda', 'sdb', 'sdc', 'sdd']);
    for (const [name, address] of [
      ['sda', '1'],
      ['sdb', '1'],
      ['sdc', '2'],
      ['sdd', '2'],
    ]) {
      const device = join(folder.path, `${address}:0:0:${name}`);
      await mkdir(device);
      await folder.file(`${address}:0:0:${name}/vendor`, '3PARdata\n');
      await mkdir(join(tree.sys, name!), {recursive: true});
      await symlink(device, join(tree.sys, name!, 'device'));
    }
    const found = await findLun(join(folder.path, 'dm-3'), tree);
    expect(found).toMatchObject({ok: true, lun: {registrations: 2}});
  });

  test('whose paths multipathd registers is left to mpathpersist', async () => {
    await addMultipath(['sda', 'sdb']);
    await folder.file('multipath.conf', 'defaults {\n\treservation_key "file"\n}\n');
    const device = join(folder.path, 'dm-3');
    const lun = {tool: 'mpathpersist', targets: [device], registrations: 2};
    expect(await findLun(device, tree)).toMatchObject({ok: true, lun});
  });
});

test.each([
  ['a partition', 'partition', /is a partition/],
  ['a volume', 'dm/uuid', /is a volume, not a disk/],
])('%s is refused', async (_, file, why) => {
  await addMultipath([]);
  await folder.file(`sys/dm-3/${file}`, 'LVM-1');
  expect(await on(multipath()).start()).toMatchObject({kind: 'failed', untouched: true});
  expect((await on(multipath()).start()).detail).toMatch(why);
});

describe('what is typed', () => {
  const key = '0xa1';
  const preempt = {verb: 'preempt', key, victim: '0xb2'} as const;
  test.each([
    ['sg_persist', {verb: 'read-keys'}, '-n -k D'],
    ['sg_persist', {verb: 'read-reservation'}, '-n -r D'],
    ['sg_persist', {verb: 'unregister'}, '-n --out --register-ignore --param-sark=0 D'],
    ['sg_persist', {verb: 'reserve', key}, '-n --out --reserve --param-rk=0xa1 --prout-type=5 D'],
    [
      'sg_persist',
      {verb: 'register', key, lasting: true},
      '-n --out --register-ignore --param-aptpl --param-sark=0xa1 D',
    ],
    [
      'sg_persist',
      {...preempt, abort: true},
      '-n --out --preempt-abort --param-sark=0xb2 --param-rk=0xa1 --prout-type=5 D',
    ],
    ['mpathpersist', {verb: 'read-keys'}, '-i -k D'],
    ['mpathpersist', {verb: 'reserve', key}, '--out --reserve --param-rk=0xa1 --prout-type=5 D'],
    [
      'mpathpersist',
      {...preempt, abort: false},
      '--out --preempt --param-sark=0xb2 --param-rk=0xa1 --prout-type=5 D',
    ],
  ] as const)('%s %j', (name, order, words) => {
    expect(wordsOf(name, order, 'D').join(' ')).toBe(words);
  });
});
