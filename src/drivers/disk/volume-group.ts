/** What LVM and the device-mapper say about a volume group. Only texts; who asks is elsewhere. */

export interface VolumeGroup {
  readonly tags: readonly string[];
  readonly volumes: number;
}

export function reportCommand(name: string): readonly string[] {
  return ['vgs', '--reportformat', 'json', '-o', 'vg_name,vg_tags,lv_count', name];
}

/** `vgs --reportformat json`; null where the text has no such group. */
export function parseReport(text: string, name: string): VolumeGroup | null {
  let report: unknown;
  try {
    report = (JSON.parse(text) as {report?: unknown} | null)?.report;
  } catch {
    return null;
  }
  const groups = Array.isArray(report) ? report.flatMap(groupsOf) : [];
  const found = groups.find((group) => group['vg_name'] === name);
  if (found === undefined) return null;
  const {vg_tags: tags, lv_count: count} = found;
  if (typeof tags !== 'string' || typeof count !== 'string' || !/^\d+$/.test(count)) return null;
  return {tags: tags.split(',').filter((tag) => tag !== ''), volumes: Number(count)};
}

type Fields = Readonly<Record<string, unknown>>;

function groupsOf(part: unknown): readonly Fields[] {
  const list = typeof part === 'object' && part !== null && 'vg' in part ? part.vg : [];
  return Array.isArray(list)
    ? list.filter((one): one is Fields => typeof one === 'object' && one !== null)
    : [];
}

/** A device of the device-mapper, as /sys names it. */
export interface MappedDevice {
  /** `GROUP-VOLUME`, with each dash of the two names doubled. */
  readonly name: string;
  /** Begins with `LVM-` for what LVM made. */
  readonly uuid: string;
}

/** Volumes of a group that are active on this node. */
export function activeVolumes(devices: readonly MappedDevice[], group: string): readonly string[] {
  const prefix = `${group.replaceAll('-', '--')}-`;
  return devices
    .filter(({name, uuid}) => {
      const isOurs = name.startsWith(prefix) && uuid.startsWith('LVM-');
      // `a--b-c` is volume c of a-b, and no volume of a.
      return isOurs && !name.startsWith('-', prefix.length);
    })
    .map(({name}) => name.slice(prefix.length).replaceAll('--', '-'));
}

export interface TagVerdict {
  /** Tags of other nodes of the service: they may not have it any more. */
  readonly foreign: readonly string[];
  /** Tags of hosts that are none of the service's nodes. */
  readonly strange: readonly string[];
  readonly isOurs: boolean;
}

/** Host tags begin with `@`; all others are nobody's right. */
export function judgeTags(
  tags: readonly string[],
  who: {readonly own: string; readonly nodes: readonly string[]},
): TagVerdict {
  const hosts = tags.filter((tag) => tag.startsWith('@'));
  const others = hosts.filter((tag) => tag !== `@${who.own}`);
  const isNode = (tag: string): boolean => who.nodes.some((node) => tag === `@${node}`);
  return {
    foreign: others.filter(isNode),
    strange: others.filter((tag) => !isNode(tag)),
    isOurs: hosts.length > others.length,
  };
}
