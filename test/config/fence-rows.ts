/** Texts that produce each finding about fencing. */

import {twoLinks, withDisk, type Texts} from './support.ts';

const cluster = (text: string): Texts => ({'cluster.conf': text});
const node2 = '[fence#node1]\ncommand = /opt/off\nstatus = /opt/is-off\n[fence#node2]\n';
const agent = `${node2}agent = fence_ipmilan\n`;
const program = (fault: string, parameters: readonly string[] | null) => ({
  fencePrograms: new Map([['fence_ipmilan', {fault, parameters}]]),
});

export const fenceRows = [
  {
    code: 'HA_CONF_FENCE_METHOD',
    texts: cluster(`${twoLinks}[fence#node2]\nretries = 2\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_FENCE_NO_STATUS',
    texts: cluster(`${twoLinks}[fence#node2]\ncommand = /opt/off node2\n`),
    at: 'cluster.conf:10',
  },
  {
    code: 'HA_CONF_FENCE_UNVERIFIED',
    texts: cluster(`${twoLinks}${node2}command = /opt/off\nverify = exit\n`),
    at: 'cluster.conf:15',
  },
  {
    code: 'HA_CONF_FENCE_PROGRAM',
    texts: cluster(`${withDisk}${agent}ip = 10.0.0.9\n`),
    facts: program('fence_ipmilan: no such program in /usr/sbin', null),
    at: 'cluster.conf:16',
  },
  {
    code: 'HA_CONF_FENCE_PARAMETER',
    texts: cluster(`${withDisk}${agent}ipaddres = 10.0.0.9\n`),
    facts: program('', ['ipaddr', 'passwd']),
    at: 'cluster.conf:16',
  },
  {
    code: 'HA_CONF_FENCE_PASSWORD_MISSING',
    texts: cluster(`${withDisk}${agent}password_file = /etc/ha/bmc\n`),
    facts: {passwordFiles: new Map([['/etc/ha/bmc', null]])},
    at: 'cluster.conf:16',
  },
  {
    code: 'HA_CONF_FENCE_SECRET_READABLE',
    texts: cluster(`${withDisk}${agent}passwd = hidden\n`),
    facts: {clusterFileMode: 0o644},
    at: 'cluster.conf:16',
  },
  {
    code: 'HA_CONF_FENCE_PARTIAL',
    texts: cluster(`${withDisk}[fence#node2]\nagent = fence_ipmilan\n`),
    at: 'cluster.conf:13',
  },
] as const;
