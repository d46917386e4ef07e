/** Texts that produce each finding about ping targets. */

import {withDisk, type Texts} from './support.ts';

const ping = (lines: string): Texts => ({'cluster.conf': `${withDisk}[ping]\n${lines}\n`});

export const pingRows = [
  {code: 'HA_CONF_PING_TARGETS', texts: ping('interval = 1s'), at: 'cluster.conf:13'},
  {
    code: 'HA_CONF_PING_TARGETS',
    texts: ping(`targets = ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `10.0.0.${n}`).join(' ')}`),
    at: 'cluster.conf:14',
  },
  {
    code: 'HA_CONF_PING_TARGETS',
    texts: ping('targets = 10.0.0.1 10.0.0.1\nneeded = 2'),
    at: 'cluster.conf:15',
  },
  {code: 'HA_CONF_BAD_VALUE', texts: ping('targets = 10.0.0.1 gateway'), at: 'cluster.conf:14'},
  {
    code: 'HA_CONF_PING_SLOW',
    texts: ping('targets = 10.0.0.1\ninterval = 1400ms'),
    at: 'cluster.conf:15',
  },
] as const;
