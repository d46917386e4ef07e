/** `[rc#N]`: a service of FreeBSD's rc.d, called with its `one` verbs. */

import type {KeyTable} from '../key-spec.ts';
import type {ResourceBase} from './base.ts';
import {defineKind} from './kind.ts';

export interface RcResource extends ResourceBase {
  readonly type: 'app.rc';
  /** File name below `rc.d`, such as `nginx`. */
  readonly service: string;
}

export const rcKeys = {
  service: {type: 'name', fallback: '-', scoped: true},
} as const satisfies KeyTable;

export const rcKind = defineKind<RcResource, typeof rcKeys>({
  type: 'app.rc',
  sections: [{section: 'rc', types: ['']}],
  holdsData: false,
  keys: rcKeys,
  read(values, base, {report}) {
    const service = values.get('service');
    if (service === null) {
      if (values.has('service')) return null;
      const message = `[${values.name}] expected the key service, found none`;
      report('HA_CONF_MISSING_KEY', values.place, message, 'Write service = nginx.');
      return null;
    }
    const resource: RcResource = {...base, type: 'app.rc', service};
    return {resource, startOrder: null, stopOrder: null};
  },
  needs: () => ({programs: ['service']}),
  digest: ({service}) => [service],
});
