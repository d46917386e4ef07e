/** Texts that produce each finding about the arbiter. */

import {withDisk, type Texts} from './support.ts';

const three = 'https://192.0.2.1:2379 https://192.0.2.2:2379 https://192.0.2.3:2379';
const arbitrator = (lines: string): Texts => ({
  'cluster.conf': `${withDisk}[arbitrator#1]\ntype = etcd\nendpoints = ${three}\n${lines}`,
});
const withEndpoints = (urls: string): Texts => ({
  'cluster.conf': `${withDisk}[arbitrator#1]\ntype = etcd\nendpoints = ${urls}\n`,
});
const pair = 'user = ha\npassword_file = /etc/ha/etcd.password\n';
const facts = (fact: {mode: number} | null): object => ({
  credentials: new Map([['/etc/ha/etcd.password', fact]]),
});

export const arbitratorRows = [
  {
    code: 'HA_CONF_I12_ARBITER',
    texts: arbitrator('ttl = 4s\ntimeout = 2s\n'),
    at: 'cluster.conf:13',
  },
  {
    code: 'HA_CONF_ARBITER_PLAIN',
    texts: withEndpoints(three.replaceAll('https', 'http')),
    at: 'cluster.conf:15',
  },
  {
    code: 'HA_CONF_ARBITER_FEW',
    texts: withEndpoints('https://192.0.2.1:2379'),
    at: 'cluster.conf:15',
  },
  {
    code: 'HA_CONF_ARBITER_FILE',
    texts: arbitrator(pair),
    facts: facts(null),
    at: 'cluster.conf:13',
  },
  {
    code: 'HA_CONF_ARBITER_SECRET',
    texts: arbitrator(pair),
    facts: facts({mode: 0o644}),
    at: 'cluster.conf:13',
  },
] as const;
