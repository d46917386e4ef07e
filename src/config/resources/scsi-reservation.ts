/**
 * SCSI persistent reservations on whole disks, taken before anything else of the family `disk`
 * starts and given back after all of it has stopped: a section of its own, `[disk#N]` with
 * `type = scsireserv`, or `scsireserv = yes` in a section that names a disk.
 */

import {compareNames, resourceId} from '../../kernel/ids.ts';
import {keyTwins, parseKey, type KeyScheme} from '../../kernel/reservation-key.ts';
import {quote} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import {baseDefaults, type commonKeys, type ResourceBase} from './base.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import type {Values} from './values.ts';

export interface ScsiReservation extends ResourceBase {
  readonly type: 'disk.scsireserv';
  /** Whole disks: paths on this node, each once. */
  readonly devices: readonly string[];
  /** What each node registers. */
  readonly scheme: KeyScheme;
  /** What the preempted node has under way is aborted by the disk, where it can. */
  readonly preemptAbort: boolean;
}

/** More disks than a service has; a start goes over all of them in turn. */
const devicesMax = 64;
/** Before all other disks, which have no number or one from 0 on. */
const firstOfAll = -1;

const keyKeys = {
  prkey: {type: 'word', fallback: '`[DEFAULT]`, else computed', scoped: true},
  no_preempt_abort: {type: 'boolean', fallback: '`[DEFAULT]`, else no'},
} as const satisfies KeyTable;

const scsiReservationKeys = {
  type: {type: 'choice', choices: ['scsireserv'], fallback: '-'},
  devs: {type: 'paths', fallback: '-', scoped: true},
  ...keyKeys,
} as const satisfies KeyTable;

/** For kinds whose sections name a disk. */
export const reservedKeys = {
  scsireserv: {type: 'boolean', fallback: '`[DEFAULT]`, else no'},
  ...keyKeys,
} as const satisfies KeyTable;

type Read = Values<typeof scsiReservationKeys & typeof commonKeys>;

export const scsiReservationKind = defineKind<ScsiReservation, typeof scsiReservationKeys>({
  type: 'disk.scsireserv',
  sections: [{section: 'disk', types: ['scsireserv']}],
  holdsData: true,
  keys: scsiReservationKeys,
  read: readReservation,
  needs: () => ({programs: ['sg_persist']}),
  digest: ({devices, scheme, preemptAbort}) => [
    preemptAbort,
    devices.length,
    ...[...scheme.fixed].map(([node, key]) => `${node}=${key}`),
  ],
});

function readReservation(
  values: Read,
  base: ResourceBase,
  options: ReadOptions,
): ResourceDraft<ScsiReservation> | null {
  const devices = devicesOf(values, options);
  const scheme = schemeOf(values, options);
  if (devices === null || scheme === null) return null;
  const resource: ScsiReservation = {
    ...base,
    type: 'disk.scsireserv',
    devices,
    scheme,
    preemptAbort: !(values.get('no_preempt_abort') ?? false),
  };
  return {resource, startOrder: firstOfAll, stopOrder: null};
}

/**
 * What `scsireserv = yes` asks for, `RIDpr`: null where it was not asked for, or there is no disk
 * behind the resource. It is never optional: without it the resource would start unprotected.
 */
export function impliedReservation(
  values: Values<typeof reservedKeys>,
  base: ResourceBase,
  options: ReadOptions,
  device: string | null,
): ScsiReservation | null {
  if (values.get('scsireserv') !== true) return null;
  if (device === null) {
    const message = `scsireserv expected a disk in [${values.name}], found none`;
    options.report('HA_CONF_NOT_USED', values.placeOf('scsireserv'), message);
    return null;
  }
  const scheme = schemeOf(values, options);
  if (scheme === null) return null;
  const {startMs, stopMs, probeMs, disabled, monitor, place} = base;
  return {
    ...baseDefaults,
    startMs,
    stopMs,
    probeMs,
    disabled,
    monitor,
    place,
    rid: resourceId(`${base.rid}pr`),
    type: 'disk.scsireserv',
    devices: [device],
    scheme,
    preemptAbort: !(values.get('no_preempt_abort') ?? false),
  };
}

function devicesOf(values: Read, {report}: ReadOptions): readonly string[] | null {
  const devices = values.get('devs');
  if (devices === null) {
    if (values.has('devs')) return null;
    const message = `[${values.name}] expected the key devs, found none`;
    report('HA_CONF_MISSING_KEY', values.place, message, 'Write devs = /dev/disk/by-id/NAME.');
    return null;
  }
  const unique = [...new Set(devices)].toSorted(compareNames);
  if (unique.length <= devicesMax) return unique;
  const message = `devs expected at most ${devicesMax} disks, found ${unique.length}`;
  report('HA_CONF_TOO_MANY', values.placeOf('devs'), message);
  return null;
}

/** Every node knows what the others register, or it could not tell theirs from a stranger's. */
function schemeOf(values: Values<typeof keyKeys>, options: ReadOptions): KeyScheme | null {
  const {cluster, nodes, report} = options;
  const fixed = new Map<string, string>();
  for (const node of nodes) {
    const written = values.on(node).get('prkey');
    if (written === null) continue;
    const key = parseKey(written);
    if (key === null) {
      const message = `prkey expected 1 to 16 hexadecimal digits, found ${quote(written)}`;
      report('HA_CONF_BAD_VALUE', values.placeOf('prkey'), message, 'Write prkey = 0x1234abcd.');
      return null;
    }
    fixed.set(node, key);
  }
  const scheme = {cluster, nodes, fixed};
  const twins = keyTwins(scheme);
  if (twins === null) return scheme;
  const message = `expected a key of its own for each node, found one for ${twins.join(' and ')}`;
  report('HA_CONF_PRKEY_TWICE', values.placeOf('prkey'), message);
  return null;
}
