/** `[disk#N]` with `type = loop`, `[loop#N]` in older files: a file as a block device. */

import type {KeyTable} from '../key-spec.ts';
import type {commonKeys, ResourceBase} from './base.ts';
import {defineKind, type ReadOptions, type ResourceDraft} from './kind.ts';
import type {Values} from './values.ts';

export interface LoopResource extends ResourceBase {
  readonly type: 'disk.loop';
  /** Absolute path of the file. */
  readonly file: string;
}

export const loopKeys = {
  type: {type: 'choice', choices: ['loop'], fallback: '`loop` in `[loop#N]`'},
  file: {type: 'path', fallback: '-', scoped: true},
} as const satisfies KeyTable;

export const loopKind = defineKind<LoopResource, typeof loopKeys>({
  type: 'disk.loop',
  sections: [
    {section: 'disk', types: ['loop']},
    {section: 'loop', types: ['', 'loop']},
  ],
  holdsData: true,
  keys: loopKeys,
  read: readLoop,
  needs: () => ({programs: ['losetup']}),
  digest: ({file}) => [file],
});

function readLoop(
  values: Values<typeof loopKeys & typeof commonKeys>,
  base: ResourceBase,
  {report}: ReadOptions,
): ResourceDraft<LoopResource> | null {
  const file = values.get('file');
  if (file === null) {
    if (!values.has('file')) {
      const message = `[${values.name}] expected the key file, found none`;
      report('HA_CONF_MISSING_KEY', values.place, message, 'Write file = /srv/images/data.img.');
    }
    return null;
  }
  return {resource: {...base, type: 'disk.loop', file}, startOrder: null, stopOrder: null};
}
