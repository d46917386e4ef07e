/** `[systemd#N]`: a unit that systemd runs and this service owns. */

import {quote} from '../findings.ts';
import type {KeyTable} from '../key-spec.ts';
import type {ResourceBase} from './base.ts';
import {defineKind} from './kind.ts';

export interface SystemdResource extends ResourceBase {
  readonly type: 'app.systemd';
  /** With its suffix, such as `nginx.service`. */
  readonly unit: string;
}

export const systemdKeys = {
  unit: {type: 'word', fallback: '-', scoped: true},
} as const satisfies KeyTable;

/** Kinds of units that can be started and stopped (systemd.unit(5)). */
const kinds = ['service', 'socket', 'mount', 'automount', 'swap', 'target', 'path', 'timer'];
const unitPattern = new RegExp(`^[\\w:.\\\\-]+(?:@[\\w:.\\\\-]*)?\\.(?:${kinds.join('|')})$`);
/** UNIT_NAME_MAX of systemd. */
const unitCharsMax = 255;

export const systemdKind = defineKind<SystemdResource, typeof systemdKeys>({
  type: 'app.systemd',
  sections: [{section: 'systemd', types: ['']}],
  holdsData: false,
  keys: systemdKeys,
  read(values, base, {report}) {
    const written = values.get('unit');
    if (written === null) {
      if (values.has('unit')) return null;
      const message = `[${values.name}] expected the key unit, found none`;
      report('HA_CONF_MISSING_KEY', values.place, message, 'Write unit = nginx.service.');
      return null;
    }
    const unit = /\.[a-z]+$/.test(written) ? written : `${written}.service`;
    if (!unitPattern.test(unit) || unit.length > unitCharsMax || unit.startsWith('-')) {
      const message = `unit expected the name of a unit, found ${quote(written)}`;
      report('HA_CONF_BAD_VALUE', values.placeOf('unit'), message, 'Write unit = nginx.service.');
      return null;
    }
    const resource: SystemdResource = {...base, type: 'app.systemd', unit};
    return {resource, startOrder: null, stopOrder: null};
  },
  needs: ({unit}) => ({units: [unit]}),
  digest: ({unit}) => [unit],
});
