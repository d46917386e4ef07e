/**
 * LVM without a device-mapper: the metadata of volume groups lie in one file that all nodes share,
 * as on a shared disk; what is active on a node lies below its own /sys/block. Takes the words of
 * `vgs`, `vgchange` and `pvscan` that the driver uses, with the texts and exit codes of LVM2 2.03,
 * and lets a node activate only what has its tag, as `volume_list = ["@NODE"]` in lvm.conf does.
 */

import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';

interface Group {
  tags: string[];
  readonly volumes: readonly string[];
  /** Not seen before the next `pvscan`. */
  hidden?: boolean;
  /** Names of volumes that are open somewhere on a node: they can not be deactivated there. */
  readonly busyOn?: Readonly<Record<string, readonly string[]>>;
}

const [stateFile = '', program = '', ...words] = process.argv.slice(2);
const groups = JSON.parse(readFileSync(stateFile, 'utf8')) as Record<string, Group>;
const name = words.at(-1) ?? '';

function fail(...lines: readonly string[]): never {
  for (const line of lines) console.error(`  ${line}`);
  process.exit(5);
}

function groupOf(): Group {
  const group = groups[name];
  if (group !== undefined && group.hidden !== true) return group;
  return fail(`Volume group "${name}" not found`, `Cannot process volume group ${name}`);
}

function keep(): void {
  writeFileSync(stateFile, JSON.stringify(groups));
}

function report(): void {
  const {tags, volumes} = groupOf();
  const row = {vg_name: name, vg_tags: tags.join(','), lv_count: String(volumes.length)};
  console.log(JSON.stringify({report: [{vg: [row]}]}, null, 1));
}

function tag(how: string, word: string): void {
  const group = groupOf();
  const others = group.tags.filter((one) => one !== word);
  group.tags = how === '--addtag' ? [...others, word] : others;
  keep();
  console.log(`  Volume group "${name}" successfully changed`);
}

const mapped = (volume: string): string =>
  `${name.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;

/** Entry of /sys/block per mapped name. */
function active(): ReadonlyMap<string, string> {
  const entries = readdirSync('/sys/block').filter((one) => one.startsWith('dm-'));
  return new Map(
    entries.map((one) => [readFileSync(`/sys/block/${one}/dm/name`, 'utf8').trim(), one]),
  );
}

function activate(): void {
  const {tags, volumes} = groupOf();
  const allowed = tags.includes(`@${hostname()}`) ? volumes : [];
  const there = active();
  for (const volume of allowed.filter((one) => !there.has(mapped(one)))) {
    const folder = `/sys/block/dm-${Date.now() % 1e6}${volumes.indexOf(volume)}/dm`;
    mkdirSync(folder, {recursive: true});
    writeFileSync(`${folder}/name`, `${mapped(volume)}\n`);
    writeFileSync(`${folder}/uuid`, `LVM-${name}${volume}\n`);
  }
  console.log(`  ${allowed.length} logical volume(s) in volume group "${name}" now active`);
}

function deactivate(): void {
  const {volumes, busyOn} = groupOf();
  const busy = busyOn?.[hostname()] ?? [];
  const there = active();
  for (const volume of volumes.filter((one) => !busy.includes(one))) {
    const entry = there.get(mapped(volume));
    if (entry !== undefined) rmSync(`/sys/block/${entry}`, {recursive: true});
  }
  if (busy.length > 0) {
    const first = `Logical volume ${name}/${busy[0]} contains a filesystem in use.`;
    fail(
      first,
      `Can't deactivate volume group "${name}" with ${busy.length} open logical volume(s)`,
    );
  }
  console.log(`  0 logical volume(s) in volume group "${name}" now active`);
}

if (program === 'pvscan') {
  for (const group of Object.values(groups)) delete group.hidden;
  keep();
} else if (program === 'vgs') report();
else if (words[0] === '-a' && words[1] === 'y') activate();
else if (words[0] === '-a') deactivate();
else tag(words[0] ?? '', words[1] ?? '');
