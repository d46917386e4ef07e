/** Where things are: flag, then environment, then the default of the platform. */

import type {Flags} from './parse.ts';
import type {World} from './world.ts';

export interface Paths {
  /** Configuration: cluster.conf, secret.key, OpenHA's three files, service files. */
  readonly conf: string;
  /** Durable state and the journal. */
  readonly state: string;
  /** Socket and pid. */
  readonly run: string;
  /** Own node name where it was said; null: `uname -n`. */
  readonly nodeName: string | null;
}

const linux = {conf: '/etc/ha', state: '/var/lib/ha', run: '/run/ha'};
const freebsd = {conf: '/usr/local/etc/ha', state: '/var/db/ha', run: '/var/run/ha'};

export function pathsOf(world: World, flags: Flags): Paths {
  const defaults = world.platform === 'freebsd' ? freebsd : linux;
  const choose = (flag: string, variable: string, otherwise: string): string =>
    text(flags[flag]) ?? text(world.env[variable]) ?? otherwise;
  return {
    conf: choose('conf', 'HA_CONF', defaults.conf),
    state: choose('state', 'HA_STATE', defaults.state),
    run: choose('run', 'HA_RUN', defaults.run),
    nodeName: text(flags['nodename']) ?? text(world.env['HA_NODE']) ?? null,
  };
}

function text(value: Flags[string]): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
