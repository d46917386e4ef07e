/** Texts that produce each finding about watchdogs, arbiters, and silence as proof. */

import {arbitratorRows} from './arbitrator-rows.ts';
import {webService, withDisk, type Texts} from './support.ts';

const cluster = (text: string): Texts => ({'cluster.conf': text});

export const watchdogRows = [
  ...arbitratorRows,
  {
    code: 'HA_CONF_I6_WATCHDOG',
    texts: cluster(`${withDisk.replace('name = blue', 'name = blue\nstall = 4s\ndead = 9s')}
[watchdog]
timeout = 2s
`),
    at: 'cluster.conf:17',
  },
  {
    code: 'HA_CONF_WATCHDOG_MISSING',
    texts: cluster(`${withDisk}[watchdog]\ndevice = /dev/watchdog1\n`),
    facts: {watchdog: {kind: 'missing', isVirtual: false}},
    at: 'cluster.conf:13',
  },
  {
    code: 'HA_CONF_WATCHDOG_VIRTUAL',
    texts: cluster(`${withDisk}[watchdog]\ntimeout = 10s\n`),
    facts: {watchdog: {kind: 'device', isVirtual: true}},
    at: 'cluster.conf:14',
  },
  {
    code: 'HA_CONF_CLASS_NONE',
    texts: {
      'cluster.conf': withDisk,
      'web.conf': webService.replace('[app#1]', 'class = none\n[app#1]'),
    },
    at: 'web.conf:1',
  },
] as const;
