/** The keys of cluster.conf and of a service file, outside of its resources. */

import type {KeyTable} from './key-spec.ts';
import {slotBlockMax, slotBlocksMax} from './limits.ts';
import {dayMs, hourMs, minuteMs, secondMs} from './spans.ts';
import {quorumPolicies} from './quorum.ts';
import {monitorActionWords, serviceClasses} from './types.ts';

/** `[cluster]` of cluster.conf. */
export const clusterKeys = {
  name: {type: 'name', fallback: '`ha`'},
  nodes: {type: 'names', fallback: 'the `nodes` file'},
  takeover: {type: 'choice', choices: ['proven', 'manual'], fallback: '`proven`'},
  stop_failed: {type: 'choice', choices: ['fence', 'latch'], fallback: '`fence`'},
  no_quorum: {type: 'choice', choices: quorumPolicies, fallback: '`ignore`'},
  profile: {type: 'choice', choices: ['default', 'fast'], fallback: '`default`'},
  beat: {type: 'duration', minMs: 50, maxMs: minuteMs, fallback: '1s, fast 200ms'},
  dead: {type: 'duration', minMs: 200, maxMs: hourMs, fallback: '5s, fast 1s'},
  stall: {type: 'duration', minMs: 20, maxMs: minuteMs, fallback: 'one beat'},
  delay: {type: 'duration', minMs: 1, maxMs: 10 * secondMs, fallback: '50ms'},
  grace: {type: 'duration', minMs: 50, maxMs: hourMs, fallback: '2 x beat + delay + stall'},
  damping: {type: 'duration', minMs: 0, maxMs: dayMs, fallback: '5m'},
  hold_down: {type: 'duration', minMs: 0, maxMs: hourMs, fallback: '1m'},
  peer_port: {type: 'integer', min: 0, max: 65_535, fallback: '7717', scoped: true},
  freeze_secondary_on_start: {type: 'boolean', fallback: 'no'},
} as const satisfies KeyTable;

/** `[hb#N]` with `type = multicast`. */
export const multicastKeys = {
  type: {type: 'choice', choices: ['multicast', 'unicast', 'disk'], fallback: '-'},
  iface: {type: 'word', fallback: 'by the routing table', scoped: true},
  address: {type: 'address', fallback: 'that of the interface', scoped: true},
  group: {type: 'group', fallback: '239.192.71.N'},
  port: {type: 'integer', min: 1, max: 65_535, fallback: '10000 + N - 1'},
  ttl: {type: 'integer', min: 1, max: 255, fallback: '1'},
  loopback: {type: 'boolean', fallback: 'yes on `lo`, else no'},
  dead: {type: 'duration', minMs: 200, maxMs: hourMs, fallback: '`dead` of `[cluster]`'},
} as const satisfies KeyTable;

/** `[hb#N]` with `type = unicast`. */
export const unicastKeys = {
  type: multicastKeys.type,
  iface: multicastKeys.iface,
  address: {type: 'address', fallback: '-', scoped: true},
  port: {type: 'integer', min: 1, max: 65_535, fallback: '10000 + N - 1', scoped: true},
  dead: multicastKeys.dead,
} as const satisfies KeyTable;

/** `[hb#N]` with `type = disk`. */
export const diskKeys = {
  type: multicastKeys.type,
  device: {type: 'path', fallback: '-', scoped: true},
  slot: {
    type: 'integer',
    min: 0,
    max: slotBlockMax,
    fallback: 'position in `nodes` x `slot_blocks`',
    scoped: true,
  },
  slot_blocks: {
    type: 'integer',
    min: 1,
    max: slotBlocksMax,
    fallback: 'distance of the slots, at most 64',
  },
  io: {type: 'duration', minMs: 50, maxMs: minuteMs, fallback: '1s, fast 250ms'},
  renew: {type: 'duration', minMs: 50, maxMs: 5 * minuteMs, fallback: '2 x io'},
  lease: {type: 'duration', minMs: 200, maxMs: hourMs, fallback: 'renew + 6 x io'},
  dead: {type: 'duration', minMs: 200, maxMs: hourMs, fallback: '3 x renew + 2 x io'},
} as const satisfies KeyTable;

/** `[service#NAME]` of cluster.conf: what the services file of OpenHA can not say. */
export const serviceOverrideKeys = {
  probe: {type: 'choice', choices: ['none', 'status'], fallback: '`none`'},
  class: {type: 'choice', choices: serviceClasses, fallback: '`exclusive`'},
  orchestrate: {type: 'choice', choices: ['ha', 'start', 'no'], fallback: '`ha`'},
  monitor: {type: 'duration', minMs: 0, maxMs: dayMs, fallback: '10s; 0 with probe = none'},
  start_timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '5m'},
  stop_timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '5m'},
  check_timeout: {type: 'duration', minMs: 100, maxMs: hourMs, fallback: '10s'},
  restarts: {type: 'integer', min: 0, max: 100, fallback: '1'},
  failure_memory: {type: 'duration', minMs: 0, maxMs: 7 * dayMs, fallback: '0: until cleared'},
} as const satisfies KeyTable;

/** `[DEFAULT]` of a service file. */
export const defaultKeys = {
  nodes: {type: 'names', fallback: '-'},
  class: {type: 'choice', choices: serviceClasses, fallback: '`data` or `exclusive`'},
  orchestrate: {type: 'choice', choices: ['ha', 'start', 'no'], fallback: '`ha`'},
  monitor: {type: 'duration', minMs: 0, maxMs: dayMs, fallback: '10s'},
  monitor_schedule: {type: 'period', fallback: '-'},
  timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '-'},
  start_timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '`timeout`, else 5m'},
  stop_timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '`timeout`, else 5m'},
  check_timeout: {type: 'duration', minMs: 100, maxMs: hourMs, fallback: '10s'},
  restarts: {type: 'integer', min: 0, max: 100, fallback: '1'},
  restart: {type: 'integer', min: 0, max: 100, fallback: '`restarts`'},
  failure_memory: {type: 'duration', minMs: 0, maxMs: 7 * dayMs, fallback: '0: until cleared'},
  monitor_action: {type: 'choices', choices: monitorActionWords, fallback: '`switch`'},
  disable: {type: 'boolean', fallback: 'no', scoped: true},
  topology: {type: 'choice', choices: ['failover'], fallback: '`failover`'},
  drpnode: {type: 'names', fallback: '-', fate: 'unused'},
  drpnodes: {type: 'names', fallback: '-', fate: 'unused'},
  encapnodes: {type: 'names', fallback: '-', fate: 'unused'},
  flex_primary: {type: 'name', fallback: 'the first of `nodes`', fate: 'unused'},
  drp_flex_primary: {type: 'name', fallback: 'the first of `drpnodes`', fate: 'unused'},
  scsireserv: {type: 'boolean', fallback: 'no'},
  prkey: {type: 'word', fallback: 'computed', scoped: true},
  no_preempt_abort: {type: 'boolean', fallback: 'no'},
} as const satisfies KeyTable;
