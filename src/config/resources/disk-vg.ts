/** `[disk#N]` with `type = vg`, `[vg#N]` in older files: a volume group of LVM. */

import {quote} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import type {commonKeys, ResourceBase} from './base.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import type {Values} from './values.ts';

export interface VgResource extends ResourceBase {
  readonly type: 'disk.vg';
  /** Of the volume group. */
  readonly name: string;
}

export const vgKeys = {
  type: {type: 'choice', choices: ['vg', 'lvm'], fallback: '`vg`'},
  name: {type: 'word', fallback: '-', scoped: true, ownOnly: true},
} as const satisfies KeyTable;

export const vgKind = defineKind<VgResource, typeof vgKeys>({
  type: 'disk.vg',
  sections: [
    {section: 'disk', types: ['vg', 'lvm', '']},
    {section: 'vg', types: ['', 'vg', 'lvm']},
  ],
  holdsData: true,
  keys: vgKeys,
  read: readVg,
  needs: () => ({programs: ['vgs', 'vgchange', 'pvscan']}),
  digest: ({name}) => [name],
});

/** What lvm(8) takes for a name. */
const namePattern = /^[A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,126}$/;

function readVg(
  values: Values<typeof vgKeys & typeof commonKeys>,
  base: ResourceBase,
  {report}: ReadOptions,
): ResourceDraft<VgResource> | null {
  const name = values.get('name');
  if (name === null) {
    if (!values.has('name')) {
      const message = `[${values.name}] expected the key name, found none`;
      report('HA_CONF_MISSING_KEY', values.place, message, 'Write name = vg1.');
    }
    return null;
  }
  if (!namePattern.test(name) || name === '.' || name === '..') {
    const message = `name expected the name of a volume group, found ${quote(name)}`;
    report('HA_CONF_BAD_VALUE', values.placeOf('name'), message);
    return null;
  }
  return {resource: {...base, type: 'disk.vg', name}, startOrder: null, stopOrder: null};
}
