/** Texts that produce the findings about resources that this version, or this host, can not run. */

import {twoLinks, webService, type Texts} from './support.ts';

const withResource = (lines: string): Texts => ({
  'cluster.conf': twoLinks,
  'web.conf': `${webService}${lines}\n`,
});

export const resourceRows = [
  {
    code: 'HA_CONF_RESOURCE_UNSUPPORTED',
    texts: withResource('[share#1]\ntype = nfs'),
    at: 'web.conf:8',
  },
  {
    code: 'HA_CONF_PROGRAM_MISSING',
    texts: withResource('[ip#1]\nipname = 192.0.2.9\nipdev = eth0'),
    facts: {programs: new Map([['ping', 'ping: no such program in /usr/bin']])},
    at: 'web.conf:8',
  },
] as const;
