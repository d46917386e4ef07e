/** OpenHA's resource: `SCRIPT start|stop`, guarded by `CHECK_SCRIPT start`. */

import type {KeyTable} from '../key-spec.ts';
import type {ResourceBase} from './base.ts';
import {defineKind} from './kind.ts';

export interface ScriptResource extends ResourceBase {
  readonly type: 'script';
  readonly script: string;
  /** Run with `start` before the script's own start; empty or `/bin/true` means none. */
  readonly checkScript: string;
  /** `status`: the script is asked with `status` (0 up, 3 or 1 down); `none`: can not be probed. */
  readonly probe: 'none' | 'status';
}

/** Comes from a line of the `services` file alone. */
export const scriptKind = defineKind<ScriptResource, KeyTable>({
  type: 'script',
  sections: [],
  holdsData: false,
  keys: {},
  read: () => null,
  needs: ({script, checkScript}) => ({
    scripts: [script, checkScript].filter((path) => !isNoCheck(path)),
  }),
});

/** `/bin/true` and the like stand for "none" in OpenHA's services file. */
function isNoCheck(path: string): boolean {
  return path === '' || path === '/bin/true' || path === '/usr/bin/true';
}
