/** Texts that produce each finding about SCSI reservations. */

import {twoLinks} from './support.ts';

const disk = '[disk#1]\ntype = scsireserv\ndevs = /dev/x\nprkey = 0xa1\n';

export const reservationRows = [
  {
    code: 'HA_CONF_PRKEY_TWICE',
    texts: {'cluster.conf': twoLinks, 'web.conf': `[DEFAULT]\nnodes = node1 node2\n${disk}`},
    at: 'web.conf:6',
  },
] as const;
