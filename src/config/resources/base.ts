/** What all resources have in common, and the keys that say so in each section of a resource. */

import type {ResourceId} from '../../kernel/ids.ts';
import type {Deadlines} from '../deadlines.ts';
import type {KeyTable} from '../key-spec.ts';
import {dayMs, hourMs} from '../spans.ts';
import type {Place} from '../types.ts';
import type {Values} from './values.ts';

export interface ResourceBase {
  readonly rid: ResourceId;
  /** Absolute deadline of one start; then the process group is ended. */
  readonly startMs: number;
  readonly stopMs: number;
  readonly probeMs: number;
  /** A failure of an optional resource does not fail the service. */
  readonly optional: boolean;
  /** Disabled: never acted on, shown as n/a. */
  readonly disabled: boolean;
  /** Its loss, beyond its restarts, sets off the monitor action of the service. */
  readonly monitor: boolean;
  /** Words that select it and that drivers know; lower case, each once. */
  readonly tags: readonly string[];
  /** Name of its subset within its family, or null. */
  readonly subset: string | null;
  /** Kept up on this node also where the service is not (OpenSVC's `standby`, `always_on`). */
  readonly standby: boolean;
  /** Restarts of this resource in place; null: as many as its service has. */
  readonly restart: number | null;
  /** Shortest time between two restarts of it in place, ms. */
  readonly restartDelayMs: number;
  readonly place: Place;
}

/** A resource of which nothing of this was written. */
export const baseDefaults = {
  optional: false,
  disabled: false,
  monitor: false,
  tags: [],
  subset: null,
  standby: false,
  restart: null,
  restartDelayMs: 0,
} as const satisfies Partial<ResourceBase>;

/** Keys that every section of a resource takes, beside those of its kind. */
export const commonKeys = {
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
} as const satisfies KeyTable;

/** `deadlines`: of the service, for what the section does not say. */
export function readBase(
  rid: ResourceId,
  values: Values<typeof commonKeys>,
  deadlines: Deadlines,
): ResourceBase {
  const timeoutMs = values.get('timeout');
  return {
    ...baseDefaults,
    rid,
    startMs: values.get('start_timeout') ?? timeoutMs ?? deadlines.startMs,
    stopMs: values.get('stop_timeout') ?? timeoutMs ?? deadlines.stopMs,
    probeMs: values.get('check_timeout') ?? deadlines.probeMs,
    optional: values.get('optional') ?? false,
    disabled: values.get('disable') ?? false,
    place: values.place,
  };
}
