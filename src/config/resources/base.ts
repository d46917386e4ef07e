/** What all resources have in common, whatever their kind. */

import type {ResourceId} from '../../kernel/ids.ts';
import type {Deadlines} from '../deadlines.ts';
import {quote, type Report} from '../findings.ts';
import type {Condition} from '../key-spec.ts';
import type {Place} from '../types.ts';
import {moments, type conditionKeys, type triggerKeys} from './action-keys.ts';
import {commonKeys} from './common-keys.ts';
import type {Values} from './values.ts';

export {commonKeys};

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
  /** What must hold right before its start (OpenSVC's `start_requires`). */
  readonly requires: readonly Requirement[];
  /** Commands around its start and its stop. */
  readonly triggers: readonly Trigger[];
  readonly place: Place;
}

/** One of OpenSVC's `[blocking_]{pre,post}_{start,stop}`. */
export interface Trigger {
  readonly action: 'start' | 'stop';
  readonly moment: 'pre' | 'blocking_pre' | 'post' | 'blocking_post';
  /** Argument vector, called without a shell. */
  readonly command: readonly string[];
}

/** One condition, and where it was written. */
export interface Requirement extends Condition {
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
  requires: [],
  triggers: [],
} as const satisfies Partial<ResourceBase>;

/** Words among `tags` that change what happens to a resource, and that nothing here does. */
const actingTags = ['encap', 'noaction', 'nostatus', 'zone'];

/** `deadlines`: of the service, for what the section does not say. */
export function readBase(
  rid: ResourceId,
  values: Values<typeof commonKeys & typeof conditionKeys & typeof triggerKeys>,
  {deadlines, report}: {readonly deadlines: Deadlines; readonly report: Report},
): ResourceBase {
  const timeoutMs = values.get('timeout');
  const tags = values.get('tags') ?? [];
  for (const tag of tags.filter((one) => actingTags.includes(one))) {
    const message = `tags asks for ${quote(tag)}, which this version does not do`;
    report('HA_CONF_NOT_SUPPORTED', values.placeOf('tags'), message);
  }
  return {
    ...baseDefaults,
    rid,
    startMs: values.get('start_timeout') ?? timeoutMs ?? deadlines.startMs,
    stopMs: values.get('stop_timeout') ?? timeoutMs ?? deadlines.stopMs,
    probeMs: values.get('check_timeout') ?? deadlines.probeMs,
    optional: values.get('optional') ?? false,
    disabled: values.get('disable') ?? false,
    monitor: values.get('monitor') ?? false,
    tags,
    subset: values.get('subset'),
    restart: values.get('restart'),
    restartDelayMs: values.get('restart_delay') ?? 0,
    requires: (values.get('start_requires') ?? []).map((one) => ({
      ...one,
      place: values.placeOf('start_requires'),
    })),
    triggers: triggersOf(values),
    place: values.place,
  };
}

function triggersOf(values: Values<typeof triggerKeys>): readonly Trigger[] {
  return (['start', 'stop'] as const).flatMap((action) =>
    moments.flatMap((moment) => {
      const command = values.get(`${moment}_${action}`);
      return command === null ? [] : [{action, moment, command}];
    }),
  );
}
