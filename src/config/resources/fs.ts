/** `[fs#N]`: a file system that is mounted where the service runs. */

import {quote} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import {minuteMs} from '../spans.ts';
import type {commonKeys, ResourceBase} from './base.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import {impliedReservation, reservedKeys} from './scsi-reservation.ts';
import type {Values} from './values.ts';

/** `bind` stands for OpenSVC's `none` with the option `bind` as well. */
const fsTypes = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'nfs', 'nfs4', 'tmpfs', 'bind'] as const;
export type FsType = (typeof fsTypes)[number];

export interface FsResource extends ResourceBase {
  readonly type: 'fs';
  readonly fsType: FsType;
  /** Device, image file, `HOST:/PATH`, directory (bind), or any word (tmpfs). */
  readonly device: string;
  /** Absolute, without a slash at its end. */
  readonly mountPoint: string;
  /** Words of `mount -o`, in order; without `bind`. */
  readonly options: readonly string[];
  /** A mounted file system that does not answer within this is of unknown state. */
  readonly statMs: number;
}

export const fsKeys = {
  type: {type: 'choice', choices: [...fsTypes, 'none'], fallback: '-'},
  dev: {type: 'word', fallback: '-', scoped: true},
  mnt: {type: 'path', fallback: '-', scoped: true},
  mnt_opt: {type: 'word', fallback: '-', scoped: true},
  ...reservedKeys,
  stat_timeout: {type: 'duration', minMs: 100, maxMs: 10 * minuteMs, fallback: '5s', scoped: true},
} as const satisfies KeyTable;

type FsValues = Values<typeof fsKeys & typeof commonKeys>;

const statMsDefault = 5_000;

export const fsKind = defineKind<FsResource, typeof fsKeys>({
  type: 'fs',
  sections: [{section: 'fs', types: 'any'}],
  holdsData: true,
  keys: fsKeys,
  read: readFs,
  needs: (resource) => ({programs: programsOf(resource.fsType)}),
  digest: ({fsType, device, mountPoint}) => [fsType, device, mountPoint],
});

function programsOf(fsType: FsType): readonly string[] {
  const own: Partial<Readonly<Record<FsType, readonly string[]>>> = {
    ext2: ['e2fsck'],
    ext3: ['e2fsck'],
    ext4: ['e2fsck'],
    btrfs: ['btrfs'],
    nfs: ['mount.nfs'],
    nfs4: ['mount.nfs4'],
  };
  return ['mount', 'umount', ...(own[fsType] ?? [])];
}

function readFs(
  values: FsValues,
  base: ResourceBase,
  options: ReadOptions,
): ResourceDraft<FsResource> | null {
  const missing = (['type', 'dev', 'mnt'] as const).filter((key) => !values.has(key));
  for (const key of missing) {
    const message = `[${values.name}] expected the key ${key}, found none`;
    const example = {type: 'ext4', dev: '/dev/vg1/lv1', mnt: '/srv/data'}[key];
    options.report('HA_CONF_MISSING_KEY', values.place, message, `Write ${key} = ${example}.`);
  }
  const [type, device, mnt] = [values.get('type'), values.get('dev'), values.get('mnt')];
  if (type === null || device === null || mnt === null) return null;
  const words = (values.get('mnt_opt') ?? '').split(',').filter((word) => word !== '');
  const fsType = type === 'none' ? bindType(values, words, options) : type;
  const mountPoint = normal(mnt);
  if (fsType === null || !deviceFits(values, fsType, options)) return null;
  const resource: FsResource = {
    ...base,
    type: 'fs',
    fsType,
    device,
    mountPoint,
    options: words.filter((word) => word !== 'bind'),
    statMs: values.get('stat_timeout') ?? statMsDefault,
  };
  // Parents before what is mounted below them: a path is less than its own continuation.
  const disk = device.startsWith('/dev/') ? device : null;
  const implied = impliedReservation(values, base, options, disk);
  const order = {startOrder: mountPoint, stopOrder: null};
  return implied === null ? {resource, ...order} : {resource, ...order, implied};
}

function bindType(
  values: FsValues,
  words: readonly string[],
  {report}: ReadOptions,
): FsType | null {
  if (words.includes('bind')) return 'bind';
  const message = `type expected mnt_opt = bind beside it, found ${quote(words.join(','))}`;
  report('HA_CONF_BAD_VALUE', values.placeOf('type'), message, 'Write type = bind.');
  return null;
}

/** Without doubled slashes, and without one at its end, as the table of mounts has it. */
function normal(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
}

function deviceFits(values: FsValues, fsType: FsType, {report}: ReadOptions): boolean {
  const device = values.get('dev') ?? '';
  if (fsType === 'tmpfs') return true;
  const isNfs = fsType === 'nfs' || fsType === 'nfs4';
  const fits = isNfs ? /^[^\s:]+:\/|^\[[0-9a-fA-F:.]+\]:\//.test(device) : device.startsWith('/');
  if (fits) return true;
  const expected = isNfs ? 'HOST:/PATH' : 'an absolute path';
  const message = `dev expected ${expected}, found ${quote(device)}`;
  report('HA_CONF_BAD_VALUE', values.placeOf('dev'), message);
  return false;
}
