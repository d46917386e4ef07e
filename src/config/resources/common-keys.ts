/** Keys that every section of a resource takes, beside those of its kind. */

import type {KeyTable} from '../key-spec.ts';
import {conditionKeys, triggerKeys} from './action-keys.ts';
import {dayMs, hourMs} from '../spans.ts';

/** What of OpenSVC's generic keys is read here and acted upon. */
const usedKeys = {
  timeout: {
    type: 'duration',
    minMs: 100,
    maxMs: dayMs,
    fallback: '-',
    scoped: true,
    ownOnly: true,
  },
  start_timeout: {
    type: 'duration',
    minMs: 100,
    maxMs: dayMs,
    fallback: '`timeout`, else `[DEFAULT]`',
    scoped: true,
    ownOnly: true,
  },
  stop_timeout: {
    type: 'duration',
    minMs: 100,
    maxMs: dayMs,
    fallback: '`timeout`, else `[DEFAULT]`',
    scoped: true,
    ownOnly: true,
  },
  check_timeout: {
    type: 'duration',
    minMs: 100,
    maxMs: hourMs,
    fallback: '`[DEFAULT]`',
    scoped: true,
    ownOnly: true,
  },
  optional: {type: 'boolean', fallback: 'no', scoped: true},
  disable: {type: 'boolean', fallback: 'no', scoped: true, ownOnly: true},
  tags: {type: 'tags', fallback: '-', scoped: true},
  subset: {type: 'name', fallback: '-', scoped: true},
  monitor: {type: 'boolean', fallback: 'no', scoped: true, ownOnly: true},
  restart: {
    type: 'integer',
    min: 0,
    max: 100,
    fallback: '`[DEFAULT]`',
    scoped: true,
    ownOnly: true,
  },
  restart_delay: {type: 'duration', minMs: 0, maxMs: hourMs, fallback: '0', scoped: true},
} as const satisfies KeyTable;

/** What is read, checked and said to be without effect, or refused. */
const knownKeys = {
  standby: {type: 'boolean', fallback: 'no', scoped: true, fate: 'refused'},
  always_on: {type: 'names', fallback: '-', fate: 'refused'},
  encap: {type: 'boolean', fallback: 'no', scoped: true, fate: 'refused'},
  shared: {type: 'boolean', fallback: 'no', scoped: true, fate: 'unused'},
  provision: {type: 'boolean', fallback: 'no', scoped: true, fate: 'unused'},
  unprovision: {type: 'boolean', fallback: 'no', scoped: true, fate: 'unused'},
  schedule: {type: 'schedule', fallback: '-', scoped: true, fate: 'unused'},
  sync_max_delay: {
    type: 'duration',
    minMs: 0,
    maxMs: 365 * dayMs,
    bare: 'm',
    fallback: '-',
    fate: 'unused',
  },
  create_pg: {type: 'boolean', fallback: 'no', scoped: true, fate: 'unused'},
  pg_cpus: {type: 'text', fallback: '-', scoped: true, ownOnly: true, fate: 'refused'},
  pg_mems: {type: 'text', fallback: '-', scoped: true, ownOnly: true, fate: 'refused'},
  pg_cpu_shares: {
    type: 'integer',
    min: 2,
    max: 262_144,
    fallback: '-',
    scoped: true,
    ownOnly: true,
    fate: 'refused',
  },
  pg_cpu_quota: {type: 'text', fallback: '-', scoped: true, ownOnly: true, fate: 'refused'},
  pg_mem_limit: {type: 'size', fallback: '-', scoped: true, ownOnly: true, fate: 'refused'},
  pg_vmem_limit: {type: 'size', fallback: '-', scoped: true, ownOnly: true, fate: 'refused'},
  pg_mem_swappiness: {
    type: 'integer',
    min: 0,
    max: 100,
    fallback: '-',
    scoped: true,
    ownOnly: true,
    fate: 'refused',
  },
  pg_blkio_weight: {
    type: 'integer',
    min: 10,
    max: 1_000,
    fallback: '-',
    scoped: true,
    ownOnly: true,
    fate: 'refused',
  },
} as const satisfies KeyTable;

export const commonKeys = {...usedKeys, ...knownKeys} as const satisfies KeyTable;

/** The same with those about actions: all that a section of a resource may hold. */
export const sharedKeys = {
  ...commonKeys,
  ...triggerKeys,
  ...conditionKeys,
} as const satisfies KeyTable;
