/**
 * `[task#N]`: a command that runs on a schedule while the service runs here. It is neither started
 * nor stopped with the service; the stop of the service only ends what of it runs at that moment,
 * before anything else is stopped.
 */

import type {Schedule} from '../../kernel/schedule/types.ts';
import type {KeyTable} from '../key-spec.ts';
import {dayMs} from '../spans.ts';
import type {ResourceBase} from './base.ts';
import {defineKind} from './kind.ts';

export interface TaskResource extends ResourceBase {
  readonly type: 'task';
  /** Argument vector, called without a shell. */
  readonly command: readonly string[];
  /** Called where the command did not end with 0; null: nothing. */
  readonly onError: readonly string[] | null;
  readonly schedule: Schedule;
  /** Absolute deadline of one run, ms. */
  readonly runMs: number;
}

/** It is not started: what of a budget it would take, ms. */
const neverMs = 1;
const runMsDefault = 3_600_000;
/** The end of a run is awaited so long by a stop of the service, ms. */
const stopMsDefault = 5_000;

const taskKeys = {
  command: {type: 'command', fallback: '-', scoped: true},
  schedule: {type: 'schedule', fallback: 'never', scoped: true},
  run_timeout: {type: 'duration', minMs: 100, maxMs: dayMs, fallback: '1h', scoped: true},
  on_error: {type: 'command', fallback: '-', scoped: true},
} as const satisfies KeyTable;

export const taskKind = defineKind<TaskResource, typeof taskKeys>({
  type: 'task',
  sections: [{section: 'task', types: ['', 'host']}],
  holdsData: false,
  keys: taskKeys,
  read(values, base, {report}) {
    const command = values.get('command');
    if (command === null) {
      if (!values.has('command')) {
        const message = `[${values.name}] expected the key command, found none`;
        report('HA_CONF_MISSING_KEY', values.place, message, 'Write command = /path/program.');
      }
      return null;
    }
    const resource: TaskResource = {
      ...base,
      type: 'task',
      startMs: neverMs,
      // `timeout` is meant for what it runs; it would make every stop of the service as long.
      stopMs: values.get('stop_timeout') ?? stopMsDefault,
      command,
      onError: values.get('on_error'),
      schedule: values.get('schedule') ?? {entries: []},
      runMs: values.get('run_timeout') ?? values.get('timeout') ?? runMsDefault,
    };
    return {resource, startOrder: null, stopOrder: null};
  },
  needs: ({command, onError}) => ({
    scripts: [command[0]!, ...(onError === null ? [] : [onError[0]!])],
  }),
  digest: ({schedule, runMs}) => [runMs, ...schedule.entries.map(({text}) => text)],
});
